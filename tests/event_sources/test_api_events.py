"""Events of REST and HTTP APIs and of their authorizers, read as AWS's own library reads them."""

from __future__ import annotations

from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent, APIGatewayProxyEventV2
from aws_lambda_powertools.utilities.data_classes.api_gateway_authorizer_event import (
    APIGatewayAuthorizerEventV2,
    APIGatewayAuthorizerRequestEvent,
    APIGatewayRouteArn,
    parse_api_gateway_arn,
)

from lambda_sandbox.event_sources import authorizers, http_api, rest_api, routes
from lambda_sandbox.event_sources.authorizers import Misconfigured, judged
from lambda_sandbox.event_sources.payload1 import Asked
from lambda_sandbox.moto_bridge import ApiStage
from lambda_sandbox.wire import Request

ACCOUNT, AT = "123456789012", 1_924_992_000.5
HEADERS = ((b"Host", b"127.0.0.1"), (b"X-Shop", b"1"), (b"X-Shop", b"2"), (b"Content-Type", b"application/json"))
REQUEST = Request(
    "POST",
    "/ignored",
    "q=1&q=2",
    {name.decode().lower(): value.decode() for name, value in HEADERS},
    b'{"a": 1}',
    sent=HEADERS,
)
METHOD = {"httpMethod": "ANY", "authorizationType": "NONE"}
RESOURCE = {"id": "r1", "path": "/pets/{id}", "resourceMethods": {"ANY": METHOD}}
REST = ApiStage(
    "REST",
    "abc",
    "us-east-1",
    ACCOUNT,
    "prod",
    "d1",
    {"colour": "blue"},
    {"resources": [RESOURCE], "binaryMediaTypes": [], "gatewayResponses": {}, "validators": {}, "policy": None},
    {},
)
ASKED = Asked(REQUEST, REST, "/pets/7", "r", "x", AT)
ROUTE = {"routeKey": "POST /pets/{id}"}
HTTP = ApiStage("HTTP", "abc", "us-east-1", ACCOUNT, "$default", "", {}, {"routes": [ROUTE], "cors": None}, {})


def rest_found() -> rest_api.Found:
    found = rest_api.route(REST, "POST", "/pets/7")
    assert found
    return found


def http_event(version: str) -> dict[str, Any]:
    found = http_api.route(HTTP, "POST", "/pets/7")
    assert found
    asked = Asked(REQUEST, HTTP, "/pets/7", "r", "x", AT)
    return http_api.event(asked, found, version=version, authorizer={"lambda": {"who": "me"}})


def test_a_rest_event_is_read_by_powertools() -> None:
    event = APIGatewayProxyEvent(rest_api.event(ASKED, rest_found(), authorizer={"principalId": "me"}))
    assert (event.resource, event.path, event.http_method, event.json_body) == (
        "/pets/{id}",
        "/pets/7",
        "POST",
        {"a": 1},
    )
    assert event.path_parameters == {"id": "7"} and event.stage_variables == {"colour": "blue"}
    assert event.multi_value_headers["X-Shop"] == ["1", "2"] and event.headers["X-Shop"] == "2"
    assert event.multi_value_query_string_parameters == {"q": ["1", "2"]}
    context = event.request_context
    assert context.request_time == "01/Jan/2031:00:00:00 +0000" and context.request_time_epoch == int(AT * 1000)
    assert (context.path, context.resource_id, context.identity.source_ip) == ("/prod/pets/7", "r1", "127.0.0.1")
    assert context.authorizer["principalId"] == "me"


def test_an_http_event_is_read_by_powertools() -> None:
    event = APIGatewayProxyEventV2(http_event("2.0"))
    assert (event.version, event.route_key, event.raw_path, event.path) == (
        "2.0",
        ROUTE["routeKey"],
        "/pets/7",
        "/pets/7",
    )
    assert event.headers["x-shop"] == "1,2" and event.query_string_parameters == {"q": "1,2"}
    assert event.json_body == {"a": 1} and event.path_parameters == {"id": "7"}
    assert event.request_context.authorizer.get_lambda == {"who": "me"}
    assert event.request_context.http.source_ip == "127.0.0.1"
    assert "stageVariables" not in event.raw_event


def test_the_event_of_payload_1_0_has_the_fields_of_a_rest_event_and_its_version() -> None:
    old = http_event("1.0")
    rest = rest_api.event(ASKED, rest_found(), authorizer={})
    assert set(old) == {*rest, "version"}
    assert set(old["requestContext"]) == set(rest["requestContext"]) - {"deploymentId"}
    assert old["requestContext"]["requestId"] == http_event("2.0")["requestContext"]["requestId"] == "x"


def test_authorizers_events_are_read_by_powertools() -> None:
    asked = APIGatewayAuthorizerRequestEvent(rest_api.authorizer_event(ASKED, rest_found()))
    assert (
        asked.parsed_arn.resource == "pets/7"
        and asked.parsed_arn.stage == "prod"
        and asked.path_parameters == {"id": "7"}
    )
    arn = http_api.route_arn(Asked(REQUEST, HTTP, "/pets/7", "r", "x", AT))
    event = APIGatewayAuthorizerEventV2(http_api.authorizer_event(http_event("2.0"), ("token",), arn))
    assert (event.identity_source, event.route_key) == (["token"], ROUTE["routeKey"])
    parsed: APIGatewayRouteArn = parse_api_gateway_arn(event.route_arn)
    assert (parsed.stage, parsed.http_method, parsed.resource) == ("$default", "POST", "pets/7")
    assert not {"body", "isBase64Encoded"} & set(event.raw_event)


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/pets/dog/1", "GET /pets/dog/1"),
        ("GET", "/pets/dog/2", "GET /pets/dog/{id}"),
        ("GET", "/pets/cat", "GET /pets/{proxy+}"),
        ("POST", "/test/5", "ANY /{proxy+}"),
        ("GET", "/", None),
    ],
)
def test_the_most_specific_route_is_chosen_as_in_the_developer_guide(method: str, path: str, expected: str) -> None:
    keys = ("GET /pets/dog/1", "GET /pets/dog/{id}", "GET /pets/{proxy+}", "ANY /{proxy+}")
    found = routes.best([routes.Route(*key.split(" "), key) for key in keys], method, path)
    assert (found[0].target if found else None) == expected


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("method.request.header.X-Shop", "2"),
        ("$request.querystring.q", "2"),
        ("stageVariables.colour", "blue"),
        ("$stageVariables.colour", "blue"),
        ("$context.routeKey", "GET /"),
        ("$context.identity.nothing", None),
    ],
)
def test_identity_sources(source: str, value: str | None) -> None:
    found = authorizers.sources(REQUEST, [source], {"colour": "blue"}, "GET /")
    assert found == (None if value is None else (value,))


@pytest.mark.parametrize(
    "answer",
    [
        b'"text"',
        b'{"principalId": 1, "policyDocument": {"Statement": [{}]}}',
        b'{"principalId": "me", "policyDocument": {"Statement": ["text"]}}',
        b'{"principalId": "me", "policyDocument": {"Statement": [{}]}, "context": {"a": {}}}',
        b'{"principalId": "me", "policyDocument": {"Statement": [{}]}, "context": "text"}',
    ],
)
def test_what_is_no_policy_lets_nobody_in(answer: bytes) -> None:
    with pytest.raises(Misconfigured):
        judged(answer, resource=REST.arn("prod", "GET", ""))
    with pytest.raises(Misconfigured):
        judged(answer, resource=REST.arn("prod", "GET", ""), simple=True)
