"""The bill of what ran: meters read from the journal, prices from the facts file (facts §2).

    sandbox.bill()                              # of everything, in us-east-1, as if there were no free tier
    Bill(records, times=1_000_000)              # as if all that had happened a million times in a month

Two pure halves, `usage` and `priced`. Only Lambda and its logs are on it, not what functions asked of other services.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from math import ceil
from typing import NamedTuple

from lambda_sandbox.cloudwatch.logs import lines
from lambda_sandbox.facts import fact
from lambda_sandbox.journal import Kind, Record

REQUESTS, TMP, LOGS = "requests", "/tmp above 512 MB", "logs ingested"
DURATION, PROVISIONED, ALLOCATED = "duration", "duration, provisioned", "provisioned concurrency"
FREE_LOGS_GB = 5  # facts §2.5
_ON_DEMAND = tuple(f"{DURATION}, {architecture}" for architecture in ("x86_64", "arm64"))
_NOT_COUNTED = "Lambda and its logs only: requests that functions make to other services are not counted."


class Line(NamedTuple):
    """One meter: how much of it, in which unit, and what that costs in USD. `free` is how much of it is free."""

    meter: str
    quantity: float
    unit: str
    free: float
    usd: float


class Bill:
    """Journal records as a bill. A value: `total` in USD, `lines`, a table as text and as HTML."""

    def __init__(
        self, records: Iterable[Record], *, region: str = "us-east-1", free_tier: bool = False, times: float = 1
    ) -> None:
        self.region, self.free_tier, self.times = region, free_tier, times
        used = usage(records)
        self.lines = priced({meter: amount * times for meter, amount in used.items()}, region, free_tier=free_tier)

    @property
    def total(self) -> float:
        return sum(line.usd for line in self.lines)

    def __repr__(self) -> str:
        rows = self._rows()
        widths = [max(len(row[column]) for row in rows) for column in range(5)]
        table = []
        for row in rows:
            numbers = f"{row[1]:>{widths[1]}}  {row[2]:{widths[2]}}  {row[3]:>{widths[3]}}  {row[4]:>{widths[4]}}"
            table.append(f"{row[0]:{widths[0]}}  {numbers}".rstrip())
        return "\n".join([self._headline(), "", *table, "", _NOT_COUNTED])

    def _repr_html_(self) -> str:
        head, *rows = self._rows()
        cells = "".join(f"<th>{escape(cell)}</th>" for cell in head)
        body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
        said = f"<p>{escape(self._headline())}</p>", f"<p>{escape(_NOT_COUNTED)}</p>"
        return f"{said[0]}<table><tr>{cells}</tr>{body}</table>{said[1]}"

    def _headline(self) -> str:
        times = "" if self.times == 1 else f", {self.times:,.10g} times over"
        return f"Bill for {self.region}, {'with' if self.free_tier else 'without'} the free tier{times}"

    def _rows(self) -> list[tuple[str, str, str, str, str]]:
        rows = [("meter", "quantity", "unit", "of it free", "USD")]
        rows += [(one.meter, _amount(one.quantity), one.unit, _amount(one.free), usd(one.usd)) for one in self.lines]
        return [*rows, ("total", "", "", "", usd(self.total))]


def usage(records: Iterable[Record]) -> dict[str, float]:
    """How much of each meter: requests, GB-s, GB of logs."""
    used: defaultdict[str, float] = defaultdict(float)
    environments: dict[str, Record] = {}  # each by its first record
    ready: dict[str, float] = {}  # provisioned environment -> since when
    now = 0.0
    for record in records:
        now = record.at
        used[LOGS] += sum(len(line.encode("utf-8", "replace")) for line in lines(record)) / 1024**3
        if record.kind is Kind.STARTING:
            if _is_provisioned(environments.setdefault(record.environment, record)):
                ready.setdefault(record.environment, now)
        elif record.kind is Kind.STOPPED and record.environment in ready:
            used[ALLOCATED] += _allocated(environments[record.environment], now - ready.pop(record.environment))
        elif record.kind is Kind.REQUESTED and record.data["type"] == "Event":
            used[REQUESTS] += further_requests(record.data["bytes"])
        elif record.kind is Kind.REPORTED:
            used[REQUESTS] += 1
            _add_run(used, record, environments.get(record.environment))
    for name, since in ready.items():
        used[ALLOCATED] += _allocated(environments[name], now - since)
    return dict(used)


def _allocated(starting: Record, seconds: float) -> float:
    """GB-s of one environment that was kept ready; time is rounded up to five minutes."""
    step: float = fact("prices.provisioned_step")
    return max(1, ceil(seconds / step)) * step * float(starting.data["memory_mb"]) / 1024


def _add_run(used: defaultdict[str, float], report: Record, environment: Record | None) -> None:
    seconds, memory_gb = report.data["billed_ms"] / 1000, report.data["memory_mb"] / 1024
    about: Mapping[str, object] = environment.data if environment else {}
    if environment is not None and _is_provisioned(environment):
        used[PROVISIONED] += seconds * memory_gb
    else:
        used[f"{DURATION}, {about.get('architecture', 'x86_64')}"] += seconds * memory_gb
    beyond_mb = environment.data["tmp_mb"] - fact("prices.tmp_free_mb") if environment else 0
    if beyond_mb > 0:
        used[TMP] += seconds * beyond_mb / 1024


def _is_provisioned(starting: Record) -> bool:
    return bool(starting.data["initialization_type"] == "provisioned-concurrency")


def further_requests(event_bytes: int) -> int:
    """What an asynchronous event counts for beside one request: one for each 64 KB beyond 256 KB (facts §2)."""
    beyond = max(0, event_bytes - fact("prices.async_event_first"))
    steps: float = beyond / fact("prices.async_event_step")
    return ceil(steps)


def priced(used: Mapping[str, float], region: str, *, free_tier: bool = False) -> list[Line]:
    """What was used, each meter with its price of a month. Raises ValueError where no price is known."""
    free_gb_s = fact("prices.free_gb_seconds") if free_tier else 0
    found = []
    for meter, quantity in sorted(used.items(), key=lambda item: _order(item[0])):
        free = 0.0
        if meter == REQUESTS:
            free = fact("prices.free_requests") if free_tier else 0
        elif meter == LOGS:
            free = FREE_LOGS_GB if free_tier else 0
        elif meter in _ON_DEMAND:
            free = free_gb_s
        free = min(free, quantity)
        if meter in _ON_DEMAND:
            free_gb_s -= free  # both architectures share it
        found.append(Line(meter, quantity, _unit(meter), free, in_tiers(quantity - free, _tiers(meter, region))))
    return found


def in_tiers(quantity: float, tiers: Sequence[tuple[float | None, float]]) -> float:
    """USD for `quantity`: of each tier (up to so many, None is no end; USD for one) what falls into it."""
    total, below = 0.0, 0.0
    for end, price in tiers:
        within = quantity if end is None else min(quantity, end)
        total += max(0.0, within - below) * price
        below = end or quantity
    return total


def _tiers(meter: str, region: str) -> list[tuple[float | None, float]]:
    if meter == REQUESTS:
        return [(None, fact("prices.requests_per_million", region) / 1e6)]
    if meter == LOGS:
        return _read_tiers("prices.logs_ingested_gb_tiers")
    if meter in _ON_DEMAND:
        name = "x86" if meter == _ON_DEMAND[0] else "arm64"
        price = fact(f"prices.{name}_gb_second", region)
        tiers = _read_tiers(f"prices.{name}_gb_second_tiers")
        return tiers if tiers[0][1] == price else [(None, price)]  # other Regions: the first tier is what is known
    name = {TMP: "prices.tmp_gb_second"}.get(meter, "prices.provisioned_gb_second")
    known = fact(name)
    if region not in known:
        raise ValueError(f"no price of {meter} is known for {region}; facts.toml has {', '.join(known)}")
    return [(None, known[region] if meter == TMP else known[region][meter == PROVISIONED])]


def _read_tiers(name: str) -> list[tuple[float | None, float]]:
    return [(None if end == "above" else float(end), price) for end, price in fact(name)]


def _order(meter: str) -> tuple[int, str]:
    order = (REQUESTS, *_ON_DEMAND, PROVISIONED, ALLOCATED, TMP, LOGS)
    return (order.index(meter), meter)


def _unit(meter: str) -> str:
    return {REQUESTS: "requests", LOGS: "GB"}.get(meter, "GB-s")


def _amount(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.6g}"


def usd(amount: float) -> str:
    """Cents from one dollar on; below it as many digits as show something."""
    return f"{amount:,.2f}" if amount >= 1 or not amount else f"{amount:.8f}"
