"""Payload 2.0: the events of function URLs and HTTP APIs, and how what a function returned becomes an HTTP answer.

    payload = event(request, domain="….on.aws", path="/hello", request_id=…, at=…)
    response = answer(b'{"statusCode": 201, "body": "made"}')       # raises Malformed

Pure. Shapes: facts §6.6.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from lambda_sandbox.clock import access_log_time
from lambda_sandbox.wire import Request, Response

JSON = ("Content-Type", "application/json")
_TEXT = re.compile(r"text/.*|application/([\w.-]*\+)?(json|xml|javascript)")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\0-\x08\x0a-\x1f\x7f]")
HIDDEN = {"connection", "transfer-encoding", "expect"}  # headers between a client and the front end, not in events
# What the front end says itself: a function's own word for it gets through under another name.
_REMAPPED = {"connection", "content-length", "date", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}


def event(
    request: Request,
    *,
    domain: str,
    path: str,
    request_id: str,
    at: float,
    account: str,
    route_key: str = "$default",
    stage: str = "$default",
    authorizer: Mapping[str, Any] | None = None,
    path_parameters: Mapping[str, str] | None = None,
    stage_variables: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The event that the function gets; keys without a value are missing, not null. `at` is epoch seconds."""
    api = domain.partition(".")[0]
    context: dict[str, Any] = {
        "accountId": account,
        "apiId": api,
        "authorizer": authorizer,
        "domainName": domain,
        "domainPrefix": api,
        "http": {
            "method": request.method,
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": request.peer,
            "userAgent": request.headers.get("user-agent"),
        },
        "requestId": request_id,
        "routeKey": route_key,
        "stage": stage,
        "time": access_log_time(at),
        "timeEpoch": int(at * 1000),
    }
    text, encoded = body(request)
    whole = {
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": path,
        "rawQueryString": request.query,
        "cookies": _cookies(request) or None,
        "headers": headers(request, domain),
        "queryStringParameters": joined(request.parameters()) or None,
        "requestContext": {**_present(context), "http": _present(context["http"])},
        "body": text,
        "pathParameters": path_parameters or None,
        "isBase64Encoded": encoded,
        "stageVariables": stage_variables or None,
    }
    return _present(whole)


def _present(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _cookies(request: Request) -> list[str]:
    sent = ";".join(value for name, value in request.header_fields() if name.lower() == "cookie")
    return [cookie.strip() for cookie in sent.split(";") if cookie.strip()]


def headers(request: Request, domain: str) -> dict[str, str]:
    """What was sent, and what AWS's front end adds for a URL, which is always spoken to over TLS."""
    sent = joined([(name.lower(), value) for name, value in request.header_fields() if name.lower() not in HIDDEN])
    return {**sent, **added(request, domain)}


def added(request: Request, domain: str) -> dict[str, str]:
    """The front end's own headers, whatever the client said."""
    forwarded = {"x-forwarded-for": request.peer, "x-forwarded-proto": "https", "x-forwarded-port": "443"}
    return {"host": domain, **forwarded}


def joined(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Query parameters or headers; a name that came more than once has its values joined by commas."""
    joined: dict[str, list[str]] = {}
    for name, value in pairs:
        joined.setdefault(name, []).append(value)
    return {name: ",".join(values) for name, values in joined.items()}


def body(request: Request) -> tuple[str | None, bool]:
    """The body as text, and whether it is base64: everything is that does not say it is text."""
    if not request.body:
        return None, False
    media_type = request.headers.get("content-type", "text/plain").partition(";")[0].strip().lower()
    if _TEXT.fullmatch(media_type):
        try:
            return request.body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(request.body).decode(), True


# -- answers


class Malformed(Exception):
    """What the function returned cannot be an HTTP answer."""


def answer(payload: bytes, content_type: str = JSON[1]) -> Response:
    """The HTTP answer for what the function returned: told by `statusCode`, else inferred. Raises Malformed.

    `content_type` is that of a told answer which names none.
    """
    value = loaded(payload)
    return told(value, content_type) if isinstance(value, dict) and "statusCode" in value else _inferred(value)


def loaded(payload: bytes) -> Any:
    """What the function returned. Raises Malformed where it is no JSON."""
    try:
        return json.loads(payload, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Malformed from None


def _inferred(value: Any) -> Response:
    """Any JSON is an answer; a text comes without its quotes."""
    return Response(200, (JSON,), _bytes(value if isinstance(value, str) else compact(value)))


def told(value: Mapping[str, Any], content_type: str = JSON[1]) -> Response:
    """The answer that a function spelled out: statusCode, headers, cookies, body. Raises Malformed."""
    named, cookies = value.get("headers") or {}, value.get("cookies") or []
    if not isinstance(named, dict) or not isinstance(cookies, list):
        raise Malformed
    headers = [header(name, text) for name, text in named.items()]
    headers += [header("Set-Cookie", cookie) for cookie in cookies]
    return Response(status(value["statusCode"]), typed(headers, content_type), told_body(value))


def typed(headers: list[tuple[str, str]], content_type: str) -> tuple[tuple[str, str], ...]:
    """The headers, with a content type where they name none."""
    known = any(name.lower() == "content-type" for name, _ in headers)
    return tuple(headers) if known else (("Content-Type", content_type), *headers)


def status(value: Any) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 200 <= value <= 599:
        raise Malformed
    return value


def header(name: Any, value: Any) -> tuple[str, str]:
    text = value if isinstance(value, str) else compact(value)
    if not isinstance(name, str) or not _TOKEN.fullmatch(name) or _CONTROL.search(text):
        raise Malformed
    return (f"x-amzn-Remapped-{name}" if name.lower() in _REMAPPED else name), text


def told_body(value: Mapping[str, Any]) -> bytes:
    body = value.get("body")
    if body is None:
        return b""
    if value.get("isBase64Encoded") is True:
        try:
            return base64.b64decode(body, validate=True)
        except (binascii.Error, TypeError, ValueError):
            raise Malformed from None
    return _bytes(body if isinstance(body, str) else compact(body))


def compact(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (ValueError, RecursionError):
        raise Malformed from None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _no_constant(name: str) -> NoReturn:
    raise Malformed
