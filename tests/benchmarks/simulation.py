"""The same traffic in `lambda_sandbox.simulate` and in simpy: each request takes one of 100 units, or is lost.

a_second(ours, 100_000), a_second(simpys, 100_000)      # requests a second of processor time
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from random import Random

import simpy

from lambda_sandbox.simulate import Function, exponential, poisson, simulate

RATE, MEAN_S, UNITS = 95.0, 1.0, 100


def ours(requests: int) -> int:
    """How many were lost."""
    traffic = Function(poisson(RATE), exponential(MEAN_S), reserved=UNITS)
    return simulate(traffic, seconds=requests / RATE, seed=1, method="events").throttled


def simpys(requests: int) -> int:
    """How many were lost."""
    random, world = Random(1), simpy.Environment()
    units = simpy.Resource(world, UNITS)
    lost = 0

    def request() -> Iterator[simpy.Event]:
        with units.request() as unit:
            yield unit
            yield world.timeout(random.expovariate(1 / MEAN_S))

    def arrivals() -> Iterator[simpy.Event]:
        nonlocal lost
        while True:
            yield world.timeout(random.expovariate(RATE))
            if units.count < UNITS:
                world.process(request())
            else:
                lost += 1

    world.process(arrivals())
    world.run(until=requests / RATE)
    return lost


def a_second(work: Callable[[int], int], requests: int) -> float:
    """Requests a second of processor time."""
    began = time.process_time()
    work(requests)
    return requests / (time.process_time() - began)


def a_day(share: float = 1.0) -> float:
    """Seconds of processor time for a day, or a share of one, at 1,000 requests a second."""
    began = time.process_time()
    simulate(Function(poisson(1000), 0.2, init=0.4), seconds=86_400 * share, seed=1, method="steps")
    return time.process_time() - began
