"""HTTP APIs of API Gateway, called over the socket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lambda_sandbox import Sandbox
from tests.door.apis import Http, a_shop, asked_of


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with a_shop() as running:
        yield running


@pytest.fixture(scope="module")
def web(sandbox: Sandbox) -> Http:
    api = Http(sandbox).route("GET /pets/{id}").route("GET /pets/dog").route("ANY /{proxy+}").route("POST /one", "1.0")
    return api.route("$default").staged(StageVariables={"colour": "blue"})


@pytest.mark.parametrize(
    ("method", "path", "key"),
    [
        ("GET", "/pets/dog", "GET /pets/dog"),
        ("GET", "/pets/cat", "GET /pets/{id}"),
        ("POST", "/pets/cat", "ANY /{proxy+}"),
        ("GET", "/", "$default"),
    ],
)
def test_the_most_specific_route_serves(web: Http, method: str, path: str, key: str) -> None:
    event = web.at(method, path).json
    assert event["routeKey"] == event["requestContext"]["routeKey"] == key


def test_the_event_of_an_http_api_has_what_aws_sends(web: Http) -> None:
    event = web.at("GET", "/pets/big%20cat?x=1&x=2", cookie="a=1; b=2", X_Shop="7").json
    assert (event["version"], event["rawPath"], event["rawQueryString"]) == ("2.0", "/pets/big cat", "x=1&x=2")
    assert (event["pathParameters"], event["stageVariables"]) == ({"id": "big cat"}, {"colour": "blue"})
    assert event["cookies"] == ["a=1", "b=2"] and "cookie" not in event["headers"]
    assert event["queryStringParameters"] == {"x": "1,2"}
    assert event["headers"]["x-shop"] == "7" and "body" not in event
    assert event["headers"]["content-length"] == "0"
    assert event["requestContext"]["http"]["path"] == "/pets/big cat"


def test_payload_1_0_is_told_by_its_integration(web: Http) -> None:
    event = web.ask("POST", "/one?x=1&x=2", b"hello", content_type="text/plain", accept="*/*", X_sHop="7").json
    spelled = {"Content-Length": "5", "Content-Type": "text/plain", "accept": "*/*", "X-sHop": "7"}
    assert {name: event["headers"].get(name) for name in spelled} == spelled  # as real events have been seen
    assert event["multiValueHeaders"]["X-Forwarded-Port"] == ["443"]
    assert (event["version"], event["resource"], event["path"], event["body"]) == ("1.0", "/one", "/one", "hello")
    assert event["multiValueQueryStringParameters"] == {"x": ["1", "2"]} and event["pathParameters"] is None
    assert event["requestContext"]["resourceId"] == "POST /one"


@pytest.mark.parametrize(
    ("answer", "status", "body", "content_type"),
    [
        ({"hello": "world"}, 200, b'{"hello":"world"}', "application/json"),
        ("justAString", 200, b"justAString", "application/json"),
        (None, 200, b"null", "application/json"),
        ({"statusCode": "201", "body": "made"}, 201, b"made", "text/plain;charset=utf-8"),
        ({"statusCode": 200, "wrongValue": 1}, 200, b"", "text/plain;charset=utf-8"),
        ({"statusCode": 200, "body": "aGk=", "isBase64Encoded": True}, 200, b"hi", "text/plain;charset=utf-8"),
        ({"statusCode": "test"}, 500, b'{"message":"Internal Server Error"}', "application/json"),
        ({"statusCode": 200, "cookies": {"a": "b"}}, 500, b'{"message":"Internal Server Error"}', "application/json"),
        ({"errorMessage": "fake"}, 500, b'{"message":"Internal Server Error"}', "application/json"),
    ],
    ids=str,
)
def test_answers_of_payload_2_0(web: Http, answer: Any, status: int, body: bytes, content_type: str) -> None:
    got = web.ask("POST", "/", {"answer": answer})
    assert (got.status, got.body, got.headers["Content-Type"]) == (status, body, content_type)


def test_cookies_become_headers(web: Http) -> None:
    got = web.ask("POST", "/", {"answer": {"statusCode": 200, "cookies": ["a=1", "b=2"]}})
    assert got.headers.get_all("Set-Cookie") == ["a=1", "b=2"]


def test_answers_of_payload_1_0_need_a_status(web: Http) -> None:
    for answer, status in (({}, 500), ("text", 500), ({"headers": {"a": "b"}}, 500), ({"statusCode": 204}, 204)):
        assert web.ask("POST", "/one", {"answer": answer}).status == status
    several = {"statusCode": 200, "multiValueHeaders": {"x-a": ["1", "2"]}, "other": 1}
    assert web.ask("POST", "/one", {"answer": several}).headers.get_all("x-a") == ["1", "2"]


def test_a_function_that_fails_or_is_slow_is_500_or_503(sandbox: Sandbox, web: Http) -> None:
    failed = web.ask("POST", "/", {"raise": "oh"})
    assert (failed.status, failed.json) == (500, {"message": "Internal Server Error"})
    slow = Http(sandbox).route("$default", integration={"TimeoutInMillis": 60}).staged()
    late = slow.ask("POST", "/", {"sleep": 0.3})
    assert (late.status, late.json) == (503, {"message": "Service Unavailable"})
    sandbox.settle()


def test_quick_create_makes_all_that_is_needed(sandbox: Sandbox) -> None:
    api = Http(sandbox, Target="arn:aws:lambda:us-east-1:123456789012:function:shop")
    assert api.at("GET", "/any/where").json["routeKey"] == "$default"
    assert [stage["StageName"] for stage in api.gateway.get_stages(ApiId=api.id)["Items"]] == ["$default"]


def test_a_named_stage_is_in_the_path_and_serves_what_is_deployed_to_it(sandbox: Sandbox) -> None:
    api = Http(sandbox, "dev").route("GET /a").staged(AutoDeploy=False)
    assert api.ask("GET", "/a").status == 403  # nothing is deployed, so nothing is known of the API
    api.gateway.create_deployment(ApiId=api.id, StageName="dev")
    api.route("GET /b")
    assert api.at("GET", "/dev/a").json["rawPath"] == "/dev/a"
    assert api.at("GET", "/dev/b").json == {"message": "Not Found"}
    api.gateway.update_stage(ApiId=api.id, StageName="dev", AutoDeploy=True)
    assert api.at("GET", "/dev/b").status == 200


def test_lambda_authorizers_of_http_apis_answer_simply_or_with_a_policy(sandbox: Sandbox) -> None:
    api = Http(sandbox)
    simple = api.authorizer(EnableSimpleResponses=True, AuthorizerResultTtlInSeconds=60)
    policy = api.authorizer()
    old = api.authorizer(AuthorizerPayloadFormatVersion="1.0")
    for path, version, guard in (("/s", "2.0", simple), ("/p", "2.0", policy), ("/o", "1.0", old)):
        api.route(f"GET {path}", version, AuthorizationType="CUSTOM", AuthorizerId=guard)
    api.staged()
    for path, token, status in (
        ("/s", "simple no", 403),
        ("/p", "deny", 403),
        ("/p", "unknown", 401),
        ("/p", "broken", 500),
        ("/o", "allow", 200),
    ):
        assert api.ask("GET", path, authorization=token).status == status
    assert api.ask("GET", "/s").json == {"message": "Unauthorized"}
    before = asked_of(sandbox, "guard")
    for _ in range(2):
        context = api.ask("GET", "/s", authorization="simple yes").json["requestContext"]
        assert context["authorizer"] == {"lambda": {"who": "me", "level": 3}}
    assert asked_of(sandbox, "guard") == before + 1
    context = api.ask("GET", "/o", authorization="allow").json["requestContext"]
    said = {"principalId": "me", "level": 3, "admin": True, "name": "Ann"}
    assert context["authorizer"] == {"claims": None, "scopes": None, **said}


def test_cors_of_an_http_api_speaks_instead_of_the_function(sandbox: Sandbox) -> None:
    allowed = {"AllowOrigins": ["https://a.example"], "AllowMethods": ["GET", "POST"], "MaxAge": 60}
    api = Http(sandbox, CorsConfiguration=allowed).route("$default").staged()
    page = {"origin": "https://a.example"}
    asked = api.ask("OPTIONS", "/", **page, access_control_request_method="POST")
    assert (asked.status, asked.headers["Access-Control-Allow-Methods"]) == (204, "GET,POST")
    said = {"answer": {"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "*"}}}
    assert api.ask("POST", "/", said, **page).headers.get_all("Access-Control-Allow-Origin") == ["https://a.example"]
    assert api.ask("POST", "/", said, origin="https://b.example").headers["Access-Control-Allow-Origin"] is None


def test_what_is_not_modelled_says_so(sandbox: Sandbox) -> None:
    with pytest.raises(ClientError, match="does not model WebSocket APIs"):
        boto3.client("apigatewayv2", endpoint_url=sandbox.endpoint_url, region_name="us-east-1").create_api(
            Name="chat", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action"
        )
    proxy = {"IntegrationType": "HTTP_PROXY", "IntegrationUri": "https://example.com", "IntegrationMethod": "GET"}
    answer = Http(sandbox).route("$default", "1.0", proxy).staged().ask("GET", "/")
    assert (answer.status, answer.headers["x-amzn-ErrorType"]) == (501, "NotModelledBySandbox")
