"""When things happen: the sandbox's clock, and the stopwatch of running code.

Two kinds of time live here and never share a name. Running code takes *real* time: measure it with `stopwatch()`, and
hand a function its deadline from `wall_clock()`. Everything that *waits* (retries, back-off, schedules, reaping) asks a
`Clock`: `now()`, `call_at()`, `busy()`.

    clock = Clock(virtual=True)
    clock.call_later(60, retry, work=True)      # work: `settle()` must not return before it has run
    with clock.busy():                          # counted: the clock never jumps while something is in flight
        …
    await clock.settle()                        # jumps from due time to due time until no work waits

A virtual clock starts far from today, so that a direct call of the real clock shows at once, and flows with real time
between its jumps, so that durations in the journal stay what they were. This is the only module that reads the time.
"""

from __future__ import annotations

import asyncio
import functools
import heapq
import itertools
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Any

VIRTUAL_EPOCH = datetime(2031, 1, 1, tzinfo=UTC).timestamp()
END = datetime(9900, 1, 1, tzinfo=UTC).timestamp()  # dates end with the year 9999, and what is made expires later

stopwatch = time.perf_counter  # seconds of real time, for durations
wall_clock = time.time  # seconds since 1970, for the deadline given to a running function


def iso8601(seconds: float) -> str:
    """`2031-01-01T00:00:00.000Z`: how Lambda writes a time in its logs."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def access_log_time(seconds: float) -> str:
    """`01/Jan/2031:00:00:00 +0000`: how API Gateway and function URLs write a time in their events."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")


def http_date() -> str:
    """`Sat, 01 Jan 2031 00:00:00 GMT`: the wall clock in an HTTP header. Formatted once a second."""
    return _http_date(int(time.time()))


@functools.lru_cache(maxsize=2)
def _http_date(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)


class Unsettled(Exception):
    """`settle()` gave up: `in_flight` pieces of work were running and `waiting` were due later."""

    def __init__(self, in_flight: int, waiting: int, next_due_in: float | None) -> None:
        self.in_flight, self.waiting, self.next_due_in = in_flight, waiting, next_due_in
        due = "" if next_due_in is None else f", the next one due in {next_due_in:.0f} s"
        super().__init__(
            f"still busy: {in_flight} in flight, {waiting} waiting{due}; "
            "give settle() more time, advance the clock, or use clock='virtual'"
        )


class Timer:
    """Something due at a time of the sandbox's clock; `cancel()` forgets it."""

    __slots__ = ("cancelled", "due", "what", "work")

    def __init__(self, due: float, what: Callable[[], object], work: bool) -> None:
        self.due, self.what, self.work = due, what, work
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Counted:
    """`with` it, once or many times over: each block counts as one piece of work in flight. It holds nothing itself."""

    __slots__ = ("_begin", "_end")

    def __init__(self, begin: Callable[[], None], end: Callable[[], None]) -> None:
        self._begin, self._end = begin, end

    def __enter__(self) -> None:
        self._begin()

    def __exit__(self, *ended: object) -> None:
        self._end()


class Clock:
    """The time that everything that waits asks for. Lives on the event loop; `now()` may be called from threads."""

    def __init__(self, *, virtual: bool = False) -> None:
        self.virtual = virtual
        self.on_advance: Callable[[float], object] = lambda now: None  # told of every jump
        self._offset = VIRTUAL_EPOCH - time.time() if virtual else 0.0
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._in_flight = 0
        self._busy = Counted(self._begin, self._end)
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._wake: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._stepping = asyncio.Lock()

    def now(self) -> float:
        """Seconds since 1970 on the sandbox's clock."""
        return time.time() + self._offset

    # -- what waits

    def call_at(self, when: float, what: Callable[[], object], *, work: bool = False) -> Timer:
        """Calls `what` on the loop once the clock reaches `when`; never earlier, and in order of due time."""
        timer = Timer(when, what, work)
        heapq.heappush(self._timers, (when, next(self._order), timer))
        self._arm()
        return timer

    def call_later(self, seconds: float, what: Callable[[], object], *, work: bool = False) -> Timer:
        return self.call_at(self.now() + seconds, what, work=work)

    async def sleep(self, seconds: float, *, work: bool = True) -> None:
        """Waits on the sandbox's clock; by default as work that `settle()` must not leave behind."""
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def wake() -> None:
            if not woken.done():
                woken.set_result(None)

        timer = self.call_later(seconds, wake, work=work)
        try:
            await woken
        finally:
            timer.cancel()

    # -- what runs

    def busy(self) -> Counted:
        """Counts a piece of work in flight for as long as the block runs."""
        return self._busy

    @contextmanager
    def resting(self) -> Iterator[None]:
        """Work in flight that waits for the clock itself: not counted for as long as the block runs."""
        self._end()
        try:
            yield
        finally:
            self._begin()

    def _begin(self) -> None:
        self._in_flight += 1
        self._quiet.clear()

    def _end(self) -> None:
        self._in_flight -= 1
        if not self._in_flight:
            self._quiet.set()

    def spawn(self, work: Coroutine[Any, Any, Any], *, counted: bool = True) -> asyncio.Task[Any]:
        """Starts a task that is in flight from this very call until it is done, and is not forgotten meanwhile."""

        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if counted:
            counting = self.busy()
            counting.__enter__()
            task.add_done_callback(lambda _: counting.__exit__(None, None, None))
        return task

    async def forget(self) -> None:
        """Ends all that was spawned and cancels all work that waits, so that nothing of it ever happens."""
        for _, _, timer in self._timers:
            if timer.work:
                timer.cancel()
        while ending := list(self._tasks):  # what ends may spawn more
            for task in ending:
                task.cancel()
            await asyncio.gather(*ending, return_exceptions=True)

    # -- moving

    async def advance(self, seconds: float, *, patience: float = 30.0) -> float:
        """Moves the clock forward, running all that falls due on the way in order; returns the new time.

        Between two due times it waits until nothing is in flight, for at most `patience` real seconds in all.
        """
        async with self._stepping:
            target = self.now() + seconds
            give_up = stopwatch() + patience
            while True:
                await self._wait_quiet(min(give_up - stopwatch(), 0.05) if not seconds else give_up - stopwatch())
                due = self._next_due()  # what was in flight may have made something due earlier than all the rest
                if due is None or due > target:
                    break
                self._jump_to(due)
                self._fire_due()
                await asyncio.sleep(0)
            self._jump_to(target)
            self._fire_due()
            return self.now()

    async def settle(self, timeout: float = 60.0) -> None:
        """Returns when nothing is in flight and no work waits. Raises `Unsettled` after `timeout` real seconds.

        A virtual clock jumps to the next due time instead of waiting for it.
        """
        give_up = stopwatch() + timeout
        while True:
            if not await self._wait_quiet(give_up - stopwatch()):
                raise self._unsettled()
            await asyncio.sleep(0)
            if self._in_flight:
                continue
            work = [timer for _, _, timer in self._timers if timer.work and not timer.cancelled]
            if not work:
                return
            left = give_up - stopwatch()
            if left <= 0:
                raise self._unsettled()
            if self.virtual:
                async with self._stepping:
                    due = self._next_due()
                    if due is not None and not self._in_flight:
                        self._jump_to(due)
                        self._fire_due()
            else:
                first = min(timer.due for timer in work) - self.now()
                if first > left:
                    raise self._unsettled()
                await asyncio.sleep(max(first, 0.001))

    def _unsettled(self) -> Unsettled:
        work = [timer.due for _, _, timer in self._timers if timer.work and not timer.cancelled]
        return Unsettled(self._in_flight, len(work), min(work) - self.now() if work else None)

    async def _wait_quiet(self, seconds: float) -> bool:
        if not self._in_flight:
            return True
        try:
            await asyncio.wait_for(self._quiet.wait(), max(seconds, 0.0))
        except TimeoutError:
            return False
        return True

    def _next_due(self) -> float | None:
        while self._timers and self._timers[0][2].cancelled:
            heapq.heappop(self._timers)
        return self._timers[0][0] if self._timers else None

    def _jump_to(self, when: float) -> None:
        ahead = when - self.now()
        if ahead > 0:
            self._offset += ahead
            self.on_advance(self.now())

    def _fire_due(self) -> None:
        """Runs all that is due by now. Real time also brings timers due: `_arm` calls this."""
        while (due := self._next_due()) is not None and due <= self.now():
            heapq.heappop(self._timers)[2].what()
        self._arm()

    def _arm(self) -> None:
        due = self._next_due()
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        if due is not None:
            delay = min(max(due - self.now(), 0.0), 86_400.0)
            self._wake = asyncio.get_running_loop().call_later(delay, self._fire_due)
