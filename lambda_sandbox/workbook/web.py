"""The function behind an API, for checks: an API of API Gateway in front of it, and a real HTTP request.

base = http_api(sandbox, function_arn)              # or rest_api(sandbox, function_arn, authorizer_arn)
ask("POST", f"{base}/quote", '{"tea": "green"}', {"content-type": "application/json"}).status
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from lambda_sandbox import Sandbox

_PERMISSION = {"Action": "lambda:InvokeFunction", "Principal": "apigateway.amazonaws.com"}
_INVOCATIONS = "arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: status, headers by their lower-case names, and the body as text."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body read as JSON; None if it is none."""
        try:
            return json.loads(self.text)
        except ValueError:
            return None


def ask(method: str, url: str, body: str | bytes = "", headers: Mapping[str, str] | None = None) -> Reply:
    """Sends one HTTP request. Header names go out as they are spelled."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=60)
    try:
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        data = body.encode() if isinstance(body, str) else body
        connection.request(method, path, data or None, dict(headers or {}))
        answer = connection.getresponse()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return Reply(answer.status, named, answer.read().decode(errors="replace"))
    finally:
        connection.close()


def http_api(sandbox: Sandbox, function_arn: str) -> str:
    """The address of a new HTTP API that hands every request to the function (payload 2.0)."""
    made = sandbox.client("apigatewayv2").create_api(Name="check", ProtocolType="HTTP", Target=function_arn)
    _permit(sandbox, function_arn)
    return f"{sandbox.endpoint_url}/restapis/{made['ApiId']}/$default/_user_request_"


def rest_api(sandbox: Sandbox, function_arn: str, authorizer_arn: str = "") -> str:
    """The address of a new REST API that hands every request to the function, past an authorizer if one is given."""
    gateway = sandbox.client("apigateway")
    api = gateway.create_rest_api(name="check")
    place = {"restApiId": api["id"], "httpMethod": "ANY", "resourceId": api["rootResourceId"]}
    resource = gateway.create_resource(restApiId=api["id"], parentId=place["resourceId"], pathPart="{proxy+}")
    place["resourceId"] = resource["id"]
    method = {"authorizationType": "NONE"}
    if authorizer_arn:
        guard = gateway.create_authorizer(
            restApiId=api["id"],
            name="guard",
            type="TOKEN",
            authorizerUri=_uri(authorizer_arn),
            identitySource="method.request.header.Authorization",
        )
        method = {"authorizationType": "CUSTOM", "authorizerId": guard["id"]}
        _permit(sandbox, authorizer_arn)
    gateway.put_method(**place, **method)
    gateway.put_integration(**place, type="AWS_PROXY", integrationHttpMethod="POST", uri=_uri(function_arn))
    gateway.create_deployment(restApiId=api["id"], stageName="check")
    _permit(sandbox, function_arn)
    return f"{sandbox.endpoint_url}/restapis/{api['id']}/check/_user_request_"


def _uri(function_arn: str) -> str:
    return _INVOCATIONS.format(region=function_arn.split(":")[3], arn=function_arn)


def _permit(sandbox: Sandbox, function_arn: str) -> None:
    client = sandbox.client("lambda")
    try:
        client.add_permission(FunctionName=function_arn, StatementId="check-api", **_PERMISSION)
    except client.exceptions.ResourceConflictException:
        return  # it has the permission already
