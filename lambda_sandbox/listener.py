"""HTTP/1.1 on a loopback port: httptools parses, `answer` decides, one request at a time on each connection.

    listener = Listener(answer, largest_body=1 << 30)
    await listener.open(listen(4566))       # or open() for any free port
    listener.address                        # "127.0.0.1:4566"
    await listener.close()

`answer(request, size, reply)` is called on the loop when a request is complete and calls `reply(response)` once, now or
later. `size` is the length of the body as it was sent; of a longer one than `largest_body` only the beginning is kept.

It is our own because every invocation passes it three times (the door, and twice a Runtime API): measured against
uvicorn and aiohttp it takes 0.15 ms off each request of boto3, a fifth of what boto3 takes for itself.
"""

from __future__ import annotations

import asyncio
import functools
import os
import socket
from collections import deque
from collections.abc import Callable
from http import HTTPStatus

import httptools

from lambda_sandbox.clock import http_date
from lambda_sandbox.wire import Request, Response

LOOPBACK = "127.0.0.1"
LARGEST_HEAD = 1 << 20  # bytes of request line and headers: Lambda takes 1 MB (facts §1.1)
_REASONS = {status.value: status.phrase for status in HTTPStatus}

Tap = Callable[[bytes], None]
Reply = Callable[[Response], None]
Answer = Callable[[Request, int, Reply], None]


@functools.lru_cache(maxsize=1024)
def _lower(name: bytes) -> str:
    return name.decode("latin-1").lower()


class PortTaken(Exception):
    """The port is in use, or may not be used by this user."""

    def __init__(self, port: int, why: str) -> None:
        super().__init__(f"port {port} of {LOOPBACK} cannot be used ({why}); choose another, or 0 for any free one")


def listen(port: int = 0) -> socket.socket:
    """A listening socket on loopback; port 0 takes any free one. Raises PortTaken."""
    listening = socket.socket(
        socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP
    )  # named: asyncio then sets NODELAY
    try:
        if os.name == "posix":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((LOOPBACK, port))
        listening.listen(256)
    except OSError as error:
        listening.close()
        raise PortTaken(port, error.strerror or str(error)) from error
    return listening


class Listener:
    """A port and its connections."""

    def __init__(self, answer: Answer, *, largest_body: int) -> None:
        self.answer, self.largest_body = answer, largest_body
        self.address = ""
        # who hears a body as it comes
        self.tap: Callable[[bytes, dict[str, str]], Tap | None] = lambda url, headers: None
        self.connections: set[_Connection] = set()
        self._server: asyncio.Server | None = None

    async def open(self, listening: socket.socket | None = None) -> None:
        listening = listening or listen()
        self.address = f"{LOOPBACK}:{listening.getsockname()[1]}"
        self._server = await self.also(listening)

    async def also(self, listening: socket.socket) -> asyncio.Server:
        """Answers on another socket too, until that server is closed."""
        return await asyncio.get_running_loop().create_server(lambda: _Connection(self), sock=listening)

    def close(self) -> None:
        """Stops listening and drops every connection."""
        if self._server is not None:
            self._server.close()
        for connection in list(self.connections):
            connection.abort()


class _Connection(asyncio.Protocol):
    """One kept-alive connection. Requests that arrive before the last one is answered wait in a queue."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport = None  # type: ignore[assignment]
        self._waiting: deque[tuple[Request, int, bool]] = deque()
        self._answering = False
        self._refused: Response | None = None  # what is said of garbage, after the answers that are due before it
        self._url = b""
        self._headers: dict[str, str] = {}
        self._sent: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] = []
        self._tap: Tap | None = None
        self._size = self._head = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._listener.connections.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._listener.connections.discard(self)

    def abort(self) -> None:
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            return  # answered as what it also is, a plain request; what follows in another protocol is not read
        except httptools.HttpParserCallbackError:
            self._give_up(431, f"The request line and headers are longer than {LARGEST_HEAD} bytes.")
        except httptools.HttpParserError as error:
            self._give_up(400, f"This is not HTTP: {error}.")

    # -- httptools calls these

    def on_message_begin(self) -> None:
        self._url, self._headers, self._sent, self._body, self._size, self._head = b"", {}, [], [], 0, 0

    def on_url(self, url: bytes) -> None:
        self._url += url
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        self._headers[_lower(name)] = value.decode("latin-1")
        self._sent.append((name, value))

    def on_headers_complete(self) -> None:
        self._tap = self._listener.tap(self._url, self._headers)
        if self._headers.get("expect", "").lower() == "100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        self._size += len(body)
        if self._tap is not None:
            self._tap(body)
        if self._size <= self._listener.largest_body:
            self._body.append(body)

    def on_message_complete(self) -> None:
        method = self._parser.get_method().decode("latin-1")
        if method == "CONNECT" or self._url == b"*":
            self._give_up(405, "This is no proxy, and has no answer about itself: ask for a path.")
            return
        path, _, query = self._url.decode("latin-1").partition("?")
        if not path.startswith("/"):  # a proxy's absolute form
            path = "/" + path.partition("://")[2].partition("/")[2]
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        request = Request(method, path, query, self._headers, body, sent=self._sent)
        keep = self._parser.should_keep_alive() and not self._parser.should_upgrade()
        self._waiting.append((request, self._size, keep))
        if self._answering:
            self._transport.pause_reading()
        else:
            self._next()

    # -- answers

    def _next(self) -> None:
        self._answering = True
        request, size, keep = self._waiting.popleft()

        def reply(response: Response) -> None:
            self._write(response, head_only=request.method == "HEAD", keep=keep)
            if response.stream is None:
                answered()
            else:
                response.stream.to(send)

        def send(chunk: bytes) -> None:
            if not self._transport.is_closing():
                self._transport.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
            if not chunk:
                if not keep:
                    self._transport.close()
                answered()

        def answered() -> None:
            self._answering = False
            if self._waiting:
                self._next()
            elif self._refused is not None:
                self._write(self._refused, keep=False)
            elif not self._transport.is_closing():
                self._transport.resume_reading()

        self._listener.answer(request, size, reply)

    def _write(self, response: Response, *, head_only: bool = False, keep: bool = True) -> None:
        if self._transport.is_closing():
            return
        status, bodiless = response.status, head_only or response.status in (204, 304)
        head, names = f"HTTP/1.1 {status} {_REASONS.get(status, 'Unknown')}\r\n", []
        for name, value in response.headers:
            names.append(name.lower())
            if response.stream is None or names[-1] != "content-length":
                head += f"{name}: {value}\r\n"
        if response.stream is not None:
            head += "transfer-encoding: chunked\r\n"
        elif "content-length" not in names and status not in (204, 304):
            head += f"content-length: {len(response.body)}\r\n"
        if "date" not in names:
            head += f"date: {http_date()}\r\n"
        if not keep:
            head += "connection: close\r\n"
        self._transport.write((head + "\r\n").encode("latin-1", "replace") + (b"" if bodiless else response.body))
        if not keep and response.stream is None:
            self._transport.close()

    def _give_up(self, status: int, why: str) -> None:
        """Refuses what cannot be answered, and ends the connection; not before the requests in front of it are."""
        if self._refused is not None:
            return
        self._refused = Response(status, (("content-type", "text/plain"),), f"{why}\n".encode())
        if self._answering:
            self._transport.pause_reading()
        else:
            self._write(self._refused, keep=False)

    def _count(self, size: int) -> None:
        self._head += size
        if self._head > LARGEST_HEAD:
            raise ValueError("the head of the request is too long")  # httptools hands it on as HttpParserCallbackError
