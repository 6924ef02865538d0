"""CloudWatch Logs: written without HTTP (13 µs a call instead of 500), and what moto leaves out of reading.

moto lets every event through most filter patterns, keeps events for ever, and makes no metric of any. Beyond
`CAPACITY_BYTES` in a Region the oldest quarter is forgotten, and each stream that has lost some says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import moto.logs.models
from moto.core.utils import unix_time_millis, utcnow
from moto.logs.models import LogGroup, LogsBackend, LogStream, logs_backends
from moto.logs.responses import LogsResponse

from lambda_sandbox.clock import wall_clock
from lambda_sandbox.moto_bridge import cloudwatch
from lambda_sandbox.moto_bridge.cloudwatch import Point
from lambda_sandbox.moto_bridge.metric_store import Series
from lambda_sandbox.wire import AwsError

Matches = Callable[[str], bool]
Written = Sequence[tuple[int, str]]  # (milliseconds since 1970, message)
_RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
_DAY_MS = 86_400_000
CAPACITY_BYTES = 256 * 1024 * 1024
_EVENT_BYTES = 200  # of an event beside its message, about
_GONE = "[sandbox] what was here is gone: a sandbox keeps 256 MB of logs; AWS would keep, and bill, all of it\n"

_models: Any = moto.logs.models
_backend: Any = LogsBackend
_group: Any = LogGroup
_stream: Any = LogStream
_responses: Any = LogsResponse
_to_describe_dict = _group.to_describe_dict
_filter_log_events = _group.filter_log_events
_put_log_events = _stream.put_log_events
_put_of_client = _backend.put_log_events
_put_metric_filter = _backend.put_metric_filter
_put_retention_policy = _backend.put_retention_policy


def install(
    pattern: Callable[[str], Matches],
    measured: Callable[[Written], list[Point]],
    number_at: Callable[[str, str], float | None],
) -> None:
    """Puts the seams in. `pattern` reads a filter pattern, or raises AwsError; `measured` finds metrics in events;
    `number_at` is the number at a path (`$.ms`) of a message."""

    def value(said: str, message: str) -> float | None:
        return number_at(said, message) if said.startswith("$.") else _number(said)

    @lru_cache(maxsize=64)
    def event_filter(text: str | None) -> Any:
        class Filter:
            matches = staticmethod(pattern(text or ""))

        return Filter

    def filter_events(self: Any, *about: Any, **more: Any) -> Any:
        name, streams, start, end, limit, token, text, _ = (*about, *more.values())
        event_filter(text)  # refuses what is no pattern even where there is no event
        return _filter_log_events(self, name, streams, start, end, limit, token, text, True)  # AWS: always interleaved

    def put_events(self: Any, log_events: list[dict[str, Any]]) -> Any:
        answer = _put_log_events(self, log_events)
        written = [(event["timestamp"], event["message"]) for event in log_events]
        group = self.log_group
        points = measured(written)
        filters = logs_backends[group.account_id][group.region].filters.metric_filters
        for one in filters:
            if one["logGroupName"] == group.name:
                points += _counted(one, event_filter(one["filterPattern"]).matches, written, value)
        if points:
            cloudwatch.put(group.account_id, group.region, points)
        backend: Any = logs_backends[group.account_id][group.region]
        backend.kept_bytes = getattr(backend, "kept_bytes", 0) + sum(len(said) + _EVENT_BYTES for _, said in written)
        if backend.kept_bytes > CAPACITY_BYTES:
            backend.kept_bytes = _forget(backend)
        return answer

    def put_filter(self: Any, name: str, text: str, group: str, transformations: list[dict[str, Any]]) -> None:
        if group not in self.groups:
            raise AwsError("ResourceNotFoundException", 400, "The specified log group does not exist.")
        event_filter(text)
        for one in transformations:
            if (not one["metricValue"].startswith("$.") and _number(one["metricValue"]) is None) or one.get(
                "dimensions"
            ):
                what = "metric filters whose value is a number or a field of JSON, without dimensions"
                raise AwsError("InvalidParameterException", 400, f"The sandbox models {what}, and no others.")
        self.filters.delete_filter(name, group)
        _put_metric_filter(self, name, text, group, transformations)

    def put_retention(self: Any, group: str, days: int) -> None:
        if days not in _RETENTION_DAYS:
            known = ", ".join(map(str, _RETENTION_DAYS))
            text = f"1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: "
            raise AwsError("InvalidParameterException", 400, f"{text}Member must satisfy enum value set: [{known}]")
        _put_retention_policy(self, group, days)

    def describe(self: Any) -> dict[str, Any]:
        filters = logs_backends[self.account_id][self.region].filters.metric_filters
        return {**_to_describe_dict(self), "metricFilterCount": sum(f["logGroupName"] == self.name for f in filters)}

    def live_tail(self: Any) -> None:
        text = (
            "The sandbox does not model StartLiveTail. FilterLogEvents, and `aws logs tail --follow`, show what is new."
        )
        raise AwsError("NotModelledBySandbox", 501, text)

    _responses.start_live_tail = live_tail
    _group.to_describe_dict = describe
    _models.EventMessageFilter = event_filter
    _group.filter_log_events = filter_events
    _stream.put_log_events = put_events
    _backend.put_metric_filter, _backend.put_retention_policy = put_filter, put_retention
    _backend.put_log_events = _put_dated


def _put_dated(self: Any, group: str, stream: str, events: list[dict[str, Any]]) -> Any:
    """PutLogEvents. Code dates its events by the wall clock; a sandbox whose clock is elsewhere takes that as now."""
    wall, now = wall_clock() * 1000, unix_time_millis(utcnow())
    if abs(now - wall) > 14 * _DAY_MS and all(abs(event["timestamp"] - wall) <= 14 * _DAY_MS for event in events):
        events = [{**event, "timestamp": int(event["timestamp"] + now - wall)} for event in events]
    return _put_of_client(self, group, stream, events)


def has_group(account: str, region: str, group: str) -> bool:
    backend: Any = logs_backends[account][region]
    return group in backend.groups


def put(account: str, region: str, group: str, stream: str, events: list[tuple[int, str]]) -> None:
    """Writes (milliseconds, message) pairs, which must be in time order; makes the group and the stream."""
    backend: Any = logs_backends[account][region]
    backend.ensure_log_group(group)
    backend.ensure_log_stream(group, stream)
    # Not the backend's own put_log_events: it drops what is 14 days old, and the clock may have jumped meanwhile.
    backend.groups[group].put_log_events(stream, [{"timestamp": at, "message": message} for at, message in events])


def expire(account: str, region: str) -> None:
    """Forgets what is older than its group's retention."""
    backend: Any = logs_backends[account][region]
    now = unix_time_millis(utcnow())
    for group in backend.groups.values():
        if group.retention_in_days:
            oldest = now - group.retention_in_days * _DAY_MS
            for stream in group.streams.values():
                if stream.events and stream.events[0].timestamp < oldest:
                    stream.events = [event for event in stream.events if event.timestamp >= oldest]


def _forget(backend: Any) -> int:
    """Forgets what came first, to three quarters of the capacity; answers how much is left."""
    streams = [one for group in backend.groups.values() for one in group.streams.values()]
    events = [event for stream in streams for event in stream.events if event.message != _GONE]
    events.sort(key=lambda event: event.event_id)
    left = sum(len(event.message) + _EVENT_BYTES for event in events)
    gone = set()
    for event in events:
        if left <= CAPACITY_BYTES * 3 // 4:
            break
        left -= len(event.message) + _EVENT_BYTES
        gone.add(event.event_id)
    for stream in streams:
        lost = [event for event in stream.events if event.event_id in gone]
        if lost:
            kept = [event for event in stream.events if event.event_id not in gone and event.message != _GONE]
            notice = {"timestamp": lost[-1].timestamp, "message": _GONE}
            stream.events = [_models.LogEvent(lost[-1].ingestion_time, notice), *kept]
    return left


def _counted(
    metric_filter: dict[str, Any], matches: Matches, written: Written, value_of: Callable[[str, str], float | None]
) -> list[Point]:
    """What a metric filter makes of events: its value for each that fits, its default for each that does not."""
    points = []
    for one in metric_filter["metricTransformations"]:
        series = Series(one["metricNamespace"], one["metricName"], (), one.get("unit") or "None")
        for at, message in written:
            value = value_of(one["metricValue"], message) if matches(message) else one.get("defaultValue")
            if value is not None:
                points.append(Point(series, at / 1000, [float(value)]))
    return points


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
