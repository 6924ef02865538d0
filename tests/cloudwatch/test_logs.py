"""Log lines byte for byte (facts §3.7), and their way into CloudWatch Logs."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import Iterator
from typing import Any

import pytest

from lambda_sandbox.clock import VIRTUAL_EPOCH
from lambda_sandbox.cloudwatch.logs import Logs, lines, runtime_version_arn
from lambda_sandbox.iam import Decision
from lambda_sandbox.journal import Journal, Kind, Record
from lambda_sandbox.moto_bridge import Bridge
from lambda_sandbox.wire import Request

ID = "0b1e3f1d-5b60-4cc5-9d2d-6a1f0d3c9a11"
ROLE = "arn:aws:iam::123456789012:role/thumbnail-role"
STREAM = "2031/01/01/[$LATEST]0123456789abcdef0123456789abcdef"
STARTING = {
    "phase": "init",
    "region": "eu-west-1",
    "runtime": "python3.13",
    "role": ROLE,
    "log_group": "/aws/lambda/thumbnail",
    "log_stream": STREAM,
}
REPORT: dict[str, Any] = {
    "duration_ms": 12.34,
    "billed_ms": 13,
    "memory_mb": 128,
    "max_memory_mb": 36,
    "status": "success",
}

ROWS: list[tuple[str, Kind, dict[str, Any], list[str]]] = [
    ("the start of Init", Kind.STARTING, STARTING,
     ["INIT_START Runtime Version: python:3.13.v60\tRuntime Version ARN: "
      + runtime_version_arn("eu-west-1", "python3.13") + "\n"]),
    ("an Init within the invocation", Kind.STARTING, {**STARTING, "phase": "invoke"}, []),
    ("a start", Kind.STARTED, {"cold": True}, [f"START RequestId: {ID} Version: $LATEST\n"]),
    ("a print", Kind.LOG, {"message": "hello\n"}, ["hello\n"]),
    ("a framed traceback", Kind.LOG, {"message": "[ERROR] ValueError: no\nTraceback"},
     ["[ERROR] ValueError: no\nTraceback"]),
    ("an end", Kind.REPORTED, REPORT,
     [f"END RequestId: {ID}\n",
      (f"REPORT RequestId: {ID}\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\t"
      "Max Memory Used: 36 MB\t\n")]),
    ("the end of a cold invocation", Kind.REPORTED, {**REPORT, "init_ms": 130.49, "billed_ms": 143},
     [f"END RequestId: {ID}\n",
      (f"REPORT RequestId: {ID}\tDuration: 12.34 ms\tBilled Duration: 143 ms\tMemory Size: 128 MB\t"
      "Max Memory Used: 36 MB\tInit Duration: 130.49 ms\t\n")]),
    ("the end of one that timed out", Kind.REPORTED,
     {**REPORT, "duration_ms": 3000, "billed_ms": 3000, "status": "timeout"},
     [f"END RequestId: {ID}\n",
      (f"REPORT RequestId: {ID}\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB\t"
      "Max Memory Used: 36 MB\tStatus: timeout\n")]),
    ("the end of one that exited", Kind.REPORTED, {**REPORT, "status": "error", "error_type": "Runtime.ExitError"},
     [f"END RequestId: {ID}\n",
      (f"REPORT RequestId: {ID}\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\t"
      "Max Memory Used: 36 MB\tStatus: error\tError Type: Runtime.ExitError\n")]),
    ("an Init that took too long", Kind.INIT_FAILED,
     {"init_ms": 1236.04, "phase": "init", "status": "timeout", "error_type": "Sandbox.Timedout"},
     ["INIT_REPORT Init Duration: 1236.04 ms\tPhase: init\tStatus: timeout\n"]),
    ("an Init that failed", Kind.INIT_FAILED,
     {"init_ms": 84.7, "phase": "init", "status": "error", "error_type": "Extension.Crash"},
     ["INIT_REPORT Init Duration: 84.70 ms\tPhase: init\tStatus: error\tError Type: Extension.Crash\n"]),
    ("a timeout", Kind.TIMED_OUT, {"after_s": 3.0},
     [f"2031-01-01T00:00:00.000Z {ID} Task timed out after 3.00 seconds\n"]),
    ("an exit", Kind.EXITED,
     {"message": "Runtime exited with error: exit status 127", "error_type": "Runtime.ExitError"},
     [f"RequestId: {ID} Error: Runtime exited with error: exit status 127\nRuntime.ExitError\n"]),
    ("what the log does not say", Kind.FROZEN, {}, []),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "data", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_the_log_says(kind: Kind, data: dict[str, Any], expected: list[str]) -> None:
    assert lines(Record(1, VIRTUAL_EPOCH, kind, "thumbnail", "$LATEST", "e1", ID, data)) == expected


@pytest.mark.parametrize(
    ("runtime", "version"),
    [("python3.13", "python:3.13.v60"), ("nodejs22.x", "nodejs:22.v60"), ("java21", "java:21.v60")],
)
def test_a_runtime_is_named_as_aws_names_it(runtime: str, version: str) -> None:
    record = Record(1, VIRTUAL_EPOCH, Kind.STARTING, "f", "$LATEST", "e1", "", {**STARTING, "runtime": runtime})
    assert lines(record)[0].startswith(f"INIT_START Runtime Version: {version}\t")


@pytest.fixture
def bridge() -> Iterator[Bridge]:
    bridge = Bridge(now=lambda: VIRTUAL_EPOCH, account="123456789012")
    yield bridge
    bridge.close()


def may(role: str, action: str, resource: str) -> Decision:
    return Decision(True, "an administrator may everything")


def _filtered(bridge: Bridge, region: str, body: str) -> str:
    """FilterLogEvents, which is what `aws logs tail` calls."""
    headers = {
        "authorization": f"AWS4-HMAC-SHA256 Credential=AKIA/20310101/{region}/logs/aws4_request, Signature=0",
        "x-amz-target": "Logs_20140328.FilterLogEvents",
        "content-type": "application/x-amz-json-1.1",
    }
    return bridge.serve(Request("POST", "/", "", headers, body.encode())).body.decode()


async def _one_invocation(journal: Journal, logs: Logs) -> None:
    journal.append(Kind.STARTING, environment="e1", **STARTING)
    journal.append(Kind.STARTED, version="$LATEST", environment="e1", request_id=ID, cold=True)
    journal.append(Kind.LOG, environment="e1", request_id=ID, message="hello\n")
    journal.append(Kind.REPORTED, environment="e1", request_id=ID, **REPORT)
    assert logs.pending
    await logs.flush()
    assert not logs.pending


def test_aws_logs_tail_shows_an_invocation_in_order(bridge: Bridge) -> None:
    async def run() -> str:
        journal = Journal(lambda: VIRTUAL_EPOCH)
        logs = Logs(journal, bridge, may)
        await _one_invocation(journal, logs)
        return await asyncio.to_thread(_filtered, bridge, "eu-west-1", '{"logGroupName": "/aws/lambda/thumbnail"}')

    shown = asyncio.run(run())
    places = [shown.index(word) for word in ("INIT_START", "START RequestId", "hello", "END RequestId", "REPORT")]
    assert places == sorted(places)
    assert STREAM in shown


def test_of_a_gigabyte_of_logs_the_newest_are_kept_and_the_stream_says_so(
    bridge: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lambda_sandbox.moto_bridge import logs

    monkeypatch.setattr(logs, "CAPACITY_BYTES", 10 * 1200)  # ten lines of a thousand characters
    for number in range(30):
        stream = "one" if number < 15 else "two"
        bridge.put_log_events("eu-west-1", "/large", stream, [(0, f"{number:03}{'x' * 997}")])

    def read(stream: str) -> list[str]:
        body = json.dumps({"logGroupName": "/large", "logStreamNames": [stream]})
        return [event["message"][:9] for event in json.loads(_filtered(bridge, "eu-west-1", body))["events"]]

    assert read("one") == ["[sandbox]"]
    kept = read("two")
    assert kept[0] == "[sandbox]" and kept[-1].startswith("029") and 7 < len(kept) < 12
    gc.collect()
    remembered = (one.message[:3] for one in gc.get_objects() if type(one).__name__ == "LogEvent")
    assert "000" not in remembered  # nor does moto remember what is gone


def test_what_was_recorded_before_a_jump_of_the_clock_is_not_lost(bridge: Bridge) -> None:
    async def run() -> str:
        journal = Journal(lambda: VIRTUAL_EPOCH - 30 * 86_400)
        await _one_invocation(journal, Logs(journal, bridge, may))
        return await asyncio.to_thread(_filtered, bridge, "eu-west-1", '{"logGroupName": "/aws/lambda/thumbnail"}')

    assert "hello" in asyncio.run(run())


@pytest.mark.parametrize(
    ("granted", "there_is_a_group", "written"),
    [
        ({"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"}, False, True),
        ({"logs:CreateLogStream", "logs:PutLogEvents"}, True, True),
        ({"logs:CreateLogStream", "logs:PutLogEvents"}, False, False),
        ({"logs:CreateLogGroup", "logs:CreateLogStream"}, True, False),
        (set(), True, False),
    ],
    ids=["all", "the group is there", "nobody may make the group", "no PutLogEvents", "nothing"],
)
def test_only_what_the_role_may_write_is_written(granted: set[str], there_is_a_group: bool, written: bool) -> None:
    lines_written, asked = [], []

    class Store:
        def has_log_group(self, region: str, group: str) -> bool:
            return there_is_a_group

        def put_log_events(self, region: str, group: str, stream: str, events: list[tuple[int, str]]) -> None:
            lines_written.extend(events)

    def only(role: str, action: str, resource: str) -> Decision:
        asked.append((role, resource))
        return Decision(action in granted, f"because no identity-based policy allows the {action} action")

    async def run() -> Journal:
        journal = Journal(lambda: VIRTUAL_EPOCH)
        logs = Logs(journal, Store(), only)
        for _ in range(2):
            await _one_invocation(journal, logs)
        return journal

    refused = [record for record in asyncio.run(run()).since(0) if record.kind is Kind.REFUSED]
    assert bool(lines_written) is written
    group = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/thumbnail"
    assert set(asked) == {(ROLE, f"{group}:log-stream:{STREAM}")}
    assert len(refused) == (0 if written else 1)  # once a stream is enough
    assert all(ROLE in record.data["because"] for record in refused)


def test_a_flush_waits_for_the_one_before_it() -> None:
    async def run() -> list[str]:
        written: list[str] = []

        class Slow:
            def has_log_group(self, region: str, group: str) -> bool:
                return True

            def put_log_events(self, region: str, group: str, stream: str, events: list[tuple[int, str]]) -> None:
                written.extend(line for _, line in events)

        journal = Journal(lambda: VIRTUAL_EPOCH)
        logs = Logs(journal, Slow(), may)
        journal.append(Kind.STARTING, environment="e1", **STARTING)
        journal.append(Kind.LOG, environment="e1", message="1")
        first = asyncio.create_task(logs.flush())
        await asyncio.sleep(0)
        journal.append(Kind.LOG, environment="e1", message="2")
        await logs.flush()
        assert first.done()
        return written[1:]

    assert asyncio.run(run()) == ["1", "2"]


def test_an_environment_that_is_gone_logs_no_more() -> None:
    class Nothing:
        def has_log_group(self, region: str, group: str) -> bool:
            return True

        def put_log_events(self, region: str, group: str, stream: str, events: list[tuple[int, str]]) -> None:
            raise AssertionError("nothing is to be written")

    async def run() -> None:
        journal = Journal(lambda: VIRTUAL_EPOCH)
        logs = Logs(journal, Nothing(), may)
        journal.append(Kind.STARTING, environment="e1", **{**STARTING, "phase": "invoke"})
        journal.append(Kind.STOPPED, environment="e1", reason="idle")
        journal.append(Kind.LOG, environment="e1", message="late")
        await logs.flush()

    asyncio.run(run())
