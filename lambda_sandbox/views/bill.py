"""The bill of what ran: meters read from the journal, prices from the facts file (facts §2).

    sandbox.bill()                              # of everything, in the sandbox's Region, as if there were no free tier
    Bill(records, times=1_000_000)              # as if all that had happened a million times in a month

Two pure halves, `usage` and `meters.priced`. What functions asked of other services is counted at the door.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from html import escape
from math import ceil
from typing import Any, NamedTuple

from lambda_sandbox.cloudwatch.logs import lines
from lambda_sandbox.facts import fact
from lambda_sandbox.journal import Kind, Record
from lambda_sandbox.views.meters import (
    ALLOCATED,
    DURATION,
    LOGS,
    PROVISIONED,
    PROVISIONED_REQUESTS,
    REQUESTS,
    SCHEDULER,
    STREAMED,
    TMP,
    meter_of,
    priced,
)

_COUNTED = "Of other services: what functions asked of them, what was read or delivered for functions, calls of APIs."
_LEFT_OUT = "Left out: your own requests, polls of empty queues, storage and transfer."
_CUT = "The journal was full: its oldest records are gone, and what they cost is not on this bill."
_DELIVERIES = (Kind.RECEIVED, Kind.FILTERED, Kind.DELIVERED, Kind.DEAD_LETTERED)
_NOT_PRICED = "Not priced here: facts.toml has no price of it."


class Asked(NamedTuple):
    """How many requests a function made: of a service, by its signing name, an operation."""

    function: str
    service: str
    operation: str
    times: int


class Bill:
    """Journal records as a bill. A value: `total` in USD, `lines`, a table as text and as HTML."""

    def __init__(
        self,
        records: Iterable[Record],
        asked: Iterable[Asked] = (),
        *,
        region: str = "us-east-1",
        free_tier: bool = False,
        times: float = 1,
        until: float | None = None,
    ) -> None:
        """until: to when what is provisioned is ready; the last record's time if not given.

        Raises ValueError: the Region has no prices here.
        """
        self.region, self.free_tier, self.times = region, free_tier, times
        records = list(records)
        self._cut = any(record.kind is Kind.JOURNAL_CUT for record in records)
        used = usage(records, asked, until)
        self.lines = priced({meter: amount * times for meter, amount in used.items()}, region, free_tier=free_tier)

    @property
    def total(self) -> float:
        """USD, of all that has a price here."""
        return sum((line.usd or 0.0 for line in self.lines), 0.0)

    def __repr__(self) -> str:
        rows = self._rows()
        widths = [max(len(row[column]) for row in rows) for column in range(5)]
        table = []
        for row in rows:
            numbers = f"{row[1]:>{widths[1]}}  {row[2]:{widths[2]}}  {row[3]:>{widths[3]}}  {row[4]:>{widths[4]}}"
            table.append(f"{row[0]:{widths[0]}}  {numbers}".rstrip())
        return "\n".join([self._headline(), "", *table, "", *self._notes()])

    def _repr_html_(self) -> str:
        head, *rows = self._rows()
        cells = "".join(f"<th>{escape(cell)}</th>" for cell in head)
        body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
        notes = "".join(f"<p>{escape(note)}</p>" for note in self._notes())
        return f"<p>{escape(self._headline())}</p><table><tr>{cells}</tr>{body}</table>{notes}"

    def _headline(self) -> str:
        times = "" if self.times == 1 else f", {self.times:,.10g} times over"
        return f"Bill for {self.region}, {'with' if self.free_tier else 'without'} the free tier{times}"

    def _notes(self) -> list[str]:
        notes = [_COUNTED, _LEFT_OUT, *([_CUT] if self._cut else [])]
        if any(line.usd is None for line in self.lines):
            notes.append(_NOT_PRICED)
        if assumed := [line.meter for line in self.lines if line.assumed]:
            notes.append(f"No price of {self.region} is known; us-east-1's is assumed: {'; '.join(assumed)}.")
        return notes

    def _rows(self) -> list[tuple[str, str, str, str, str]]:
        rows = [("meter", "quantity", "unit", "of it free", "USD")]
        rows += [(one.meter, _amount(one.quantity), one.unit, _amount(one.free), usd(one.usd)) for one in self.lines]
        return [*rows, ("total", "", "", "", usd(self.total))]


def usage(records: Iterable[Record], asked: Iterable[Asked] = (), until: float | None = None) -> dict[str, float]:
    """How much of each meter: requests, GB-s, GB."""
    used: defaultdict[str, float] = defaultdict(float)
    environments: dict[str, Record] = {}  # each by its first record
    ready: dict[str, float] = {}  # provisioned environment -> since when
    now = 0.0
    for record in records:
        now = record.at
        logging = environments[record.environment].data if record.environment in environments else None
        used[LOGS] += sum(len(line.encode("utf-8", "replace")) for line in lines(record, logging)) / 1024**3
        if record.kind is Kind.STARTING:
            if _is_provisioned(environments.setdefault(record.environment, record)):
                ready.setdefault(record.environment, now)
        elif record.kind is Kind.READY and record.environment in ready:  # its Init is billed too (facts §2)
            starting = environments[record.environment].data
            used[PROVISIONED + _arm(starting)] += ceil(record.data["init_ms"]) / 1000 * starting["memory_mb"] / 1024
        elif record.kind is Kind.STOPPED and record.environment in ready:
            _add_ready(used, environments[record.environment], now - ready.pop(record.environment))
        elif record.kind is Kind.REQUESTED and record.data["type"] == "Event":
            used[REQUESTS] += further_requests(record.data["bytes"])
        elif record.kind is Kind.ANSWERED and (beyond := record.data["bytes"] - fact("limits.invoke_payload_sync")) > 0:
            used[STREAMED] += beyond / 1024**3
        elif record.kind in _DELIVERIES:
            _add_delivery(used, record.data)
        elif record.kind is Kind.REPORTED:
            _add_run(used, record, environments.get(record.environment))
    for name, since in ready.items():
        _add_ready(used, environments[name], (until or now) - since)
    for one in asked:
        used[meter_of(one.service, one.operation)] += one.times
    return dict(used)


def _add_ready(used: defaultdict[str, float], starting: Record, seconds: float) -> None:
    """One environment that was kept ready; time is rounded up to five minutes."""
    step: float = fact("prices.provisioned_step")
    gb_s = max(1, ceil(seconds / step)) * step * float(starting.data["memory_mb"]) / 1024
    used[ALLOCATED + _arm(starting.data)] += gb_s


def _add_delivery(used: defaultdict[str, float], data: Mapping[str, Any]) -> None:
    """What pollers and deliveries asked of other services. A request to SQS is of at most 10 messages."""
    if "mapping" in data and data["source"] == "sqs":
        if "messages" in data:  # a queue that sets messages aside by itself asks nobody
            used[meter_of("sqs.fifo" if data.get("fifo") else "sqs", "")] += ceil(data["messages"] / 10)
    elif "to" in data:
        service, name = data["to"].split(":", 3)[2], data["to"]
        if service != "lambda" and ":log-group:" not in name:
            used[meter_of("sqs.fifo" if name.endswith(".fifo") else service, "PutObject")] += 1
        if data.get("source") == "scheduler":
            used[SCHEDULER] += 1


def _add_run(used: defaultdict[str, float], report: Record, environment: Record | None) -> None:
    seconds, memory_gb = report.data["billed_ms"] / 1000, report.data["memory_mb"] / 1024
    about: Mapping[str, Any] = environment.data if environment else {}
    if environment is not None and _is_provisioned(environment):
        used[PROVISIONED_REQUESTS] += 1
        used[PROVISIONED + _arm(about)] += seconds * memory_gb
    else:
        used[REQUESTS] += 1
        used[f"{DURATION}, {about.get('architecture', 'x86_64')}"] += seconds * memory_gb
    beyond_mb = environment.data["tmp_mb"] - fact("prices.tmp_free_mb") if environment else 0
    if beyond_mb > 0:
        used[TMP] += seconds * beyond_mb / 1024


def _arm(about: Mapping[str, Any]) -> str:
    """What the meters of provisioned concurrency end in."""
    return ", arm64" if about.get("architecture") == "arm64" else ""


def _is_provisioned(starting: Record) -> bool:
    return bool(starting.data["initialization_type"] == "provisioned-concurrency")


def further_requests(event_bytes: int) -> int:
    """What an asynchronous event counts for beside one request: one for each 64 KB beyond 256 KB (facts §2)."""
    beyond = max(0, event_bytes - fact("prices.async_event_first"))
    steps: float = beyond / fact("prices.async_event_step")
    return ceil(steps)


def _amount(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.6g}"


def usd(amount: float | None) -> str:
    """Cents from one dollar on; below it as many digits as show something."""
    if amount is None:
        return "not priced here"
    return f"{amount:,.2f}" if amount >= 1 or not amount else f"{amount:.8f}"
