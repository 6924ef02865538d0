"""CloudWatch's metrics, on a store of ours: moto has no percentiles, forgets namespaces, and walks a list of them all.

moto still reads requests and writes answers; what its backend keeps as a list is a `MetricStore` here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from moto.cloudwatch.models import CloudWatchBackend, cloudwatch_backends
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult
from moto.core.utils import utcnow

from lambda_sandbox.moto_bridge import metric_math
from lambda_sandbox.moto_bridge.metric_store import STATISTICS, Bucket, Dimensions, MetricStore, Series, is_percentile
from lambda_sandbox.wire import AwsError

_MOST_DATAPOINTS = 1_440  # of GetMetricStatistics
_PAST_S, _FUTURE_S = 14 * 86_400, 2 * 3_600  # what PutMetricData takes

_backend: Any = CloudWatchBackend
_put: Any = CloudWatchResponse.put_metric_data
_validate = _backend._validate_parameters_put_metric_data


class Point(NamedTuple):
    """Values of a metric at one time, in seconds since 1970. `resolution` is 60 seconds or 1."""

    series: Series
    at: float
    values: Sequence[float]
    resolution: int = 60


def install() -> None:
    """Puts the seams in."""

    def statistics(self: Any) -> Any:
        return ActionResult(_metric_statistics(store_of(self.cloudwatch_backend), self._get_params()))

    def data(self: Any) -> Any:
        return ActionResult({"MetricDataResults": _metric_data(store_of(self.cloudwatch_backend), self._get_params())})

    def put_data(self: Any) -> Any:
        """Of whoever asks; moto's Kinesis puts what it measured itself."""
        if (namespace := str(self._get_param("Namespace"))).startswith("AWS/"):
            raise _invalid(f"The value {namespace} for parameter Namespace is invalid.")
        return _put(self)

    responses: Any = CloudWatchResponse
    responses.put_metric_data = put_data
    responses.get_metric_statistics, responses.get_metric_data = statistics, data
    _backend.put_metric_data = _put_metric_data
    _backend.get_filtered_metrics = _filtered_metrics


def put(account: str, region: str, points: Iterable[Point]) -> None:
    """Adds what the platform measured, or found in logs."""
    store = store_of(cloudwatch_backends[account][region])
    for point in points:
        store.put(point.series, point.at, point.values, resolution=point.resolution)


def statistics(account: str, region: str, *about: Any, unit: str | None = None, statistic: str) -> dict[int, float]:
    """A statistic of each period that has data: namespace, name, dimensions, start, end, period."""
    return _by_begin(store_of(cloudwatch_backends[account][region]), *about, unit=unit, statistic=statistic)


def store_of(backend: Any) -> MetricStore:
    """A Region's metrics; new after a reset, when moto has made its list anew."""
    if not isinstance(backend.metric_data, MetricStore):
        backend.metric_data = MetricStore()
    store: MetricStore = backend.metric_data
    return store


def series_dimensions(given: Iterable[Mapping[str, str]]) -> Dimensions:
    return tuple(sorted((one["Name"], one["Value"]) for one in given))


# -- PutMetricData, ListMetrics


def _put_metric_data(self: Any, namespace: str, metric_data: list[dict[str, Any]]) -> None:
    now = _seconds(utcnow())
    for number, metric in enumerate(metric_data, 1):
        _validate(self, metric, number)
        where = f"MetricData.member.{number}"
        given = [metric.get("Value", 0.0), *metric.get("Values", ()), *metric.get("Counts", ())]
        if not all(math.isfinite(float(value)) for value in given):
            raise _invalid(f"The value Infinity for parameter {where}.Value is invalid.")
        at = _seconds(metric["Timestamp"]) if metric.get("Timestamp") else now
        if at < now - _PAST_S:
            raise _invalid(f"The parameter {where}.Timestamp must specify a time no more than two weeks in the past.")
        if at > now + _FUTURE_S:
            raise _invalid(f"The parameter {where}.Timestamp must specify a time within two hours of now.")
    store = store_of(self)
    for metric in metric_data:
        at = _seconds(metric["Timestamp"]) if metric.get("Timestamp") else now
        dimensions = series_dimensions(metric.get("Dimensions") or ())
        series = Series(namespace, metric["MetricName"], dimensions, metric.get("Unit") or "None")
        bucket = store.bucket(series, at, 1 if int(metric.get("StorageResolution") or 60) == 1 else 60)
        if values := metric.get("Values"):
            for value, times in zip(values, metric.get("Counts") or [1.0] * len(values), strict=True):
                bucket.add(float(value), float(times))
        elif known := metric.get("StatisticValues"):
            bucket.add_set(*(float(known[name]) for name in ("SampleCount", "Sum", "Minimum", "Maximum")))
        else:
            bucket.add(float(metric.get("Value", 0)))


def _filtered_metrics(self: Any, metric_name: str, namespace: str, dimensions: list[dict[str, str]]) -> list[Any]:
    wanted = [(one["Name"], one.get("Value")) for one in dimensions or ()]
    return [
        {"Namespace": one.namespace, "MetricName": one.name, "Dimensions": _as_shown(one.dimensions)}
        for one in store_of(self).names(namespace, metric_name, wanted)
    ]


def _as_shown(dimensions: Dimensions) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in dimensions]


# -- GetMetricStatistics, GetMetricData


def _metric_statistics(store: MetricStore, given: Mapping[str, Any]) -> dict[str, Any]:
    asked = [*(given.get("Statistics") or ()), *(given.get("ExtendedStatistics") or ())]
    if not asked:
        raise AwsError("InvalidParameterCombination", 400, "Must specify either Statistics or ExtendedStatistics")
    for statistic in asked:
        _check_statistic(statistic, "ExtendedStatistics")
    period = int(given["Period"])
    start, end = _seconds(given["StartTime"]), _seconds(given["EndTime"])
    if start >= end:
        raise _invalid("The parameter StartTime must be less than the parameter EndTime.")
    _check_period(period)
    wanted = math.ceil((end - start) / period)
    if wanted > _MOST_DATAPOINTS:
        text = (
            f"You have requested up to {wanted:,} datapoints, which exceeds the limit of {_MOST_DATAPOINTS:,}. "
            "You may reduce the datapoints requested by increasing Period, or decreasing the time range."
        )
        raise AwsError("InvalidParameterCombination", 400, text)
    dimensions = series_dimensions(given.get("Dimensions") or ())
    found = store.periods(given["Namespace"], given["MetricName"], dimensions, _begin(start, period), end, period)
    datapoints = [
        _datapoint(begin, unit, bucket, asked) for begin, unit, bucket in found if given.get("Unit") in (None, unit)
    ]
    return {"Label": given["MetricName"], "Datapoints": datapoints}


def _datapoint(begin: int, unit: str, bucket: Bucket, asked: Sequence[str]) -> dict[str, Any]:
    values = {statistic: bucket.statistic(statistic) for statistic in asked}
    known = {statistic: value for statistic, value in values.items() if value is not None}
    extended = {statistic: value for statistic, value in known.items() if statistic not in STATISTICS}
    plain = {statistic: value for statistic, value in known.items() if statistic in STATISTICS}
    more = {"ExtendedStatistics": extended} if extended else {}
    return {"Timestamp": _time(begin), **plain, **more, "Unit": unit}


def _metric_data(store: MetricStore, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    start, end = _seconds(given["StartTime"]), _seconds(given["EndTime"])
    if start >= end:
        text = "must not equal" if start == end else "must be less than"
        raise AwsError("ValidationError", 400, f"The parameter StartTime {text} parameter EndTime.")
    queries = given.get("MetricDataQueries") or ()
    expressions = {query["Id"]: query["Expression"] for query in queries if "Expression" in query}
    known = {
        query["Id"]: _metric_stat(store, query, f"MetricDataQueries.member.{number}.MetricStat", start, end)
        for number, query in enumerate(queries, 1)
        if "Expression" not in query
    }
    while expressions:  # one may use what another makes
        ready = next((one for one, text in expressions.items() if not metric_math.names(text) & {*expressions}), None)
        if ready is None:
            raise AwsError("ValidationError", 400, f"The expressions {', '.join(expressions)} refer to each other.")
        known[ready] = metric_math.evaluate(expressions.pop(ready), known)
    return [
        _shown(query, known[query["Id"]], newest_first=given.get("ScanBy") != "TimestampAscending")
        for query in queries
        if query.get("ReturnData", True)
    ]


def _metric_stat(
    store: MetricStore, query: Mapping[str, Any], where: str, start: float, end: float
) -> metric_math.Values:
    if "MetricStat" not in query:
        raise AwsError("ValidationError", 400, f"The parameter {where} is required.\n")
    asked = query["MetricStat"]
    _check_statistic(asked["Stat"], f"{where}.Stat")
    period = int(asked["Period"])
    _check_period(period)
    metric = asked["Metric"]
    dimensions = series_dimensions(metric.get("Dimensions") or ())
    about = (metric["Namespace"], metric["MetricName"], dimensions, _begin(start, period), end, period)
    return _by_begin(store, *about, unit=asked.get("Unit"), statistic=asked["Stat"])


def _shown(query: Mapping[str, Any], values: metric_math.Values, *, newest_first: bool) -> dict[str, Any]:
    name = query["MetricStat"]["Metric"]["MetricName"] if "MetricStat" in query else query["Id"]
    ordered = sorted(values.items(), reverse=newest_first)
    return {
        "Id": query["Id"],
        "Label": query.get("Label") or name,
        "Timestamps": [_time(begin) for begin, _ in ordered],
        "Values": [value for _, value in ordered],
        "StatusCode": "Complete",
    }


def _by_begin(store: MetricStore, *about: Any, unit: str | None, statistic: str) -> dict[int, float]:
    """Values of all units together, if none is asked for."""
    merged: dict[int, Bucket] = {}
    for begin, its_unit, bucket in store.periods(*about):
        if unit in (None, its_unit):
            merged.setdefault(begin, Bucket()).merge(bucket)
    values = {begin: bucket.statistic(statistic) for begin, bucket in merged.items()}
    return {begin: value for begin, value in values.items() if value is not None}


def _check_statistic(statistic: str, where: str) -> None:
    if statistic not in STATISTICS and not is_percentile(statistic):
        known = f"{', '.join(STATISTICS)} and percentiles"
        text = f"The value {statistic} for parameter {where} is not supported: the sandbox models {known}."
        raise _invalid(text)


def _check_period(period: int) -> None:
    if period < 1 or (period % 60 and period not in (1, 5, 10, 20, 30)):
        raise _invalid("The parameter Period must be a multiple of 60, or one of 1, 5, 10, 20 and 30.")


def _begin(start: float, period: int) -> int:
    """Where the first period begins: the minute of the start, or a part of it."""
    step = min(period, 60)
    return int(start) // step * step


def _seconds(time: datetime) -> float:
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)  # moto's datetimes are naive UTC


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterValue", 400, message)
