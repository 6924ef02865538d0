"""The listener: HTTP/1.1 as clients really speak it, and as they should not."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import pytest

from lambda_sandbox.listener import LARGEST_HEAD, Listener, PortTaken, Reply, listen
from lambda_sandbox.wire import Request, Response, Stream


def echo(request: Request, size: int, reply: Reply) -> None:
    said = f"{request.method} {request.path} ?{request.query} {request.headers.get('x-a', '-')} {size}"
    reply(Response(200, (("x-echo", "1"),), said.encode()))


def talk(*sent: bytes, answer: Callable[[Request, int, Reply], None] = echo, largest_body: int = 1000) -> bytes:
    """Everything a listener says to these bytes, sent on one connection that is then closed by the client."""

    async def run() -> bytes:
        listener = Listener(answer, largest_body=largest_body)
        await listener.open()
        host, _, port = listener.address.partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        for part in sent:
            writer.write(part)
            await writer.drain()
        writer.write_eof()
        said = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        listener.close()
        return said

    return asyncio.run(run())


def test_a_request_arrives_whole() -> None:
    said = talk(b"POST /a%20b?x=1&y HTTP/1.1\r\nHost: h\r\nX-A: yes\r\nContent-Length: 3\r\n\r\nabc")
    assert said.startswith(b"HTTP/1.1 200 OK\r\nx-echo: 1\r\ncontent-length: ")
    assert said.endswith(b"\r\n\r\nPOST /a%20b ?x=1&y yes 3")


def test_a_request_arrives_whole_byte_by_byte() -> None:
    request = b"PUT /k HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    assert talk(*[bytes([byte]) for byte in request]).endswith(b"PUT /k ? - 3")


def test_requests_on_one_connection_are_answered_in_order() -> None:
    said = talk(
        b"GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\nGET /3 HTTP/1.1\r\nHost: h\r\n\r\n"
    )
    assert [said.index(b"GET /%d " % number) for number in (1, 2, 3)] == sorted(
        said.index(b"GET /%d " % number) for number in (1, 2, 3)
    )
    assert said.count(b"HTTP/1.1 200 OK") == 3


def test_a_late_answer_keeps_the_order() -> None:
    def slowly(request: Request, size: int, reply: Reply) -> None:
        delay = 0.05 if request.path == "/slow" else 0.0
        asyncio.get_running_loop().call_later(delay, echo, request, size, reply)

    said = talk(
        b"GET /slow HTTP/1.1\r\nHost: h\r\n\r\nGET /fast HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        answer=slowly,
    )
    assert said.index(b"/slow") < said.index(b"/fast")


def test_head_has_the_length_and_no_body() -> None:
    said = talk(b"HEAD /x HTTP/1.1\r\nHost: h\r\n\r\n")
    assert b"content-length: 13" in said and said.endswith(b"\r\n\r\n")


def test_no_content_has_neither() -> None:
    said = talk(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", answer=lambda request, size, reply: reply(Response(204)))
    assert b"content-length" not in said


def test_expect_100_continue_is_told_to_go_on() -> None:
    said = talk(b"PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n", b"x")
    assert said.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")


def test_of_a_body_that_is_too_long_the_size_is_told() -> None:
    kept: list[int] = []

    def note(request: Request, size: int, reply: Reply) -> None:
        kept.append(len(request.body))
        echo(request, size, reply)

    said = talk(b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5000\r\n\r\n", b"x" * 5000, answer=note)
    assert said.endswith(b" 5000") and kept[0] <= 1000


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01\x02\x00nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nContent-Length: -3\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost h\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"a" * (LARGEST_HEAD + 1) + b"\r\n\r\n", b"431"),
    ],
    ids=["TLS", "negative length", "no colon", "huge header"],
)
def test_what_is_not_a_request_is_refused(sent: bytes, status: bytes) -> None:
    said = talk(sent)
    assert said.startswith(b"HTTP/1.1 " + status) and b"connection: close" in said


def test_a_stream_is_sent_in_chunks_and_the_next_answer_waits_for_its_end() -> None:
    def streams(request: Request, size: int, reply: Reply) -> None:
        if request.path == "/plain":
            echo(request, size, reply)
            return
        stream = Stream()
        stream.put(b"early")
        reply(Response(200, (("Content-Length", "9"),), stream=stream))
        loop = asyncio.get_running_loop()
        loop.call_later(0.02, stream.put, b"late")
        loop.call_later(0.04, stream.end)

    said = talk(*[b"GET /%b HTTP/1.1\r\nHost: h\r\n\r\n" % path for path in (b"stream", b"plain")], answer=streams)
    head, _, rest = said.partition(b"\r\n\r\n")
    assert b"transfer-encoding: chunked" in head and b"ength" not in head
    assert rest.startswith(b"5\r\nearly\r\n4\r\nlate\r\n0\r\n\r\nHTTP/1.1 200 OK")


def test_garbage_after_a_good_request_waits_for_its_answer() -> None:
    def slowly(request: Request, size: int, reply: Reply) -> None:
        asyncio.get_running_loop().call_later(0.05, echo, request, size, reply)

    good = b"GET /good HTTP/1.1\r\nHost: h\r\n\r\n"
    for answer in (echo, slowly):
        said = talk(good + b"\x00nonsense\r\n\r\n", answer=answer)
        assert said.startswith(b"HTTP/1.1 200 OK") and said.count(b"HTTP/1.1 400") == 1


@pytest.mark.parametrize(
    "sent", [b"CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n", b"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"]
)
def test_what_names_no_path_is_refused(sent: bytes) -> None:
    assert talk(sent).startswith(b"HTTP/1.1 405 Method Not Allowed")


def test_an_offer_to_upgrade_is_not_taken() -> None:
    said = talk(b"GET /x HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 200 OK") and said.count(b"HTTP/1.1") == 1


def test_a_taken_port_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"port {port} of 127\.0\.0\.1 cannot be used \(.+\); choose another"):
            listen(port)
