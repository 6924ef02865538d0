"""A simulated account: its functions with their environments, asking the sandbox's own `Admission` what may run."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from random import Random

from lambda_sandbox.invocation.admission import Admission
from lambda_sandbox.simulate.model import Draw, Function, listed
from lambda_sandbox.simulate.result import Prices, Tally
from lambda_sandbox.state import LATEST, Code, FunctionVersion, State
from lambda_sandbox.state import Function as Known


class Fleet:
    """One function's environments. Provisioned ones are free or not; the others lie idle, the last used on top."""

    def __init__(self, function: Function, region: str, seed: str) -> None:
        self.function = function
        self.name = function.name
        self.arrivals = listed(function.arrivals) if isinstance(function.arrivals, Sequence) else function.arrivals
        self.random = Random(seed)
        self.prices = Prices(function, region)
        self.free = function.provisioned
        self.idle: deque[float] = deque()  # since when
        self.version = FunctionVersion(
            region, function.name, LATEST, "", "", Code("", 0), 0.0, memory_mb=function.memory_mb
        )
        self.known = Known(self.version, reserved_concurrency=function.reserved)
        if function.provisioned:
            self.known.settings["provisioned"] = {LATEST: {"requested": function.provisioned}}
        self.tally = Tally(self.prices.allocated)
        self.tallies = [self.tally]

    def takes(self) -> float:
        """Seconds of the next request in the handler."""
        return _draw(self.function.duration, self.random)

    def starts(self) -> float:
        """Seconds of the next Init."""
        return _draw(self.function.init, self.random)

    def refuse(self, reason: str, count: int = 1) -> None:
        for tally in self.tallies:
            tally.throttles[reason] += count

    def reap(self, until: float) -> None:
        """Ends the environments that lie idle since `until` or before."""
        idle = self.idle
        while idle and idle[0] <= until:
            idle.popleft()
            for tally in self.tallies:
                tally.environments -= 1


class _Settled(State):
    """Nobody changes a setting while it runs: what is left unreserved is added up once."""

    left = 0

    def unreserved(self, region: str, *, without: Known | None = None) -> int:
        return self.left


class Account:
    """Functions and the concurrency that they share; `now` is seconds from the start."""

    def __init__(
        self, functions: Sequence[Function], quota: int, scaling: int, idle_limit: float, region: str, seed: int | None
    ) -> None:
        names = [function.name for function in functions]
        if not names or len(names) > len(set(names)):
            raise ValueError("simulate one function or several, each with a name of its own")
        self.now, self.idle_limit = 0.0, idle_limit
        root = Random(seed)
        self.fleets = [Fleet(function, region, f"{root.random()}") for function in functions]
        state = _Settled(concurrency_quota=quota)
        for fleet in self.fleets:
            state.functions[region, fleet.name] = fleet.known
        aside = sum(fleet.known.set_aside for fleet in self.fleets)
        if aside and quota - aside < state.unreserved_min:
            raise ValueError(f"of {quota}, {state.unreserved_min} must stay unreserved; {aside} are reserved")
        self.total = self.fleets[0].tally
        if len(self.fleets) > 1:
            self.total = Tally(sum(fleet.prices.allocated for fleet in self.fleets))
            for fleet in self.fleets:
                fleet.tallies.append(self.total)
        self.tallies = list({id(tally): tally for fleet in self.fleets for tally in fleet.tallies}.values())
        for fleet in self.fleets:
            for tally in fleet.tallies:
                tally.environments = tally.peak_environments = tally.environments + fleet.function.provisioned
        kept = {fleet.name: fleet.function.provisioned for fleet in self.fleets}
        state.left = quota - aside
        self.admission = Admission(state, lambda version: kept[version.name], now=lambda: self.now, scaling=scaling)

    def close_row(self, end: float, provisioned_until: float) -> None:
        for tally in self.tallies:
            tally.close_row(end, provisioned_until)


def _draw(seconds: float | Draw, random: Random) -> float:
    return seconds(random) if callable(seconds) else seconds
