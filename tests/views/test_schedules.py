"""A day of schedules: a letter for each hour in which one fired, and a table that says the same."""

from __future__ import annotations

from typing import Any

from lambda_sandbox.journal import Kind, Record
from lambda_sandbox.views.schedules import Schedules

MIDNIGHT = 1_924_992_000.0  # 2031-01-01 00:00 UTC
RULE = "arn:aws:events:us-east-1:123456789012:rule/"


def story(*moments: tuple[float, str, Kind, dict[str, Any]]) -> list[Record]:
    """Records of (hours since midnight, request, kind, data)."""
    return [
        Record(number, MIDNIGHT + 3600 * hours + 0.2, kind, "clock", "", "", request, data)
        for number, (hours, request, kind, data) in enumerate(moments)
    ]


def fired(hours: float, request: str, rule: str, *ends: tuple[Kind, dict[str, Any]]) -> Any:
    about = {"source": "eventbridge", "event_name": "Scheduled Event", "rule": RULE + rule}
    return [(hours, request, Kind.RECEIVED, about), *((hours, request, kind, about | data) for kind, data in ends)]


OK, BAD, NO = (Kind.ANSWERED, {}), (Kind.FAILED, {"error_type": "E"}), (Kind.REFUSED, {"because": "no statement"})


def test_a_day_is_drawn_hour_by_hour() -> None:
    schedule = {"event_name": "Scheduled Event", "schedule": "arn:aws:scheduler:…:schedule/default/tidy"}
    other = {"source": "eventbridge", "event_name": "Order paid", "rule": RULE + "orders"}
    records = story(
        *fired(3.5, "r1", "bread", BAD, OK),  # its second attempt went well
        *fired(6, "r2", "ovens", OK),
        (7, "r3", Kind.RECEIVED, other),
        *(moment for n in range(12) for moment in fired(8 + n / 12, f"q{n}", "ovens", BAD if n == 3 else OK)),
        *fired(9, "r4", "guard", NO),
        (12, "", Kind.DELIVERED, schedule | {"to": "arn:aws:sqs:…:q"}),
        (12, "", Kind.DELIVERED, schedule | {"to": "arn:aws:lambda:…:f"}),  # that was told already
    )
    drawing = Schedules(records)
    assert repr(drawing) == (
        "4 schedules, hour by hour from 2031-01-01 (UTC)\n"
        "\n"
        "        0     6     12    18\n"
        "bread   ...o....................\n"
        "ovens   ......o.x...............\n"
        "guard   .........-..............\n"
        "tidy    ............o...........\n"
        "\n"
        "o done   x failed   - refused\n"
        "\n"
        "schedule   events   first             last              what happened\n"
        "bread      1        2031-01-01 03 h   2031-01-01 03 h   1 done\n"
        "ovens      13       2031-01-01 06 h   2031-01-01 08 h   12 done, 1 failed\n"
        "guard      1        2031-01-01 09 h   2031-01-01 09 h   1 refused\n"
        "tidy       1        2031-01-01 12 h   2031-01-01 12 h   1 done"
    )
    assert max(map(len, repr(drawing).splitlines())) < 80
    html = drawing._repr_html_()
    assert drawing.title in html
    assert all(f"<td>{cell}</td>" in html for row in drawing.rows() for cell in row)
    assert [html.count(f">{letter}</text>") for letter in "ox-"] == [3, 1, 1]


def test_a_long_story_is_drawn_day_by_day_and_what_is_cut_is_counted() -> None:
    drawing = Schedules(story(*(one for day in range(70) for one in fired(24 * day, f"r{day}", "ovens", OK))))
    lines = repr(drawing).splitlines()
    assert lines[0] == "1 schedule, day by day from 2031-01-01 (UTC)"
    assert lines[3] == "ovens   " + "o" * 62
    assert lines[-1] == "… and 8 more events to the right"
    assert repr(Schedules([])) == "(no schedule has fired)"
