"""The attempts of events: when is the sum of the waits, and a row says what happened."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_sandbox.journal import Kind, Record
from lambda_sandbox.views.attempts import Attempts, when

FAILED = (Kind.FAILED, {"error_type": "KeyError", "message": "'name'"})
THROTTLED = (Kind.THROTTLED, {"reason": "ReservedFunctionConcurrentInvocationLimitExceeded"})


def retried(seconds: float) -> tuple[Kind, dict[str, Any]]:
    return Kind.RETRIED, {"attempt": 2, "after_s": seconds}


def story(request: str, *moments: tuple[Kind, dict[str, Any]]) -> list[Record]:
    """What happened to one event, at times that nobody should read."""
    return [Record(i, 1000.7 * i, kind, "till", "$LATEST", "", request, data) for i, (kind, data) in enumerate(moments)]


def test_a_failing_event_is_drawn_with_its_attempts_and_its_end() -> None:
    queue = {"to": "arn:aws:sqs:us-east-1:123456789012:unpaid", "condition": "RetriesExhausted"}
    records = story(
        "r1",
        FAILED,
        retried(60),
        (Kind.TIMED_OUT, {"after_s": 3.0}),
        retried(120),
        (Kind.EXITED, {"error_type": "Runtime.ExitError", "message": ""}),
        (Kind.DROPPED, {"because": "RetriesExhausted"}),
        (Kind.DELIVERED, queue),
        (Kind.DEAD_LETTERED, queue),
    )
    assert repr(Attempts([*records, *story("r2", (Kind.REQUESTED, {}), (Kind.ANSWERED, {"bytes": 2}))])) == (
        "event 1   x.....................x...........................................x\n"
        "event 2   o\n"
        "          0                                                             3 min\n"
        "o answered   x failed\n"
        "\n"
        "event  when    what happened\n"
        "1      0 s     attempt 1: KeyError\n"
        "1      1 min   attempt 2: timed out\n"
        "1      3 min   attempt 3: Runtime.ExitError\n"
        "1      3 min   given up: RetriesExhausted\n"
        "1      3 min   record sent to unpaid\n"
        "1      3 min   event sent to unpaid\n"
        "2      0 s     attempt 1: answered"
    )


def test_throttles_are_no_attempts_and_share_a_row() -> None:
    waits = [moment for seconds in (1, 2, 4) for moment in (THROTTLED, retried(seconds))]
    assert Attempts(story("r1", *waits, FAILED)).rows() == [
        ("1", "0 s", "throttled 3 times"),
        ("1", "3 s", "the last of them"),
        ("1", "7 s", "attempt 1: KeyError"),
    ]


def test_a_batch_of_a_queue_is_an_event_too() -> None:
    batch = story(
        "r1",
        (Kind.BATCHED, {"messages": 3, "ids": ["a", "b", "c"]}),
        (Kind.ANSWERED, {"bytes": 50}),
        (Kind.DELIVERED, {"messages": 2}),
        (Kind.RETRIED, {"messages": 1, "ids": ["b"]}),
    )
    assert [what for _, _, what in Attempts(batch).rows()] == [
        "attempt 1: answered",
        "2 deleted from the queue",
        "1 back to the queue",
    ]


def test_a_long_story_is_cut_and_says_so() -> None:
    many = [record for i in range(40) for record in story(f"r{i}", FAILED)]
    assert repr(Attempts(many)).endswith("… and 17 more")


def test_html_says_the_same_words() -> None:
    assert repr(Attempts([])) == "(no events)"
    one = Attempts(story("r1", (Kind.FAILED, {"error_type": "<Odd>", "message": ""})))
    assert one._repr_html_() == f"<pre>{one!r}</pre>".replace("<Odd>", "&lt;Odd&gt;")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (45, "45 s"), (60, "1 min"), (255, "4 min 15 s"), (3600, "1 h"), (21511.4, "5 h 58 min")],
)
def test_a_time_is_told_in_two_units_at_most(seconds: float, words: str) -> None:
    assert when(seconds) == words
