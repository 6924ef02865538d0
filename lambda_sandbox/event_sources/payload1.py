"""Payload 1.0: the events of REST APIs, and of HTTP APIs that ask for it. Absent maps are null. Shape: facts §6.6.

asked = Asked(request, stage, "/pets/7", request_id, extended_id, at)
payload = event(asked, resource="/pets/{id}", resource_id="a1b2c3", path="/pets/7", …)

Pure; compared with what AWS was recorded to send (localstack's snapshots of 2024-07-10).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lambda_sandbox.clock import access_log_time
from lambda_sandbox.moto_bridge import ApiStage
from lambda_sandbox.wire import Request

_NOBODY: dict[str, Any] = dict.fromkeys(
    (
        "accessKey",
        "accountId",
        "caller",
        "cognitoAuthenticationProvider",
        "cognitoAuthenticationType",
        "cognitoIdentityId",
        "cognitoIdentityPoolId",
        "principalOrgId",
        "user",
        "userArn",
    )
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request to an API on its way. `path` is without the stage and still encoded; `at` is epoch seconds."""

    request: Request
    stage: ApiStage
    path: str
    request_id: str
    extended_id: str
    at: float


def event(
    asked: Asked,
    *,
    resource: str,
    resource_id: str,
    path: str,
    public_path: str,
    headers: Mapping[str, list[str]],
    parameters: Mapping[str, str],
    body: tuple[str | None, bool],
    identity: Mapping[str, Any] | None = None,
    authorizer: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The event that the function gets. `body` is its text and whether that is base64; `public_path` has the stage."""
    request, stage = asked.request, asked.stage
    query: dict[str, list[str]] = {}
    for name, value in request.parameters():
        query.setdefault(name, []).append(value)
    context = {
        "accountId": stage.account,
        "apiId": stage.api,
        "domainName": stage.domain,
        "domainPrefix": stage.api,
        "extendedRequestId": asked.extended_id,
        "httpMethod": request.method,
        "identity": {
            **_NOBODY,
            "sourceIp": request.peer,
            "userAgent": request.headers.get("user-agent"),
            **(identity or {}),
        },
        "path": public_path,
        "protocol": "HTTP/1.1",
        "requestId": asked.request_id,
        "requestTime": access_log_time(asked.at),
        "requestTimeEpoch": int(asked.at * 1000),
        "resourceId": resource_id,
        "resourcePath": resource,
        "stage": stage.name,
        **({} if authorizer is None else {"authorizer": authorizer}),
    }
    return {
        "resource": resource,
        "path": path,
        "httpMethod": request.method,
        "headers": {name: values[-1] for name, values in headers.items()},
        "multiValueHeaders": headers,
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": dict(parameters) or None,
        "stageVariables": dict(stage.variables) or None,
        "requestContext": context,
        "body": body[0],
        "isBase64Encoded": body[1],
    }
