"""Function URLs: from an HTTP request to an event, and from what the function returned to an HTTP answer.

    payload = event(request, url, path="/hello", caller=None, request_id=…, at=…, trace="Root=…")
    response = answer(b'{"statusCode": 201, "body": "made"}')
    preflight(request, cors), cors_headers(request, cors)

All pure; who may call, and the call itself, are the door's (`door/urls.py`). Events and answers are payload 2.0's, as
those of HTTP APIs are (`payload2.py`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lambda_sandbox.event_sources import payload2
from lambda_sandbox.event_sources.payload2 import JSON, Malformed
from lambda_sandbox.wire import Request, Response

FAILED = Response(502, (JSON,), b"Internal Server Error")
PRELUDE = b"\0" * 8  # ends the metadata of a streamed answer
_TLS = {"x-amzn-tls-version": "TLSv1.3", "x-amzn-tls-cipher-suite": "TLS_AES_128_GCM_SHA256"}  # AWS has TLS only


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
    request: Request, url: Url, *, path: str, caller: Caller | None, request_id: str, at: float, trace: str
) -> dict[str, Any]:
    """The event that the function gets; keys without a value are missing, not null. `at` is epoch seconds."""
    made = payload2.event(
        request,
        domain=url.domain,
        account=caller.account if caller else "anonymous",
        authorizer=authorizer(caller),
        path=path,
        request_id=request_id,
        at=at,
    )
    made["headers"] |= {"x-amzn-trace-id": request.headers.get("x-amzn-trace-id", trace), **_TLS}
    return made


def authorizer(caller: Caller | None) -> dict[str, Any] | None:
    """What an event says of the caller who signed."""
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


# -- answers


def answer(payload: bytes) -> Response:
    """The HTTP answer for what the function returned: told by `statusCode`, else inferred; 502 if it is malformed."""
    try:
        return payload2.answer(payload)
    except Malformed:
        return FAILED


def streamed(payload: bytes) -> Response:
    """The answer of a URL whose InvokeMode is RESPONSE_STREAM: the bytes as they are, after a prelude if there is one.

    The prelude is JSON (`statusCode`, `headers`, `cookies`) and eight zero bytes.
    """
    prelude, found, rest = payload.partition(PRELUDE)
    try:
        value = json.loads(prelude) if found else None
        if isinstance(value, dict):
            made = payload2.told({"statusCode": 200, **value, "body": "", "isBase64Encoded": False})
            return Response(made.status, made.headers, rest)
    except (ValueError, RecursionError, Malformed):
        return FAILED
    return Response(200, (("Content-Type", "application/octet-stream"),), payload)


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
