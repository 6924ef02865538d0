"""The batches of a queue or a shard: a message's letters from attempt to attempt, and a table with the same words."""

from __future__ import annotations

from typing import Any

from lambda_sandbox.journal import Kind, Record
from lambda_sandbox.views.batches import Batches

START = 1_925_000_000.2
FAILED = (Kind.FAILED, {"error_type": "KeyError", "message": "'tea'"})


def story(*moments: tuple[float, str, Kind, dict[str, Any]]) -> list[Record]:
    """Records of (seconds since the first, request, kind, data)."""
    return [
        Record(number, START + at, kind, "brews", "", "", request, data)
        for number, (at, request, kind, data) in enumerate(moments)
    ]


def attempt(at: float, request: str, ids: str, left: str, *came: tuple[Kind, dict[str, Any]], **more: Any) -> Any:
    """One batch: what came of the invocation, and which messages come again."""
    said = [(at + 0.2, request, kind, data) for kind, data in came or [(Kind.ANSWERED, {"bytes": 2})]]
    again = [(at + 0.2, request, Kind.RETRIED, {"ids": list(left), **more})] if left else []
    shard = {"shard": "shardId-0"} if more else {}
    return [(at, request, Kind.BATCHED, {"ids": list(ids), **shard}), *said, *again]


def test_a_queues_poison_message_is_drawn_to_its_end() -> None:
    records = story(
        *attempt(0, "r1", "abc", "abc", FAILED),
        *attempt(30.6, "r2", "abc", "b"),
        *attempt(60.5, "r3", "b", "b", (Kind.TIMED_OUT, {"after_s": 3.0})),  # 29.9 s later: two clocks were read
        *attempt(61.9, "r4", "d", ""),  # new: what ran meanwhile took its time, and nobody waited
        (90.7, "", Kind.DEAD_LETTERED, {"to": "arn:aws:sqs:us-east-1:123456789012:spoiled", "ids": ["b"]}),
    )
    assert repr(Batches(records, {"a": "black", "b": "mouldy", "c": "green"})) == (
        "message 1 black    x o\n"
        "message 2 mouldy   x x x . >\n"
        "message 3 green    x o\n"
        "message 4          . . . o\n"
        "attempt            1 2 3 4\n"
        "o done   x to be tried again   > set aside\n"
        "\n"
        "attempt   when         messages   what happened\n"
        "1         0 s          1 2 3      KeyError\n"
        "2         30 s         1 2 3      answered, but for 2\n"
        "3         1 min        2          timed out\n"
        "4         1 min        4          answered\n"
        "          1 min 30 s   2          sent to spoiled"
    )


def test_a_shards_time_is_the_sum_of_its_waits() -> None:
    gone = {"ids": ["b"], "shard": "shardId-0", "because": "RetryAttemptsExhausted"}
    records = story(
        *attempt(0, "r1", "abc", "abc", FAILED, after_s=0.0),
        *attempt(7.7, "r2", "a", "", after_s=0.0),
        *attempt(8.8, "r3", "b", "b", FAILED, after_s=1.0),
        *attempt(9.9, "r4", "b", "", FAILED, after_s=0.0),
        (10.0, "r4", Kind.DROPPED, gone),
        *attempt(11.1, "r5", "c", "", (Kind.THROTTLED, {"reason": ""}), after_s=0.0),
    )
    drawing = Batches(record for record in records if record.kind is not Kind.ANSWERED)
    assert drawing.rows() == [
        ("1", "0 s", "1 2 3", "KeyError"),
        ("2", "0 s", "1", "no answer yet"),
        ("3", "0 s", "2", "KeyError"),
        ("4", "1 s", "2", "KeyError"),
        ("", "1 s", "2", "given up: RetryAttemptsExhausted"),
        ("5", "1 s", "3", "throttled"),
    ]
    assert "record 2   x . x x -" in repr(drawing)


def test_a_long_story_is_cut_and_says_so_and_html_says_the_same() -> None:
    many = Batches(story(*(moment for n in range(40) for moment in attempt(n, f"r{n}", "a", "a", FAILED))))
    assert repr(many).endswith("… and 16 more")
    html = many._repr_html_()
    assert many.title == "1 message in 40 batches"
    assert many.title in html
    assert html.count(">x</text>") == 24
    assert all(f"<td>{cell}</td>" in html for row in many.rows()[:24] for cell in row)
    assert html.endswith("<p>… and 16 more</p>")
    assert max(map(len, repr(many).splitlines())) < 80
    assert repr(Batches([])) == "(no batches)"
