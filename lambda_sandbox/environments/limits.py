"""Keeps running environments within their function's memory (facts §1.1).

Memory is looked at from outside, 50 times a second, and only for invocations that last: a short one pays nothing. What
has outgrown its memory is killed, as on AWS. Open files and processes are limited by the kernel (`process_limits`).
"""

from __future__ import annotations

import asyncio
from typing import Protocol

PERIOD_S = 0.02


class Watched(Protocol):
    def look(self) -> None: ...


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


def process_limits() -> dict[str, tuple[int, int]]:
    """RLIMIT name -> (soft, hard), as on AWS: 1,024 descriptors, 1,024 processes; and no core files."""
    return {"RLIMIT_NOFILE": (1024, 1024), "RLIMIT_NPROC": (1024, 1024), "RLIMIT_CORE": (0, 0)}
