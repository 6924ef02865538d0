"""The fields that CloudWatch Logs Insights finds in a log event by itself: those of Lambda's lines, and of JSON.

    row = Row(LogEvent(ms, message, stream, "123456789012:/aws/lambda/hello", ingested_ms))
    row.get("@duration")        # 12.34 of a REPORT line; None of any other

Memory is in bytes, durations in ms. Of JSON the first object in the message counts; `a.b`, `tags.0` name what is inside
it (CloudWatch Logs User Guide, "Supported logs and discovered fields").
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from lambda_sandbox.moto_bridge import LogEvent

_MOST_FIELDS = 200  # of one event's JSON
_KIND = re.compile(r"(START|END|REPORT) RequestId: (\S+)")
_OWN_LINE = re.compile(r"(?:\[[A-Z]+\]\t)?\d{4}-\d\d-\d\dT[\d:.]+Z\s([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\s")
_REPORT = {
    "@duration": (re.compile(r"\tDuration: ([\d.]+) ms"), 1),
    "@billedDuration": (re.compile(r"\tBilled Duration: ([\d.]+) ms"), 1),
    "@initDuration": (re.compile(r"\tInit Duration: ([\d.]+) ms"), 1),
    "@memorySize": (re.compile(r"\tMemory Size: (\d+) MB"), 1_000_000),
    "@maxMemoryUsed": (re.compile(r"\tMax Memory Used: (\d+) MB"), 1_000_000),
}


class Time(float):
    """Milliseconds since 1970 that are shown as a date."""


_PLAIN: dict[str, Callable[[LogEvent], Any]] = {  # what every event has
    "@timestamp": lambda event: Time(event.timestamp),
    "@message": lambda event: event.message,
    "@logStream": lambda event: event.stream,
    "@log": lambda event: event.log,
    "@ingestionTime": lambda event: Time(event.ingested),
}


class Row:
    """One event, and what the query has made of it."""

    __slots__ = ("_found", "event", "own")

    def __init__(self, event: LogEvent | None = None, own: dict[str, Any] | None = None) -> None:
        self.event, self.own = event, own if own is not None else {}
        self._found: dict[str, Any] | None = None

    def get(self, name: str) -> Any:
        """A field's value: number, text, Time; None if it has none."""
        if name in self.own:
            return self.own[name]
        if self.event is None:
            return None
        if name in _PLAIN:
            return _PLAIN[name](self.event)
        if self._found is None:
            self._found = discovered(self.event)
        return self._found.get(name)


def discovered(event: LogEvent) -> dict[str, Any]:
    """The fields that are found in an event's message, by name."""
    message, found = event.message, dict[str, Any]()
    if kind := _KIND.match(message):
        found |= {"@type": kind[1], "@requestId": kind[2]}
        if kind[1] == "REPORT":
            for name, (pattern, unit) in _REPORT.items():
                if said := pattern.search(message):
                    found[name] = float(said[1]) * unit
    elif said := _OWN_LINE.match(message):
        found["@requestId"] = said[1]
    begin = message.find("{")
    if begin >= 0:
        try:
            first, _ = json.JSONDecoder().raw_decode(message, begin)
        except (ValueError, RecursionError):
            return found
        for number, (name, value) in enumerate(_inside(first, "")):
            if number == _MOST_FIELDS:
                break
            found.setdefault(name, value)
    return found


def _inside(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The leaves of a JSON value, each by its path; truth is 1 or 0."""
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else ((str(place), one) for place, one in enumerate(value))
        for name, one in items:
            yield from _inside(one, f"{path}.{name}" if path else name)
    elif value is not None:
        yield path, int(value) if isinstance(value, bool) else value
