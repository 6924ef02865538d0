"""CloudWatch's alarms: moto keeps them and never looks at a metric. Who looks is told of the ones there are."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import Alarm, CloudWatchBackend, cloudwatch_backends
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from lambda_sandbox.moto_bridge.metric_store import Dimensions, is_percentile
from lambda_sandbox.wire import AwsError

COMPARISONS = {
    "GreaterThanOrEqualToThreshold": "greater than or equal to",
    "GreaterThanThreshold": "greater than",
    "LessThanThreshold": "less than",
    "LessThanOrEqualToThreshold": "less than or equal to",
}
_MISSING = ("missing", "ignore", "breaching", "notBreaching")
_KEPT = 1_000  # changes of an alarm's state
_ACTION = re.compile(r"arn:aws[a-z-]*:(sns|lambda):[a-z0-9-]+:\d{12}:.+")


@dataclass(frozen=True, slots=True)
class AlarmOf:
    """An alarm on one metric. `datapoints` of the last `periods` must breach; `actions`: state -> ARNs."""

    region: str
    name: str
    arn: str
    description: str | None
    namespace: str
    metric: str
    dimensions: Dimensions
    unit: str | None
    statistic: str
    period: int
    periods: int
    datapoints: int
    comparison: str
    threshold: float
    missing: str
    state: str
    reason: str
    since: float
    updated: float
    actions: Mapping[str, Sequence[str]]
    actions_enabled: bool


@dataclass(frozen=True, slots=True)
class AlarmChange:
    """An alarm, as it was, and the state that it is in now."""

    alarm: AlarmOf
    state: str
    reason: str


_backend: Any = CloudWatchBackend
_alarm: Any = Alarm
_put_metric_alarm = _backend.put_metric_alarm
_update_state = _alarm.update_state


def install(tell: Callable[[AlarmChange], None]) -> None:
    """Puts the seams in. `tell` is called from worker threads, of every change of a state, whoever made it."""

    def put(self: Any, **given: Any) -> Any:
        _check(given)
        before = self.alarms.get(given["name"])
        made = _put_metric_alarm(self, **given)
        if before is None:
            made.state_value = "INSUFFICIENT_DATA"
        else:  # a new configuration is looked at in the state that the alarm is in
            made.state_value, made.state_reason = before.state_value, before.state_reason
            made.state_reason_data = before.state_reason_data
            made.state_updated_timestamp, made.history = before.state_updated_timestamp, before.history
        return made

    def update(self: Any, reason: str, reason_data: str, state: str) -> None:
        before = _of(self)
        _update_state(self, reason, reason_data, state)
        if state != before.state:
            self.history[:] = [*(one for one in self.history if isinstance(one, dict)), _changed(before, self)][-_KEPT:]
            tell(AlarmChange(before, state, reason))

    def history(self: Any) -> Any:
        name, kind = self._get_param("AlarmName"), self._get_param("HistoryItemType")
        kept = self.cloudwatch_backend.alarms.values()
        items = [one for alarm in kept if name in (None, alarm.name) for one in alarm.history if isinstance(one, dict)]
        items = [one for one in items if kind in (None, one["HistoryItemType"])]
        oldest_first = self._get_param("ScanBy") == "TimestampAscending"
        items.sort(key=lambda one: one["Timestamp"], reverse=not oldest_first)
        return ActionResult({"AlarmHistoryItems": items[: self._get_int_param("MaxRecords") or 100]})

    responses: Any = CloudWatchResponse
    responses.describe_alarm_history = history
    _backend.put_metric_alarm = put
    _alarm.update_state = update


def _changed(before: AlarmOf, alarm: Any) -> dict[str, Any]:
    """A change of state, as DescribeAlarmHistory shows it."""
    data = {
        "version": "1.0",
        "oldState": {"stateValue": before.state, "stateReason": before.reason},
        "newState": {"stateValue": alarm.state_value, "stateReason": alarm.state_reason},
    }
    return {
        "AlarmName": alarm.name,
        "AlarmType": "MetricAlarm",
        "Timestamp": alarm.state_updated_timestamp,
        "HistoryItemType": "StateUpdate",
        "HistorySummary": f"Alarm updated from {before.state} to {alarm.state_value}",
        "HistoryData": json.dumps(data),
    }


def alarms(account: str) -> list[AlarmOf]:
    """Every alarm there is, in every Region."""
    return [_of(alarm) for alarm in _all(account)]


def step(account: str) -> int:
    """60 seconds, 10 if any alarm has a shorter period, 0 if there is none."""
    return min((60 if alarm.period >= 60 else 10 for alarm in _all(account)), default=0)


def set_state(account: str, alarm: AlarmOf, state: str, reason: str, data: str) -> None:
    """What SetAlarmState does, of an alarm that is still there."""
    found = cloudwatch_backends[account][alarm.region].alarms.get(alarm.name)
    if found is not None:
        found.update_state(reason, data, state)


def _all(account: str) -> Iterator[Any]:
    backends: Any = cloudwatch_backends[account]
    for backend in list(backends.values()):
        yield from list(backend.alarms.values())


def _of(alarm: Any) -> AlarmOf:
    return AlarmOf(
        region=alarm.region_name,
        name=alarm.name,
        arn=alarm.alarm_arn,
        description=alarm.description,
        namespace=alarm.namespace,
        metric=alarm.metric_name,
        dimensions=tuple(sorted((one.name, one.value) for one in alarm.dimensions)),
        unit=alarm.unit,
        statistic=alarm.statistic or alarm.extended_statistic,
        period=int(alarm.period),
        periods=int(alarm.evaluation_periods),
        datapoints=int(alarm.datapoints_to_alarm or alarm.evaluation_periods),
        comparison=alarm.comparison_operator,
        threshold=float(alarm.threshold),
        missing=alarm.treat_missing_data or "missing",
        state=alarm.state_value,
        reason=alarm.state_reason,
        since=_seconds(alarm.state_updated_timestamp),
        updated=_seconds(alarm.configuration_updated_timestamp),
        actions={
            "OK": alarm.ok_actions,
            "ALARM": alarm.alarm_actions,
            "INSUFFICIENT_DATA": alarm.insufficient_data_actions,
        },
        actions_enabled=alarm.actions_enabled,
    )


def _seconds(time: datetime) -> float:
    return time.replace(tzinfo=UTC).timestamp()


def _check(given: Mapping[str, Any]) -> None:
    """Refuses what is wrong in CloudWatch's words, and what is not modelled in ours."""
    if given.get("rule") or given.get("metric_data_queries") or given.get("threshold_metric_id"):
        raise AwsError("NotImplemented", 501, "The sandbox models alarms on one metric: no expressions, no composites.")
    if given.get("evaluate_low_sample_count_percentile") == "ignore":
        raise AwsError("NotImplemented", 501, "The sandbox does not model EvaluateLowSampleCountPercentile=ignore.")
    for name in ("namespace", "metric_name", "period", "threshold", "evaluation_periods"):
        if given.get(name) is None:
            word = "".join(part.capitalize() for part in name.split("_"))
            raise _wrong(f"The parameter {word} is required.", "MissingParameter")
    statistic, extended = given.get("statistic"), given.get("extended_statistic")
    if bool(statistic) is bool(extended):
        text = "Exactly one of Statistic and ExtendedStatistic must be specified."
        raise _wrong(text, "InvalidParameterCombination")
    if extended and not is_percentile(extended):
        raise _wrong(f"The value {extended} for parameter ExtendedStatistic is not supported: the sandbox models p50.")
    if given["comparison_operator"] not in COMPARISONS:
        raise AwsError("NotImplemented", 501, "The sandbox does not model alarms on anomalies.")
    period, periods = int(given["period"]), int(given["evaluation_periods"])
    if period < 1 or (period % 60 and period not in (10, 20, 30)):
        raise _wrong("Period must be 10, 20, 30 or a multiple of 60")
    if periods < 1 or period * periods > (604_800 if period >= 3600 else 86_400):
        raise _wrong("Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400).")
    datapoints = given.get("datapoints_to_alarm")
    if datapoints is not None and not 1 <= int(datapoints) <= periods:
        raise _wrong("DatapointsToAlarm must be between 1 and EvaluationPeriods.")
    if given.get("treat_missing_data") not in (None, *_MISSING):
        text = (
            f"Option {given['treat_missing_data']} is not supported. Supported options for parameter TreatMissingData"
        )
        raise _wrong(f"{text} are breaching, notBreaching, ignore and missing.")
    for name in ("alarm_actions", "ok_actions", "insufficient_data_actions"):
        for arn in given.get(name) or ():
            if not _ACTION.fullmatch(arn):
                raise _wrong(
                    f"Invalid or unmodelled action {arn}: the sandbox's alarms act on SNS topics and functions."
                )


def _wrong(message: str, code: str = "ValidationError") -> AwsError:
    return AwsError(code, 400, message)
