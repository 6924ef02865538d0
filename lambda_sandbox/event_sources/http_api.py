"""API Gateway's HTTP APIs: from an HTTP request to an event (payload 2.0 or 1.0), and from the function's to an answer.

    found = route(stage, "GET", "/pets/7")              # the route's definition and the path parameters, or None
    payload = event(request, stage, found, …)
    response = answer(outcome_payload, version="2.0")   # raises Malformed: 500, as HTTP APIs have it

All pure; authorisation and the call itself are the door's (`door/apis.py`). Shapes: facts §6.6.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from lambda_sandbox.clock import access_log_time
from lambda_sandbox.event_sources import payload2, routes
from lambda_sandbox.event_sources.payload2 import JSON, Malformed
from lambda_sandbox.moto_bridge import ApiStage
from lambda_sandbox.wire import Request, Response

_PLAIN = "text/plain;charset=utf-8"  # of an answer that names no content type; an inferred one is JSON


@dataclass(frozen=True, slots=True)
class Found:
    """The route that serves a request, in API Gateway's own JSON."""

    route: Mapping[str, Any]
    parameters: Mapping[str, str]

    @property
    def key(self) -> str:
        """`GET /pets/{id}`, or `$default`."""
        return str(self.route["routeKey"])


def route(stage: ApiStage, method: str, path: str) -> Found | None:
    """Who serves a path (without its stage): the most specific route, else `$default`, else None."""
    offered = []
    default = None
    for definition in stage.definition["routes"]:
        name, _, pattern = definition["routeKey"].partition(" ")
        if name == "$default":
            default = definition
        else:
            offered.append(routes.Route(name, pattern, definition))
    if found := routes.best(offered, method, unquote(path)):
        return Found(found[0].target, found[1])
    return Found(default, {}) if default else None


def public_path(stage: ApiStage, path: str) -> str:
    """The path as events show it: decoded, and with the stage, unless that is `$default`."""
    path = unquote(path)
    return path if stage.name == "$default" else f"/{stage.name}{path}"


def route_arn(stage: ApiStage, method: str, path: str) -> str:
    """What an authorizer is asked about: the request as it was made."""
    return stage.arn(stage.name, method, path.removeprefix("/"))


def source_arn(stage: ApiStage, found: Found, method: str) -> str:
    """What the function's resource policy is asked about: the route as it is written."""
    path = found.key.partition(" ")[2]
    return stage.arn(stage.name, method, path.removeprefix("/")) if path else stage.arn(stage.name, "$default")


# -- events


def event(
    request: Request,
    stage: ApiStage,
    found: Found,
    *,
    version: str,
    path: str,
    request_id: str,
    at: float,
    authorizer: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The event that the function gets. `path` is without the stage; `authorizer` is the context's part."""
    if version == "1.0":
        return _event_1(request, stage, found, path, request_id, at, authorizer)
    return payload2.event(
        request,
        domain=stage.domain,
        account=stage.account,
        route_key=found.key,
        stage=stage.name,
        path=public_path(stage, path),
        path_parameters=found.parameters,
        stage_variables=stage.variables,
        authorizer=authorizer,
        request_id=request_id,
        at=at,
    )


def _event_1(
    request: Request,
    stage: ApiStage,
    found: Found,
    path: str,
    request_id: str,
    at: float,
    authorizer: Mapping[str, Any] | None,
) -> dict[str, Any]:
    resource = found.key.partition(" ")[2] or "$default"
    text, encoded = payload2.body(request)
    headers = payload2.headers(request, stage.domain)
    query: dict[str, list[str]] = {}
    for name, value in request.parameters():
        query.setdefault(name, []).append(value)
    return {
        "version": "1.0",
        "resource": resource,
        "path": public_path(stage, path),
        "httpMethod": request.method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "requestContext": {
            "accountId": stage.account,
            "apiId": stage.api,
            **({} if authorizer is None else {"authorizer": authorizer}),
            "domainName": stage.domain,
            "domainPrefix": stage.api,
            "extendedRequestId": request_id,
            "httpMethod": request.method,
            "identity": {
                "accessKey": None,
                "accountId": None,
                "caller": None,
                "cognitoAmr": None,
                "cognitoAuthenticationProvider": None,
                "cognitoAuthenticationType": None,
                "cognitoIdentityId": None,
                "cognitoIdentityPoolId": None,
                "principalOrgId": None,
                "sourceIp": request.peer,
                "user": None,
                "userAgent": request.headers.get("user-agent"),
                "userArn": None,
            },
            "path": public_path(stage, path),
            "protocol": "HTTP/1.1",
            "requestId": request_id,
            "requestTime": access_log_time(at),
            "requestTimeEpoch": int(at * 1000),
            "resourceId": found.key,
            "resourcePath": resource,
            "stage": stage.name,
        },
        "pathParameters": dict(found.parameters) or None,
        "stageVariables": dict(stage.variables) or None,
        "body": text,
        "isBase64Encoded": encoded,
    }


def authorizer_event(event: Mapping[str, Any], identity: tuple[str, ...], arn: str) -> dict[str, Any]:
    """What a REQUEST authorizer gets: the function's event without its body, and what it is asked about."""
    asked = {name: value for name, value in event.items() if name not in ("body", "isBase64Encoded", "version")}
    if event["version"] == "1.0":
        one = ",".join(identity)
        return {
            "version": "1.0",
            "type": "REQUEST",
            "methodArn": arn,
            "identitySource": one,
            "authorizationToken": one,
            **asked,
        }
    return {"version": "2.0", "type": "REQUEST", "routeArn": arn, "identitySource": list(identity), **asked}


# -- answers


def answer(payload: bytes, *, version: str) -> Response:
    """The answer for what a function returned. Raises Malformed; of other members nothing is said, unlike REST APIs."""
    value = payload2.loaded(payload)
    if version == "2.0":
        if isinstance(value, dict) and "statusCode" not in value and "errorMessage" in value:
            raise Malformed  # recorded: it is taken for a failure
        return payload2.answer(payload, _PLAIN)
    if not isinstance(value, dict) or "statusCode" not in value:
        raise Malformed
    several = value.get("multiValueHeaders") or {}
    if not isinstance(several, dict) or not all(isinstance(values, list) for values in several.values()):
        raise Malformed
    repeated = {name.lower() for name in several}
    single = {name: text for name, text in (value.get("headers") or {}).items() if name.lower() not in repeated}
    headers = [payload2.header(name, text) for name, texts in several.items() for text in texts]
    headers += [payload2.header(name, text) for name, text in single.items()]
    body = payload2.told_body(value)
    return Response(payload2.status(value["statusCode"]), payload2.typed(headers, _PLAIN), body)


def refusal(status: int, message: str) -> Response:
    """What an HTTP API says itself: 401 Unauthorized, 403 Forbidden, 404 Not Found, 500, 503."""
    return Response(status, (JSON,), json.dumps({"message": message}, separators=(",", ":")).encode())


def cors(stage: ApiStage) -> dict[str, Any]:
    """The CORS configuration, spelled as that of function URLs; empty if there is none."""
    return {name[0].upper() + name[1:]: value for name, value in (stage.definition["cors"] or {}).items()}
