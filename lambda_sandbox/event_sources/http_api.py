"""API Gateway's HTTP APIs: from an HTTP request to an event (payload 2.0 or 1.0), and from the function's to an answer.

    found = route(stage, "GET", "/pets/7")              # the route's definition and the path parameters, or None
    payload = event(asked, found, version="2.0")
    response = answer(outcome_payload, version="2.0")   # raises Malformed: 500, as recorded of HTTP APIs

All pure; authorisation and the call itself are the door's (`door/apis.py`). Shapes: facts §6.6.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

from lambda_sandbox.event_sources import payload1, payload2, routes
from lambda_sandbox.event_sources.payload1 import Asked
from lambda_sandbox.event_sources.payload2 import JSON, Malformed
from lambda_sandbox.moto_bridge import ApiStage
from lambda_sandbox.wire import Request, Response

_SPELLED = {
    name.lower(): name
    for name in (
        *("accept", "accept-encoding", "Content-Type", "Host", "User-Agent", "X-Amzn-Trace-Id"),
        *("X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto"),
    )
}
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


def route_arn(asked: Asked) -> str:
    """What an authorizer is asked about: the request as it was made."""
    return asked.stage.arn(asked.stage.name, asked.request.method, asked.path.removeprefix("/"))


def source_arn(asked: Asked, found: Found) -> str:
    """What the function's resource policy is asked about: the route as it is written."""
    stage, path = asked.stage, found.key.partition(" ")[2]
    return (
        stage.arn(stage.name, asked.request.method, path.removeprefix("/"))
        if path
        else stage.arn(stage.name, "$default")
    )


# -- events


def event(asked: Asked, found: Found, *, version: str, authorizer: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The event that the function gets; `authorizer` is the context's part."""
    request, stage = asked.request, asked.stage
    path = public_path(stage, asked.path)
    if version == "1.0":
        made = payload1.event(
            replace(asked, request_id=asked.extended_id),
            resource=found.key.partition(" ")[2] or "$default",
            resource_id=found.key,
            path=path,
            public_path=path,
            headers=_spelled(request, stage.domain),
            parameters=found.parameters,
            body=payload2.body(request),
            identity={"cognitoAmr": None},
            authorizer=authorizer,
        )
        return {"version": "1.0", **made}
    made = payload2.event(
        request,
        domain=stage.domain,
        account=stage.account,
        route_key=found.key,
        stage=stage.name,
        path=path,
        path_parameters=found.parameters,
        stage_variables=stage.variables,
        authorizer=authorizer,
        request_id=asked.extended_id,
        at=asked.at,
    )
    made["headers"].pop("cookie", None)  # of payload 2.0 in `cookies` alone; a function URL has it in both places
    made["headers"].setdefault("content-length", str(len(request.body)))  # HTTP APIs add it, "0" too
    return made


def _spelled(request: Request, domain: str) -> dict[str, list[str]]:
    """The headers of payload 1.0: what the front end knows or adds in its own spelling, else in the client's."""
    headers: dict[str, list[str]] = {"Content-Length": [str(len(request.body))]}
    for name, value in request.header_fields():
        if name.lower() not in payload2.HIDDEN | {"content-length"}:
            headers.setdefault(_SPELLED.get(name.lower(), name), []).append(value)
    return {**headers, **{_SPELLED[name]: [value] for name, value in payload2.added(request, domain).items()}}


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
