"""Function URLs: from an HTTP request to an event (payload 2.0), and from what the function returned to an HTTP answer.

    payload = event(request, url, path="/hello", caller=None, request_id=…, at=…)
    response = answer(b'{"statusCode": 201, "body": "made"}')
    preflight(request, cors), cors_headers(request, cors)

All pure; who may call, and the call itself, are the door's (`door/urls.py`). Shapes: facts §6.6.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from lambda_sandbox.clock import access_log_time
from lambda_sandbox.wire import Request, Response

JSON = ("Content-Type", "application/json")
FAILED = Response(502, (JSON,), b"Internal Server Error")
_TEXT = re.compile(r"text/.*|application/([\w.-]*\+)?(json|xml|javascript)")
_PRELUDE = b"\0" * 8  # ends the metadata of a streamed answer
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\0-\x08\x0a-\x1f\x7f]")
# What the front end says itself: a function's own word for it gets through under another name.
_REMAPPED = {"connection", "content-length", "date", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}


@dataclass(frozen=True, slots=True)
class Url:
    """One function URL: the 32 characters that are its name, and its Region."""

    id: str
    region: str

    @property
    def domain(self) -> str:
        return f"{self.id}.lambda-url.{self.region}.on.aws"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who signed a request."""

    access_key: str
    account: str
    user_id: str
    arn: str


def event(
    request: Request, url: Url, *, path: str, caller: Caller | None, request_id: str, at: float
) -> dict[str, Any]:
    """The event that the function gets; keys without a value are missing, not null. `at` is epoch seconds."""
    context: dict[str, Any] = {
        "accountId": caller.account if caller else "anonymous",
        "apiId": url.id,
        "authorizer": _authorizer(caller),
        "domainName": url.domain,
        "domainPrefix": url.id,
        "http": {
            "method": request.method,
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": request.peer,
            "userAgent": request.headers.get("user-agent"),
        },
        "requestId": request_id,
        "routeKey": "$default",
        "stage": "$default",
        "time": access_log_time(at),
        "timeEpoch": int(at * 1000),
    }
    body, encoded = _body(request)
    whole = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": request.query,
        "cookies": _cookies(request) or None,
        "headers": _headers(request, url),
        "queryStringParameters": _joined(request.parameters()) or None,
        "requestContext": {**_present(context), "http": _present(context["http"])},
        "body": body,
        "isBase64Encoded": encoded,
    }
    return _present(whole)


def _present(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _cookies(request: Request) -> list[str]:
    return [cookie.strip() for cookie in request.headers.get("cookie", "").split(";") if cookie.strip()]


def _headers(request: Request, url: Url) -> dict[str, str]:
    """What was sent, and what AWS's front end adds for a URL, which is always spoken to over TLS."""
    hidden = {"connection", "transfer-encoding", "expect"}
    sent = {name: value for name, value in request.headers.items() if name not in hidden}
    forwarded = {"x-forwarded-for": request.peer, "x-forwarded-proto": "https", "x-forwarded-port": "443"}
    return {**sent, "host": url.domain, **forwarded}


def _authorizer(caller: Caller | None) -> dict[str, Any] | None:
    if caller is None:
        return None
    return {
        "iam": {
            "accessKey": caller.access_key,
            "accountId": caller.account,
            "callerId": caller.user_id,
            "cognitoIdentity": None,
            "principalOrgId": None,
            "userArn": caller.arn,
            "userId": caller.user_id,
        }
    }


def _joined(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Query parameters; a name that came more than once has its values joined by commas."""
    joined: dict[str, list[str]] = {}
    for name, value in pairs:
        joined.setdefault(name, []).append(value)
    return {name: ",".join(values) for name, values in joined.items()}


def _body(request: Request) -> tuple[str | None, bool]:
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


class _Malformed(Exception):
    """What the function returned cannot be an HTTP answer."""


def answer(payload: bytes) -> Response:
    """The HTTP answer for what the function returned: told by `statusCode`, else inferred; 502 if it is malformed."""
    try:
        value = json.loads(payload, parse_constant=_no_constant)
        return _told(value) if isinstance(value, dict) and "statusCode" in value else _inferred(value)
    except (ValueError, RecursionError, _Malformed):
        return FAILED


def streamed(payload: bytes) -> Response:
    """The answer of a URL whose InvokeMode is RESPONSE_STREAM: the bytes as they are, after a prelude if there is one.

    The prelude is JSON (`statusCode`, `headers`, `cookies`) and eight zero bytes.
    """
    prelude, found, rest = payload.partition(_PRELUDE)
    try:
        value = json.loads(prelude) if found else None
        if isinstance(value, dict):
            made = _told({"statusCode": 200, **value, "body": "", "isBase64Encoded": False})
            return Response(made.status, made.headers, rest)
    except (ValueError, RecursionError, _Malformed):
        return FAILED
    return Response(200, (("Content-Type", "application/octet-stream"),), payload)


def _inferred(value: Any) -> Response:
    """Any JSON is an answer; a text comes without its quotes."""
    return Response(200, (JSON,), _bytes(value if isinstance(value, str) else _compact(value)))


def _told(value: Mapping[str, Any]) -> Response:
    told, cookies = value.get("headers") or {}, value.get("cookies") or []
    if not isinstance(told, dict) or not isinstance(cookies, list):
        raise _Malformed
    headers = [_header(name, text) for name, text in told.items()]
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.insert(0, JSON)
    headers += [_header("Set-Cookie", cookie) for cookie in cookies]
    return Response(_status(value["statusCode"]), tuple(headers), _told_body(value))


def _status(value: Any) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 200 <= value <= 599:
        raise _Malformed
    return value


def _header(name: Any, value: Any) -> tuple[str, str]:
    text = value if isinstance(value, str) else _compact(value)
    if not isinstance(name, str) or not _TOKEN.fullmatch(name) or _CONTROL.search(text):
        raise _Malformed
    return (f"x-amzn-Remapped-{name}" if name.lower() in _REMAPPED else name), text


def _told_body(value: Mapping[str, Any]) -> bytes:
    body = value.get("body")
    if body is None:
        return b""
    if value.get("isBase64Encoded") is True:
        try:
            return base64.b64decode(body, validate=True)
        except (binascii.Error, TypeError, ValueError):
            raise _Malformed from None
    return _bytes(body if isinstance(body, str) else _compact(body))


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _no_constant(name: str) -> NoReturn:
    raise _Malformed


# -- CORS


def is_preflight(request: Request) -> bool:
    """Whether a browser asks what a page may do before it does it."""
    asks = "origin" in request.headers and "access-control-request-method" in request.headers
    return request.method == "OPTIONS" and asks


def preflight(request: Request, cors: Mapping[str, Any]) -> Response:
    """Answered without the function: what the configuration allows, or nothing for a page of another origin."""
    headers = _allowed_origin(request, cors)
    if headers:
        for name, member in (("Methods", "AllowMethods"), ("Headers", "AllowHeaders")):
            if cors.get(member):
                headers.append((f"Access-Control-Allow-{name}", ",".join(cors[member])))
        if cors.get("MaxAge"):
            headers.append(("Access-Control-Max-Age", str(cors["MaxAge"])))
    return Response(200, (JSON, *headers))


def cors_headers(request: Request, cors: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What is added to an answer for a page of an allowed origin, beside whatever the function says itself."""
    headers = _allowed_origin(request, cors)
    if headers and cors.get("ExposeHeaders"):
        headers.append(("Access-Control-Expose-Headers", ",".join(cors["ExposeHeaders"])))
    return tuple(headers)


def _allowed_origin(request: Request, cors: Mapping[str, Any]) -> list[tuple[str, str]]:
    origin, allowed = request.headers.get("origin"), cors.get("AllowOrigins") or ()
    if origin is None or ("*" not in allowed and origin not in allowed):
        return []
    if cors.get("AllowCredentials"):
        return [
            ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Allow-Credentials", "true"),
            ("Vary", "Origin"),
        ]
    if "*" in allowed:
        return [("Access-Control-Allow-Origin", "*")]
    return [("Access-Control-Allow-Origin", origin), ("Vary", "Origin")]
