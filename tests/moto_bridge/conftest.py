"""The bridge behind a real socket, so that real boto3 clients are the tests' voice."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from botocore.config import Config

from lambda_sandbox.clock import VIRTUAL_EPOCH
from lambda_sandbox.moto_bridge import Bridge
from lambda_sandbox.wire import Request

ACCOUNT = "123456789012"


class Time:
    """A clock that stands still until it is told to move."""

    def __init__(self) -> None:
        self.now = VIRTUAL_EPOCH

    def __call__(self) -> float:
        return self.now


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    bridge: Bridge
    loop: asyncio.AbstractEventLoop

    def _serve(self) -> None:
        path, _, query = self.path.partition("?")
        if self.headers.get("transfer-encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, path, query, headers, body, "127.0.0.1")
        response = asyncio.run_coroutine_threadsafe(self.bridge.serve_async(request), self.loop).result(60)
        self.send_response(response.status)
        for name, value in response.headers:
            self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        self.wfile.write(response.body)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _serve

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="session")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def bridge(time: Time) -> Iterator[Bridge]:
    bridge = Bridge(now=time, account=ACCOUNT)
    yield bridge
    bridge.close()


@pytest.fixture
def endpoint(bridge: Bridge, loop: asyncio.AbstractEventLoop) -> Iterator[str]:
    handler = type("Handler", (_Handler,), {"bridge": bridge, "loop": loop})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    bridge.endpoint_url = f"http://127.0.0.1:{server.server_port}"
    yield bridge.endpoint_url
    server.shutdown()
    server.server_close()


@pytest.fixture
def client(endpoint: str) -> Callable[..., Any]:
    def make(service: str, region: str = "us-east-1", **keys: Any) -> Any:
        keys = {"aws_access_key_id": "AKIAADMINISTRATOR000", "aws_secret_access_key": "secret", **keys}
        config = Config(retries={"total_max_attempts": 1}, read_timeout=10)
        return boto3.client(service, region_name=region, endpoint_url=endpoint, config=config, **keys)

    return make
