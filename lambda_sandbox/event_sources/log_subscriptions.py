"""CloudWatch Logs → Lambda: what is written to a log group, gzipped, for the functions that subscribed (facts §6.6).

bridge.check_subscription = source.check                # when a subscription is stored (in a worker thread)
bridge.on_log_events = lambda events: loop.call_soon_threadsafe(source.on, events)
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Sequence
from typing import Any

from lambda_sandbox.cloudwatch import log_patterns
from lambda_sandbox.event_sources.push import By, Push
from lambda_sandbox.moto_bridge import LogEvents
from lambda_sandbox.wire import AwsError

NAME = "logs"


def event(written: LogEvents, chosen: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The event that the function gets: base64 of gzip of JSON."""
    said = {
        "messageType": "DATA_MESSAGE",
        "owner": written.account,
        "logGroup": written.group,
        "logStream": written.stream,
        "subscriptionFilters": [written.subscription],
        "logEvents": [{**one, "id": str(one["id"])} for one in chosen],
    }
    packed = gzip.compress(json.dumps(said, separators=(",", ":")).encode(), mtime=0)
    return {"awslogs": {"data": base64.b64encode(packed).decode()}}


class LogSubscriptions:
    """Tells functions of log events. `on` runs on the event loop; `check` only reads, and may run anywhere."""

    def __init__(self, push: Push) -> None:
        self._push = push

    def on(self, written: LogEvents) -> None:
        """Invokes the function of one subscription with the events that its pattern lets through, if there are any."""
        matches = log_patterns.parse(written.pattern)
        chosen = [one for one in written.events if matches(one["message"])]
        if chosen:
            group_arn = f"arn:aws:logs:{written.region}:{written.account}:log-group:{written.group}:*"
            self._push.deliver(
                written.function_arn,
                event(written, chosen),
                by=self._by(written.function_arn, group_arn),
                source_arn=group_arn,
                event_name="DATA_MESSAGE",
                group=written.group,
            )

    def check(self, function_arn: str, group_arn: str, pattern: str | None) -> None:
        """Raises AwsError in CloudWatch Logs' words."""
        log_patterns.filter_of(pattern or "")
        if not self._push.may_invoke(function_arn, self._by(function_arn, group_arn).principal, group_arn):
            text = (
                "Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute "
                "your function."
            )
            raise AwsError("InvalidParameterException", 400, text)

    def _by(self, function_arn: str, group_arn: str) -> By:
        """A policy may name the service with its Region or without."""
        regional = By(NAME, f"logs.{group_arn.split(':')[3]}.amazonaws.com")
        allowed = self._push.may_invoke(function_arn, regional.principal, group_arn)
        return regional if allowed else By(NAME, "logs.amazonaws.com")
