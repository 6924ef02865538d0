"""The Runtime API, version 2018-06-01, of one execution environment (facts §3.2).

Each environment has its own listener: AWS's runtime clients address it by host and port only, so the port *is* the
identity. The protocol speaks to whoever is behind it through four questions:

    api = RuntimeApi(behind)
    await api.open()                               # api.address, e.g. 127.0.0.1:39211
    behind.next(reply)                             # the runtime waits for an event; reply(event) when there is one
    behind.respond(request_id, body) -> Refusal | None
    behind.stream(request_id) -> who is told of the parts of a streamed response as they come, if anybody is
    behind.fail(request_id, body, error_type) -> Refusal | None
    behind.init_failed(body, error_type) -> Refusal | None
"""

from __future__ import annotations

import asyncio
import json
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from lambda_sandbox.listener import Listener, Reply
from lambda_sandbox.wire import Request, Response

PREFIX = "/2018-06-01/runtime/"
RESPONSE_LIMIT = 6_291_556  # facts §1.1: 6 MiB and 100 bytes
_MODE = "lambda-runtime-function-response-mode"
_ERROR_TYPE = re.compile(r"(Runtime|Function)\.[A-Z][a-zA-Z]+")


class Event(NamedTuple):
    """What `/next` answers: the payload and the headers that go with it."""

    headers: Mapping[str, str]
    payload: bytes


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a runtime's call is refused: `InvalidRequestID`, `InvalidStateTransition`, `RequestEntityTooLarge`, …"""

    status: int
    error_type: str
    message: str


class Behind(Protocol):
    """The environment behind a Runtime API."""

    def next(self, reply: Callable[[Event], None]) -> Refusal | None: ...

    def respond(self, request_id: str, invocation_id: str | None, body: bytes, size: int) -> Refusal | None: ...

    def stream(self, request_id: str) -> Callable[[bytes], None] | None: ...

    def fail(
        self, request_id: str, invocation_id: str | None, body: bytes, error_type: str | None
    ) -> Refusal | None: ...

    def init_failed(self, body: bytes, error_type: str | None) -> Refusal | None: ...


class RuntimeApi:
    """A listener on a loopback port of its own."""

    def __init__(self, behind: Behind) -> None:
        self._behind = behind
        self.listener = Listener(self._answer, largest_body=RESPONSE_LIMIT)
        self.listener.tap = self._tap

    async def open(self, inside: str = "") -> None:
        """Listens; unless its room does, at the address `inside`."""
        if inside:
            self.listener.address = inside
        else:
            await self.listener.open()

    @property
    def address(self) -> str:
        return self.listener.address

    def close(self) -> None:
        self.listener.close()

    def _tap(self, url: bytes, headers: dict[str, str]) -> Callable[[bytes], None] | None:
        """A runtime that streams says so; what it posts is then handed on while it comes."""
        if headers.get(_MODE) != "streaming":
            return None
        parts = url.decode("latin-1").removeprefix(PREFIX).split("/")
        return self._behind.stream(parts[1]) if [parts[0], *parts[2:]] == ["invocation", "response"] else None

    def _answer(self, request: Request, size: int, reply: Reply) -> None:
        parts = request.path.removeprefix(PREFIX).split("/") if request.path.startswith(PREFIX) else []
        header = request.headers.get
        error_type, invocation_id = header("lambda-runtime-function-error-type"), header("lambda-runtime-invocation-id")
        body, refusal = request.body, None
        match [request.method, *parts]:
            case ["GET", "invocation", "next"]:
                refusal = self._behind.next(lambda event: reply(_event(event)))
                if refusal is None:
                    return
            case ["POST", "invocation", request_id, "response"] if error_type and header(_MODE) == "streaming":
                failed = _decoded(header("lambda-runtime-function-error-body"))  # a trailer: it broke in between
                refusal = self._behind.fail(request_id, invocation_id, failed, error_category(error_type, "Function"))
            case ["POST", "invocation", request_id, "response"]:
                refusal = self._behind.respond(request_id, invocation_id, body, size)
            case ["POST", "invocation", request_id, "error"]:
                refusal = self._behind.fail(request_id, invocation_id, body, error_category(error_type, "Function"))
            case ["POST", "init", "error"]:
                refusal = self._behind.init_failed(body, error_category(error_type, "Runtime"))
            case _:
                refusal = Refusal(404, "NotFound", f"{request.method} {request.path} is not part of the Runtime API.")
        # Soon, not now: whoever waits for the outcome goes on first, and the runtime has nothing to hurry for.
        asyncio.get_running_loop().call_soon(reply, _ACCEPTED if refusal is None else _refused(refusal))


_JSON = ("Content-Type", "application/json")
_ACCEPTED = Response(202, (_JSON,), b'{"status": "OK"}\n')


def _decoded(trailer: str | None) -> bytes:
    try:
        return b64decode(trailer or "", validate=True)
    except ValueError:
        return b""


def _event(event: Event) -> Response:
    return Response(200, (_JSON, *event.headers.items()), event.payload)


def _refused(refusal: Refusal) -> Response:
    body = json.dumps({"errorMessage": refusal.message, "errorType": refusal.error_type})
    return Response(refusal.status, (_JSON,), body.encode())


def error_category(error_type: str | None, otherwise: str) -> str | None:
    """An error type header as Lambda takes it: `Category.Reason`, anything else becomes `….Unknown` (facts §3.2)."""
    if error_type is None or _ERROR_TYPE.fullmatch(error_type):
        return error_type
    return f"{otherwise}.Unknown"
