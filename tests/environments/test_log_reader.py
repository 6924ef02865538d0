"""Output becomes log events: lines, frames, what is cut."""

from __future__ import annotations

import pytest

from lambda_sandbox.environments import log_reader
from lambda_sandbox.environments.log_reader import Framed, LogReader


def frame(text: str) -> bytes:
    data = text.encode()
    return bytes.fromhex("a55a0003") + len(data).to_bytes(4, "big") + bytes(8) + data


@pytest.mark.parametrize(
    ("written", "events"),
    [
        (b"one\ntwo\n", ["one\n", "two\n"]),
        (b"a\rb\n", ["a\rb\n"]),
        (b"print" + frame("log\nwith two lines\n") + b"next\n", ["print", "log\nwith two lines\n", "next\n"]),
        (frame("") + b"x\n", ["", "x\n"]),
        ("caf\u00e9 \u2603\n".encode(), ["caf\u00e9 \u2603\n"]),
        (b"\xff\xfe\n", ["\ufffd\ufffd\n"]),
        (b"no end", ["no end"]),
    ],
)
def test_events_are_the_same_however_the_bytes_arrive(written: bytes, events: list[str]) -> None:
    at_once, bit_by_bit = LogReader(), LogReader()
    assert at_once.feed(written) + at_once.flush() == events
    found = [event for byte in written for event in bit_by_bit.feed(bytes([byte]))]
    assert found + bit_by_bit.flush() == events


def test_a_frame_waits_for_its_end_and_is_told_from_a_line() -> None:
    reader = LogReader()
    assert reader.feed(frame("hello")[:10]) == []
    events = reader.feed(frame("hello")[10:] + b"hello\n")
    assert events == ["hello", "hello\n"]
    assert [isinstance(event, Framed) for event in events] == [True, False]


def test_a_very_long_line_is_split() -> None:
    events = LogReader().feed(b"x" * (log_reader.EVENT_LIMIT + 10))
    assert [len(event) for event in events] == [log_reader.EVENT_LIMIT]


def test_what_is_beyond_the_budget_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_reader, "BUDGET", 10)
    reader = LogReader()
    assert reader.feed(b"12345\n12345\n12345\n") == ["12345\n", "12345\n"]
    assert reader.dropped == 6
    reader.renew()
    assert (reader.feed(b"again\n"), reader.dropped) == (["again\n"], 0)
