"""Runs a simulation: request by request where they are few, in steps where they are many."""

from __future__ import annotations

from math import inf
from typing import Literal

from lambda_sandbox.environments.pool import IDLE_LIMIT_S
from lambda_sandbox.invocation.admission import SCALING
from lambda_sandbox.simulate.account import Account
from lambda_sandbox.simulate.events import follow
from lambda_sandbox.simulate.model import Function
from lambda_sandbox.simulate.result import Simulation
from lambda_sandbox.simulate.steps import count, step_of
from lambda_sandbox.state import CONCURRENCY_QUOTA

ONE_BY_ONE = 1_000_000  # up to so many requests each is followed
ROWS = 30
WIDTHS = sorted({step * 10**power for power in range(-3, 5) for step in (1, 2, 5)} | {30, 60, 300, 600, 1800, 3600})


def simulate(
    *functions: Function,
    seconds: float | None = None,
    every: float | None = None,
    account: int = CONCURRENCY_QUOTA,
    scaling: int = SCALING,
    idle_limit: float = IDLE_LIMIT_S,
    region: str = "us-east-1",
    seed: int | None = None,
    method: Literal["auto", "events", "steps"] = "auto",
) -> Simulation:
    """Functions that share an account, from an empty start until `seconds`; what is throttled is not tried again.

    every: seconds a row. account: the concurrency quota. scaling: environments a function may start in 10 s.
    idle_limit: seconds after which an idle environment goes. seed: the same one, the same result.
    method: "events" follows each request; "steps" counts them in short steps; "auto" takes steps above a million.
    """
    if method not in ("auto", "events", "steps"):
        raise ValueError(f'method is "auto", "events" or "steps", not {method!r}')
    shared = Account(functions, account, scaling, idle_limit, region, seed)
    last = max(fleet.arrivals.last for fleet in shared.fleets)
    until = last + max(map(_longest, functions)) if seconds is None else seconds
    if until == inf:
        raise ValueError("these requests never end: say for how long with seconds=…")
    expected = sum(fleet.arrivals.expected(until) for fleet in shared.fleets)
    if method == "auto":
        method = "events" if expected <= ONE_BY_ONE else "steps"
    width = every or next((width for width in WIDTHS if until <= ROWS * width), until / ROWS)
    if method == "events":
        said = "every request was followed"
        until = follow(shared, inf if seconds is None else seconds, width)
    else:
        step = step_of(shared, until)
        said = f"requests were counted in steps of {step * 1000:.3g} ms, not followed one by one"
        count(shared, until, width, step)
    each = {fleet.name: fleet.tally.result(fleet.name, said, until, {}) for fleet in shared.fleets}
    return shared.total.result(" + ".join(each), said, until, each)


def _longest(function: Function) -> float:
    """About how many seconds are left after the last arrival; 1 for what only a draw would tell."""
    lasts = (function.init, function.duration)
    return sum(getattr(each, "mean", 1.0) if callable(each) else each for each in lasts)
