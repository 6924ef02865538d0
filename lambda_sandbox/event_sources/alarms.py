"""CloudWatch alarms → SNS topics and functions: what an alarm does when its state changes.

bridge.on_alarm = lambda change: loop.call_soon_threadsafe(source.on, change)

The message and the event are of the shapes in the CloudWatch User Guide.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from botocore.loaders import Loader

from lambda_sandbox.clock import Clock, iso8601
from lambda_sandbox.event_sources.push import By, Push
from lambda_sandbox.event_sources.to_services import notification, parts
from lambda_sandbox.journal import Journal, Kind
from lambda_sandbox.moto_bridge import AlarmChange
from lambda_sandbox.wire import Request, Response

BY = By("cloudwatch", "lambda.alarms.cloudwatch.amazonaws.com")


def message(change: AlarmChange, at: float) -> dict[str, Any]:
    """What a topic's subscribers get, as JSON text."""
    alarm = change.alarm
    percentile = alarm.statistic.startswith("p")
    kind = {"StatisticType": "ExtendedStatistic", "ExtendedStatistic": alarm.statistic}
    if not percentile:
        kind = {"StatisticType": "Statistic", "Statistic": alarm.statistic.upper()}
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": alarm.arn.split(":")[4],
        "AlarmConfigurationUpdatedTimestamp": _date(alarm.updated),
        "NewStateValue": change.state,
        "NewStateReason": change.reason,
        "StateChangeTime": _date(at),
        "Region": _region(alarm.region),
        "AlarmArn": alarm.arn,
        "OldStateValue": alarm.state,
        "OKActions": list(alarm.actions["OK"]),
        "AlarmActions": list(alarm.actions["ALARM"]),
        "InsufficientDataActions": list(alarm.actions["INSUFFICIENT_DATA"]),
        "Trigger": {
            "MetricName": alarm.metric,
            "Namespace": alarm.namespace,
            **kind,
            "Unit": alarm.unit,
            "Dimensions": [{"value": value, "name": name} for name, value in alarm.dimensions],
            "Period": alarm.period,
            "EvaluationPeriods": alarm.periods,
            "DatapointsToAlarm": alarm.datapoints,
            "ComparisonOperator": alarm.comparison,
            "Threshold": alarm.threshold,
            "TreatMissingData": alarm.missing,
            "EvaluateLowSampleCountPercentile": "",
        },
    }


def event(change: AlarmChange, at: float) -> dict[str, Any]:
    """What a function gets that is itself the action."""
    alarm = change.alarm
    metric = {"namespace": alarm.namespace, "name": alarm.metric, "dimensions": dict(alarm.dimensions)}
    stat = {"metric": metric, "period": alarm.period, "stat": alarm.statistic}
    return {
        "source": "aws.cloudwatch",
        "alarmArn": alarm.arn,
        "accountId": alarm.arn.split(":")[4],
        "time": _date(at),
        "region": alarm.region,
        "alarmData": {
            "alarmName": alarm.name,
            "state": {"value": change.state, "reason": change.reason, "timestamp": _date(at)},
            "previousState": {"value": alarm.state, "reason": alarm.reason, "timestamp": _date(alarm.since)},
            "configuration": {
                **({"description": alarm.description} if alarm.description else {}),
                "metrics": [{"id": "m1", "metricStat": stat, "returnData": True}],
            },
        },
    }


class AlarmActions:
    """Acts on changes of state. Lives on the event loop."""

    def __init__(
        self, *, push: Push, journal: Journal, clock: Clock, send: Callable[[Request], Awaitable[Response]]
    ) -> None:
        self._push, self._journal, self._clock, self._send = push, journal, clock, send

    def on(self, change: AlarmChange) -> None:
        """Tells the topics and functions of the state that the alarm is in now."""
        if change.alarm.actions_enabled:
            for arn in change.alarm.actions[change.state]:
                self._clock.spawn(self._act(arn, change, self._clock.now()))

    async def _act(self, arn: str, change: AlarmChange, at: float) -> None:
        alarm = change.alarm
        if parts(arn)[0] == "lambda":
            self._push.deliver(
                arn, event(change, at), by=BY, source_arn=alarm.arn, event_name="AlarmState", alarm=alarm.name
            )
            return
        subject = f'{change.state}: "{alarm.name}" in {_region(alarm.region)}'
        response = await self._send(notification(arn, json.dumps(message(change, at)), {}, subject=subject[:100]))
        about = {"source": BY.name, "alarm": alarm.name}
        if response.status < 300:
            self._journal.append(Kind.DELIVERED, **about, to=arn, condition=change.state)
        else:
            refused = response.body.decode(errors="replace")[:300]
            self._journal.append(Kind.REFUSED, **about, because=f"{arn}: {refused}")


def _date(at: float) -> str:
    return iso8601(at)[:-1] + "+0000"


def _region(code: str) -> str:
    """`US East (N. Virginia)`."""
    partitions = Loader().load_data("partitions")["partitions"]
    return next(str(one["regions"][code]["description"]) for one in partitions if code in one["regions"])
