"""Embedded metric format: metrics that are written as log lines (CloudWatch User Guide, "Specification: EMF").

    points([(ms, '{"_aws": {"Timestamp": …, "CloudWatchMetrics": [{"Namespace": "Shop", …}]}, "Orders": 3}')])

A line that does not keep to the format is a line of the log and no more, as on AWS.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lambda_sandbox.moto_bridge import Point, Series

_MOST_VALUES, _MOST_DIMENSIONS = 100, 30
_PAST_MS, _FUTURE_MS = 14 * 86_400_000, 2 * 3_600_000


def points(written: Sequence[tuple[int, str]]) -> list[Point]:
    """The metrics in (milliseconds, message) pairs."""
    return [point for at, message in written if '"CloudWatchMetrics"' in message for point in _of(at, message)]


def _of(at: int, message: str) -> Iterator[Point]:
    try:
        said = json.loads(message)
        directives = said["_aws"]["CloudWatchMetrics"]
        time = said["_aws"]["Timestamp"]
        for directive in directives:
            yield from _directive(said, directive, _time(time, at))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return


def _directive(said: Mapping[str, Any], directive: Mapping[str, Any], ms: float) -> Iterator[Point]:
    for names in directive["Dimensions"] or [[]]:
        dimensions = tuple(sorted((name, said[name]) for name in names if isinstance(said[name], str)))
        if len(dimensions) != len(names) or len(names) > _MOST_DIMENSIONS:
            continue
        for metric in directive["Metrics"]:
            found = said[metric["Name"]]
            values = found if isinstance(found, list) else [found]
            if len(values) <= _MOST_VALUES and all(map(_is_number, values)):
                series = Series(directive["Namespace"], metric["Name"], dimensions, metric.get("Unit") or "None")
                yield Point(series, ms / 1000, values, 1 if metric.get("StorageResolution") == 1 else 60)


def _time(said: float, written: int) -> float:
    """A function's own clock is the machine's: a time that CloudWatch would not take is that of the log event."""
    return said if written - _PAST_MS <= said <= written + _FUTURE_MS else written


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
