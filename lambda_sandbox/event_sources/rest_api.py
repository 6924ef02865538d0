"""API Gateway's REST APIs: from an HTTP request to a proxy event, and from what the function returned to an answer.

    found = route(stage, request.method, "/pets/7")          # the method's definition and the path parameters, or None
    payload = event(request, stage, found, …)
    response = answer(outcome_payload, …)                     # raises Malformed: 502
    refusal(stage, "MISSING_AUTHENTICATION_TOKEN")            # a gateway response, as the API may have customised it

All pure; authorisation and the call itself are the door's (`door/apis.py`). Shapes: facts §6.6, and what AWS was
recorded to send (localstack's snapshots of 2024-07-10 and 2024-11-15).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from lambda_sandbox.clock import access_log_time
from lambda_sandbox.event_sources import payload2, routes
from lambda_sandbox.event_sources.payload2 import JSON, Malformed
from lambda_sandbox.iam import Decision, decide, statements_of
from lambda_sandbox.moto_bridge import ApiStage
from lambda_sandbox.wire import Request, Response

_HIDDEN = {"connection", "content-length", "transfer-encoding", "expect"}
_TITLED = {"authorization": "Authorization", "user-agent": "User-Agent", "host": "Host"}
_MEMBERS = {"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"}
_TEMPLATE = re.compile(r"\$context\.([A-Za-z.]+)")

# type of gateway response: status, message, name of the error; and whether AWS spells it "Message"
REFUSALS = {
    "MISSING_AUTHENTICATION_TOKEN": (403, "Missing Authentication Token", "MissingAuthenticationTokenException"),
    "UNAUTHORIZED": (401, "Unauthorized", "UnauthorizedException"),
    "ACCESS_DENIED": (403, "User is not authorized to access this resource", "AccessDeniedException"),
    "INVALID_API_KEY": (403, "Forbidden", "ForbiddenException"),
    "AUTHORIZER_CONFIGURATION_ERROR": (500, None, "AuthorizerConfigurationException"),
    "BAD_REQUEST_PARAMETERS": (400, "Missing required request parameters", "BadRequestException"),
    "BAD_REQUEST_BODY": (400, "Invalid request body", "BadRequestException"),
    "REQUEST_TOO_LARGE": (413, "Request Too Long", "RequestTooLongException"),
    "INTEGRATION_TIMEOUT": (504, "Endpoint request timed out", "InternalServerErrorException"),
    "API_CONFIGURATION_ERROR": (500, "Internal server error", "InternalServerErrorException"),
    "DEFAULT_5XX": (502, "Internal server error", "InternalServerErrorException"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """The resource and the method that serve a request, in API Gateway's own JSON."""

    resource: Mapping[str, Any]
    method: Mapping[str, Any]
    parameters: Mapping[str, str]


def route(stage: ApiStage, method: str, path: str) -> Found | None:
    """Who serves a path; a trailing slash does not count. None if no deployed method does."""
    offered = [
        routes.Route(name, resource["path"], (resource, definition))
        for resource in stage.definition["resources"]
        for name, definition in resource.get("resourceMethods", {}).items()
    ]
    found = routes.best(offered, method, path.rstrip("/") or "/")
    if found is None:
        return None
    resource, definition = found[0].target
    return Found(resource, definition, found[1])


def method_arn(stage: ApiStage, method: str, path: str) -> str:
    """What an authorizer is asked about: the request as it was made."""
    return stage.arn(stage.name, method, path.removeprefix("/"))


def source_arn(stage: ApiStage, found: Found, method: str) -> str:
    """What the function's resource policy is asked about: variables of the path are `*`."""
    return stage.arn(stage.name, method, re.sub(r"\{[^}]*\}", "*", found.resource["path"]).removeprefix("/"))


def permitted(stage: ApiStage, principal: str, arn: str, peer: str) -> Decision:
    """Whether the API's own resource policy, if it has one, lets a caller in; "*" is who did not sign."""
    if not stage.definition["policy"]:
        return Decision(True, "the API has no resource policy")
    written = stage.definition["policy"].replace("execute-api:/", f"{stage.arn()}/")  # AWS expands the short form
    statements = statements_of(json.loads(written))
    context = {"aws:SourceIp": peer}
    return decide(statements, principal=principal, action="execute-api:Invoke", resource=arn, context=context)


# -- events


def event(
    request: Request,
    stage: ApiStage,
    found: Found,
    *,
    path: str,
    request_id: str,
    extended_id: str,
    at: float,
    authorizer: Mapping[str, Any] | None = None,
    caller: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The event that the function gets: payload 1.0 without its version; absent maps are null."""
    text, encoded = _body(request, stage)
    return {
        **_asked(request, stage, found, path),
        "requestContext": _context(request, stage, found, path, request_id, extended_id, at, authorizer, caller),
        "body": text,
        "isBase64Encoded": encoded,
    }


def authorizer_event(
    request: Request, stage: ApiStage, found: Found, *, path: str, request_id: str, extended_id: str, at: float
) -> dict[str, Any]:
    """What a REQUEST authorizer gets."""
    return {
        "type": "REQUEST",
        "methodArn": method_arn(stage, request.method, path),
        **_asked(request, stage, found, path),
        "requestContext": _context(request, stage, found, path, request_id, extended_id, at, None, None),
    }


def _asked(request: Request, stage: ApiStage, found: Found, path: str) -> dict[str, Any]:
    headers = _headers(request, stage)
    query: dict[str, list[str]] = {}
    for name, value in request.parameters():
        query.setdefault(name, []).append(value)
    return {
        "resource": found.resource["path"],
        "path": path,
        "httpMethod": request.method,
        "headers": {name: values[-1] for name, values in headers.items()},
        "multiValueHeaders": headers,
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": dict(found.parameters) or None,
        "stageVariables": dict(stage.variables) or None,
    }


def _context(
    request: Request,
    stage: ApiStage,
    found: Found,
    path: str,
    request_id: str,
    extended_id: str,
    at: float,
    authorizer: Mapping[str, Any] | None,
    caller: Mapping[str, Any] | None,
) -> dict[str, Any]:
    context = {
        "accountId": stage.account,
        "apiId": stage.api,
        "deploymentId": stage.deployment,
        "domainName": stage.domain,
        "domainPrefix": stage.api,
        "extendedRequestId": extended_id,
        "httpMethod": request.method,
        "identity": {
            "accessKey": None,
            "accountId": None,
            "caller": None,
            "cognitoAuthenticationProvider": None,
            "cognitoAuthenticationType": None,
            "cognitoIdentityId": None,
            "cognitoIdentityPoolId": None,
            "principalOrgId": None,
            "sourceIp": request.peer,
            "user": None,
            "userAgent": request.headers.get("user-agent"),
            "userArn": None,
            **(caller or {}),
        },
        "path": f"/{stage.name}{path}",
        "protocol": "HTTP/1.1",
        "requestId": request_id,
        "requestTime": access_log_time(at),
        "requestTimeEpoch": int(at * 1000),
        "resourceId": found.resource["id"],
        "resourcePath": found.resource["path"],
        "stage": stage.name,
    }
    return context if authorizer is None else {**context, "authorizer": authorizer}


def _headers(request: Request, stage: ApiStage) -> dict[str, list[str]]:
    """What was sent, in the client's spelling, and what AWS's front end adds."""
    headers: dict[str, list[str]] = {}
    for name, value in request.header_fields():
        if name.lower() not in _HIDDEN:
            headers.setdefault(_TITLED.get(name.lower(), name), []).append(value)
    forwarded = {"X-Forwarded-For": request.peer, "X-Forwarded-Port": "443", "X-Forwarded-Proto": "https"}
    return {**headers, "Host": [stage.domain], **{name: [value] for name, value in forwarded.items()}}


def _body(request: Request, stage: ApiStage) -> tuple[str | None, bool]:
    """The body, as base64 if its media type is one of the API's binary ones or it is no text at all."""
    if not request.body:
        return None, False
    if not _is_binary(request.headers.get("content-type", ""), stage):
        try:
            return request.body.decode(), False
        except UnicodeDecodeError:
            return request.body.decode("utf-8", "replace"), False
    return base64.b64encode(request.body).decode(), True


def _is_binary(types: str, stage: ApiStage) -> bool:
    """Whether the first of these media types (of a Content-Type or an Accept) is a binary one of the API."""
    named = re.split("[,;]", types)[0].strip().lower()
    return any(fnmatchcase(named, known.lower()) for known in stage.definition["binaryMediaTypes"])


# -- answers


def answer(payload: bytes, request: Request, stage: ApiStage) -> Response:
    """The answer for what a function returned to a proxy integration. Raises Malformed: other members are refused."""
    value = payload2.loaded(payload)
    if not isinstance(value, dict) or value.keys() - _MEMBERS:
        raise Malformed
    single, several = value.get("headers") or {}, value.get("multiValueHeaders") or {}
    if not isinstance(single, dict) or not isinstance(several, dict):
        raise Malformed
    headers = []
    for name, values in several.items():  # its spelling of a name wins, and what `headers` says of it comes last
        if not isinstance(values, list):
            raise Malformed
        also = [text for other, text in single.items() if other.lower() == name.lower() and text not in values]
        headers += [_header(name, text) for text in (*values, *also)]
    repeated = {name.lower() for name in several}
    headers += [_header(name, text) for name, text in single.items() if name.lower() not in repeated]
    status = 200 if value.get("statusCode") is None else payload2.status(value["statusCode"])
    typed = payload2.typed(headers, JSON[1])
    return Response(status, typed, _answered_body(value, request, stage, dict(typed)))


def _header(name: str, value: Any) -> tuple[str, str]:
    if isinstance(value, dict | list) or value is None:
        raise Malformed
    return payload2.header(name, value)


def _answered_body(value: Mapping[str, Any], request: Request, stage: ApiStage, headers: Mapping[str, str]) -> bytes:
    """The body's bytes. Base64 is decoded if the first type of Accept, or else the Content-Type, is a binary one."""
    body = value.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise Malformed
    if value.get("isBase64Encoded") is True:
        named = next(text for name, text in headers.items() if name.lower() == "content-type")
        if _is_binary(request.headers.get("accept", named), stage):
            try:
                return base64.b64decode(body, validate=True)
            except (binascii.Error, ValueError):
                raise Malformed from None
    return body.encode("utf-8", "replace")


def refusal(stage: ApiStage | None, kind: str, *, message: str | None = None, request_id: str = "") -> Response:
    """A gateway response: AWS's own, or the API's for this type, or for all of 4xx or 5xx."""
    default, text, name = REFUSALS[kind]
    text = message or text
    customised = stage.definition["gatewayResponses"] if stage else {}
    custom = customised.get(kind) or customised.get(f"DEFAULT_{default // 100}XX") or {}
    template = (custom.get("responseTemplates") or {}).get("application/json")
    if template is None:
        body = json.dumps({"Message" if kind == "ACCESS_DENIED" else "message": text})
    else:
        known = {"error.message": text or "", "error.messageString": json.dumps(text), "error.responseType": kind}
        known["requestId"] = request_id
        body = _TEMPLATE.sub(lambda found: str(known.get(found[1], "")), template)
    headers = [JSON, ("x-amzn-ErrorType", name)]
    for target, source in (custom.get("responseParameters") or {}).items():
        if source.startswith("'"):
            headers.append((target.rpartition(".")[2], source.strip("'")))
    return Response(int(custom.get("statusCode") or default), tuple(headers), body.encode())


# -- integrations that are no proxies: what they send and answer is said by templates


class NeedsTemplates(Exception):
    """A template says more than its own text: API Gateway's template language (VTL) is not modelled."""


def mocked(found: Found, request: Request) -> Response:
    """What a MOCK integration answers: its request template says the status. Raises NeedsTemplates."""
    text = _filled(_request_template(found, request), "") or '{"statusCode": 200}'
    try:
        status = str(json.loads(text)["statusCode"])
    except (ValueError, LookupError, TypeError):
        raise NeedsTemplates from None
    told = (found.method["methodIntegration"].get("integrationResponses") or {}).get(status)
    return refusal(None, "API_CONFIGURATION_ERROR") if told is None else _templated(told, "")


def passed_on(found: Found, request: Request) -> Any:
    """The event of a custom Lambda integration (AWS): the body as it is, or as its template's text has it.

    Raises ValueError where that is no JSON, NeedsTemplates.
    """
    return json.loads(_filled(_request_template(found, request), request.body.decode("utf-8", "replace")) or "{}")


def selected(found: Found, payload: bytes, error: str | None) -> Response:
    """The answer of a custom Lambda integration. Raises NeedsTemplates.

    An error is looked for in the selection patterns; where none matches, and without an error, the response without a
    pattern answers, so that a failure may well be a 200.
    """
    told = (found.method["methodIntegration"].get("integrationResponses") or {}).values()
    chosen = [one for one in told if not one.get("selectionPattern")]
    if error is not None:
        chosen = [
            one for one in told if re.fullmatch(one.get("selectionPattern") or r"\b\B", error, re.DOTALL)
        ] or chosen
    return _templated(chosen[0], payload.decode()) if chosen else refusal(None, "API_CONFIGURATION_ERROR")


def _request_template(found: Found, request: Request) -> str | None:
    templates = found.method["methodIntegration"].get("requestTemplates") or {}
    media_type = request.headers.get("content-type", "application/json").partition(";")[0].strip()
    text = templates.get(media_type)
    return None if text is None else str(text)


def _templated(told: Mapping[str, Any], body: str) -> Response:
    """An integration response: its status, its static headers, and the body through its template, if it has one."""
    parameters = told.get("responseParameters") or {}
    if not all(value.startswith("'") for value in parameters.values()):
        raise NeedsTemplates
    headers = [(name.rpartition(".")[2], value.strip("'")) for name, value in parameters.items()]
    text = _filled((told.get("responseTemplates") or {}).get("application/json"), body)
    return Response(int(told["statusCode"]), payload2.typed(headers, JSON[1]), text.encode())


def _filled(template: str | None, body: str) -> str:
    """A template that is mere text, or all of the body."""
    if template is None or template.strip() in ("$input.json('$')", "$input.body"):
        return body
    if "$" in template or "#" in template:
        raise NeedsTemplates
    return template


def looks_at_bodies(found: Found, stage: ApiStage) -> bool:
    """Whether a validator compares bodies with a model (a JSON schema)."""
    return bool(_validator(found, stage).get("validateRequestBody") and found.method.get("requestModels"))


def missing_parameters(found: Found, stage: ApiStage, request: Request) -> list[str]:
    """The required parameters that a request lacks, if the method's validator looks at parameters."""
    if not _validator(found, stage).get("validateRequestParameters"):
        return []
    query = dict(request.parameters())
    missing = []
    for source, required in (found.method.get("requestParameters") or {}).items():
        kind, name = source.split(".", 3)[2:]
        there = name.lower() in request.headers if kind == "header" else name in query
        if required and kind != "path" and not there:
            missing.append(name)
    return missing


def _validator(found: Found, stage: ApiStage) -> Mapping[str, Any]:
    return stage.definition["validators"].get(found.method.get("requestValidatorId") or "") or {}
