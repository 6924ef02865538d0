"""Alarms: every minute of the sandbox's clock they look at the periods that have passed, and change their state.

    alarms = Alarms(clock, bridge, flush=flush_metrics)
    alarms.changed()        # there are other alarms now, or other data: look again when the minute is over
    decide([False, None, True], periods=1, datapoints=1, missing="missing")     # "ALARM"

An alarm looks at complete periods, sliding by the minute (by 10 s, if its period is shorter), and a little farther back
than its evaluation periods, so that it finds enough of them (CloudWatch User Guide, "Alarm evaluation"). While no alarm
has data in sight nothing is due, and a day passes in one step.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from operator import ge, gt, le, lt
from typing import Protocol

from lambda_sandbox.clock import Clock, iso8601
from lambda_sandbox.moto_bridge import COMPARISONS, AlarmOf, Dimensions

FARTHER_BACK = 2  # periods
_BREACHES = {
    "GreaterThanOrEqualToThreshold": ge,
    "GreaterThanThreshold": gt,
    "LessThanThreshold": lt,
    "LessThanOrEqualToThreshold": le,
}
_TREATED = {"breaching": "Breaching", "notBreaching": "NonBreaching"}


class AlarmStore(Protocol):
    """What `Alarms` needs of the bridge; all but the first block."""

    def alarm_step(self) -> int: ...

    def alarms(self) -> list[AlarmOf]: ...

    def set_alarm(self, alarm: AlarmOf, state: str, reason: str, data: str) -> None: ...

    def metric_periods(
        self, region: str, namespace: str, name: str, dimensions: Dimensions, unit: str | None,
        start: float, end: float, period: int, statistic: str,
    ) -> dict[int, float]: ...  # fmt: skip


def decide(points: Sequence[bool | None], *, periods: int, datapoints: int, missing: str) -> str | None:
    """The state that datapoints ask for, oldest first (True breaches, None is missing); None: whatever it is now."""
    real = [point for point in points if point is not None]
    lacking = periods - len(real)
    if lacking <= 0:
        return "ALARM" if sum(real[-periods:]) >= datapoints else "OK"
    breaching = sum(real)
    if breaching >= datapoints or (missing == "breaching" and breaching + lacking >= datapoints):
        return "ALARM"
    if missing in _TREATED or not all(real):
        return "OK"
    if not real and missing == "missing":
        return "INSUFFICIENT_DATA"
    oldest = len(points) - points.index(True) if real else 0
    return "ALARM" if missing == "missing" and oldest >= datapoints else None  # breaching ever since it was last seen


class Alarms:
    """Looks at all alarms together. Lives on the event loop."""

    def __init__(self, clock: Clock, store: AlarmStore, *, flush: Callable[[], Awaitable[None]]) -> None:
        self._clock, self._store, self._flush = clock, store, flush
        self._step = 0  # seconds between two looks; none while there is no alarm
        self._due = False

    def changed(self) -> None:
        """An alarm, or a metric, may be another."""
        self._step = self._store.alarm_step()
        self.wake()

    def wake(self, happened: object = None) -> None:
        """Something was measured: looks when the minute is over."""
        if self._step and not self._due:
            self._due = True
            self._clock.call_at((self._clock.now() // self._step + 1) * self._step, self._begin)

    def reset(self) -> None:
        self._step = 0

    def _begin(self) -> None:
        self._due = False
        if self._step:
            self._clock.spawn(self._look_at_all(self._clock.now() // self._step * self._step))

    async def _look_at_all(self, now: float) -> None:
        await self._flush()
        if await asyncio.get_running_loop().run_in_executor(None, self._look, now):
            self.wake()

    def _look(self, now: float) -> bool:
        """Looks at each alarm whose time it is; says whether any has data in sight."""
        in_sight = [now % min(alarm.period, 60) != 0 or self._evaluate(alarm, now) for alarm in self._store.alarms()]
        return any(in_sight)

    def _evaluate(self, alarm: AlarmOf, now: float) -> bool:
        count = alarm.periods + FARTHER_BACK
        start = now - count * alarm.period
        found = self._store.metric_periods(
            alarm.region, alarm.namespace, alarm.metric, alarm.dimensions, alarm.unit,
            start, now, alarm.period, alarm.statistic,
        )  # fmt: skip
        values = [found.get(int(start + place * alarm.period)) for place in range(count)]
        breaches = _BREACHES[alarm.comparison]
        points = [None if value is None else bool(breaches(value, alarm.threshold)) for value in values]
        state = decide(points, periods=alarm.periods, datapoints=alarm.datapoints, missing=alarm.missing)
        if state not in (None, alarm.state):
            assert state is not None
            reason = _reason(alarm, state, values, points, start)
            recent = [value for value in values if value is not None]
            data = {"version": "1.0", "queryDate": _date(now), "period": alarm.period, "threshold": alarm.threshold}
            data |= {"statistic": alarm.statistic, "recentDatapoints": recent[-alarm.periods :]}
            self._store.set_alarm(alarm, state, reason, json.dumps(data, separators=(",", ":")))
        return bool(found)


def _reason(
    alarm: AlarmOf, state: str, values: Sequence[float | None], points: Sequence[bool | None], start: float
) -> str:
    """Why the state is another, as CloudWatch says it."""
    seen = [
        (value, point, start + place * alarm.period)
        for place, (value, point) in enumerate(zip(values, points, strict=True))
        if value is not None
    ][-alarm.periods :]
    lacking = alarm.periods - len(seen)
    if state == "INSUFFICIENT_DATA":
        return f"Insufficient Data: {lacking} datapoint{'s were' if lacking > 1 else ' was'} unknown."
    if not seen:
        periods, points_ = (f"{lacking} {word}{'s' * (lacking > 1)}" for word in ("period", "missing datapoint"))
        verb = "were" if lacking > 1 else "was"
        treated = _TREATED.get(alarm.missing, "missing")
        return (
            f"Threshold Crossed: no datapoints were received for {periods} and {points_} {verb} treated as [{treated}]."
        )
    chosen = [(value, at) for value, point, at in reversed(seen) if point is (state == "ALARM")]
    shown = ", ".join(f"{value} ({_short(at)})" for value, at in chosen)
    needed = alarm.datapoints if state == "ALARM" else alarm.periods - alarm.datapoints + 1
    words = COMPARISONS[alarm.comparison]
    verb, negated = ("was" if len(chosen) == 1 else "were"), "" if state == "ALARM" else "not "
    crossed = f"{verb} {negated}{words} the threshold ({alarm.threshold})"
    change = "OK -> ALARM" if state == "ALARM" else "ALARM -> OK"
    return (
        f"Threshold Crossed: {len(chosen)} out of the last {len(seen)} datapoints [{shown}] {crossed} "
        f"(minimum {needed} datapoint{'s' * (needed > 1)} for {change} transition)."
    )


def _short(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%d/%m/%y %H:%M:%S")


def _date(at: float) -> str:
    return iso8601(at)[:-1] + "+0000"
