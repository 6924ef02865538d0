"""APIs of API Gateway as tests make and call them: over the socket, as a browser, a script and an attacker would."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from lambda_sandbox import Sandbox

# What a test wants the function to do comes in the body: its answer, or how it goes wrong.
FUNCTION = """
import base64, json, os, time
def handler(event, context):
    body = event.get("body") or ""
    told = json.loads(body) if body.startswith("{") else {}
    if "raise" in told:
        raise ValueError(told["raise"])
    if "sleep" in told:
        time.sleep(told["sleep"])
    if "answer" in told:
        return told["answer"]
    return {"statusCode": 200, "body": json.dumps(event)}
"""
AUTHORIZER = """
import json
def handler(event, context):
    print("asked", event.get("type"))
    headers = {name.lower(): value for name, value in event.get("headers", {}).items()}
    token = event.get("authorizationToken") or headers["authorization"]
    if token == "unknown":
        raise Exception("Unauthorized")
    if token == "broken":
        return {"principalId": "me"}
    if token.startswith("simple"):
        return {"isAuthorized": token == "simple yes", "context": {"who": "me", "level": 3}}
    arn = event.get("methodArn") or event["routeArn"]
    effect = {"deny": "Deny"}.get(token, "Allow")
    resource = arn.split("/")[0] + "/none/*" if token == "other" else arn.split("/")[0] + "/*"
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}
    return {
        "principalId": "me",
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": {"level": 3, "admin": True, "name": "Ann"},
    }
"""


@contextmanager
def a_shop() -> Iterator[Sandbox]:
    """A sandbox with the two functions that the APIs of the tests lead to."""
    with Sandbox(clock="virtual", seed=1) as running:
        running.deploy(FUNCTION, name="shop", Timeout=30)
        running.deploy(AUTHORIZER, name="guard")
        for name in ("shop", "guard"):
            running.client("lambda").add_permission(
                FunctionName=name,
                StatementId="api",
                Action="lambda:InvokeFunction",
                Principal="apigateway.amazonaws.com",
            )
        yield running


class Answer:
    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.status, self.headers, self.body = answer.status, answer.headers, answer.read()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Api:
    """One API of a test: how it is made and called."""

    def __init__(self, sandbox: Sandbox, service: str) -> None:
        self.sandbox, self.gateway = sandbox, sandbox.client(service)
        self.id = self.stage = ""

    def arn(self, name: str = "shop") -> str:
        return f"arn:aws:lambda:us-east-1:123456789012:function:{name}"

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Asks by the path that names the API and its stage."""
        sent = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        url = f"{self.sandbox.endpoint_url}/restapis/{self.id}/{self.stage}/_user_request_{path}"
        return ask(self.sandbox, method, url, sent, **headers)

    def at(self, method: str, path: str, **headers: str) -> Answer:
        """Asks by the name that the API has on AWS."""
        return ask(self.sandbox, method, f"https://{self.id}.execute-api.us-east-1.amazonaws.com{path}", **headers)


class Rest(Api):
    def __init__(self, sandbox: Sandbox, **settings: Any) -> None:
        super().__init__(sandbox, "apigateway")
        made = self.gateway.create_rest_api(name="shop", **settings)
        self.id, self.stage, self.resources = made["id"], "test", {"/": made["rootResourceId"]}

    def method(self, method: str, path: str, integration: dict[str, Any] | None = None, **settings: Any) -> Rest:
        parent, above = self.resources["/"], ""
        for part in path.strip("/").split("/") if path != "/" else []:
            above += f"/{part}"
            if above not in self.resources:
                made = self.gateway.create_resource(restApiId=self.id, parentId=parent, pathPart=part)
                self.resources[above] = made["id"]
            parent = self.resources[above]
        place = {"restApiId": self.id, "resourceId": self.resources[path], "httpMethod": method}
        self.gateway.put_method(**place, **{"authorizationType": "NONE", **settings})
        uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{self.arn()}/invocations"
        lambda_ = {"type": "AWS_PROXY", "integrationHttpMethod": "POST", "uri": uri}
        self.gateway.put_integration(**place, **{**lambda_, **(integration or {})})
        return self

    def deploy(self, **settings: Any) -> Rest:
        self.gateway.create_deployment(restApiId=self.id, stageName=self.stage, **settings)
        return self

    def authorizer(self, kind: str, **settings: Any) -> str:
        uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{self.arn('guard')}/invocations"
        source = {"identitySource": "method.request.header.Authorization", **settings}
        made = self.gateway.create_authorizer(restApiId=self.id, name="guard", type=kind, authorizerUri=uri, **source)
        return str(made["id"])


class Http(Api):
    def __init__(self, sandbox: Sandbox, stage: str = "$default", **settings: Any) -> None:
        super().__init__(sandbox, "apigatewayv2")
        self.id = self.gateway.create_api(Name="shop", ProtocolType="HTTP", **settings)["ApiId"]
        self.stage = stage

    def staged(self, **settings: Any) -> Http:
        self.gateway.create_stage(ApiId=self.id, StageName=self.stage, **{"AutoDeploy": True, **settings})
        return self

    def route(self, key: str, version: str = "2.0", integration: dict[str, Any] | None = None, **settings: Any) -> Http:
        lambda_ = {"IntegrationType": "AWS_PROXY", "IntegrationUri": self.arn(), "PayloadFormatVersion": version}
        made = self.gateway.create_integration(ApiId=self.id, **{**lambda_, **(integration or {})})
        target = f"integrations/{made['IntegrationId']}"
        self.gateway.create_route(ApiId=self.id, RouteKey=key, Target=target, **settings)
        return self

    def authorizer(self, **settings: Any) -> str:
        usual = {
            "AuthorizerType": "REQUEST",
            "AuthorizerPayloadFormatVersion": "2.0",
            "AuthorizerUri": self.arn("guard"),
            "IdentitySource": ["$request.header.Authorization"],
        }
        made = self.gateway.create_authorizer(ApiId=self.id, Name="guard", **{**usual, **settings})
        return str(made["AuthorizerId"])


def ask(sandbox: Sandbox, method: str, url: str, body: bytes | None = None, **headers: str) -> Answer:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(urlsplit(sandbox.endpoint_url).netloc, timeout=20)
    sent = {"Host": parts.netloc, **{name.replace("_", "-"): value for name, value in headers.items()}}
    connection.request(method, f"{parts.path}?{parts.query}" if parts.query else parts.path, body, sent)
    try:
        return Answer(connection.getresponse())
    finally:
        connection.close()


def asked_of(sandbox: Sandbox, function: str) -> int:
    return len([one for one in sandbox.journal() if one.kind == "invocation.started" and one.function == function])
