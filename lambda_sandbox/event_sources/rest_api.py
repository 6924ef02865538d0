"""API Gateway's REST APIs: which method serves a request, what it asks for, and the event of a proxy integration.

    found = route(stage, request.method, "/pets/7")          # the method's definition and the path parameters, or None
    payload = event(asked, found)

All pure; authorisation and the call itself are the door's (`door/rest_apis.py`), answers are `rest_answers.py`'s.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from lambda_sandbox.event_sources import payload1, routes
from lambda_sandbox.event_sources.payload1 import Asked
from lambda_sandbox.iam import Decision, decide, statements_of
from lambda_sandbox.moto_bridge import ApiStage
from lambda_sandbox.wire import Request

_HIDDEN = {"connection", "content-length", "transfer-encoding", "expect"}
_TITLED = {"authorization": "Authorization", "user-agent": "User-Agent", "host": "Host"}


@dataclass(frozen=True, slots=True)
class Found:
    """The resource and the method that serve a request, in API Gateway's own JSON."""

    resource: Mapping[str, Any]
    method: Mapping[str, Any]
    parameters: Mapping[str, str]


def route(stage: ApiStage, method: str, path: str) -> Found | None:
    """Who serves a path; slashes at its end or more than one at its start do not count. None: no deployed method."""
    offered = [
        routes.Route(name, resource["path"], (resource, definition))
        for resource in stage.definition["resources"]
        for name, definition in resource.get("resourceMethods", {}).items()
    ]
    found = routes.best(offered, method, "/" + path.strip("/"))
    if found is None:
        return None
    resource, definition = found[0].target
    return Found(resource, definition, found[1])


def method_arn(asked: Asked) -> str:
    """What an authorizer is asked about: the request as it was made."""
    return asked.stage.arn(asked.stage.name, asked.request.method, asked.path.lstrip("/"))


def source_arn(asked: Asked, found: Found) -> str:
    """What the function's resource policy is asked about: variables of the path are `*`."""
    path = re.sub(r"\{[^}]*\}", "*", found.resource["path"])
    return asked.stage.arn(asked.stage.name, asked.request.method, path.removeprefix("/"))


def permitted(asked: Asked, principal: str) -> Decision:
    """Whether the API's own resource policy, if it has one, lets a caller in; "*" is who did not sign."""
    stage = asked.stage
    if not stage.definition["policy"]:
        return Decision(True, "the API has no resource policy")
    written = stage.definition["policy"].replace("execute-api:/", f"{stage.arn()}/")  # AWS expands the short form
    statements = statements_of(json.loads(written))
    context = {"aws:SourceIp": asked.request.peer}
    arn = method_arn(asked)
    return decide(statements, principal=principal, action="execute-api:Invoke", resource=arn, context=context)


# -- events


def event(
    asked: Asked,
    found: Found,
    *,
    identity: Mapping[str, Any] | None = None,
    authorizer: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The event that the function gets: payload 1.0 without its version."""
    made = payload1.event(
        asked,
        resource=found.resource["path"],
        resource_id=found.resource["id"],
        path="/" + asked.path.lstrip("/"),  # recorded; the context has the slashes
        public_path=f"/{asked.stage.name}{asked.path}",
        headers=_headers(asked.request, asked.stage),
        parameters=found.parameters,
        body=_body(asked.request, asked.stage),
        identity=identity,
        authorizer=authorizer,
    )
    made["requestContext"]["deploymentId"] = asked.stage.deployment
    return made


def authorizer_event(asked: Asked, found: Found) -> dict[str, Any]:
    """What a REQUEST authorizer gets: the function's event without the body."""
    whole = event(asked, found)
    bodiless = {name: value for name, value in whole.items() if name not in ("body", "isBase64Encoded")}
    return {"type": "REQUEST", "methodArn": method_arn(asked), **bodiless}


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
    if not is_binary(request.headers.get("content-type", ""), stage):
        try:
            return request.body.decode(), False
        except UnicodeDecodeError:
            return request.body.decode("utf-8", "replace"), False
    return base64.b64encode(request.body).decode(), True


def is_binary(types: str, stage: ApiStage) -> bool:
    """Whether the first of these media types (of a Content-Type or an Accept) is a binary one of the API."""
    named = re.split("[,;]", types)[0].strip().lower()
    return any(fnmatchcase(named, known.lower()) for known in stage.definition["binaryMediaTypes"])


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
