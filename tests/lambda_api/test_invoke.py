"""Invoke: what is handed on, what is refused before that, and how an outcome is written."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from lambda_sandbox.environments.outcome import Failed
from lambda_sandbox.invocation import Call

from .conftest import Served


@pytest.fixture(autouse=True)
def hello(create: Any) -> None:
    create(Publish=True)


@pytest.mark.parametrize(
    "payload", [b"{}", b"true", b"null", b"[1, 2]", b'"text"', b"1.5e3", ' {"hello": "🥳"}'.encode()]
)
def test_a_payload_arrives_byte_for_byte(lambda_: Any, payload: bytes) -> None:
    answer = lambda_.invoke(FunctionName="hello", Payload=payload)
    assert answer["Payload"].read() == payload
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert not {"FunctionError", "LogResult"} & answer.keys()


def test_no_payload_is_an_empty_object(lambda_: Any) -> None:
    assert lambda_.invoke(FunctionName="hello")["Payload"].read() == b"{}"


@pytest.mark.parametrize(
    ("name", "qualifier", "arn_end"),
    [("hello", None, ""), ("hello:$LATEST", None, ":$LATEST"), ("hello:1", None, ":1"), ("hello", "1", ":1")],
)
def test_the_qualifier_is_handed_on_as_it_was_given(
    lambda_: Any, served: Served, name: str, qualifier: str | None, arn_end: str
) -> None:
    lambda_.invoke(FunctionName=name, **({"Qualifier": qualifier} if qualifier else {}))
    assert served.invoker.calls[-1].invoked_arn == f"arn:aws:lambda:us-east-1:123456789012:function:hello{arn_end}"


def test_the_executed_version_is_what_ran(lambda_: Any) -> None:
    assert lambda_.invoke(FunctionName="hello", Qualifier="1")["ExecutedVersion"] == "1"


def test_a_functions_error_is_a_success_of_the_api(
    lambda_: Any, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(call: Call) -> Failed:
        return Failed(b'{"errorType":"ValueError"}', "$LATEST")

    monkeypatch.setattr(served.invoker, "invoke", fail)
    answer = lambda_.invoke(FunctionName="hello")
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert json.load(answer["Payload"]) == {"errorType": "ValueError"}


def test_an_event_is_taken_and_answered_with_nothing(lambda_: Any, served: Served) -> None:
    answer = lambda_.invoke(FunctionName="hello", InvocationType="Event", Payload=b"[]")
    assert (answer["StatusCode"], answer["Payload"].read()) == (202, b"")
    assert "ExecutedVersion" not in answer
    assert served.invoker.calls[-1].payload == b"[]"


@pytest.mark.parametrize("kind", ["RequestResponse", "Event"])
def test_the_answer_has_the_headers_that_aws_adds(lambda_: Any, kind: str) -> None:
    headers = lambda_.invoke(FunctionName="hello", InvocationType=kind)["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amzn-remapped-content-length"] == "0"


def test_a_dry_run_runs_nothing(lambda_: Any, served: Served) -> None:
    answer = lambda_.invoke(FunctionName="hello", InvocationType="DryRun")
    assert (answer["StatusCode"], answer["Payload"].read()) == (204, b"")
    assert served.invoker.calls == []


def test_the_tail_of_the_log_is_its_last_4_kb(lambda_: Any) -> None:
    log = base64.b64decode(lambda_.invoke(FunctionName="hello", LogType="Tail")["LogResult"]).decode()
    assert len(log) == 4096
    assert log.endswith("xend\n")


def test_the_client_context_is_handed_on_decoded(lambda_: Any, served: Served) -> None:
    context = base64.b64encode(b'{"custom": {"a": 1}}').decode()
    lambda_.invoke(FunctionName="hello", ClientContext=context)
    assert served.invoker.calls[-1].client_context == '{"custom": {"a": 1}}'


@pytest.mark.parametrize(
    "context", ["no base64!", base64.b64encode(b"no json").decode(), base64.b64encode(b"[]").decode(), "A" * 3584]
)
def test_a_client_context_that_is_no_object_is_refused(refused: Any, context: str) -> None:
    assert refused("invoke", FunctionName="hello", ClientContext=context)[:2] == (400, "InvalidRequestContentException")


NOT_JSON = {
    "a word": (b"nope", "Unrecognized token 'nope': was expecting", "line: 1, column: 5]"),
    "a character": (b"%", "Unexpected character ('%' (code 37)): expected a valid value", "line: 1, column: 1]"),
    "no colon": (b'{"a" 1}', "Unexpected character ('1' (code 49)): was expecting a colon", "line: 1, column: 6]"),
    "a second line": (
        b'{\n"a": }',
        "Unexpected character ('}' (code 125)): expected a valid value",
        "line: 2, column: 6]",
    ),
    "no end": (b'{"a": 1', "Unexpected end-of-input", "line: 1, column: 8]"),
    "not UTF-8": (b"n\x87", "Invalid UTF-8 start byte 0x87", "line: 1, column: 3]"),  # recorded
    "half a character": (b'"ab\xc3"', "Invalid UTF-8 middle byte 0x22", "line: 1, column: 6]"),
    "no value at all": (
        b"\x99\xeb",
        "Unexpected character ((CTRL-CHAR, code 153)): expected a valid value",  # recorded
        "line: 1, column: 1]",
    ),
    "not a number": (b"NaN", "Unrecognized token 'NaN'", "]"),
}


@pytest.mark.parametrize("case", NOT_JSON.values(), ids=NOT_JSON)
def test_a_payload_that_is_not_json_is_refused_in_the_words_of_awss_parser(
    refused: Any, served: Served, case: tuple[bytes, str, str]
) -> None:
    payload, start, end = case
    status, code, message, more = refused("invoke", FunctionName="hello", Payload=payload)
    assert (status, code, more) == (400, "InvalidRequestContentException", {"Type": "User"})
    assert message.startswith(f"Could not parse request body into json: Could not parse payload into json: {start}")
    assert message.endswith(end)
    assert served.invoker.calls == []


@pytest.mark.parametrize(
    ("kind", "size", "message"),
    [
        ("RequestResponse", 6291457, "Request must be smaller than 6291456 bytes for the InvokeFunction operation"),
        ("Event", 1048577, "1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)"),
    ],
)
def test_a_payload_over_the_limit_is_refused(refused: Any, lambda_: Any, kind: str, size: int, message: str) -> None:
    payload = b'"' + b"x" * (size - 2) + b'"'
    found = refused("invoke", FunctionName="hello", InvocationType=kind, Payload=payload)
    assert found[:3] == (413, "RequestEntityTooLargeException", message)
    fits = b'"' + b"x" * (size - 3) + b'"'
    assert lambda_.invoke(FunctionName="hello", InvocationType=kind, Payload=fits)["StatusCode"] in (200, 202)


def test_an_unknown_invocation_type_is_a_validation_error(refused: Any) -> None:
    assert refused("invoke", FunctionName="hello", InvocationType="Sync")[2] == (
        "1 validation error detected: Value 'Sync' at 'invocationType' failed to satisfy constraint: "
        "Member must satisfy enum value set: [Event, RequestResponse, DryRun]"
    )


@pytest.mark.parametrize("kind", ["RequestResponse", "Event", "DryRun"])
def test_a_function_that_is_not_there_cannot_be_invoked(refused: Any, kind: str) -> None:
    status, code, message, _ = refused("invoke", FunctionName="nobody", InvocationType=kind)
    assert (status, code) == (404, "ResourceNotFoundException")
    assert message == "Function not found: arn:aws:lambda:us-east-1:123456789012:function:nobody:$LATEST"


def test_the_old_invoke_async_is_an_event_by_another_name(lambda_: Any, served: Served) -> None:
    assert lambda_.invoke_async(FunctionName="hello", InvokeArgs=b'{"a": 1}')["Status"] == 202
    assert served.invoker.calls[-1].payload == b'{"a": 1}'
