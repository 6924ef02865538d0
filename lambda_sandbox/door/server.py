"""HTTP on a loopback port: uvicorn reads and writes, `answer` decides.

    server = Server(listen(4566), answer)
    await server.run()                  # until stop()

uvicorn with httptools was chosen by measuring: a canned answer to boto3 costs 0.08 ms more than a bare asyncio protocol.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import uvicorn

from lambda_sandbox.wire import Request, Response

LARGEST_BODY = 1 << 30  # bytes; S3 objects are what is large
LOOPBACK = "127.0.0.1"

Answer = Callable[[Request], Awaitable[Response]]


class PortTaken(Exception):
    """The port is in use, or may not be used by this user."""

    def __init__(self, port: int, why: str) -> None:
        super().__init__(f"port {port} of {LOOPBACK} cannot be used ({why}); choose another one with --port, or --port 0 for any")


def listen(port: int) -> socket.socket:
    """A listening socket on loopback; port 0 takes any free one. Raises PortTaken."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # named, so that asyncio sets NODELAY
    try:
        if os.name == "posix":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((LOOPBACK, port))
        listening.listen(256)
    except OSError as error:
        listening.close()
        raise PortTaken(port, error.strerror or str(error)) from error
    return listening


class _Uvicorn(uvicorn.Server):
    """uvicorn without its signal handlers: the process has its own."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Server:
    """Serves `answer` on a socket until it is stopped."""

    def __init__(self, listening: socket.socket, answer: Answer) -> None:
        self._listening, self._answer = listening, answer
        config = uvicorn.Config(
            self._app,
            http="httptools",
            ws="none",
            loop="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            h11_max_incomplete_event_size=1 << 20,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=1,
        )
        self._server = _Uvicorn(config)

    async def run(self) -> None:
        await self._server.serve(sockets=[self._listening])

    def stop(self) -> None:
        self._server.should_exit = True

    async def _app(self, scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[..., Any]) -> None:
        chunks: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            chunk = message.get("body", b"")
            size += len(chunk)
            if size <= LARGEST_BODY:
                chunks.append(chunk)
            if not message.get("more_body"):
                break
        if size > LARGEST_BODY:
            response = Response(413, (), f"The sandbox takes requests of up to {LARGEST_BODY} bytes.".encode())
        else:
            response = await self._answer(
                Request(
                    method=scope["method"],
                    path=scope["raw_path"].decode("latin-1"),
                    query=scope["query_string"].decode("latin-1"),
                    headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
                    body=chunks[0] if len(chunks) == 1 else b"".join(chunks),
                    peer=LOOPBACK,
                )
            )
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
        if not any(name.lower() == b"content-length" for name, _ in headers) and response.status not in (204, 304):
            headers.append((b"content-length", b"%d" % len(response.body)))
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": response.body})
