"""A stream's records, shard by shard and in order, to a function: the poller that Kinesis and DynamoDB streams share.

    changed() → read what is new → filter → lanes → batch (size, window, 6 MB) → invoke → plan → checkpoint

Nothing polls: a write to the stream wakes the reader, and a lane runs only while it has records. A shard has as many
lanes as the mapping's ParallelizationFactor; a partition key always goes to the same lane, so its order is kept. What a
lane holds stays where it is while the mapping is disabled. Facts §6.4.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from zlib import crc32

from lambda_sandbox.clock import Clock, Timer
from lambda_sandbox.environments.outcome import Outcome
from lambda_sandbox.event_sources.stream_event import Attempt, Source, Window, event, given_up
from lambda_sandbox.event_sources.stream_plan import (
    FOREVER,
    STATE_BYTES,
    Batch,
    Discard,
    Done,
    Retry,
    Rules,
    Split,
    is_full,
    json_of,
    plan,
    state_of,
    take,
    too_old,
    window_of,
)
from lambda_sandbox.journal import Kind
from lambda_sandbox.moto_bridge import ShardOf, StreamOf, Written
from lambda_sandbox.wire import AwsError

PROBLEM = "PROBLEM: Function call failed"


@dataclass(eq=False)
class Lane:
    """Records of one shard that are delivered one batch after the other."""

    shard: str
    waiting: list[tuple[Written, int]] = field(default_factory=list)  # each with its bytes in the event
    since: float = 0.0  # when the first of them was read
    running: bool = False
    woken: asyncio.Event = field(default_factory=asyncio.Event)  # the next batch is full, or its time is up
    window: float | None = None  # the tumbling window that is open: when it began
    state: dict[str, Any] = field(default_factory=dict)
    closing: Timer | None = None  # rings when the window ends


class Delivery(Protocol):
    """What a poller needs of its mapping's frame; what is refused raises AwsError."""

    clock: Clock

    @property
    def mapping(self) -> Mapping[str, Any]: ...
    async def permit(self, *actions: str) -> None: ...
    def matches(self, seen: dict[str, Any]) -> bool: ...
    async def invoke(self, payload: bytes, request_id: str) -> Outcome: ...
    def report(self, text: str) -> None: ...
    def note(self, kind: Kind, request_id: str = "", **data: Any) -> None: ...
    def role(self) -> str: ...
    def new_uuid(self) -> str: ...


Read = Callable[[str, Mapping[str, int]], Awaitable[StreamOf | None]]  # (stream, what was read) -> the rest
GiveUp = Callable[[str, dict[str, Any], str], Awaitable[None]]  # (target, record, folder of a bucket)


class StreamPoller:
    """Delivers one stream to one function. Lives on the event loop; `changed` may be called as often as it likes."""

    def __init__(self, source: Source, delivery: Delivery, *, read: Read, on_failure: GiveUp) -> None:
        self._source, self._delivery, self._mapping = source, delivery, delivery.mapping
        self._read_stream, self._on_failure = read, on_failure
        self._clock = delivery.clock
        self._after: dict[str, int] | None = None  # what was read, by shard; None: not even begun
        self._lanes: dict[str, list[Lane]] = {}
        self._retention_s, self._role = 0.0, ""
        self._enabled = self._reading = self._again = self._held_back = False
        self._resting: set[asyncio.Task[Any]] = set()

    # -- from outside

    def start(self) -> None:
        """Begins, or goes on where it stopped."""
        self._enabled = True
        self.changed()

    def stop(self) -> None:
        """Delivers nothing more; what is running ends first, and what waits is kept."""
        self._enabled = False
        for task in list(self._resting):
            task.cancel()
        for lane in (lane for lanes in self._lanes.values() for lane in lanes):
            self._no_alarm(lane)

    def changed(self) -> None:
        """The stream has new records, or new shards, or is gone; or the mapping may be read differently."""
        self._again = True
        if self._enabled and not self._reading:
            self._reading = True
            self._clock.spawn(self._read())

    # -- reading

    async def _read(self) -> None:
        try:
            while self._again and self._enabled:
                self._again = False
                try:
                    await self._delivery.permit(*self._source.ACTIONS)
                    self._role = self._delivery.role()
                    stream = await self._read_stream(self._mapping["EventSourceArn"], self._after or {})
                except AwsError as error:
                    self._delivery.report(f"PROBLEM: {error.message}")
                    return
                if stream is None:
                    self._after = {}  # one that is made again under this name is read from its start
                    self._delivery.report("PROBLEM: Stream not found")
                    return
                self._retention_s = stream.retention_s
                if self._after is None:
                    self._after = _begin(stream, self._mapping)
                    self._again = True  # and now from there
                else:
                    self._held_back = False
                    for shard in stream.shards:
                        self._sort(shard, self._after)
        finally:
            self._reading = False

    def _sort(self, shard: ShardOf, after: dict[str, int]) -> None:
        """Puts what is new in a shard into its lanes: after all of its parents, and without what is filtered out."""
        if any(lane.running or lane.waiting for parent in shard.parents for lane in self._lanes.get(parent, ())):
            self._held_back = True
            return
        rules, filtered = self._rules, 0
        lanes = self._lanes.setdefault(shard.id, [])
        if len(lanes) != rules.lanes and not any(lane.running for lane in lanes):
            waiting = sorted((entry for lane in lanes for entry in lane.waiting), key=lambda entry: entry[0].number)
            lanes[:] = [Lane(shard.id) for _ in range(rules.lanes)]
            for entry in waiting:
                self._lane(lanes, entry[0]).waiting.append(entry)
        for written in shard.records:
            after[shard.id] = written.number
            record = self._record(written, shard.id)
            if not self._delivery.matches(self._source.filtered_by(record)):
                filtered += 1
                continue
            lane = self._lane(lanes, written)
            if not lane.waiting:
                lane.since = self._clock.now()
            lane.waiting.append((written, len(json.dumps(record))))
        if shard.records:
            self._delivery.note(Kind.RECEIVED, "", shard=shard.id, records=len(shard.records))
        if filtered:
            self._delivery.note(Kind.FILTERED, "", shard=shard.id, records=filtered)
        for lane in lanes:
            self._go(lane)

    def _lane(self, lanes: list[Lane], written: Written) -> Lane:
        return lanes[crc32(written.key.encode()) % len(lanes)]

    # -- a lane

    def _go(self, lane: Lane) -> None:
        if lane.running:
            if is_full(lane.waiting, self._rules):
                lane.woken.set()
        elif self._enabled and (lane.waiting or lane.window is not None):
            lane.running = True
            self._clock.spawn(self._run(lane))

    async def _run(self, lane: Lane) -> None:
        """Delivers what a lane has, batch by batch; ends when it has nothing, or at the end of its window."""
        try:
            while self._enabled:
                if lane.window is not None and self._is_over(lane):
                    await self._close(lane, "end")
                elif lane.waiting:
                    await self._gather(lane)
                    batch = [written for written, _ in lane.waiting[: take(lane.waiting, self._rules)]]
                    await self._deliver(lane, batch)
                    lane.since = self._clock.now()
                else:
                    break
        finally:
            lane.running = False
        self._no_alarm(lane)
        if lane.window is not None and self._enabled:
            due = lane.window + self._rules.tumbling_s
            lane.closing = self._clock.call_at(due, lambda: self._go(lane), work=True)
        if self._held_back:
            self.changed()

    def _no_alarm(self, lane: Lane) -> None:
        if lane.closing is not None:
            lane.closing.cancel()
            lane.closing = None

    def _is_over(self, lane: Lane) -> bool:
        """Whether the window of a lane is over: a record of the next one is there, or its time is up."""
        rules, window = self._rules, lane.window or 0.0
        if lane.waiting:
            return not rules.tumbling_s or window_of(lane.waiting[0][0].at, rules) != window
        return self._clock.now() >= window + rules.tumbling_s

    async def _gather(self, lane: Lane) -> None:
        """Waits until the batch is full, or its batching window, or its tumbling window, ends."""
        rules = self._rules
        due = lane.since + rules.window_s
        if rules.tumbling_s:
            due = min(due, window_of(lane.waiting[0][0].at, rules) + rules.tumbling_s)
        while not is_full(lane.waiting, rules) and self._clock.now() < due:
            lane.woken.clear()
            timer = self._clock.call_at(due, lane.woken.set, work=True)
            try:
                with self._rest():
                    await lane.woken.wait()
            finally:
                timer.cancel()

    async def _close(self, lane: Lane, final: str) -> None:
        """The last invocation of a window: no records, the state as it has become; then the state is dropped."""
        await self._deliver(lane, (), final)
        if self._enabled:
            lane.window, lane.state = None, {}

    async def _deliver(self, lane: Lane, batch: Batch, final: str = "") -> None:
        """Tries a batch until it is over: done, given up or too old. It stays at the front of the lane until then."""
        attempts = refusals = 0
        last = Attempt(self._delivery.new_uuid(), None)
        while self._enabled:
            if old := self._too_old(lane, batch, final):
                await self._give_up(lane, batch[:old], "RecordAgeExceeded", attempts, last)
                batch = batch[old:]
                if final or not batch:
                    return
            if lane.window is None and self._rules.tumbling_s:
                lane.window, lane.state = window_of(batch[0].at, self._rules), {}
            last, said = await self._invoke(lane, batch, final)
            attempts, refusals = (attempts, refusals + 1) if isinstance(said, AwsError) else (attempts + 1, 0)
            match plan(said, batch, attempts=attempts, refusals=refusals, rules=self._rules):
                case Done():
                    self._delivery.report("OK")
                    del lane.waiting[: len(batch)]
                    if not final and lane.window is not None and not isinstance(said, AwsError):
                        lane.state = state_of(json_of(said.payload)) or {}
                        if len(json.dumps(lane.state)) > STATE_BYTES:
                            await self._close(lane, "early")
                    return
                case Split(first=first, second=second):
                    self._failed(last, batch, attempts, 0.0)
                    await self._deliver(lane, first)
                    await self._deliver(lane, second)
                    return
                case Discard(batch=rest, condition=condition):
                    self._delivery.report(PROBLEM)
                    del lane.waiting[: len(batch) - len(rest)]
                    await self._give_up(lane, rest, condition, attempts, last)
                    return
                case Retry(batch=rest, after_s=after):
                    self._failed(last, rest, attempts + 1, after)
                    del lane.waiting[: len(batch) - len(rest)]
                    batch = rest
                    if self._enabled:
                        with self._rest():
                            await self._clock.sleep(after)

    async def _invoke(self, lane: Lane, batch: Batch, final: str) -> tuple[Attempt, Outcome | AwsError]:
        request_id = self._delivery.new_uuid()
        age_ms = int((self._clock.now() - batch[-1].at) * 1000) if batch else 0
        about = {"shard": lane.shard, "records": len(batch), "ids": _numbers(batch)}
        self._delivery.note(Kind.BATCHED, request_id, **about, age_ms=age_ms)
        try:
            outcome = await self._delivery.invoke(self._payload(lane, batch, final), request_id)
        except AwsError as error:
            return Attempt(request_id, None), error
        return Attempt(request_id, outcome), outcome

    def _failed(self, last: Attempt, batch: Batch, attempt: int, after_s: float) -> None:
        self._delivery.report(PROBLEM)
        self._delivery.note(Kind.RETRIED, last.request_id, attempt=attempt, after_s=after_s, ids=_numbers(batch))

    async def _give_up(self, lane: Lane, batch: Batch, condition: str, attempts: int, last: Attempt) -> None:
        """Drops records from the front of the lane, and tells the on-failure destination where they are."""
        about = {"shard": lane.shard, "records": len(batch), "ids": _numbers(batch)}
        self._delivery.note(Kind.DROPPED, last.request_id, **about, because=condition)
        target = ((self._mapping.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
        if target and batch:
            now, source, mapping = self._clock.now(), self._source, self._mapping
            said = given_up(batch, condition, attempts, last, source=source, shard=lane.shard, mapping=mapping, now=now)
            if target.split(":")[2] == "s3":
                said["payload"] = self._payload(lane, batch, "").decode()
            await self._on_failure(target, said, f"{mapping['UUID']}/{lane.shard}")
        del lane.waiting[: len(batch)]

    def _too_old(self, lane: Lane, batch: Batch, final: str) -> int:
        """How many records of a batch are too old; of a window's last invocation, 1 if the window is."""
        asked, now = self._rules.maximum_age_s, self._clock.now()
        age_s = self._retention_s if asked == FOREVER else min(asked, self._retention_s)
        if final:
            return int(now - (lane.window or 0.0) - self._rules.tumbling_s > age_s)
        return too_old(batch, now, age_s)

    # -- small things

    @property
    def _rules(self) -> Rules:
        return Rules.of(self._mapping)

    def _record(self, written: Written, shard: str) -> dict[str, Any]:
        arn = self._mapping["EventSourceArn"]
        return self._source.record(written, arn=arn, shard=shard, role=self._role)

    def _payload(self, lane: Lane, batch: Batch, final: str) -> bytes:
        records = [self._record(written, lane.shard) for written in batch]
        window = None
        if lane.window is not None:
            window = Window(lane.window, lane.window + self._rules.tumbling_s, lane.state, final)
        made = event(records, arn=self._mapping["EventSourceArn"], shard=lane.shard, window=window)
        return json.dumps(made, separators=(",", ":")).encode()

    @contextmanager
    def _rest(self) -> Iterator[None]:
        """Waits for the clock: not in flight, and over at once when the mapping stops."""
        task = asyncio.current_task()
        assert task is not None
        self._resting.add(task)
        try:
            with self._clock.resting():
                yield
        finally:
            self._resting.discard(task)


def _numbers(batch: Batch) -> list[str]:
    return [str(one.number) for one in batch]


def _begin(stream: StreamOf, mapping: Mapping[str, Any]) -> dict[str, int]:
    """Where reading starts, by shard: after which record."""
    match mapping["StartingPosition"]:
        case "LATEST":
            before = float("inf")
        case "AT_TIMESTAMP":
            before = float(mapping["StartingPositionTimestamp"])
        case _:
            before = 0.0
    skipped = {shard.id: [one.number for one in shard.records if one.at < before] for shard in stream.shards}
    return {shard: max(numbers) for shard, numbers in skipped.items() if numbers}
