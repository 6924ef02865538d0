"""What cannot be beaten: an HTTP server that always gives one answer, and a Runtime API that only hands out one event.

with canned() as address: …                     # any request: 200, {}; or another body
seconds = bare_runtime(folder)                  # a runtime from its start to its first answer
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CANNED = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
EVENT = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nlambda-runtime-aws-request-id: 1\r\n"
    b"lambda-runtime-deadline-ms: 9999999999999\r\nlambda-runtime-trace-id: Root=1-0-0\r\n"
    b"lambda-runtime-invoked-function-arn: arn:aws:lambda:us-east-1:123456789012:function:f\r\n"
    b"content-length: 2\r\n\r\n{}"
)


@contextmanager
def canned(after_s: float = 0.0, body: str = "{}") -> Iterator[str]:
    """A process that answers every request with `body`, at once or after some seconds; gives its address."""
    command = [sys.executable, __file__, str(after_s), body]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
    assert server.stdout is not None and server.stdin is not None
    try:
        yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
    finally:
        server.stdin.close()
        server.wait()
        server.stdout.close()


class _Canned(asyncio.Protocol):
    """Reads a request to its end (by content-length), gives the one answer."""

    after_s = 0.0
    answer = b""

    def __init__(self) -> None:
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        head, blank, body = self._read.partition(b"\r\n\r\n")
        if blank and not body and b"100-continue" in head.lower():
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if blank and len(body) >= _length(head):
            self._read = b""
            if self.after_s:
                asyncio.get_running_loop().call_later(self.after_s, self._transport.write, self.answer)
            else:
                self._transport.write(self.answer)


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.split(b"\r\n", 1)[0]) if found else 0


def bare_runtime(folder: Path) -> float:
    """Seconds from starting `python -m awslambdaric` on a folder's `index.handler` until its first answer is here."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(30)
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        variables = {"PATH": os.environ.get("PATH", ""), "AWS_LAMBDA_RUNTIME_API": address}
        began = time.perf_counter()
        runtime = subprocess.Popen([sys.executable, "-m", "awslambdaric", "index.handler"], cwd=folder, env=variables)
        try:
            connection, _ = listening.accept()
            _expect(connection, b"GET /2018-06-01/runtime/invocation/next")
            connection.sendall(EVENT)
            _expect(connection, b"POST /2018-06-01/runtime/invocation/1/response")
            took = time.perf_counter() - began
        finally:
            runtime.kill()  # before the connection closes: it would complain
            runtime.wait()
        connection.close()
        return took


def _expect(connection: socket.socket, line: bytes) -> None:
    """Reads one request to its end. Raises RuntimeError if it is another one."""
    read = b""
    while b"\r\n\r\n" not in read and (more := connection.recv(65536)):
        read += more
    head, _, body = read.partition(b"\r\n\r\n")
    if not head.startswith(line):
        raise RuntimeError(f"expected {line.decode()}, and the runtime sent {head.decode() or 'nothing'}")
    left = _length(head) - len(body)
    while left > 0:
        left -= len(connection.recv(left))


async def _main() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Canned, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)  # until the parent closes it


if __name__ == "__main__":
    _Canned.after_s, text = float(sys.argv[1]), sys.argv[2].encode()
    _Canned.answer = CANNED % (len(text), text)
    asyncio.run(_main())
