"""InvokeWithResponseStream, read by botocore's own parser of event streams."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest
from botocore.eventstream import EventStreamBuffer

from lambda_sandbox.environments.outcome import Failed
from lambda_sandbox.invocation import Call
from lambda_sandbox.lambda_api import event_stream

from .conftest import Served


@pytest.fixture(autouse=True)
def hello(create: Any) -> None:
    create()


def test_a_frame_is_what_botocore_reads() -> None:
    buffer = EventStreamBuffer()
    buffer.add_data(event_stream.event("PayloadChunk", b"hello", "application/octet-stream"))
    message = next(buffer)
    assert message.payload == b"hello"
    assert message.headers == {
        ":message-type": "event",
        ":event-type": "PayloadChunk",
        ":content-type": "application/octet-stream",
    }


def test_an_answer_comes_in_chunks_and_then_is_complete(lambda_: Any) -> None:
    payload = b'"' + b"x" * 200_000 + b'"'
    answer = lambda_.invoke_with_response_stream(FunctionName="hello", Payload=payload)
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    events = list(answer["EventStream"])
    assert b"".join(event["PayloadChunk"]["Payload"] for event in events[:-1]) == payload
    assert len(events) > 2 and events[-1] == {"InvokeComplete": {}}


def test_a_failure_is_told_at_the_end(served: Served, lambda_: Any) -> None:
    async def fails(call: Call) -> Failed:
        return Failed(b'{"errorType": "ValueError"}', "1")

    served.invoker.invoke = fails  # type: ignore[method-assign, assignment]
    (end,) = lambda_.invoke_with_response_stream(FunctionName="hello")["EventStream"]
    assert end == {"InvokeComplete": {"ErrorCode": "Unhandled", "ErrorDetails": '{"errorType": "ValueError"}'}}


def test_what_broke_in_between_is_sent_up_to_there(served: Served, lambda_: Any) -> None:
    async def streams(call: Call) -> Failed:
        assert call.on_chunk
        call.on_chunk("7", b"so far")
        await asyncio.sleep(0)
        return Failed(b"{}", "7")

    served.invoker.invoke = streams  # type: ignore[method-assign, assignment]
    answer = lambda_.invoke_with_response_stream(FunctionName="hello")
    assert answer["ExecutedVersion"] == "7"
    chunk, end = answer["EventStream"]
    assert chunk == {"PayloadChunk": {"Payload": b"so far"}}
    assert end == {"InvokeComplete": {"ErrorCode": "Unhandled", "ErrorDetails": "{}"}}


def test_the_tail_of_the_log_comes_at_the_end(lambda_: Any) -> None:
    *_, end = lambda_.invoke_with_response_stream(FunctionName="hello", LogType="Tail")["EventStream"]
    assert base64.b64decode(end["InvokeComplete"]["LogResult"]).endswith(b"end\n")


def test_a_dry_run_runs_nothing(served: Served, lambda_: Any, refused: Any) -> None:
    assert lambda_.invoke_with_response_stream(FunctionName="hello", InvocationType="DryRun")["StatusCode"] == 204
    assert served.invoker.calls == []
    assert refused("invoke_with_response_stream", FunctionName="nobody", InvocationType="DryRun")[0] == 404
    assert refused("invoke_with_response_stream", FunctionName="hello", InvocationType="Event")[0] == 400


def test_what_is_not_json_is_refused_before_it_runs(refused: Any) -> None:
    assert refused("invoke_with_response_stream", FunctionName="hello", Payload=b"x")[1] == (
        "InvalidRequestContentException"
    )
