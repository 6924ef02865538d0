"""The Runtime API as a runtime sees it: over a socket, in and out of turn (facts §3.2)."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from lambda_sandbox.environments.runtime_api import Event, Refusal, RuntimeApi, error_category


class Recorder:
    """Stands behind a Runtime API and notes what it is told."""

    def __init__(self, refusal: Refusal | None = None) -> None:
        self.told: list[tuple[Any, ...]] = []
        self.refusal = refusal

    def next(self, reply: Any) -> Refusal | None:
        self.told.append(("next",))
        if self.refusal is None:
            reply(Event({"Lambda-Runtime-Aws-Request-Id": "r1"}, b'{"x": 1}'))
        return self.refusal

    def respond(self, request_id: str, invocation_id: str | None, body: bytes, size: int) -> Refusal | None:
        self.told.append(("response", request_id, invocation_id, body, size))
        return self.refusal

    def fail(self, request_id: str, invocation_id: str | None, body: bytes, error_type: str | None) -> Refusal | None:
        self.told.append(("error", request_id, invocation_id, body, error_type))
        return self.refusal

    def stream(self, request_id: str) -> Any:
        return lambda chunk: self.told.append(("chunk", request_id, chunk))

    def init_failed(self, body: bytes, error_type: str | None) -> Refusal | None:
        self.told.append(("init error", body, error_type))
        return self.refusal


def ask(behind: Recorder, *requests: bytes) -> bytes:
    """What a Runtime API answers to requests on one connection."""

    async def talk() -> bytes:
        api = RuntimeApi(behind)
        await api.open()
        host, _, port = api.address.partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        answer = b""
        for request in requests:
            writer.write(request)
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            answer += head + await reader.readexactly(length)
        writer.close()
        api.close()
        return answer

    return asyncio.run(talk())


def request(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    lines = [f"{method} /2018-06-01/runtime/{path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def test_next_answers_the_event_with_its_headers() -> None:
    answer = ask(Recorder(), request("GET", "invocation/next"))
    assert answer.startswith(b"HTTP/1.1 200 OK") and answer.endswith(b'{"x": 1}')
    assert b"Lambda-Runtime-Aws-Request-Id: r1\r\n" in answer


def test_a_response_and_the_next_event_share_a_connection() -> None:
    behind = Recorder()
    answer = ask(behind, request("POST", "invocation/r1/response", b"[1]"), request("GET", "invocation/next"))
    assert behind.told == [("response", "r1", None, b"[1]", 3), ("next",)]
    assert answer.startswith(b"HTTP/1.1 202 Accepted") and b'{"status": "OK"}' in answer


@pytest.mark.parametrize(
    ("header", "heard"),
    [("Runtime.ImportModuleError", "Runtime.ImportModuleError"), ("ValueError", "Runtime.Unknown")],
)
def test_an_init_error_brings_its_category(header: str, heard: str) -> None:
    behind = Recorder()
    ask(behind, request("POST", "init/error", b"{}", Lambda_Runtime_Function_Error_Type=header))
    assert behind.told == [("init error", b"{}", heard)]


def test_an_error_type_that_is_no_category_becomes_unknown() -> None:
    assert error_category("Function.Oops", "Function") == "Function.Oops"
    assert error_category("oops", "Function") == "Function.Unknown"
    assert error_category(None, "Function") is None


@pytest.mark.parametrize("path", ["invocation/next", "invocation/r1/response", "invocation/r1/error", "init/error"])
def test_a_refusal_is_json_with_its_status(path: str) -> None:
    method = "GET" if path.endswith("next") else "POST"
    answer = ask(Recorder(Refusal(403, "InvalidStateTransition", "no")), request(method, path, b"{}"))
    assert answer.startswith(b"HTTP/1.1 403 Forbidden")
    assert json.loads(answer.partition(b"\r\n\r\n")[2]) == {"errorMessage": "no", "errorType": "InvalidStateTransition"}


@pytest.mark.parametrize("path", ["nothing", "invocation/r1", "invocation/r1/response/more", "../functions"])
def test_an_unknown_path_is_404(path: str) -> None:
    assert ask(Recorder(), request("POST", path, b"{}")).startswith(b"HTTP/1.1 404")


def test_what_is_not_http_is_refused() -> None:
    assert ask(Recorder(), b"\x00\x01 nonsense\r\n\r\n").startswith(b"HTTP/1.1 400")


def test_a_body_beyond_the_limit_is_counted_but_not_kept() -> None:
    behind = Recorder()
    ask(behind, request("POST", "invocation/r1/response", b"x" * 7_000_000))
    kind, _, _, body, size = behind.told[0]
    assert (kind, size) == ("response", 7_000_000) and len(body) <= 6_291_556


@pytest.mark.parametrize(
    ("trailers", "end"),
    [
        (b"", ("response", "r1", None, b"onetwo", 6)),
        (
            b"Lambda-Runtime-Function-Error-Type: Runtime.Oops\r\nLambda-Runtime-Function-Error-Body: e30=\r\n",
            ("error", "r1", None, b"{}", "Runtime.Oops"),
        ),
    ],
    ids=["whole", "broken"],
)
def test_a_streamed_response_is_heard_of_in_parts_and_ends_well_or_with_an_error(
    trailers: bytes, end: tuple[Any, ...]
) -> None:
    behind = Recorder()
    head = b"POST /2018-06-01/runtime/invocation/r1/response HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
    mode = b"Lambda-Runtime-Function-Response-Mode: streaming\r\n\r\n"
    ask(behind, head + mode + b"3\r\none\r\n3\r\ntwo\r\n0\r\n" + trailers + b"\r\n")
    assert behind.told == [("chunk", "r1", b"one"), ("chunk", "r1", b"two"), end]
