"""CloudWatch's metrics by the minute: what moto's list of single values cannot do, for a million of them.

    store = MetricStore()
    store.put(Series("AWS/Lambda", "Duration", (("FunctionName", "hello"),), "Milliseconds"), at, [12.5, 3.0])
    store.periods("AWS/Lambda", "Duration", dimensions, start, end, 60)     # [(time, unit, Bucket), …], in order
    bucket.statistic("p99")

A minute (a second, of high-resolution metrics) of one series is a `Bucket`: its count, sum, minimum, maximum, and how
often each value came. Beyond `EXACT` different values these are kept to within half a percent, which only percentiles
notice. Beyond `BUCKETS` in all, the oldest quarter is forgotten.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

Dimensions = tuple[tuple[str, str], ...]  # sorted

BUCKETS = 300_000
EXACT = 10_000
STATISTICS = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
_PERCENTILE = re.compile(r"p(100(?:\.0+)?|\d{1,2}(?:\.\d{1,10})?)")
_STEP = math.log(1.01)


class Series(NamedTuple):
    """What is measured: a metric, with all its dimensions, in one unit."""

    namespace: str
    name: str
    dimensions: Dimensions
    unit: str


class Bucket:
    """Values of one series in one stretch of time."""

    __slots__ = ("_known", "_values", "count", "maximum", "minimum", "total")

    def __init__(self) -> None:
        self.count = self.total = 0.0
        self.minimum, self.maximum = math.inf, -math.inf
        self._values: dict[float, float] | None = None  # value -> how often; only if there is more than one value
        self._known = True  # False: some came as a statistic set, of which nobody knows the values

    def add(self, value: float, times: float = 1.0) -> None:
        if self._values is not None:
            self._values[value] = self._values.get(value, 0.0) + times
            if len(self._values) > EXACT:
                self._values = _roughly(self._values)
        elif self.count and value != self.minimum and self._known:
            self._values = {self.minimum: self.count, value: times}
        self._widen(times, value * times, value, value)

    def add_set(self, count: float, total: float, minimum: float, maximum: float) -> None:
        """A statistic set: values that were added up before they came."""
        if minimum == maximum:
            self.add(minimum, count)
        else:
            self._known, self._values = False, None
            self._widen(count, total, minimum, maximum)

    def merge(self, other: Bucket) -> None:
        if other._values is not None:
            if self._values is None and self._known:
                self._values = {self.minimum: self.count} if self.count else {}
            if self._values is not None:
                for value, times in other._values.items():
                    self._values[value] = self._values.get(value, 0.0) + times
            self._widen(other.count, other.total, other.minimum, other.maximum)
        else:
            self._known = self._known and other._known
            self._values = self._values if self._known else None
            if other._known and other.count:
                self.add(other.minimum, other.count)
            else:
                self._widen(other.count, other.total, other.minimum, other.maximum)

    def statistic(self, name: str) -> float | None:
        """`Sum` and its like, or a percentile; None for a percentile of values that nobody knows."""
        match name:
            case "SampleCount":
                return self.count
            case "Sum":
                return self.total
            case "Average":
                return self.total / self.count if self.count else None
            case "Minimum":
                return self.minimum
            case "Maximum":
                return self.maximum
            case _:
                return self._percentile(float(name[1:])) if self._known else None

    def _percentile(self, percent: float) -> float:
        """The lowest value that so many percent of all are not above."""
        if self._values is None:
            return self.minimum
        left = self.count * percent / 100
        for value in sorted(self._values):
            left -= self._values[value]
            if left <= 1e-9 * self.count:
                return min(max(value, self.minimum), self.maximum)
        return self.maximum

    def _widen(self, count: float, total: float, minimum: float, maximum: float) -> None:
        self.count += count
        self.total += total
        if minimum < self.minimum:
            self.minimum = minimum
        if maximum > self.maximum:
            self.maximum = maximum


def is_percentile(statistic: str) -> bool:
    """Whether it is `p50`, `p99.9` and the like."""
    return _PERCENTILE.fullmatch(statistic) is not None


def _roughly(values: dict[float, float]) -> dict[float, float]:
    """Values that differ by less than a percent become one."""
    fewer: defaultdict[float, float] = defaultdict(float)
    for value, times in values.items():
        size = math.exp((math.floor(math.log(abs(value)) / _STEP) + 0.5) * _STEP) if value else 0.0
        fewer[math.copysign(size, value)] += times
    return dict(fewer)


class MetricStore:
    """All metrics of an account in a Region. Not for two threads at once."""

    def __init__(self) -> None:
        self._series: defaultdict[tuple[str, str], dict[Series, dict[int, Bucket]]] = defaultdict(dict)
        self._buckets = 0

    def put(self, series: Series, at: float, values: Iterable[float], *, resolution: int = 60) -> None:
        """Adds values at one time, in seconds since 1970."""
        bucket = self.bucket(series, at, resolution)
        for value in values:
            bucket.add(value)

    def bucket(self, series: Series, at: float, resolution: int = 60) -> Bucket:
        """Where the values of a time go."""
        times = self._series[series.namespace, series.name].setdefault(series, {})
        second = int(at) // resolution * resolution
        found = times.get(second)
        if found is None:
            if self._buckets >= BUCKETS:
                self._forget()
                times = self._series[series.namespace, series.name].setdefault(series, {})
            found = times[second] = Bucket()
            self._buckets += 1
        return found

    def periods(
        self, namespace: str, name: str, dimensions: Dimensions, start: float, end: float, period: int
    ) -> list[tuple[int, str, Bucket]]:
        """The stretches of `period` seconds from `start` that have any value: (begin, unit, values), in order."""
        made: dict[tuple[int, str], Bucket] = {}
        for series, times in self._series.get((namespace, name), {}).items():
            if series.dimensions != dimensions:
                continue
            seconds = range(math.ceil(start), math.ceil(end)) if end - start < len(times) else times
            for second in seconds:
                if start <= second < end and (bucket := times.get(second)) is not None:
                    begin = int(start + (second - start) // period * period)
                    made.setdefault((begin, series.unit), Bucket()).merge(bucket)
        return [(begin, unit, bucket) for (begin, unit), bucket in sorted(made.items())]

    def names(
        self, namespace: str | None, name: str | None, dimensions: Sequence[tuple[str, str | None]]
    ) -> list[Series]:
        """Every metric there is, once whatever its units; those that have these dimensions among theirs."""
        found: dict[tuple[str, str, Dimensions], Series] = {}
        for (space, metric), all_series in self._series.items():
            if namespace not in (None, space) or name not in (None, metric):
                continue
            for series in all_series:
                own = dict(series.dimensions)
                if all(key in own and value in (None, own[key]) for key, value in dimensions):
                    found.setdefault(series[:3], series)
        return list(found.values())

    def _forget(self) -> None:
        times = sorted(second for group in self._series.values() for one in group.values() for second in one)
        before = times[len(times) // 4]
        for key, group in list(self._series.items()):
            kept = {series: {at: b for at, b in one.items() if at > before} for series, one in group.items()}
            self._series[key] = {series: one for series, one in kept.items() if one}
            if not self._series[key]:
                del self._series[key]
        self._buckets = sum(len(one) for group in self._series.values() for one in group.values())
