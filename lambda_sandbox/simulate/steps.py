"""Requests counted in short steps, for more of them than could be followed one by one.

In each step so many come, so many may run, so many find an idle environment, so many end: the numbers are drawn, not
the requests. A fixed duration is kept on average, to the millisecond; one that is drawn is taken as memoryless with the
same mean, on which alone concurrency and blocking depend (Erlang). What happens between two steps is seen at the next.
"""

from __future__ import annotations

from collections import deque
from random import Random

from lambda_sandbox.invocation.admission import Share
from lambda_sandbox.simulate.account import Account, Fleet
from lambda_sandbox.simulate.model import Draw, Exponential, binomial
from lambda_sandbox.simulate.result import billed, provisioned_seconds
from lambda_sandbox.wire import AwsError

STEPS = 1_000_000  # about so many, but none longer than the shortest duration
FINEST = 20  # steps of the shortest duration
SAMPLES = 50_000  # for the mean of what is drawn
IDLE_LOOKS = 600  # how often in the idle limit it is looked who was idle all along


def step_of(account: Account, until: float) -> float:
    """Seconds of a step: the shortest duration, or a whole fraction of it. One that is drawn counts as a third."""
    durations = [(fleet.function.duration, _mean(fleet.function.duration)) for fleet in account.fleets]
    shortest = max(min(mean / 3 if callable(duration) else mean for duration, mean in durations), 0.001)
    return shortest / min(max(int(STEPS * shortest / until), 1), FINEST)


def count(account: Account, until: float, every: float, step: float) -> None:
    """Runs the account until that second."""
    steps = max(int(until / step + 1e-6), 1)
    looks = max(round(account.idle_limit / IDLE_LOOKS / step), 1)
    counted = [_Counted(account, fleet, step, steps, looks) for fleet in account.fleets]
    turns = [counted[first:] + counted[:first] for first in range(len(counted))]  # nobody is always the first
    rows = 1
    for number in range(steps):
        now = account.now = number * step
        if now > (rows - 1e-6) * every:
            account.close_row(rows * every, rows * every)
            rows += 1
        for one in turns[number % len(turns)]:
            one.step(number)
        for tally in account.tallies:
            tally.busy_seconds += tally.running * step
    account.close_row(until, provisioned_seconds(until))


class _Counted:
    """A fleet in numbers."""

    def __init__(self, account: Account, fleet: Fleet, step: float, steps: int, looks: int) -> None:
        self._account, self._fleet, self._tallies = account, fleet, fleet.tallies
        self._arrivals = fleet.arrivals.counts(fleet.random, step, steps)
        function, prices = fleet.function, fleet.prices
        init, took = _mean(function.init) / step, _mean(function.duration) / step
        warm = _mean(function.duration, exact=False)
        cold = _mean(_sum(function.init, function.duration), exact=False)
        chance = min(1 / took, 1.0) if callable(function.duration) else 0.0
        lasts = 0.0 if chance else max(took, 1.0)
        self._ready = _Running(fleet.random, chance, lasts, prices.provisioned * warm)
        self._warm = _Running(fleet.random, chance, lasts, prices.on_demand * warm)
        self._cold = _Running(fleet.random, chance, init + lasts, prices.on_demand * cold)
        self._idle = self._least = 0
        self._looks, self._history = looks, deque[int]()
        self._window = max(round(account.idle_limit / step / looks), 1)

    def step(self, number: int) -> None:
        fleet = self._fleet
        freed = self._warm.end(number) + self._cold.end(number)
        self._idle += freed
        if fleet.function.provisioned:
            ready = self._ready.end(number)
            fleet.free += ready
            freed += ready
        if freed:
            for tally in self._tallies:
                tally.running -= freed
        if number % self._looks == 0:
            self._reap()
        if want := next(self._arrivals, 0):
            for tally in self._tallies:
                tally.requests += want
            self._admit(number, want)
            self._least = min(self._least, self._idle)

    def _admit(self, number: int, want: int) -> None:
        fleet, admission = self._fleet, self._account.admission
        while want:
            try:
                share, fit = admission.admit(fleet.known, fleet.version, want)
            except AwsError as refused:
                fleet.refuse(refused.members["Reason"], want)
                return
            want -= fit
            if fleet.free:
                fleet.free -= fit
                self._begin(number, self._ready, share, fit)
                continue
            warm = min(fit, self._idle)
            if warm:
                self._idle -= warm
                self._begin(number, self._warm, share, warm)
            if fit > warm:
                self._start(number, share, fit - warm)

    def _start(self, number: int, share: Share, cold: int) -> None:
        started = 0
        while started < cold:
            try:
                started += self._account.admission.start(self._fleet.version, cold - started)
            except AwsError as refused:
                self._fleet.refuse(refused.members["Reason"], cold - started)
                share.running -= cold - started
                break
        if started:
            self._begin(number, self._cold, share, started)

    def _begin(self, number: int, running: _Running, share: Share, count: int) -> None:
        running.begin(number, share, count)
        cold = count if running is self._cold else 0
        for tally in self._tallies:
            tally.serve(count, cold, count * self._fleet.prices.request, count * running.cost)

    def _reap(self) -> None:
        """The last used is used first: as many were idle all along as were idle at the least."""
        self._history.append(self._least)
        self._least = self._idle
        if len(self._history) <= self._window:
            return
        self._history.popleft()
        if gone := min(self._history):
            self._idle -= gone
            self._least -= gone
            self._history = deque(idle - gone for idle in self._history)
            for tally in self._tallies:
                tally.environments -= gone


class _Running:
    """Requests that run, in numbers: in which step how many end, or how many are through with Init and then memoryless.

    chance: to end within a step, 0 if durations are fixed. lasts: steps until a request ends, or Init does. cost: USD.
    """

    def __init__(self, random: Random, chance: float, lasts: float, cost: float) -> None:
        self._random, self._chance, self.cost = random, chance, cost
        self._whole = int(lasts + 1e-6)
        self._part = max(lasts - self._whole, 0.0)  # of the requests last one step more
        self._carried = 0.0
        self._ring = [0] * (self._whole + 2)
        self._memoryless = 0
        self._share: Share | None = None

    def begin(self, number: int, share: Share, count: int) -> None:
        self._share = share
        ring, at = self._ring, number + self._whole
        if self._part:
            self._carried += count * self._part
            late = min(int(self._carried + 1e-6), count)
            self._carried -= late
            ring[(at + 1) % len(ring)] += late
            count -= late
        if self._whole:
            ring[at % len(ring)] += count
        else:
            self._memoryless += count

    def end(self, number: int) -> int:
        """How many end now; the share has them back."""
        ring = self._ring
        slot = number % len(ring)
        ended = ring[slot]
        ring[slot] = 0
        if self._chance:
            through, there = ended, self._memoryless
            ended = binomial(self._random, there, self._chance) if there else 0
            self._memoryless = there - ended + through
        if ended and self._share is not None:
            self._share.running -= ended
        return ended


def _mean(seconds: float | Draw, *, exact: bool = True) -> float:
    """The mean; `exact=False`: of what is billed."""
    if not callable(seconds):
        return seconds if exact else billed(seconds)
    if exact and isinstance(seconds, Exponential):
        return seconds.mean
    random = Random(0)
    draws = (seconds(random) for _ in range(SAMPLES))
    return sum(draws if exact else map(billed, draws)) / SAMPLES


def _sum(one: float | Draw, other: float | Draw) -> float | Draw:
    if not callable(one) and not callable(other):
        return one + other

    def both(random: Random) -> float:
        return (one(random) if callable(one) else one) + (other(random) if callable(other) else other)

    return both
