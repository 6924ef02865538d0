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
from collections.abc import Sequence
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
        self._running: defaultdict[tuple[object, ...], int] = defaultdict(int)
        self._provisioned: defaultdict[tuple[str, str], set[str]] = defaultdict(set)  # version -> environments
        self._values: defaultdict[tuple[str, str, Dimensions, int], list[float]] = defaultdict(list)

    def points(self, records: Sequence[Record]) -> dict[str, list[Point]]:
        """What they come to, by Region; values of one metric in one minute in one point."""
        for record in records:
            _NOTED[record.kind](self, record)
        for known in (self._calls, self._queued):
            while len(known) > _REMEMBERED:
                known.popitem(last=False)
        made: defaultdict[str, list[Point]] = defaultdict(list)
        for (region, name, dimensions, minute), values in self._values.items():
            series = Series(NAMESPACE, name, dimensions, _UNITS.get(name, "Count"))
            made[region].append(Point(series, minute, values))
        self._values.clear()
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
        region, name = call.data["region"], record.function
        scopes = _scopes(call)
        for scope in scopes:
            self._running[region, *scope] += 1
            self._add(region, "ConcurrentExecutions", scope, record.at, self._running[region, *scope])
        if not call.data["reserved"]:
            self._running[region, "unreserved"] += 1
            self._add(region, "UnreservedConcurrentExecutions", (), record.at, self._running[region, "unreserved"])
        aside = self._account.concurrency_quota - self._account.unreserved(region)
        claimed = aside + self._running[region, "unreserved"]
        self._add(region, "ClaimedAccountConcurrency", (), record.at, claimed)
        ready = self._provisioned.get((name, record.version))
        if ready and record.environment in ready:
            self._running[region, "provisioned", name, record.version] += 1
            busy = self._running[region, "provisioned", name, record.version]
            share = {
                "ProvisionedConcurrencyInvocations": 1,
                "ProvisionedConcurrentExecutions": busy,
                "ProvisionedConcurrencyUtilization": busy / len(ready),
            }
            self._measure(call, record.at, share)
        elif ready:
            self._measure(call, record.at, {"ProvisionedConcurrencySpilloverInvocations": 1})

    def _has_failed(self, record: Record) -> None:
        self._failed.add(record.request_id)

    def _answered(self, record: Record) -> None:
        self._queued.pop(record.request_id, None)

    def _reported(self, record: Record) -> None:
        call = self._calls.pop(record.request_id, None)
        failed = record.request_id in self._failed
        self._failed.discard(record.request_id)
        if call is None:
            return
        region = call.data["region"]
        for scope in _scopes(call):
            self._running[region, *scope] -= 1
        if not call.data["reserved"]:
            self._running[region, "unreserved"] -= 1
        if record.environment in self._provisioned.get((record.function, record.version), ()):
            self._running[region, "provisioned", record.function, record.version] -= 1
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

    def _batched(self, record: Record) -> None:
        if "age_ms" in record.data:
            self._ages[record.request_id] = record.data["age_ms"]

    def _starting(self, record: Record) -> None:
        if record.data["initialization_type"] == "provisioned-concurrency":
            self._provisioned[record.function, record.version].add(record.environment)

    def _stopped(self, record: Record) -> None:
        if ready := self._provisioned.get((record.function, record.version)):
            ready.discard(record.environment)

    def _measure(self, call: Record, at: float, values: dict[str, float]) -> None:
        """Values of one call, for each of the groups that it belongs to."""
        for scope in _scopes(call):
            for name, value in values.items():
                self._add(call.data["region"], name, scope, at, value)

    def _add(self, region: str, name: str, dimensions: Dimensions, at: float, value: float) -> None:
        self._values[region, name, dimensions, int(at) // 60 * 60].append(value)


def _scopes(call: Record) -> list[Dimensions]:
    """The dimensions that a call is counted under, none for all functions together."""
    name, qualifier = call.function, call.data.get("qualifier")
    function = ("FunctionName", name)
    resource = ("Resource", name if qualifier in (None, "$LATEST") else f"{name}:{qualifier}")
    scopes: list[Dimensions] = [(), (function,), (function, resource)]
    if qualifier and call.version and qualifier != call.version:
        scopes.append((("ExecutedVersion", call.version), function, resource))
    return scopes


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
