"""What happened: every fact recorded once. Logs, metrics, the timeline, the bill and grades are functions of it.

    journal.append(Kind.STARTED, function="thumbnail", environment="e1", request_id="…", cold=True)
    journal.since(0, kind=Kind.THROTTLED)
    journal.subscribe(projection, Kind.LOG) # called with each record of that kind, on the loop

Append and read; nothing is changed or deleted but by `reset`. The journal is bounded in bytes: when it is full the
oldest records go and a `JOURNAL_CUT` record says how many.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

CAPACITY_BYTES = 256 * 1024 * 1024
_RECORD_BYTES = 600  # what a record costs in memory beside its log text; near enough to bound the whole


class Kind(StrEnum):
    """The closed list of what can happen."""

    __hash__ = str.__hash__  # Enum's own is in Python, and every record is looked up by its kind

    # an execution environment
    STARTING = "environment.starting"  # data: phase (init|invoke), region, runtime, role, log_group, log_stream, …
    READY = "environment.ready"  # data: init_ms
    INIT_FAILED = "environment.init_failed"  # data: init_ms, phase, status (error|timeout), error_type
    FROZEN = "environment.frozen"
    THAWED = "environment.thawed"
    STOPPED = "environment.stopped"  # data: reason (idle|reset|failed|updated|deleted|sandbox)
    # an invocation
    REQUESTED = "invocation.requested"  # data: source, type, bytes, region, qualifier, reserved (bool)
    THROTTLED = "invocation.throttled"  # data: reason
    STARTED = "invocation.started"  # data: cold (bool)
    # data: message (one CloudWatch event), cut (some of it is not kept), by_logger (of a log in JSON: no plain output)
    LOG = "invocation.log"
    ANSWERED = "invocation.answered"  # data: bytes
    FAILED = "invocation.failed"  # data: error_type, message
    TIMED_OUT = "invocation.timed_out"  # data: after_s
    EXITED = "invocation.exited"  # data: error_type, message
    REPORTED = (
        "invocation.reported"  # data: duration_ms, billed_ms, memory_mb, max_memory_mb, init_ms?, status, error_type?
    )
    # a delivery: an event on its way to a function, or an outcome on its way to a destination
    RECEIVED = "delivery.received"  # data: source, event_name, …
    FILTERED = (
        "delivery.filtered"  # data, here and below, of a mapping: source, mapping (its UUID), messages or records
    )
    # data: source, because: no permission to invoke, no such function; undelivered (the kind that it did not become)
    REFUSED = "delivery.refused"
    BATCHED = "delivery.batched"  # data, of a mapping, here and below: ids (messages' ids, records' sequence numbers)
    RETRIED = "delivery.retried"  # data: attempt, after_s
    DROPPED = "delivery.dropped"  # data: because
    DEAD_LETTERED = "delivery.dead_lettered"
    DELIVERED = "delivery.delivered"
    # the sandbox itself
    ADVANCED = "clock.advanced"  # data: now
    JOURNAL_CUT = "journal.cut"  # data: records, bytes


class Record(NamedTuple):
    """One fact. `at` is seconds on the sandbox's clock; `data` holds what `Kind` documents, ready for JSON."""

    seq: int
    at: float
    kind: Kind
    function: str
    version: str
    environment: str
    request_id: str
    data: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {
            "seq": self.seq,
            "at": self.at,
            "kind": self.kind.value,
            "function": self.function,
            "version": self.version,
            "environment": self.environment,
            "request_id": self.request_id,
            "data": dict(self.data),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Record:
        return cls(**{**value, "kind": Kind(value["kind"])})


class Journal:
    """An append-only, bounded list of records with subscribers. Lives on the event loop."""

    def __init__(self, now: Callable[[], float], capacity_bytes: int = CAPACITY_BYTES) -> None:
        self._now = now
        self._capacity = capacity_bytes
        self._records: deque[Record] = deque()
        self._bytes = 0
        self._seq = 0
        self._subscribers: dict[Kind, list[Callable[[Record], object]]] = {kind: [] for kind in Kind}

    def append(
        self,
        kind: Kind,
        *,
        function: str = "",
        version: str = "",
        environment: str = "",
        request_id: str = "",
        **data: Any,
    ) -> Record:
        """Records one fact now and tells the subscribers."""
        self._seq += 1
        record = Record(self._seq, self._now(), kind, function, version, environment, request_id, data)
        self._records.append(record)
        self._bytes += _cost(record)
        for subscriber in self._subscribers[kind]:
            subscriber(record)
        if self._bytes > self._capacity:
            self._cut()
        return record

    def since(self, seq: int = 0, **where: Any) -> list[Record]:
        """The records after number `seq` whose fields equal all of `where`, oldest first."""
        newer: list[Record] = []
        for record in reversed(self._records):  # the tail is what is asked for, however long the journal is
            if record.seq <= seq:
                break
            if all(getattr(record, name) == value for name, value in where.items()):
                newer.append(record)
        newer.reverse()
        return newer

    def subscribe(self, subscriber: Callable[[Record], object], *kinds: Kind) -> None:
        """Calls `subscriber` with each record of these kinds from now on; of all kinds if none is named."""
        for kind in kinds or Kind:
            self._subscribers[kind].append(subscriber)

    def reset(self) -> None:
        """Forgets all records; numbers go on, so a reader that asks `since` misses nothing and repeats nothing."""
        self._records.clear()
        self._bytes = 0

    @property
    def last_seq(self) -> int:
        return self._seq

    def _cut(self) -> None:
        dropped, freed = 0, 0
        while self._records and self._bytes - freed > self._capacity * 3 // 4:
            freed += _cost(self._records.popleft())
            dropped += 1
        self._bytes -= freed
        self.append(Kind.JOURNAL_CUT, records=dropped, bytes=freed)


def _cost(record: Record) -> int:
    return _RECORD_BYTES + (len(record.data.get("message", "")) if record.kind is Kind.LOG else 0)
