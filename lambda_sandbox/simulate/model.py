"""What is simulated: functions, how their requests come, and how long they take."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, exp, inf, log1p
from random import Random
from typing import Protocol

Draw = Callable[[Random], float]
Rate = float | Sequence[tuple[float, float]]  # requests a second; or such rates, each from a second on

FEW = 500.0  # up to this mean, counts are drawn from Poisson's distribution itself; above it is as good as normal


class Arrivals(Protocol):
    """When requests come."""

    last: float  # seconds after which none comes; inf if they go on

    def expected(self, until: float) -> float:
        """How many before that second, on average."""

    def times(self, random: Random, until: float) -> Iterator[float]:
        """The second of each, in order, all before `until`."""

    def counts(self, random: Random, step: float, steps: int) -> Iterator[int]:
        """How many in each step."""


@dataclass(frozen=True)
class Function:
    """A function and its traffic.

    arrivals: `constant(rate)`, `poisson(rate)`, or a list of seconds. duration, init: seconds, `exponential(mean)`, or
    anything that draws seconds from a `random.Random`. reserved: None reserves nothing. provisioned: ready at once.
    """

    arrivals: Arrivals | Sequence[float]
    duration: float | Draw
    init: float | Draw = 0.0
    memory_mb: int = 128
    reserved: int | None = None
    provisioned: int = 0
    architecture: str = "x86_64"
    name: str = "f"


def constant(rate: Rate) -> Arrivals:
    """Requests at even distances: so many a second, or `[(from second, rate), …]`."""
    return _Rates(rate, random=False)


def poisson(rate: Rate) -> Arrivals:
    """Requests that know nothing of each other: so many a second on average, or `[(from second, rate), …]`."""
    return _Rates(rate, random=True)


def listed(times: Sequence[float]) -> Arrivals:
    """Requests at these seconds."""
    return _Listed(times)


def exponential(mean: float) -> Draw:
    """Durations that are mostly short and sometimes long, with this mean in seconds."""
    return Exponential(mean)


@dataclass(frozen=True)
class Exponential:
    mean: float

    def __call__(self, random: Random) -> float:
        return random.expovariate(1 / self.mean)


class _Listed:
    def __init__(self, times: Sequence[float]) -> None:
        self._times = sorted(times)
        if self._times and self._times[0] < 0:
            raise ValueError("a request cannot come before second 0")
        self.last = self._times[-1] if self._times else 0.0

    def expected(self, until: float) -> float:
        return bisect(self._times, until)

    def times(self, random: Random, until: float) -> Iterator[float]:
        return (at for at in self._times if at < until)

    def counts(self, random: Random, step: float, steps: int) -> Iterator[int]:
        counts = Counter(int(at / step) for at in self._times)
        return (counts[number] for number in range(steps))


class _Rates:
    def __init__(self, rate: Rate, *, random: bool) -> None:
        self._random = random
        steps = [(0.0, rate)] if isinstance(rate, int | float) else list(rate)
        if not steps or any(one >= other for (one, _), (other, _) in pairwise(steps)) or steps[0][0] < 0:
            raise ValueError(f"rates begin at rising seconds from 0, like [(0, 10), (60, 500)], not {rate!r}")
        if any(rate < 0 for _, rate in steps):
            raise ValueError(f"a rate is 0 or more requests a second, not {rate!r}")
        self._stretches = [(start, end, rate) for (start, rate), (end, _) in pairwise([*steps, (inf, 0.0)])]
        self.last = inf if steps[-1][1] else steps[-1][0]

    def expected(self, until: float) -> float:
        return sum(rate * (min(end, until) - start) for start, end, rate in self._stretches if rate and start < until)

    def times(self, random: Random, until: float) -> Iterator[float]:
        for start, end, rate in self._stretches:
            at, number, end = start, 0, min(end, until)
            if not rate:
                continue
            if self._random:
                while (at := at + random.expovariate(rate)) < end:
                    yield at
            else:
                while (at := round(start + number / rate, 9)) < end:
                    yield at
                    number += 1

    def counts(self, random: Random, step: float, steps: int) -> Iterator[int]:
        done = 0
        for start, end, rate in self._stretches:
            yield from (0 for _ in range(done, min(round(start / step), steps)))
            done = min(max(done, round(start / step)), steps)
            many = min(round(end / step) if end < inf else steps, steps) - done
            yield from _poisson(random, rate * step, many) if self._random else _even(rate * step, many)
            done += many


def _even(mean: float, many: int) -> Iterator[int]:
    """Counts that add up: a request at 0, and from there on one after every 1/mean steps."""
    before = 0
    for number in range(1, many + 1):
        upto = ceil(round(number * mean, 6))
        yield upto - before
        before = upto


def _poisson(random: Random, mean: float, many: int) -> Iterator[int]:
    if mean > FEW:
        yield from (max(round(random.gauss(mean, mean**0.5)), 0) for _ in range(many))
        return
    chance = total = exp(-mean)
    upto = [total]  # the chance of at most so many
    while total < 1 - 1e-13 and len(upto) < 2 * FEW:
        chance *= mean / len(upto)
        total += chance
        upto.append(total)
    draw = random.random
    for _ in range(many):
        yield bisect(upto, draw())


def binomial(random: Random, count: int, chance: float) -> int:
    """Of so many, how many it happens to: from the distribution itself where that is few, else as good as normal."""
    if chance > 0.5:
        return count - binomial(random, count, 1 - chance)
    mean = count * chance
    if mean > 12:
        return min(max(round(random.gauss(mean, (mean * (1 - chance)) ** 0.5)), 0), count)
    hits, left, skip = 0, count, log1p(-chance) if chance > 0 else -inf
    while (left := left - 1 - int(log1p(-random.random()) / skip)) >= 0:  # as many misses until the next hit
        hits += 1
    return hits
