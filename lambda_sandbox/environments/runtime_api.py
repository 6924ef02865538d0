"""The Runtime API, version 2018-06-01, of one execution environment (facts §3.2).

Each environment has its own listener: AWS's runtime clients address it by host and port only, so the port *is* the
identity. The protocol speaks to whoever is behind it through three questions:

    async with … RuntimeApi(behind).open():        # behind.port, e.g. 127.0.0.1:39211
    behind.next(reply)                             # the runtime waits for an event; reply(event) when there is one
    behind.respond(request_id, body) -> Refusal | None
    behind.fail(request_id, body, error_type) -> Refusal | None
    behind.init_failed(body, error_type) -> Refusal | None
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import httptools

PREFIX = "/2018-06-01/runtime/"
RESPONSE_LIMIT = 6_291_556  # facts §1.1: 6 MiB and 100 bytes
_ERROR_TYPE = re.compile(r"(Runtime|Function)\.[A-Z][a-zA-Z]+")
_REASONS = {
    200: "OK",
    202: "Accepted",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    413: "Payload Too Large",
}


@dataclass(frozen=True, slots=True)
class Event:
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

    def fail(
        self, request_id: str, invocation_id: str | None, body: bytes, error_type: str | None
    ) -> Refusal | None: ...

    def init_failed(self, body: bytes, error_type: str | None) -> Refusal | None: ...


class RuntimeApi:
    """A listener on a loopback port of its own."""

    def __init__(self, behind: Behind) -> None:
        self._behind = behind
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Transport] = set()
        self.address = ""

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self._behind, self._connections), "127.0.0.1", 0)
        self.address = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for connection in list(self._connections):
            connection.abort()


class _Connection(asyncio.Protocol):
    """One kept-alive connection of a runtime; httptools parses, one request is answered at a time."""

    def __init__(self, behind: Behind, connections: set[asyncio.Transport]) -> None:
        self._behind, self._connections = behind, connections
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport = None  # type: ignore[assignment]
        self._url = b""
        self._headers: dict[bytes, bytes] = {}
        self._body: list[bytes] = []
        self._size = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._connections.add(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._connections.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._refuse(Refusal(400, "InvalidRequest", "The request could not be parsed."))
            self._transport.close()

    # -- httptools calls these

    def on_message_begin(self) -> None:
        self._url, self._headers, self._body, self._size = b"", {}, [], 0

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value
        if name.lower() == b"expect" and value.lower() == b"100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        self._size += len(body)
        if self._size <= RESPONSE_LIMIT:  # what is longer is refused, but read to its end
            self._body.append(body)

    def on_message_complete(self) -> None:
        url = self._url.decode("latin-1")
        parts = url.removeprefix(PREFIX).split("/") if url.startswith(PREFIX) else []
        method, body = self._parser.get_method(), b"".join(self._body)
        error_type = self._header(b"lambda-runtime-function-error-type")
        invocation_id = self._header(b"lambda-runtime-invocation-id")
        route: list[str] = [method.decode(), *parts]
        match route:
            case ["GET", "invocation", "next"]:
                if refusal := self._behind.next(self._hand_over):
                    self._refuse(refusal)
            case ["POST", "invocation", request_id, "response"]:
                self._accept(self._behind.respond(request_id, invocation_id, body, self._size))
            case ["POST", "invocation", request_id, "error"]:
                self._accept(self._behind.fail(request_id, invocation_id, body, error_category(error_type, "Function")))
            case ["POST", "init", "error"]:
                self._accept(self._behind.init_failed(body, error_category(error_type, "Runtime")))
            case _:
                self._refuse(Refusal(404, "NotFound", f"{route[0]} {url} is not part of the Runtime API."))

    # -- answers

    def _hand_over(self, event: Event) -> None:
        head = [b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n" % len(event.payload)]
        head += [f"{name}: {value}\r\n".encode() for name, value in event.headers.items()]
        self._transport.write(b"".join([*head, b"\r\n", event.payload]))

    def _accept(self, refusal: Refusal | None) -> None:
        if refusal is not None:
            self._refuse(refusal)
        else:
            self._answer(202, {"status": "OK"})

    def _refuse(self, refusal: Refusal) -> None:
        self._answer(refusal.status, {"errorMessage": refusal.message, "errorType": refusal.error_type})

    def _answer(self, status: int, body: Mapping[str, Any]) -> None:
        text = json.dumps(body).encode()
        head = f"HTTP/1.1 {status} {_REASONS.get(status, 'Error')}\r\nContent-Type: application/json\r\n"
        self._transport.write(f"{head}Content-Length: {len(text)}\r\n\r\n".encode() + text)

    def _header(self, name: bytes) -> str | None:
        value = self._headers.get(name)
        return None if value is None else value.decode("latin-1")


def error_category(error_type: str | None, otherwise: str) -> str | None:
    """An error type header as Lambda takes it: `Category.Reason`, anything else becomes `….Unknown` (facts §3.2)."""
    if error_type is None or _ERROR_TYPE.fullmatch(error_type):
        return error_type
    return f"{otherwise}.Unknown"
