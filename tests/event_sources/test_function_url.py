"""Function URLs, pure: the event that a request becomes, the answer that a result becomes, and CORS."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from lambda_sandbox.event_sources.function_url import (
    Caller,
    Url,
    answer,
    cors_headers,
    event,
    is_preflight,
    preflight,
    streamed,
)
from lambda_sandbox.wire import Request, Response

URL = Url("a" * 32, "us-east-1")
AT = 1659687279.885


def made(request: Request, path: str = "/", caller: Caller | None = None) -> dict[str, Any]:
    return event(request, URL, path=path, caller=caller, request_id="id", at=AT, trace="Root=1-2-3")


def test_an_event_has_the_shape_of_payload_2_0() -> None:
    headers = {"host": "127.0.0.1:4566", "user-agent": "agent", "accept": "*/*", "connection": "keep-alive"}
    domain = f"{URL.id}.lambda-url.us-east-1.on.aws"
    assert made(Request("GET", "/ignored", "", headers), "/x") == {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/x",
        "rawQueryString": "",
        "headers": {
            "host": domain,
            "user-agent": "agent",
            "accept": "*/*",
            "x-forwarded-for": "127.0.0.1",
            "x-forwarded-proto": "https",
            "x-forwarded-port": "443",
            "x-amzn-trace-id": "Root=1-2-3",
            "x-amzn-tls-version": "TLSv1.3",
            "x-amzn-tls-cipher-suite": "TLS_AES_128_GCM_SHA256",
        },
        "requestContext": {
            "accountId": "anonymous",
            "apiId": URL.id,
            "domainName": domain,
            "domainPrefix": URL.id,
            "http": {
                "method": "GET",
                "path": "/x",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "agent",
            },
            "requestId": "id",
            "routeKey": "$default",
            "stage": "$default",
            "time": "05/Aug/2022:08:14:39 +0000",
            "timeEpoch": 1659687279885,
        },
        "isBase64Encoded": False,
    }


def test_a_query_is_decoded_and_a_name_that_comes_twice_is_joined_by_commas() -> None:
    found = made(Request("GET", "/", "a=1&b=x%20y&a=2&c"))
    assert found["rawQueryString"] == "a=1&b=x%20y&a=2&c"
    assert found["queryStringParameters"] == {"a": "1,2", "b": "x y", "c": ""}


def test_cookies_have_a_list_of_their_own() -> None:
    assert made(Request("GET", "/", "", {"cookie": "a=1; b=2"}))["cookies"] == ["a=1", "b=2"]


@pytest.mark.parametrize(
    "media_type", ["text/html; charset=utf-8", "application/json", "application/problem+json", "application/xml", None]
)
def test_a_body_that_says_it_is_text_arrives_as_text(media_type: str | None) -> None:
    headers = {"content-type": media_type} if media_type else {}
    found = made(Request("POST", "/", "", headers, "grüß".encode()))
    assert (found["body"], found["isBase64Encoded"]) == ("grüß", False)


@pytest.mark.parametrize(
    ("media_type", "body"),
    [("image/png", b"\x89PNG"), ("multipart/form-data; boundary=x", b"--x"), ("text/plain", b"\xff"), ("", b"x")],
)
def test_any_other_body_arrives_in_base64(media_type: str, body: bytes) -> None:
    found = made(Request("POST", "/", "", {"content-type": media_type}, body))
    assert (base64.b64decode(found["body"]), found["isBase64Encoded"]) == (body, True)


def test_a_signed_call_says_who_signed() -> None:
    found = made(Request("GET", "/"), caller=Caller("AKIA", "123456789012", "AIDA", "arn:aws:iam::123456789012:user/u"))
    assert found["requestContext"]["accountId"] == "123456789012"
    iam = found["requestContext"]["authorizer"]["iam"]
    assert (iam["accessKey"], iam["userArn"], iam["userId"]) == ("AKIA", "arn:aws:iam::123456789012:user/u", "AIDA")


# -- answers


@pytest.mark.parametrize(
    ("result", "body"),
    [
        ('{"hello": "world"}', '{"hello":"world"}'),
        ('"hello"', "hello"),
        ("3", "3"),
        ("3.1", "3.1"),
        ("true", "true"),
        ("null", "null"),
        ('["hello", 3, true]', '["hello",3,true]'),
        ('{"body": "no status"}', '{"body":"no status"}'),
    ],
)
def test_without_a_status_any_json_is_an_answer(result: str, body: str) -> None:
    assert answer(result.encode()) == Response(200, (("Content-Type", "application/json"),), body.encode())


def test_a_told_answer_has_its_status_headers_cookies_and_body() -> None:
    told = {
        "statusCode": 201,
        "headers": {"Content-Type": "text/plain", "X-N": 3},
        "cookies": ["a=1", "b=2"],
        "body": "made",
    }
    assert answer(json.dumps(told).encode()) == Response(
        201, (("Content-Type", "text/plain"), ("X-N", "3"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")), b"made"
    )


def test_a_told_body_in_base64_is_decoded_and_without_a_type_it_is_json() -> None:
    told = {"statusCode": "200", "body": base64.b64encode(b"\x89PNG").decode(), "isBase64Encoded": True}
    assert answer(json.dumps(told).encode()) == Response(200, (("Content-Type", "application/json"),), b"\x89PNG")


def test_a_told_header_that_the_front_end_owns_is_sent_under_another_name() -> None:
    made = answer(b'{"statusCode": 200, "headers": {"Content-Length": "99"}, "body": "x"}')
    assert ("x-amzn-Remapped-Content-Length", "99") in made.headers


@pytest.mark.parametrize(
    "result",
    [
        "not json",
        "NaN",
        "1e999",
        "[" * 100_000,
        '{"statusCode": "two hundred"}',
        '{"statusCode": true}',
        '{"statusCode": 99}',
        '{"statusCode": 200, "headers": ["a"]}',
        '{"statusCode": 200, "headers": {"a b": "c"}}',
        '{"statusCode": 200, "headers": {"a": "c\\r\\nSet-Cookie: x=y"}}',
        '{"statusCode": 200, "cookies": "a=1"}',
        '{"statusCode": 200, "body": "%%%", "isBase64Encoded": true}',
        '{"statusCode": 200, "body": {}, "isBase64Encoded": true}',
    ],
)
def test_what_cannot_be_an_answer_is_502(result: str) -> None:
    made = answer(result.encode())
    assert (made.status, made.body) == (502, b"Internal Server Error")


def test_a_streamed_answer_is_its_bytes_after_a_prelude_if_there_is_one() -> None:
    assert streamed(b'{"statusCode": 1}').body == b'{"statusCode": 1}'
    prelude = b'{"statusCode": 418, "headers": {"Content-Type": "text/html"}}' + b"\0" * 8
    assert streamed(prelude + b"<p>") == Response(418, (("Content-Type", "text/html"),), b"<p>")


# -- CORS

CORS = {
    "AllowOrigins": ["https://a.example"],
    "AllowMethods": ["GET", "PUT"],
    "AllowHeaders": ["X-A", "X-B"],
    "ExposeHeaders": ["X-C"],
    "MaxAge": 60,
}
ASKS = {"origin": "https://a.example", "access-control-request-method": "PUT"}


def test_a_preflight_is_answered_from_the_configuration() -> None:
    asked = Request("OPTIONS", "/", "", ASKS)
    assert is_preflight(asked) and not is_preflight(Request("OPTIONS", "/"))
    assert dict(preflight(asked, CORS).headers) == {
        "Content-Type": "application/json",
        "Access-Control-Allow-Origin": "https://a.example",
        "Vary": "Origin",
        "Access-Control-Allow-Methods": "GET,PUT",
        "Access-Control-Allow-Headers": "X-A,X-B",
        "Access-Control-Max-Age": "60",
    }


def test_a_page_of_another_origin_is_allowed_nothing() -> None:
    other = {**ASKS, "origin": "https://b.example"}
    assert preflight(Request("OPTIONS", "/", "", other), CORS).headers == (("Content-Type", "application/json"),)
    assert cors_headers(Request("GET", "/", "", other), CORS) == ()
    assert cors_headers(Request("GET", "/"), CORS) == ()


def test_an_answer_for_an_allowed_page_says_so() -> None:
    asked = Request("GET", "/", "", ASKS)
    assert dict(cors_headers(asked, CORS))["Access-Control-Expose-Headers"] == "X-C"
    assert cors_headers(asked, {"AllowOrigins": ["*"]}) == (("Access-Control-Allow-Origin", "*"),)
    with_credentials = dict(cors_headers(asked, {"AllowOrigins": ["*"], "AllowCredentials": True}))
    assert with_credentials["Access-Control-Allow-Origin"] == "https://a.example"
    assert with_credentials["Access-Control-Allow-Credentials"] == "true"
