"""Every request followed, one after the other: exact."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush, merge
from itertools import count, repeat
from math import inf

from lambda_sandbox.invocation.admission import Share
from lambda_sandbox.simulate.account import Account, Fleet
from lambda_sandbox.simulate.result import billed, provisioned_seconds
from lambda_sandbox.wire import AwsError


def follow(account: Account, until: float, every: float) -> float:
    """Runs the account until that second, or, if it is inf, until the last request is over; returns when that was."""
    ends: list[tuple[float, int, Fleet | None, Share | None, bool]] = [(every, -1, None, None, False)]
    order, rows = count(), count(2)
    last = 0.0

    def pass_to(second: float) -> None:
        """All that ends up to this second, and the rows that do."""
        while ends[0][0] <= second:
            at, _, fleet, share, provisioned = heappop(ends)
            if fleet is None or share is None:  # a row
                for each in account.fleets:
                    each.reap(at - account.idle_limit)
                account.close_row(at, at)
                heappush(ends, (next(rows) * every, -1, None, None, False))
                continue
            share.running -= 1
            for tally in fleet.tallies:
                tally.running -= 1
            if provisioned:
                fleet.free += 1
            else:
                fleet.idle.append(at)

    for at, number in _arrivals(account, until):
        if ends[0][0] <= at:
            pass_to(at)
        account.now = at
        fleet = account.fleets[number]
        begun = _begin(account, fleet, at, until)
        if begun is not None:
            end, share, provisioned = begun
            last = max(last, end)
            heappush(ends, (end, next(order), fleet, share, provisioned))
    end = last if until == inf else until
    pass_to(end - every * 1e-6)  # the last row ends here
    account.close_row(end, provisioned_seconds(end))
    return end


def _begin(account: Account, fleet: Fleet, at: float, until: float) -> tuple[float, Share, bool] | None:
    """When it ends, what it drew on, and whether its environment was provisioned; None if it is throttled."""
    for tally in fleet.tallies:
        tally.requests += 1
    try:
        share, _ = account.admission.admit(fleet.known, fleet.version, 1)
    except AwsError as refused:
        fleet.refuse(refused.members["Reason"])
        return None
    price, cold, provisioned = fleet.prices.on_demand, 0, fleet.free > 0
    if provisioned:
        fleet.free -= 1
        price = fleet.prices.provisioned
    else:
        fleet.reap(at - account.idle_limit)
        if fleet.idle:
            fleet.idle.pop()
        else:
            try:
                cold = account.admission.start(fleet.version)
            except AwsError as refused:
                share.running -= 1
                fleet.refuse(refused.members["Reason"])
                return None
    took = fleet.takes() + (fleet.starts() if cold else 0.0)
    cost = price * billed(took)
    busy = min(took, until - at)
    for tally in fleet.tallies:
        tally.serve(1, cold, fleet.prices.request, cost)
        tally.busy_seconds += busy
    return round(at + took, 9), share, provisioned  # nanoseconds: who comes as one ends finds it free


def _arrivals(account: Account, until: float) -> Iterator[tuple[float, int]]:
    """All functions' requests in order: the second, and the function's number."""
    each = [
        zip(fleet.arrivals.times(fleet.random, until), repeat(number), strict=False)
        for number, fleet in enumerate(account.fleets)
    ]
    return iter(each[0]) if len(each) == 1 else merge(*each)
