"""Threads that wait on the sandbox's clock: moto's interpreter of state machines runs and waits in threads of its own.

    waiting = Waiting(clock, loop.call_soon_threadsafe)
    Thread, Event = waiting.thread_class(), waiting.event_class()

A thread counts as work in flight from its start to its end, but for the while that it waits. Who wakes it counts it
again, before he himself ends: the clock never jumps in between. All counting happens on the event loop, in order.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from lambda_sandbox.clock import Clock, Timer


class _Waiter:
    """One thread that waits."""

    def __init__(self) -> None:
        self.wake = threading.Event()
        self.timer: Timer | None = None
        self.happened = self.awake = False


class Waiting:
    """What threads ask instead of `threading` and `time`."""

    def __init__(self, clock: Clock, post: Callable[..., object]) -> None:
        self.now = clock.now
        self._clock, self._post, self._counted = clock, post, clock.busy()

    def sleep(self, seconds: float) -> None:
        """As `time.sleep`, as work that `settle()` does not leave behind."""
        if seconds > 0:
            self.event_class()().wait(seconds, work=True)

    def _rest(self, waiter: _Waiter, seconds: float | None, work: bool) -> None:
        if seconds is not None:
            waiter.timer = self._clock.call_later(seconds, lambda: self._resume(waiter), work=work)
        self._counted.__exit__()

    def _resume(self, waiter: _Waiter) -> None:
        if not waiter.awake:
            waiter.awake = True
            self._counted.__enter__()
            if waiter.timer is not None:
                waiter.timer.cancel()
            waiter.wake.set()

    def event_class(self) -> Any:
        """The class that stands for `threading.Event`."""
        waiting = self

        class Event:
            def __init__(self) -> None:
                self._mutex, self._set = threading.Lock(), False
                self._waiters: set[_Waiter] = set()

            def is_set(self) -> bool:
                return self._set

            def clear(self) -> None:
                self._set = False

            def set(self) -> None:
                with self._mutex:
                    self._set = True
                    for waiter in self._waiters:
                        waiter.happened = True
                        waiting._post(waiting._resume, waiter)
                    self._waiters.clear()

            def wait(self, timeout: float | None = None, *, work: bool = False) -> bool:
                waiter = _Waiter()
                with self._mutex:
                    if self._set:
                        return True
                    self._waiters.add(waiter)
                    waiting._post(waiting._rest, waiter, timeout, work)
                waiter.wake.wait()
                with self._mutex:
                    self._waiters.discard(waiter)
                return waiter.happened

        return Event

    def thread_class(self) -> Any:
        """The class that stands for `threading.Thread`; no thread of it holds up the end of the process."""
        waiting, event = self, self.event_class()

        class Thread(threading.Thread):
            def __init__(self, *given: Any, **named: Any) -> None:
                super().__init__(*given, **{**named, "daemon": True})
                self._has_ended = event()

            def start(self) -> None:
                waiting._post(waiting._counted.__enter__)
                super().start()

            def run(self) -> None:
                try:
                    super().run()
                finally:
                    self._has_ended.set()
                    waiting._post(waiting._counted.__exit__)

            def is_alive(self) -> bool:
                return not self._has_ended.is_set()

            def join(self, timeout: float | None = None) -> None:
                self._has_ended.wait(timeout)

        return Thread
