"""What recurs on the sandbox's clock: each due time fires once, in order, however far the clock jumps.

    timetable = Timetable(clock, fire)                       # fire(key, due)
    timetable.set({arn: ("rate(1 hour)", "UTC", None), …})   # all there is now: what is new starts, what is gone ends

It is not work that `settle()` waits for: a rule that fires every minute never ends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lambda_sandbox.clock import Clock, Timer
from lambda_sandbox.event_sources import schedules

# an expression, the name of a time zone, and when it begins: a rate is due for the first time at its beginning, or
# with None (of rules) after its first span
When = tuple[str, str, float | None]


class Timetable:
    """Timers of named schedules. Lives on the event loop."""

    def __init__(self, clock: Clock, fire: Callable[[str, float], object]) -> None:
        self._clock, self._fire = clock, fire
        self._known: dict[str, When] = {}
        self._timers: dict[str, Timer] = {}

    def set(self, all_there_is: Mapping[str, When]) -> None:
        """Schedules that are as they were go on; others start anew from now."""
        for key in [key for key, when in self._known.items() if all_there_is.get(key) != when]:
            self._forget(key)
        for key, when in all_there_is.items():
            if key not in self._known:
                self._known[key] = when
                self._await(key, self._begin(*when))

    def reset(self) -> None:
        for key in list(self._known):
            self._forget(key)

    def _begin(self, expression: str, zone: str, start: float | None) -> float:
        """After which moment it is due for the first time."""
        now, schedule = self._clock.now(), schedules.parse(expression, zone)
        if start is None:
            return now
        return max(start, now) - (schedule.seconds if isinstance(schedule, schedules.Rate) else 0.001 * (start > now))

    def _await(self, key: str, after: float) -> None:
        due = schedules.parse(*self._known[key][:2]).after(after)
        if due is not None:
            self._timers[key] = self._clock.call_at(due, lambda: self._is_due(key, due))

    def _is_due(self, key: str, due: float) -> None:
        del self._timers[key]
        self._await(key, due)  # from the due time, not from now: the clock may have jumped over several
        self._fire(key, due)

    def _forget(self, key: str) -> None:
        del self._known[key]
        if (timer := self._timers.pop(key, None)) is not None:
            timer.cancel()
