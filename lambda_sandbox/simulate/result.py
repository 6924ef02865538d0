"""What a simulation returns: totals, rows over time, and what it would have cost (facts §2)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import ceil

from lambda_sandbox.facts import fact, price
from lambda_sandbox.simulate.model import Function
from lambda_sandbox.views.staircase import Row, Staircase


@dataclass
class Tally:
    """What is counted on the way, of one function or of all: until now, and the most at once since the row began."""

    allocated: float = 0.0  # USD a second for what is provisioned
    running: int = 0
    environments: int = 0
    requests: int = 0
    served: int = 0
    cold_starts: int = 0
    throttles: Counter[str] = field(default_factory=Counter)
    request_cost: float = 0.0
    duration_cost: float = 0.0
    busy_seconds: float = 0.0
    peak_running: int = 0
    peak_environments: int = 0
    rows: list[Row] = field(default_factory=list)
    _began: float = 0.0
    _before: tuple[float, ...] = (0, 0, 0, 0, 0.0)

    def serve(self, count: int, started: int, request_cost: float, duration_cost: float) -> None:
        """So many run from now on, `started` of them in new environments."""
        self.served += count
        self.running += count
        self.cold_starts += started
        self.environments += started
        self.request_cost += request_cost
        self.duration_cost += duration_cost
        if self.running > self.peak_running:
            self.peak_running = self.running
        if self.environments > self.peak_environments:
            self.peak_environments = self.environments

    def close_row(self, end: float, provisioned_until: float) -> None:
        """The row ends here, and the next one begins; what is provisioned is paid for up to then."""
        cost = self.request_cost + self.duration_cost + self.allocated * provisioned_until
        now = (self.requests, self.served, self.cold_starts, self.throttles.total(), cost)
        requests, served, cold, throttled = (new - old for new, old in zip(now[:4], self._before[:4], strict=True))
        peaks = self.peak_running, self.peak_environments
        cost -= self._before[4]
        self.rows.append(Row(self._began, int(requests), int(served), int(cold), int(throttled), *peaks, cost))
        self._began, self._before = end, now
        self.peak_running, self.peak_environments = self.running, self.environments

    def result(self, name: str, method: str, seconds: float, functions: dict[str, Simulation]) -> Simulation:
        return Simulation(
            name=name,
            method=method,
            seconds=seconds,
            requests=self.requests,
            served=self.served,
            cold_starts=self.cold_starts,
            throttles=dict(self.throttles),
            mean_concurrency=self.busy_seconds / seconds if seconds else 0.0,
            peak_concurrency=max(row.concurrency for row in self.rows),
            peak_environments=max(row.environments for row in self.rows),
            costs={
                "requests": self.request_cost,
                "duration": self.duration_cost,
                "provisioned": self.allocated * provisioned_seconds(seconds),
            },
            functions=functions,
            _rows=tuple(self.rows),
        )


def _usd(amount: float) -> str:
    return f"{amount:,.2f}" if amount >= 1 else f"{amount:.6f}"


def provisioned_seconds(seconds: float) -> float:
    """What is billed of the time that an amount is provisioned."""
    step = float(fact("prices.provisioned_step"))
    return ceil(seconds / step) * step


class Prices:
    """What a function's requests cost in a Region: on demand in the first tier, without the free tier."""

    def __init__(self, function: Function, region: str) -> None:
        arm = function.architecture == "arm64"
        gb = function.memory_mb / 1024
        self.request = price("prices.requests_per_million", region) / 1e6
        self.on_demand = gb * price("prices.arm64_gb_second" if arm else "prices.x86_gb_second", region)
        self.allocated = self.provisioned = 0.0
        if function.provisioned:
            name = "prices.provisioned_gb_second_arm64" if arm else "prices.provisioned_gb_second"
            if (known := price(name, region)) is None:
                known_in = ", ".join(fact(name))
                raise ValueError(f"no price of provisioned concurrency is known for {region}; {name} has {known_in}")
            self.allocated, self.provisioned = (gb * one for one in known)
            self.allocated *= function.provisioned


def billed(seconds: float) -> float:
    """Rounded up to the next millisecond."""
    return ceil(seconds * 1000 - 1e-6) / 1000


@dataclass(frozen=True)
class Simulation:
    """How it went: of all functions together, and `functions[name]` for each."""

    name: str
    method: str
    seconds: float
    requests: int
    served: int
    cold_starts: int
    throttles: dict[str, int]
    mean_concurrency: float
    peak_concurrency: int
    peak_environments: int
    costs: dict[str, float]
    functions: dict[str, Simulation]
    _rows: tuple[Row, ...] = field(repr=False)

    @property
    def throttled(self) -> int:
        return sum(self.throttles.values())

    @property
    def cost(self) -> float:
        """USD, the free tier not taken off."""
        return sum(self.costs.values())

    def rows(self) -> list[Row]:
        """What happened when: one row for each stretch of time."""
        return list(self._rows)

    @property
    def _picture(self) -> Staircase:
        head = (
            f"{self.name}: {self.requests:,} requests in {self.seconds:,.0f} s, {self.served:,} served, "
            f"{self.throttled:,} throttled, {self.cold_starts:,} cold starts"
        )
        notes = [
            f"concurrency {self.mean_concurrency:,.1f} on average, {self.peak_concurrency:,} at most; "
            f"{self.peak_environments:,} environments at most",
            f"{_usd(self.cost)} USD: {', '.join(f'{what} {_usd(usd)}' for what, usd in self.costs.items())}",
            *(f"throttled {count:,} times: {reason}" for reason, count in self.throttles.items()),
            self.method,
        ]
        return Staircase(head, notes, self._rows, self.seconds)

    @property
    def svg(self) -> str:
        """The picture alone: one `<svg>` element."""
        return self._picture.svg

    def __repr__(self) -> str:
        return repr(self._picture)

    def _repr_html_(self) -> str:
        return self._picture._repr_html_()
