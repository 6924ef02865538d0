"""Logs Insights: queries over the lines of one run as a table, what is not understood, and the whole way once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambda_sandbox import Sandbox
from lambda_sandbox.clock import VIRTUAL_EPOCH
from lambda_sandbox.cloudwatch.insights import run
from lambda_sandbox.cloudwatch.insights_expressions import Malformed
from lambda_sandbox.moto_bridge import LogEvent

ID = "0b1e3f1d-5b60-4cc5-9d2d-6a1f0d3c9a11"


def report(duration: float, *, memory: int = 36, init: float | None = None) -> str:
    line = f"REPORT RequestId: {ID}\tDuration: {duration} ms\tBilled Duration: {int(duration) + 1} ms\t"
    line += f"Memory Size: 128 MB\tMax Memory Used: {memory} MB\t"
    return line + (f"Init Duration: {init} ms\t\n" if init else "\n")


LINES = [  # a minute apart
    f"START RequestId: {ID} Version: $LATEST\n",
    report(10.0, init=130.5),
    f"[INFO]\t2031-01-01T00:02:00.000Z\t{ID}\tuser=ada, method:GET, latency := 12\n",
    f"[ERROR]\t2031-01-01T00:03:00.000Z\t{ID}\tuser=bob, method:PUT, latency := 30\n",
    report(20.0),
    'order {"level": "WARN", "ms": 7, "who": {"name": "Ada"}, "tags": ["a", "b"], "ok": true} taken',
    '{"level": "ERROR", "ms": 9.5, "who": {"name": "Bob"}}',
    report(40.25, memory=60),
]
EVENTS = [
    LogEvent(int(VIRTUAL_EPOCH + minute * 60) * 1000, line, "stream", "123456789012:/aws/lambda/f", 0)
    for minute, line in enumerate(LINES)
]


def rows(query: str, events: list[LogEvent] = EVENTS) -> list[dict[str, str]]:
    return [{name: value for name, value in row.items() if name != "@ptr"} for row in run(query, events).rows]


def values(query: str) -> list[str]:
    """What the one column of a result says, from top to bottom."""
    return ["".join(row.values()) for row in rows(query)]


R = 'filter @type = "REPORT" | '


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (R + "fields @duration", ["40.25", "20", "10"]),
        (R + "fields @timestamp", [f"2031-01-01 00:0{minute}:00.000" for minute in (7, 4, 1)]),
        (R + "sort by @duration asc | limit 1 | display @billedDuration", ["11"]),
        (R + "sort @maxMemoryUsed desc, @duration | display @duration", ["40.25", "10", "20"]),
        ("filter ispresent(@initDuration) | display @initDuration + 0.25", ["130.75"]),
        ("filter @duration > 10 and not @duration >= 40 | display @duration", ["20"]),
        ("filter @duration < 15 or @message like 'bob' | display @requestId", [ID, ID]),
        ("filter @message =~ /(?i)error/ | stats count(*)", ["2"]),
        ("filter @message like /\\[ERROR\\]/ | parse @message 'user=*,' as user | display user", ["bob"]),
        ("filter @message not like /./ | stats count(*)", []),
        ('filter level in ["WARN", "INFO"] | display concat(who.name, "/", tags.1, "/", ok)', ["Ada/b/1"]),
        ("filter `who.name` != 'Ada' and ispresent(level) | display ms * 2 ^ 2 - 1", ["37"]),
        ("parse 'user=*, method:*, latency := *' as @user, method, @ms | filter @ms > 0 | stats sum(@ms) by method",
         ["PUT30", "GET12"]),
        (r"parse @message /latency := (?<took>\d+)/ | stats max(took), min(took)", ["3012"]),
        (R + "stats count(*) as n, avg(@duration), pct(@duration, 50), median(@duration)", ["323.41672020"]),
        (R + "stats count_distinct(@requestId), count(@initDuration), earliest(@duration)", ["1110"]),
        (R + "stats max(@memorySize / 1000 / 1000) as has, max(@maxMemoryUsed / 1e6) as used", None),
        (R + "stats max(@memorySize/1000/1000) as has, max(@maxMemoryUsed/1000/1000) as used, has - used as over",
         ["1286068"]),
        (R + "stats sum(@duration) / count(*) as mean", ["23.4167"]),
        (R + "stats sum(@billedDuration) as ms by bin(5m) | sort ms",
         ["2031-01-01 00:00:00.00032", "2031-01-01 00:05:00.00041"]),
        ("stats count(*) by level | sort count(*) desc", None),
        ("stats count(*) as n by @type | sort n desc, @type desc", ["4", "REPORT3", "START1"]),
        (R + "stats count(*) by datefloor(@timestamp, 1 hour) as hour | display hour", ["2031-01-01 00:00:00.000"]),
        ("filter isblank(@type) = 0 | dedup @type | display @type", ["REPORT", "START"]),
        ("limit 1 | display strlen(trim('  abc ')), toupper('a'), substr('hello', 1, 3)",
         ["3Aell"]),
        ("fields 1 / 0 as no, coalesce(nowhere, 5) as yes | display no, yes | limit 1  # a comment", ["5"]),
    ],
)  # fmt: skip
def test_a_query_answers(query: str, expected: list[str] | None) -> None:
    if expected is None:
        with pytest.raises(Malformed):
            rows(query)
    else:
        assert values(query) == expected


def test_what_is_shown_if_nobody_says_what() -> None:
    [newest, *_] = run("filter @type = 'START' | limit 3", EVENTS).rows
    assert list(newest) == ["@timestamp", "@message", "@ptr"]
    parsed = "parse @message 'user=*,' as user | filter ispresent(user)"
    assert list(rows(parsed)[0]) == ["@timestamp", "@message", "user"]
    assert run(parsed, EVENTS).matched == 2


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("", "unexpected symbol found end of query at line 1 and position 1"),
        ("filter @type ==", "unexpected symbol found = at line 1 and position 15"),
        ("fields @message | filter", "unexpected symbol found end of query"),
        ("fields @message\n| grep x", "unexpected symbol found grep at line 2 and position 3"),
        ("pattern @message", "a command the sandbox models is"),
        ("fields isIpv4InSubnet(ip, 'x')", "unknown function isIpv4InSubnet"),
        ("filter count(*) > 1", "cannot stand outside stats"),
        ("stats avg(max(ms))", "cannot stand outside stats"),
        ("stats pct(ms)", "another number of arguments"),
        ("stats pct(ms, 200)", "from 0 to 100"),
        ("stats count(*) by bin(5)", "takes a period"),
        ("parse @message 'a=*, b=*' as a", "finds 2 values, and has 1 names"),
        ("parse @message /(/ as a", "is no regular expression"),
        ("limit 0", "limit takes a number"),
        ("filter " + "(" * 200 + "1" + ")" * 200, "too deep"),
        ("filter @message like 'open", "unexpected symbol"),
    ],
)
def test_a_query_that_is_not_understood_is_refused(query: str, says: str) -> None:
    with pytest.raises(Malformed) as error:
        run(query, EVENTS)
    assert says in error.value.message


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=1, clock="virtual") as sandbox:
        yield sandbox


def test_a_function_is_asked_how_it_went(sandbox: Sandbox) -> None:
    logs = sandbox.client("logs")
    sandbox.deploy(
        "def handler(event, context):\n    print('took order', event['n'])\n", name="f", Runtime="python3.13"
    )
    for n in range(3):
        sandbox.client("lambda").invoke(FunctionName="f", Payload=f'{{"n": {n}}}'.encode())

    def ask(query: str, **more: Any) -> dict[str, Any]:
        now = int(sandbox.clock.now())
        about = {"logGroupName": "/aws/lambda/f", "startTime": now - 60, "endTime": now + 60, **more}
        started = logs.start_query(queryString=query, **about)
        return dict(logs.get_query_results(queryId=started["queryId"]))

    found = ask(
        'filter @type = "REPORT" | stats count(*) as n, max(@billedDuration) as ms, count(@initDuration) as cold'
    )
    [row] = [{cell["field"]: cell["value"] for cell in row} for row in found["results"]]
    assert (found["status"], row["n"], row["cold"]) == ("Complete", "3", "1")
    assert int(row["ms"]) > 0
    assert found["statistics"]["recordsMatched"] == 3
    assert found["statistics"]["recordsScanned"] == 13
    orders = ask("parse @message 'took order *' as n | filter ispresent(n) | sort n | display n", limit=2)
    assert [row[0] for row in orders["results"]] == [{"field": "n", "value": "0"}, {"field": "n", "value": "1"}]

    with pytest.raises(ClientError, match="MalformedQueryException"):
        ask("select *")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        ask("limit 1", logGroupName="/aws/lambda/nowhere")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        logs.get_query_results(queryId=ID)
