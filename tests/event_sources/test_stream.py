"""The poller of streams: what a function is called with, in which order, and what happens to what fails."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from lambda_sandbox.clock import Clock
from lambda_sandbox.environments.outcome import Answered, Failed, Outcome
from lambda_sandbox.event_sources import kinesis
from lambda_sandbox.event_sources.stream import StreamPoller
from lambda_sandbox.invocation.admission import throttled
from lambda_sandbox.journal import Journal, Kind
from lambda_sandbox.moto_bridge import ShardOf, StreamOf, Written
from lambda_sandbox.state import State
from lambda_sandbox.wire import AwsError

ARN = "arn:aws:kinesis:us-east-1:123456789012:stream/s"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:q"
FIRST = "shardId-000000000000"
Handler = Callable[[dict[str, Any]], Any]


class House:
    """A stream in memory, a function that is a Python function, and the poller between them."""

    def __init__(self, handler: Handler, **settings: Any) -> None:
        self.clock = Clock(virtual=True)
        self.journal = Journal(self.clock.now)
        self.handler = handler
        self.shards: dict[str, tuple[tuple[str, ...], list[Written]]] = {FIRST: ((), [])}
        self.events: list[dict[str, Any]] = []
        self.failures: list[tuple[str, dict[str, Any], str]] = []
        self.results: list[str] = []
        self.running = self.most = 0
        self.mapping = {
            "UUID": "u",
            "EventSourceArn": ARN,
            "FunctionArn": FUNCTION,
            "StartingPosition": "TRIM_HORIZON",
            **settings,
        }
        self.allowed = True
        self.new_uuid = State(seed=1).new_uuid
        self.report = self.results.append
        self.poller = StreamPoller(kinesis, self, read=self._read, on_failure=self._on_failure)

    async def permit(self, *actions: str) -> None:
        assert "kinesis:GetRecords" in actions
        if not self.allowed:
            raise AwsError("AccessDeniedException", 400, "the role may not")

    def matches(self, seen: dict[str, Any]) -> bool:
        return bool(seen["data"] != "skip")

    def note(self, kind: Kind, request_id: str = "", **data: Any) -> None:
        self.journal.append(kind, request_id=request_id, **data)

    def role(self) -> str:
        return "arn:aws:iam::123456789012:role/r"

    def put(self, *texts: str, key: str = "k", shard: str = FIRST) -> None:
        records = self.shards[shard][1]
        for text in texts:
            data = b64encode(text.encode()).decode()
            records.append(Written(len(records) + 1, key, self.clock.now(), {"Data": data}))
        self.poller.changed()

    def start(self) -> None:
        self.poller.start()

    async def settle(self) -> None:
        await self.clock.settle(20)

    async def heard(self, events: int) -> None:
        """Waits until the function was called so often."""
        while len(self.events) < events:
            await asyncio.sleep(0)

    async def read(self, times: int) -> None:
        """Waits until so many reads found records."""
        while len(self.journal.since(kind=Kind.RECEIVED)) < times:
            await asyncio.sleep(0)

    @property
    def batches(self) -> list[list[str]]:
        return [_texts(event) for event in self.events]

    async def _read(self, arn: str, after: Mapping[str, int]) -> StreamOf | None:
        await asyncio.sleep(0)
        if not self.shards:
            return None
        return StreamOf(
            86_400.0,
            tuple(
                ShardOf(name, parents, tuple(one for one in records if one.number > after.get(name, 0)))
                for name, (parents, records) in self.shards.items()
            ),
        )

    async def invoke(self, payload: bytes, request_id: str) -> Outcome:
        event = json.loads(payload)
        self.events.append(event)
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await asyncio.sleep(0.001)
            answer = self.handler(event)
        except ZeroDivisionError:
            return Failed(b'{"errorType": "ZeroDivisionError"}', "$LATEST")
        finally:
            self.running -= 1
        return Answered(json.dumps(answer).encode(), "$LATEST")

    async def _on_failure(self, target: str, said: dict[str, Any], folder: str) -> None:
        self.failures.append((target, said, folder))


def _texts(event: dict[str, Any]) -> list[str]:
    return [b64decode(record["kinesis"]["data"]).decode() for record in event["Records"]]


def fails_on(*bad: str) -> Handler:
    def handler(event: dict[str, Any]) -> None:
        if set(_texts(event)) & set(bad):
            raise ZeroDivisionError

    return handler


def house(handler: Handler, story: Callable[[House], Awaitable[None]], **settings: Any) -> House:
    async def run() -> House:
        made = House(handler, **settings)
        await asyncio.wait_for(story(made), 30)
        return made

    return asyncio.run(run())


def put_then_settle(*texts: str) -> Callable[[House], Awaitable[None]]:
    async def story(it: House) -> None:
        it.put(*texts)
        it.start()
        await it.settle()

    return story


def test_records_come_in_batches_in_order_and_what_is_filtered_out_is_passed_over() -> None:
    made = house(lambda event: None, put_then_settle("a", "b", "skip", "c"), BatchSize=2)
    assert made.batches == [["a", "b"], ["c"]]
    assert made.results == ["OK", "OK"]
    assert [record.data["records"] for record in made.journal.since(kind=Kind.FILTERED)] == [1]


@pytest.mark.parametrize(
    ("position", "heard"),
    [("TRIM_HORIZON", [["old", "new"], ["newest"]]), ("LATEST", [["newest"]]), ("AT_TIMESTAMP", [["new"], ["newest"]])],
)
def test_a_mapping_starts_where_it_is_told_to(position: str, heard: list[list[str]]) -> None:
    async def story(it: House) -> None:
        it.put("old")
        await it.clock.advance(60)
        it.mapping["StartingPositionTimestamp"] = it.clock.now()
        it.put("new")
        it.start()
        await it.settle()
        it.put("newest")
        await it.settle()

    assert house(lambda event: None, story, StartingPosition=position).batches == heard


def test_a_batch_waits_for_its_window_or_until_it_is_full() -> None:
    async def story(it: House) -> None:
        it.start()
        began = it.clock.now()
        it.put("a")
        await it.read(1)
        it.put("b")
        await it.settle()
        assert it.clock.now() - began >= 60
        began = it.clock.now()
        it.put("c")
        await it.read(3)
        it.put("d", "e")
        await it.heard(2)
        assert it.batches[1:] == [["c", "d", "e"]]
        assert it.clock.now() - began < 60

    assert house(lambda event: None, story, BatchSize=3, MaximumBatchingWindowInSeconds=60).batches[0] == ["a", "b"]


def test_a_batch_that_fails_holds_up_its_shard_until_it_succeeds() -> None:
    left = [3]

    def handler(event: dict[str, Any]) -> None:
        if _texts(event) == ["bad"] and left[0]:
            left[0] -= 1
            raise ZeroDivisionError

    made = house(handler, put_then_settle("bad", "good"), BatchSize=1)
    assert made.batches == [["bad"]] * 4 + [["good"]]
    assert made.results == ["PROBLEM: Function call failed"] * 3 + ["OK", "OK"]
    assert [record.data["after_s"] for record in made.journal.since(kind=Kind.RETRIED)] == [1, 2, 4]


def test_what_used_up_its_retries_goes_to_the_destination_as_recorded() -> None:
    settings = {"MaximumRetryAttempts": 1, "DestinationConfig": {"OnFailure": {"Destination": QUEUE}}}
    made = house(fails_on("bad"), put_then_settle("bad", "good"), BatchSize=1, **settings)
    assert made.batches == [["bad"], ["bad"], ["good"]]
    [(target, said, folder)] = made.failures
    assert (target, folder) == (QUEUE, f"u/{FIRST}")
    assert list(said) == ["requestContext", "responseContext", "version", "timestamp", "KinesisBatchInfo"]
    assert {**said["requestContext"], "requestId": ""} == {
        "requestId": "",
        "functionArn": FUNCTION,
        "condition": "RetryAttemptsExhausted",
        "approximateInvokeCount": 2,
    }
    assert said["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
    info = said["KinesisBatchInfo"]
    assert (info["startSequenceNumber"], info["endSequenceNumber"], info["batchSize"]) == ("1", "1", 1)
    assert info["approximateArrivalOfFirstRecord"].startswith("2031-01-01T00:00:00.")


def test_a_bucket_gets_the_whole_event_too() -> None:
    settings = {"MaximumRetryAttempts": 0, "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:s3:::b"}}}
    made = house(fails_on("bad"), put_then_settle("bad"), **settings)
    assert json.loads(made.failures[0][1]["payload"]) == made.events[0]


def test_a_record_that_is_too_old_is_given_up_and_a_poison_one_expires_with_the_stream() -> None:
    settings = {"MaximumRecordAgeInSeconds": 60, "DestinationConfig": {"OnFailure": {"Destination": QUEUE}}}
    made = house(fails_on("bad"), put_then_settle("bad", "good"), BatchSize=1, **settings)
    bad, good = (said for _, said, _ in made.failures)
    assert bad["requestContext"]["condition"] == good["requestContext"]["condition"] == "RecordAgeExceeded"
    assert "responseContext" not in bad
    assert made.batches == [["bad"]] * 6  # the good one was as old by then
    assert (bad["requestContext"]["approximateInvokeCount"], good["requestContext"]["approximateInvokeCount"]) == (6, 0)

    async def poison(it: House) -> None:
        began = it.clock.now()
        it.put("bad")
        it.start()
        await it.settle()
        assert it.clock.now() - began > 86_400

    expired = house(fails_on("bad"), poison)
    assert [record.data["because"] for record in expired.journal.since(kind=Kind.DROPPED)] == ["RecordAgeExceeded"]


def test_bisecting_finds_the_poison_and_saves_the_rest() -> None:
    settings = {"BisectBatchOnFunctionError": True, "MaximumRetryAttempts": 1}
    made = house(fails_on("bad"), put_then_settle("a", "b", "bad", "c"), **settings)
    halves = [["a", "b", "bad", "c"], ["a", "b"], ["bad", "c"], ["bad"], ["bad"], ["c"]]
    assert made.batches == halves


def test_a_report_moves_the_checkpoint() -> None:
    def handler(event: dict[str, Any]) -> Any:
        numbers = [record["kinesis"]["sequenceNumber"] for record in event["Records"]]
        bad = [number for number, text in zip(numbers, _texts(event), strict=True) if text == "bad"]
        return {"batchItemFailures": [{"itemIdentifier": number} for number in bad]}

    settings = {
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "MaximumRetryAttempts": 2,
        "DestinationConfig": {"OnFailure": {"Destination": QUEUE}},
    }
    made = house(handler, put_then_settle("a", "bad", "b"), **settings)
    assert made.batches == [["a", "bad", "b"], ["bad", "b"], ["bad", "b"]]
    [(_, said, _)] = made.failures
    assert said["responseContext"]["functionError"] is None  # recorded: the function itself did not fail
    assert (said["KinesisBatchInfo"]["startSequenceNumber"], said["KinesisBatchInfo"]["batchSize"]) == ("2", 2)


def test_a_throttle_is_waited_out_and_counts_as_no_attempt() -> None:
    refusals = [2]

    def handler(event: dict[str, Any]) -> None:
        if refusals[0]:
            refusals[0] -= 1
            raise throttled("ReservedFunctionConcurrentInvocationLimitExceeded")

    made = house(handler, put_then_settle("a"), MaximumRetryAttempts=0)
    assert made.batches == [["a"]] * 3
    assert made.results[-1] == "OK"


def test_lanes_work_side_by_side_and_keep_the_order_of_each_key() -> None:
    async def story(it: House) -> None:
        for number in range(10):
            for key in "abcdef":
                it.put(f"{key}{number}", key=key)
        it.start()
        await it.settle()

    made = house(lambda event: None, story, BatchSize=1, ParallelizationFactor=3)
    heard = [texts[0] for texts in made.batches]
    assert len(heard) == 60
    for key in "abcdef":
        assert [text for text in heard if text[0] == key] == [f"{key}{number}" for number in range(10)]
    assert made.most in (2, 3)


def test_a_child_shard_waits_for_its_parent() -> None:
    async def story(it: House) -> None:
        it.shards["child"] = ((FIRST,), [])
        it.put("c1", shard="child")
        it.put("p1", "p2")
        it.start()
        await it.settle()

    assert house(lambda event: None, story, BatchSize=1).batches == [["p1"], ["p2"], ["c1"]]


def test_a_mapping_that_is_disabled_goes_on_where_it_stopped() -> None:
    async def story(it: House) -> None:
        it.put("a", "bad", "b")
        it.start()
        await it.heard(3)
        it.poller.stop()
        began = it.clock.now()
        await it.settle()
        assert it.clock.now() - began < 1  # nothing is left to wait for
        heard = len(it.events)
        it.put("c")
        await it.settle()
        assert len(it.events) == heard
        it.handler = lambda event: None
        it.start()
        await it.settle()
        assert it.batches[heard:] == [["bad"], ["b"], ["c"]]

    house(fails_on("bad"), story, BatchSize=1)


def test_a_role_that_may_not_read_gets_nothing_until_it_may() -> None:
    async def story(it: House) -> None:
        it.allowed = False
        it.put("a")
        it.start()
        await it.settle()
        assert (it.batches, it.results) == ([], ["PROBLEM: the role may not"])
        it.allowed = True
        it.poller.changed()
        await it.settle()
        assert it.batches == [["a"]]

    house(lambda event: None, story)


def test_a_stream_that_is_deleted_is_a_problem_and_what_was_read_is_still_delivered() -> None:
    async def story(it: House) -> None:
        it.put("a", "b")
        it.start()
        await it.heard(1)
        it.shards.clear()
        it.poller.changed()
        await it.settle()
        assert it.batches == [["a"], ["b"]]
        assert "PROBLEM: Stream not found" in it.results

    house(lambda event: None, story, BatchSize=1)


def counts(event: dict[str, Any]) -> dict[str, Any]:
    return {"state": {"seen": event["state"].get("seen", 0) + len(event["Records"])}}


def test_a_tumbling_window_carries_its_state_to_a_last_invocation() -> None:
    async def story(it: House) -> None:
        it.start()
        it.put("a", "b")
        await it.clock.advance(10)
        it.put("c")
        await it.clock.advance(60)
        it.put("d")
        await it.settle()

    made = house(counts, story, TumblingWindowInSeconds=60)
    told = [(len(e["Records"]), e["state"], e["isFinalInvokeForWindow"]) for e in made.events]
    assert told == [
        (2, {}, False),
        (1, {"seen": 2}, False),
        (0, {"seen": 3}, True),
        (1, {}, False),
        (0, {"seen": 1}, True),
    ]
    first = made.events[0]
    assert first["window"] == {"start": "2031-01-01T00:00:00Z", "end": "2031-01-01T00:01:00Z"}
    assert (first["shardId"], first["eventSourceARN"], first["isWindowTerminatedEarly"]) == (FIRST, ARN, False)
    assert made.events[3]["window"]["start"] == "2031-01-01T00:01:00Z"


def test_a_state_beyond_its_limit_ends_the_window_early() -> None:
    made = house(lambda event: {"state": {"x": "x" * 1024 * 1024}}, put_then_settle("a"), TumblingWindowInSeconds=60)
    assert [(e["isFinalInvokeForWindow"], e["isWindowTerminatedEarly"]) for e in made.events] == [
        (False, False),
        (True, True),
    ]


def test_the_half_of_a_batch_after_a_window_that_ended_early_has_a_window_too() -> None:
    def handler(event: dict[str, Any]) -> Any:
        if len(event["Records"]) > 1:
            raise ZeroDivisionError
        return {"state": {"x": "x" * 1024 * 1024}}

    settings = {"TumblingWindowInSeconds": 60, "BisectBatchOnFunctionError": True}
    made = house(handler, put_then_settle("a", "b"), **settings)
    assert made.batches == [["a", "b"], ["a"], [], ["b"], []]
    assert all("window" in event for event in made.events)


def test_an_answer_without_a_state_is_a_failure_in_a_window() -> None:
    made = house(lambda event: {}, put_then_settle("a"), TumblingWindowInSeconds=60, MaximumRetryAttempts=1)
    assert made.batches == [["a"], ["a"], [], []]
    assert made.results[-1] == "PROBLEM: Function call failed"
