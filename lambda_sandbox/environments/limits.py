"""Keeps running environments within their function's memory (facts §1.1).

Memory is looked at from outside, 50 times a second, and only for invocations that last: a short one pays nothing. What
has outgrown its memory is killed, as on AWS. Open files and processes are limited by the kernel (`process_limits`).

CPU comes with memory: 1,769 MB are one vCPU (facts §1.1). Asked to, the sandbox holds every invocation to its share, as
a scheduler with a quota does: who has had more than the share of the time that passed stands still until it is due
again. Init is left alone: how much CPU it gets is not documented.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from lambda_sandbox.clock import stopwatch
from lambda_sandbox.environments.room import Room
from lambda_sandbox.facts import fact
from lambda_sandbox.state import FunctionVersion

PERIOD_S = 0.02
QUANTUM_S = 0.01  # the resolution of CPU times


class Watched(Protocol):
    def look(self) -> None: ...


class Sharing(Protocol):
    version: FunctionVersion

    @property
    def busy(self) -> bool: ...
    @property
    def room(self) -> Room: ...


class MemoryWatch:
    """Looks at every environment that is busy. Sleeps when none is."""

    def __init__(self) -> None:
        self._busy: set[Watched] = set()
        self._next: asyncio.TimerHandle | None = None

    def add(self, environment: Watched) -> None:
        self._busy.add(environment)
        if self._next is None:
            self._next = asyncio.get_running_loop().call_later(PERIOD_S, self._look)

    def remove(self, environment: Watched) -> None:
        self._busy.discard(environment)

    def close(self) -> None:
        self._busy.clear()
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _look(self) -> None:
        for environment in list(self._busy):
            environment.look()
        again = asyncio.get_running_loop().call_later
        self._next = again(PERIOD_S, self._look) if self._busy else None


class CpuShare:
    """Gives every busy environment no more CPU than its share of real time. Sleeps when none is busy."""

    def __init__(self) -> None:
        self._accounts: dict[Sharing, tuple[float, float]] = {}  # when it became busy, and the CPU it had used by then
        self._next: dict[Sharing, asyncio.TimerHandle] = {}
        self._held: dict[Sharing, Room] = {}  # what stands still

    def add(self, environment: Sharing) -> None:
        self._again(environment, self._look, QUANTUM_S)

    def remove(self, environment: Sharing) -> None:
        if (timer := self._next.pop(environment, None)) is not None:
            timer.cancel()
        self._accounts.pop(environment, None)
        self._release(environment)  # it may have answered just before it was stopped, and must ask for more

    def close(self) -> None:
        for environment in list(self._next):
            self.remove(environment)

    def _look(self, environment: Sharing) -> None:
        wait = QUANTUM_S
        if environment.busy:
            share = environment.version.memory_mb / fact("limits.memory_mb_per_vcpu")
            used = environment.room.cpu_s()
            began, before = self._accounts.setdefault(environment, (stopwatch(), used))
            ahead = (used - before) / share - (stopwatch() - began)
            if ahead > QUANTUM_S:
                self._held[environment] = environment.room
                environment.room.freeze()
                self._again(environment, self._go_on, ahead)
                return
            wait = max(QUANTUM_S, -ahead * share)  # it cannot have overdrawn before
        self._again(environment, self._look, wait)

    def _go_on(self, environment: Sharing) -> None:
        self._release(environment)
        self._again(environment, self._look, QUANTUM_S)

    def _release(self, environment: Sharing) -> None:
        if (room := self._held.pop(environment, None)) is not None:
            room.thaw()

    def _again(self, environment: Sharing, what: Callable[[Sharing], None], after_s: float) -> None:
        self._next[environment] = asyncio.get_running_loop().call_later(after_s, what, environment)


def process_limits() -> dict[str, tuple[int, int]]:
    """RLIMIT name -> (soft, hard), as on AWS: 1,024 descriptors, 1,024 processes; and no core files."""
    return {"RLIMIT_NOFILE": (1024, 1024), "RLIMIT_NPROC": (1024, 1024), "RLIMIT_CORE": (0, 0)}
