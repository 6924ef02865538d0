"""When a schedule is due: `rate(…)`, `cron(…)`, `at(…)` of EventBridge. Pure; all times are seconds since 1970.

    schedule = parse("cron(0 9 ? * MON-FRI *)")         # or BadSchedule
    schedule.after(now)                                 # the next time it is due, or None: never again

Cron has six fields: minutes, hours, day of month, month, day of week (1 is Sunday), year. One of the two days is `?`.
Rules know rates and crons in UTC; Scheduler also knows `at(2031-01-01T09:00:00)`, and time zones. Sources: EventBridge
User Guide, "Cron expressions", "Rate expressions"; EventBridge Scheduler User Guide, "Schedule types".
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)(s?)\)")
_AT = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")
_CRON = re.compile(r"cron\((.+)\)")
_LAST_YEAR = 2199
Days = Callable[[date], bool]


class BadSchedule(ValueError):
    """An expression that says nothing."""


class Field(NamedTuple):
    """What one field may hold: from, to, and names for values."""

    low: int
    high: int
    names: tuple[str, ...] = ()


_MINUTES, _HOURS, _MONTH, _YEAR = Field(0, 59), Field(0, 23), Field(1, 12, ("", *MONTHS)), Field(1970, _LAST_YEAR)
_DAY_OF_MONTH, _DAY_OF_WEEK = Field(1, 31), Field(1, 7, ("", *DAYS))


@dataclass(frozen=True)
class Rate:
    """Again and again after so many seconds."""

    seconds: int

    def after(self, moment: float) -> float | None:
        return moment + self.seconds


@dataclass(frozen=True)
class Cron:
    """At these minutes of these hours of the days that `on` is true of.

    What summer time leaves out is skipped, and what comes twice when it ends fires once (Scheduler User Guide).
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    on: Days
    years: frozenset[int]
    zone: tzinfo = UTC

    def after(self, moment: float) -> float | None:
        """The first due time later than `moment`."""
        now = datetime.fromtimestamp(moment, self.zone)
        day = now.date()
        while day.year <= max(self.years):
            if day.year in self.years and self.on(day):
                for hour in self.hours:
                    for minute in self.minutes:
                        local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.zone)
                        due = local.timestamp()
                        if due > moment and datetime.fromtimestamp(due, self.zone).time() == local.time():
                            return due
            day += timedelta(days=1)
        return None


@dataclass(frozen=True)
class Once:
    """At one moment."""

    moment: float

    def after(self, moment: float) -> float | None:
        return self.moment if self.moment > moment else None


def parse(expression: str, zone: str = "UTC") -> Rate | Cron | Once:
    """Raises BadSchedule."""
    try:
        place = UTC if zone == "UTC" else ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadSchedule(zone) from None
    if once := _AT.fullmatch(expression):
        try:
            return Once(datetime.fromisoformat(once[1]).replace(tzinfo=place).timestamp())
        except ValueError:
            raise BadSchedule(expression) from None
    if rate := _RATE.fullmatch(expression):
        count = int(rate[1])
        if count < 1 or (count == 1) == bool(rate[3]):  # rate(1 minute), rate(5 minutes)
            raise BadSchedule(expression)
        return Rate(count * SECONDS[rate[2]])
    if cron := _CRON.fullmatch(expression):
        fields = cron[1].split()
        if len(fields) != 6 or (fields[2] == "?") == (fields[4] == "?"):
            raise BadSchedule(expression)
        minutes, hours, of_month, months, of_week, years = fields
        on_month = frozenset(_values(months, _MONTH))
        on_day = _of_month(of_month) if of_week == "?" else _of_week(of_week)
        return Cron(
            tuple(sorted(_values(minutes, _MINUTES))),
            tuple(sorted(_values(hours, _HOURS))),
            lambda day: day.month in on_month and on_day(day),
            frozenset(_values(years, _YEAR)),
            place,
        )
    raise BadSchedule(expression)


def _values(text: str, field: Field) -> set[int]:
    """`*`, `1,3`, `1-5`, `MON-FRI`, `0/15`, `10-40/10`."""
    found: set[int] = set()
    for part in text.split(","):
        span, slash, step = part.partition("/")
        low, dash, high = span.partition("-")
        if span == "*":
            first, last = field.low, field.high
        else:
            first = _value(low, field)
            last = _value(high, field) if dash else field.high if slash else first
        every = int(step) if step.isdigit() else 0 if slash else 1
        if every < 1:
            raise BadSchedule(text)
        found |= set(range(first, last + 1, every)) if first <= last else _around(first, last, field)
    return found


def _around(first: int, last: int, field: Field) -> set[int]:
    """`FRI-MON`: over the end."""
    return set(range(first, field.high + 1)) | set(range(field.low, last + 1))


def _value(text: str, field: Field) -> int:
    if text.upper() in field.names[1:]:
        return field.names.index(text.upper())
    if not (text.isascii() and text.isdigit()) or not field.low <= int(text) <= field.high:
        raise BadSchedule(text)
    return int(text)


def _of_month(text: str) -> Days:
    """`*`, `1,15`, `L` (the last day), `15W` (the weekday nearest to the 15th)."""
    if text == "L":
        return lambda day: day.day == _length(day)
    if text.endswith("W"):
        wanted = _value(text[:-1], _DAY_OF_MONTH)
        return lambda day: day == _nearest_weekday(day, wanted)
    days = _values(text, _DAY_OF_MONTH)
    return lambda day: day.day in days


def _of_week(text: str) -> Days:
    """`*`, `MON-FRI`, `6L` (the last Friday), `3#2` (the second Tuesday), `L` (Saturday)."""
    if text == "L":
        return lambda day: _weekday(day) == 7
    if text.endswith("L"):
        last = _value(text[:-1], _DAY_OF_WEEK)
        return lambda day: _weekday(day) == last and day.day + 7 > _length(day)
    if "#" in text:
        which, _, number = text.partition("#")
        wanted, week = _value(which, _DAY_OF_WEEK), _value(number, Field(1, 5))
        return lambda day: _weekday(day) == wanted and (day.day - 1) // 7 + 1 == week
    days = _values(text, _DAY_OF_WEEK)
    return lambda day: _weekday(day) in days


def _weekday(day: date) -> int:
    """1 is Sunday."""
    return day.isoweekday() % 7 + 1


def _length(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _nearest_weekday(day: date, wanted: int) -> date:
    """Never in another month."""
    target = day.replace(day=min(wanted, _length(day)))
    if target.isoweekday() == 6:
        return target - timedelta(days=1) if target.day > 1 else target + timedelta(days=2)
    if target.isoweekday() == 7:
        return target + timedelta(days=1) if target.day < _length(day) else target - timedelta(days=2)
    return target
