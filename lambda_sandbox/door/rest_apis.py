"""The way of a request through a REST API: method, authorizer, API key, parameters, integration, answer.

response = await answer(asked, gateway, caller)     # raises Refused, NotModelled
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lambda_sandbox.door.gateway import Gateway, NotModelled, Refused, Unauthorized
from lambda_sandbox.event_sources import authorizers, rest_answers, rest_api
from lambda_sandbox.event_sources.authorizers import Misconfigured
from lambda_sandbox.event_sources.function_url import Caller
from lambda_sandbox.event_sources.payload1 import Asked
from lambda_sandbox.event_sources.payload2 import Malformed
from lambda_sandbox.event_sources.rest_answers import NeedsTemplates
from lambda_sandbox.event_sources.rest_api import Found
from lambda_sandbox.facts import fact
from lambda_sandbox.invocation import Answered, Outcome
from lambda_sandbox.wire import AwsError, Response


async def answer(asked: Asked, gateway: Gateway, caller: Caller | None) -> Response:
    """Answers a request. `caller` is who signed it."""
    request, stage = asked.request, asked.stage
    found = rest_api.route(stage, request.method, asked.path)
    if found is None:
        raise _refused(asked, "MISSING_AUTHENTICATION_TOKEN")
    if len(request.body) > fact("api_gateway.payload"):
        raise _refused(asked, "REQUEST_TOO_LARGE")
    if not rest_api.permitted(asked, caller.arn if caller else "*"):
        hidden = rest_api.method_arn(asked).replace(stage.account, f"********{stage.account[-4:]}")
        who = caller.arn if caller else "anonymous"
        text = f"User: {who} is not authorized to perform: execute-api:Invoke on resource: {hidden}"
        raise _refused(asked, "ACCESS_DENIED", text)
    authorizer = await _authorized(asked, found, gateway, caller)
    identity = _identity(asked, found, caller)
    if missing := rest_api.missing_parameters(found, stage, request):
        raise _refused(asked, "BAD_REQUEST_PARAMETERS", f"Missing required request parameters: [{', '.join(missing)}]")
    if rest_api.looks_at_bodies(found, stage):
        raise NotModelled("the validation of bodies by models")
    try:
        return await _integrated(asked, found, gateway, authorizer, identity)
    except NeedsTemplates:
        raise NotModelled("the template language of API Gateway (VTL)") from None


async def _integrated(
    asked: Asked, found: Found, gateway: Gateway, authorizer: Mapping[str, Any] | None, identity: Mapping[str, Any]
) -> Response:
    integration = found.method.get("methodIntegration") or {}
    match integration.get("type"):
        case "MOCK":
            return rest_answers.mocked(found, asked.request)
        case "AWS":
            return await _custom(asked, found, gateway, integration)
        case "AWS_PROXY":
            event = rest_api.event(asked, found, identity=identity, authorizer=authorizer)
            return await _proxied(asked, found, gateway, integration, event)
        case kind:
            raise NotModelled(f"integrations of the type {kind}, only AWS_PROXY, AWS (a Lambda function) and MOCK")


async def _proxied(
    asked: Asked, found: Found, gateway: Gateway, integration: Mapping[str, Any], event: Mapping[str, Any]
) -> Response:
    """What the function says, which is 502 if it fails or its answer is none."""
    outcome = await _called(asked, found, gateway, integration, event)
    try:
        if isinstance(outcome, Answered):
            return rest_answers.answer(outcome.payload, asked.request, asked.stage)
    except Malformed:
        raise _refused(asked, "DEFAULT_5XX") from None
    raise _refused(asked, "DEFAULT_5XX")


async def _custom(asked: Asked, found: Found, gateway: Gateway, integration: Mapping[str, Any]) -> Response:
    """A function that knows nothing of HTTP: it gets the body, and what it returns is the body."""
    if any("Invocation-Type" in name for name in integration.get("requestParameters") or {}):
        raise NotModelled("asynchronous integrations of API Gateway")
    try:
        event = rest_answers.passed_on(found, asked.request)
    except ValueError:
        raise _refused(asked, "BAD_REQUEST_BODY", "Could not parse request body into json") from None
    outcome = await _called(asked, found, gateway, integration, event)
    error = None if isinstance(outcome, Answered) else str(json.loads(outcome.payload).get("errorMessage", ""))
    return rest_answers.selected(found, outcome.payload, error)


async def _called(asked: Asked, found: Found, gateway: Gateway, integration: Mapping[str, Any], event: Any) -> Outcome:
    """Calls the integration's function. Raises Refused: 500 if Lambda refuses, 504 if it takes too long."""
    if integration.get("httpMethod") != "POST":  # of Lambda's Invoke; anything else fails, as recorded
        raise _refused(asked, "API_CONFIGURATION_ERROR")
    try:
        return await gateway.call(
            asked,
            integration.get("uri"),
            event,
            source_arn=rest_api.source_arn(asked, found),
            limit_s=float(integration.get("timeoutInMillis") or 1000 * fact("api_gateway.rest_timeout")) / 1000,
            by_role=bool(integration.get("credentials")),
        )
    except TimeoutError:
        raise _refused(asked, "INTEGRATION_TIMEOUT") from None
    except AwsError as error:
        kind = "REQUEST_TOO_LARGE" if error.status == 413 else "API_CONFIGURATION_ERROR"
        raise _refused(asked, kind) from None


async def _authorized(asked: Asked, found: Found, gateway: Gateway, caller: Caller | None) -> Mapping[str, Any] | None:
    """What the function learns of the caller from an authorizer; None if there is none. Raises Refused."""
    match found.method.get("authorizationType") or "NONE":
        case "NONE":
            return None
        case "AWS_IAM":
            if caller is None:
                raise _refused(asked, "MISSING_AUTHENTICATION_TOKEN")
            return None
        case "CUSTOM":
            return await _by_lambda(asked, found, gateway)
        case kind:
            raise NotModelled(f"authorizers of the type {kind}, only Lambda authorizers (CUSTOM) and AWS_IAM")


async def _by_lambda(asked: Asked, found: Found, gateway: Gateway) -> Mapping[str, Any]:
    request, stage = asked.request, asked.stage
    authorizer = stage.definition["authorizers"].get(found.method.get("authorizerId"))
    if authorizer is None:
        raise _refused(asked, "AUTHORIZER_CONFIGURATION_ERROR")
    wanted = [one.strip() for one in (authorizer.get("identitySource") or "").split(",") if one.strip()]
    identity = authorizers.sources(request, wanted, stage.variables)
    if identity is None or not authorizers.valid(identity, authorizer.get("identityValidationExpression")):
        raise _refused(asked, "UNAUTHORIZED")
    arn = rest_api.method_arn(asked)
    if authorizer["type"] == "TOKEN":
        event = {"type": "TOKEN", "methodArn": arn, "authorizationToken": identity[0] if identity else ""}
    else:
        event = rest_api.authorizer_event(asked, found)
    try:
        verdict = await gateway.ask(
            asked,
            authorizer["id"],
            authorizer.get("authorizerUri"),
            event,
            key=identity,
            ttl_s=float(authorizer.get("authorizerResultTtlInSeconds") or 0) if identity else 0.0,
            resource=arn,
            limit_s=float(fact("api_gateway.rest_timeout")),
            by_role=bool(authorizer.get("authorizerCredentials")),
        )
    except Unauthorized:
        raise _refused(asked, "UNAUTHORIZED") from None
    except Misconfigured:
        raise _refused(asked, "AUTHORIZER_CONFIGURATION_ERROR") from None
    if not verdict.allowed:
        explicit = " with an explicit deny" if verdict.explicit else ""
        raise _refused(asked, "ACCESS_DENIED", f"User is not authorized to access this resource{explicit}")
    context = {name: authorizers.as_text(value) for name, value in verdict.context.items()}
    return {"principalId": verdict.principal, **context, "integrationLatency": 0}


def _identity(asked: Asked, found: Found, caller: Caller | None) -> dict[str, Any]:
    """What the event says of an API key and of who signed. Raises Refused: the stage knows no such key."""
    identity: dict[str, Any] = {}
    if found.method.get("apiKeyRequired"):
        key = asked.request.headers.get("x-api-key", "")
        if key not in asked.stage.api_keys:
            raise _refused(asked, "INVALID_API_KEY")
        identity = {"apiKey": key, "apiKeyId": asked.stage.api_keys[key]}
    if found.method.get("authorizationType") == "AWS_IAM" and caller is not None:
        identity |= {
            "accessKey": caller.access_key,
            "accountId": caller.account,
            "caller": caller.user_id,
            "user": caller.user_id,
            "userArn": caller.arn,
        }
    return identity


def _refused(asked: Asked, kind: str, message: str | None = None) -> Refused:
    return Refused(rest_answers.refusal(asked.stage, kind, message=message, request_id=asked.request_id))
