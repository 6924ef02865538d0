"""AWS/Lambda: journal records as CloudWatch's metrics, each on the minute in which its invocation began.

    metrics = Metrics(journal, bridge, account=state)   # collects from now on
    await metrics.flush()           # before anybody reads: what is pending is in CloudWatch

An invocation pays for three appends to a list: records wait until somebody asks, or until there are `MANY`. Every
metric comes by FunctionName, by FunctionName and Resource (`hello`, `hello:prod`), for an alias by ExecutedVersion
too, and for all functions of the Region together (facts §5.3, §4.2; AWS Lambda Developer Guide, "Types of metrics").
What the sandbox does not run has no metric: OffsetLag (Kafka), PostRuntimeExtensionsDuration.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Mapping, Sequence
from typing import Protocol

from lambda_sandbox.journal import Journal, Kind, Record
from lambda_sandbox.moto_bridge import Dimensions, Point, Series

NAMESPACE = "AWS/Lambda"
MANY = 20_000
_REMEMBERED = 100_000  # events and calls that have not come to an end
_FAILURES = (Kind.FAILED, Kind.TIMED_OUT, Kind.EXITED)
_UNITS = {
    "Duration": "Milliseconds",
    "AsyncEventAge": "Milliseconds",
    "IteratorAge": "Milliseconds",
    "ProvisionedConcurrencyUtilization": "None",
}
_UNDELIVERED = {Kind.DELIVERED: "DestinationDeliveryFailures", Kind.DEAD_LETTERED: "DeadLetterErrors"}


class MetricStore(Protocol):
    """What `Metrics` needs of the bridge."""

    def put_metrics(self, region: str, points: Sequence[Point]) -> None: ...


class Account(Protocol):
    """What `Metrics` needs to know of the account."""

    concurrency_quota: int

    def unreserved(self, region: str) -> int: ...


class Metrics:
    """Writes what the journal says of invocations to CloudWatch, in batches. Lives on the event loop."""

    def __init__(self, journal: Journal, store: MetricStore, account: Account) -> None:
        self._store = store
        self._tally = Tally(account)
        self.pending: list[Record] = []
        self._writing = asyncio.Lock()
        journal.subscribe(self.pending.append, *KINDS)

    async def flush(self) -> None:
        """Returns when all that was recorded before this call is in CloudWatch."""
        if not self.pending and not self._writing.locked():
            return
        async with self._writing:
            records = self.pending.copy()
            self.pending.clear()
            await asyncio.get_running_loop().run_in_executor(None, self._write, records)

    def reset(self) -> None:
        """Forgets what is pending, and what runs."""
        self.pending.clear()
        self._tally.reset()

    def _write(self, records: list[Record]) -> None:
        for region, points in self._tally.points(records).items():
            self._store.put_metrics(region, points)


class _Group:
    """Calls that are counted together: those of a Region, a function, an alias."""

    __slots__ = ("dimensions", "region", "running", "values")

    def __init__(self, region: str, dimensions: Dimensions) -> None:
        self.region, self.dimensions = region, dimensions
        self.running = 0
        self.values: defaultdict[tuple[int, str], list[float]] = defaultdict(list)  # minute, metric

    def add(self, name: str, at: float, value: float) -> None:
        self.values[int(at) // 60 * 60, name].append(value)


class Tally:
    """Journal records, in order, as points. It knows which calls have not come to an end."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.reset()

    def reset(self) -> None:
        self._calls: OrderedDict[str, Record] = OrderedDict()  # request id -> REQUESTED
        self._queued: OrderedDict[str, float] = OrderedDict()  # request id of an asynchronous event -> since when
        self._ages: dict[str, float] = {}  # request id of a batch of a stream -> age in ms
        self._failed: set[str] = set()
        self._running: dict[str, bool] = {}  # request id -> whether it is in a provisioned environment
        self._unreserved: defaultdict[str, int] = defaultdict(int)  # Region -> how many run
        self._busy: defaultdict[tuple[str, str], int] = defaultdict(int)  # version -> provisioned ones that run
        self._provisioned: defaultdict[tuple[str, str], set[str]] = defaultdict(set)  # version -> environments
        self._groups: dict[tuple[str, Dimensions], _Group] = {}
        self._groups_of: dict[tuple[str, str, str | None, str], list[_Group]] = {}  # of a call, and of its like

    def points(self, records: Sequence[Record]) -> dict[str, list[Point]]:
        """What they come to, by Region; values of one metric in one minute in one point."""
        for record in records:
            _NOTED[record.kind](self, record)
        for known in (self._calls, self._queued):
            while len(known) > _REMEMBERED:
                known.popitem(last=False)
        made: defaultdict[str, list[Point]] = defaultdict(list)
        for group in self._groups.values():
            for (minute, name), values in group.values.items():
                series = Series(NAMESPACE, name, group.dimensions, _UNITS.get(name, "Count"))
                made[group.region].append(Point(series, minute, values))
            group.values = defaultdict(list)
        return made

    # -- what each kind of record says

    def _requested(self, record: Record) -> None:
        self._calls[record.request_id] = record
        if (age_ms := self._ages.pop(record.request_id, None)) is not None:
            self._measure(record, record.at, {"IteratorAge": age_ms})
        if record.data["type"] == "Event":
            since = self._queued.get(record.request_id)
            if since is None:
                since = self._queued[record.request_id] = record.at
                self._measure(record, record.at, {"AsyncEventsReceived": 1})
            self._measure(record, record.at, {"AsyncEventAge": (record.at - since) * 1000})

    def _started(self, record: Record) -> None:
        call = self._calls.get(record.request_id)
        if call is None:
            return
        region, version = call.data["region"], (record.function, record.version)
        for group in self._of(call):
            group.running += 1
            group.add("ConcurrentExecutions", record.at, group.running)
        if not call.data["reserved"]:
            self._unreserved[region] += 1
            self._group(region, ()).add("UnreservedConcurrentExecutions", record.at, self._unreserved[region])
        aside = self._account.concurrency_quota - self._account.unreserved(region)
        self._group(region, ()).add("ClaimedAccountConcurrency", record.at, aside + self._unreserved[region])
        ready = self._provisioned.get(version)
        self._running[record.request_id] = provisioned = bool(ready and record.environment in ready)
        if ready and provisioned:
            self._busy[version] += 1
            share = {
                "ProvisionedConcurrencyInvocations": 1,
                "ProvisionedConcurrentExecutions": self._busy[version],
                "ProvisionedConcurrencyUtilization": self._busy[version] / len(ready),
            }
            self._measure(call, record.at, share)
        elif ready:
            self._measure(call, record.at, {"ProvisionedConcurrencySpilloverInvocations": 1})

    def _answered(self, record: Record) -> None:
        self._queued.pop(record.request_id, None)
        self._ended(record)

    def _has_failed(self, record: Record) -> None:
        self._failed.add(record.request_id)
        self._ended(record)

    def _ended(self, record: Record) -> None:
        """Its concurrency is free again, though the report is still to come."""
        call = self._calls.get(record.request_id)
        if call is None or record.request_id not in self._running:
            return
        provisioned = self._running.pop(record.request_id)
        for group in self._of(call):
            group.running -= 1
        if not call.data["reserved"]:
            self._unreserved[call.data["region"]] -= 1
        if provisioned:
            self._busy[record.function, record.version] -= 1

    def _reported(self, record: Record) -> None:
        call = self._calls.pop(record.request_id, None)
        failed = record.request_id in self._failed
        self._failed.discard(record.request_id)
        if call is None:
            return
        duration_ms = record.data["duration_ms"]
        values = {"Invocations": 1, "Errors": int(failed), "Throttles": 0, "Duration": round(duration_ms, 2)}
        self._measure(call, record.at - duration_ms / 1000, values)

    def _throttled(self, record: Record) -> None:
        if (call := self._calls.pop(record.request_id, None)) is not None:
            self._measure(call, record.at, {"Throttles": 1})

    def _dropped(self, record: Record) -> None:
        if "mapping" in record.data:  # records of a stream, not an event
            return
        self._queued.pop(record.request_id, None)
        self._measure(record, record.at, {"AsyncEventsDropped": 1})
        if record.data["because"] == "RecursiveInvocation":
            self._measure(record, record.at, {"RecursiveInvocationsDropped": 1})

    def _refused(self, record: Record) -> None:
        if name := _UNDELIVERED.get(record.data.get("undelivered", "")):
            self._measure(record, record.at, {name: 1})
        if record.data["because"] == "RecursiveInvocation":
            self._measure(record, record.at, {"RecursiveInvocationsDropped": 1})

    def _batched(self, record: Record) -> None:
        if "age_ms" in record.data:
            self._ages[record.request_id] = record.data["age_ms"]

    def _starting(self, record: Record) -> None:
        if record.data["initialization_type"] == "provisioned-concurrency":
            self._provisioned[record.function, record.version].add(record.environment)

    def _stopped(self, record: Record) -> None:
        if ready := self._provisioned.get((record.function, record.version)):
            ready.discard(record.environment)

    # -- which groups a call belongs to

    def _measure(self, call: Record, at: float, values: Mapping[str, float]) -> None:
        """Values of one call, for each of the groups that it belongs to."""
        for group in self._of(call):
            for name, value in values.items():
                group.add(name, at, value)

    def _of(self, call: Record) -> list[_Group]:
        key = (call.data["region"], call.function, call.data.get("qualifier"), call.version)
        found = self._groups_of.get(key)
        if found is None:
            found = self._groups_of[key] = [self._group(key[0], dimensions) for dimensions in _dimensions(*key[1:])]
        return found

    def _group(self, region: str, dimensions: Dimensions) -> _Group:
        key = (region, dimensions)
        if key not in self._groups:
            self._groups[key] = _Group(region, dimensions)
        return self._groups[key]


def _dimensions(name: str, qualifier: str | None, version: str) -> list[Dimensions]:
    """What a call is counted under; nothing for all functions together."""
    function = ("FunctionName", name)
    resource = ("Resource", name if qualifier in (None, "$LATEST") else f"{name}:{qualifier}")
    counted: list[Dimensions] = [(), (function,), (function, resource)]
    if qualifier and version and qualifier != version:
        counted.append((("ExecutedVersion", version), function, resource))
    return counted


_NOTED = {
    Kind.REQUESTED: Tally._requested,
    Kind.STARTED: Tally._started,
    Kind.ANSWERED: Tally._answered,
    **dict.fromkeys(_FAILURES, Tally._has_failed),
    Kind.REPORTED: Tally._reported,
    Kind.THROTTLED: Tally._throttled,
    Kind.DROPPED: Tally._dropped,
    Kind.REFUSED: Tally._refused,
    Kind.BATCHED: Tally._batched,
    Kind.STARTING: Tally._starting,
    Kind.STOPPED: Tally._stopped,
}
KINDS = tuple(_NOTED)
