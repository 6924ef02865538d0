"""The way of a request through an HTTP API: CORS, route, authorizer, integration, answer.

response = await answer(asked, gateway, caller)     # raises Refused, NotModelled
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lambda_sandbox.door.gateway import Gateway, NotModelled, Refused, Unauthorized
from lambda_sandbox.event_sources import authorizers, function_url, http_api
from lambda_sandbox.event_sources.authorizers import Misconfigured
from lambda_sandbox.event_sources.function_url import Caller
from lambda_sandbox.event_sources.http_api import Found, refusal
from lambda_sandbox.event_sources.payload1 import Asked
from lambda_sandbox.event_sources.payload2 import Malformed
from lambda_sandbox.facts import fact
from lambda_sandbox.invocation import Answered
from lambda_sandbox.wire import AwsError, Response


async def answer(asked: Asked, gateway: Gateway, caller: Caller | None) -> Response:
    """Answers a request. With a CORS configuration the API speaks of CORS; what the function says of it is dropped."""
    cors = http_api.cors(asked.stage)
    if cors and function_url.is_preflight(asked.request):
        return replace(function_url.preflight(asked.request, cors), status=204)
    try:
        response = await _routed(asked, gateway, caller)
    except Refused as refused:
        response = refused.response
    if not cors:
        return response
    kept = [header for header in response.headers if not header[0].lower().startswith("access-control-")]
    return replace(response, headers=(*kept, *function_url.cors_headers(asked.request, cors)))


async def _routed(asked: Asked, gateway: Gateway, caller: Caller | None) -> Response:
    request, stage = asked.request, asked.stage
    found = http_api.route(stage, request.method, asked.path)
    if found is None:
        raise Refused(refusal(404, "Not Found"))
    if len(request.body) > fact("api_gateway.payload"):
        raise Refused(refusal(413, "Request Entity Too Large"))
    integration = stage.definition["integrations"].get((found.route.get("target") or "").partition("/")[2])
    authorizer = await _authorized(asked, found, gateway, caller, (integration or {}).get("payloadFormatVersion"))
    if integration is None:
        raise Refused(refusal(500, "Internal Server Error"))
    if integration["integrationType"] != "AWS_PROXY" or integration.get("integrationSubtype"):
        kind = integration.get("integrationSubtype") or integration["integrationType"]
        raise NotModelled(f"integrations of the type {kind}, only AWS_PROXY with a Lambda function")
    if integration.get("requestParameters") or integration.get("responseParameters"):
        raise NotModelled("the parameter mappings of HTTP APIs")
    version = integration.get("payloadFormatVersion") or "1.0"
    event = http_api.event(asked, found, version=version, authorizer=authorizer)
    limit = min(integration.get("timeoutInMillis") or 30000, 1000 * fact("api_gateway.http_timeout")) / 1000
    try:
        outcome = await gateway.call(
            asked,
            integration.get("integrationUri"),
            event,
            source_arn=http_api.source_arn(asked, found),
            limit_s=limit,
            by_role=bool(integration.get("credentialsArn")),
        )
        if isinstance(outcome, Answered):
            return http_api.answer(outcome.payload, version=version)
    except TimeoutError:
        raise Refused(refusal(503, "Service Unavailable")) from None
    except AwsError as error:
        too_large = error.status == 413
        raise Refused(refusal(413, "Request Entity Too Large") if too_large else _FAILED) from None
    except Malformed:
        raise Refused(_FAILED) from None
    raise Refused(_FAILED)


_FAILED = refusal(500, "Internal Server Error")


async def _authorized(
    asked: Asked, found: Found, gateway: Gateway, caller: Caller | None, version: str | None
) -> Mapping[str, Any] | None:
    """What the event says of the caller; None if the route asks for no authorization. Raises Refused."""
    match found.route.get("authorizationType") or "NONE":
        case "NONE":
            return None
        case "AWS_IAM":
            if caller is None:
                raise Refused(refusal(403, "Forbidden"))
            return function_url.authorizer(caller)
        case "CUSTOM":
            return await _by_lambda(asked, found, gateway, version or "1.0")
        case kind:
            raise NotModelled(f"authorizers of the type {kind}, only Lambda authorizers (CUSTOM) and AWS_IAM")


async def _by_lambda(asked: Asked, found: Found, gateway: Gateway, version: str) -> Mapping[str, Any]:
    request, stage = asked.request, asked.stage
    authorizer = stage.definition["authorizers"].get(found.route.get("authorizerId"))
    if authorizer is None:
        raise Refused(_FAILED)
    identity = authorizers.sources(request, authorizer.get("identitySource") or [], stage.variables, found.key)
    if identity is None:
        raise Refused(refusal(401, "Unauthorized"))
    arn = http_api.route_arn(asked)
    asks = authorizer.get("authorizerPayloadFormatVersion") or "2.0"
    event = http_api.event(asked, found, version=asks)
    try:
        verdict = await gateway.ask(
            asked,
            authorizer["authorizerId"],
            authorizer.get("authorizerUri"),
            http_api.authorizer_event(event, identity, arn),
            key=identity,
            ttl_s=float(authorizer.get("authorizerResultTtlInSeconds") or 0) if identity else 0.0,
            resource=arn,
            limit_s=float(fact("api_gateway.authorizer_timeout")),
            simple=bool(authorizer.get("enableSimpleResponses")),
            by_role=bool(authorizer.get("authorizerCredentialsArn")),
        )
    except Unauthorized:
        raise Refused(refusal(401, "Unauthorized")) from None
    except Misconfigured:
        raise Refused(_FAILED) from None
    if not verdict.allowed:
        raise Refused(refusal(403, "Forbidden"))
    if version == "1.0":
        named = {"principalId": verdict.principal} if verdict.principal else {}
        return {"claims": None, "scopes": None, **named, **verdict.context}
    return {"lambda": dict(verdict.context)}
