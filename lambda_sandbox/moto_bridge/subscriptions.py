"""Subscriptions of log groups, taken out of moto: it ignores filter patterns, and asks a Lambda of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from moto.logs.models import LogsBackend, LogStream, logs_backends


@dataclass(frozen=True, slots=True)
class LogEvents:
    """What was written to one stream at once, for one subscription of a function. Events: id, timestamp, message."""

    region: str
    account: str
    group: str
    stream: str
    subscription: str
    pattern: str
    function_arn: str
    events: Sequence[dict[str, Any]]


Check = Callable[[str, str, str], None]

_stream: Any = LogStream
_send_log_events = _stream._send_log_events
_backend: Any = LogsBackend
_put_subscription_filter = _backend.put_subscription_filter


def install(tell: Callable[[LogEvents], None], check: Check) -> None:
    """Puts the seams in. `tell` is called from worker threads; `check(function_arn, group_arn, pattern)` raises
    AwsError if there is no such function, if it does not let CloudWatch Logs in, or if the pattern says nothing."""

    def send(self: Any, service: str, destination_arn: str, filter_name: str, log_events: list[dict[str, Any]]) -> None:
        if service != "lambda":
            _send_log_events(self, service, destination_arn, filter_name, log_events)
            return
        group = self.log_group
        pattern = group.subscription_filters[filter_name].filter_pattern
        about = (self.region, self.account_id, group.name, self.log_stream_name, filter_name, pattern or "")
        tell(LogEvents(*about, destination_arn, log_events))

    def put(
        self: Any, log_group_name: str, filter_name: str, filter_pattern: str, destination_arn: str, role_arn: str
    ) -> None:
        group = self.groups.get(log_group_name)
        if group is None or ":lambda:" not in destination_arn:
            _put_subscription_filter(self, log_group_name, filter_name, filter_pattern, destination_arn, role_arn)
            return
        group_arn = f"arn:aws:logs:{self.region_name}:{self.account_id}:log-group:{group.name}:*"
        check(destination_arn, group_arn, filter_pattern)
        if known := group.subscription_filters.get(filter_name):  # moto takes it for a third one
            known.update(filter_pattern, destination_arn, role_arn)
            return
        group.put_subscription_filter(filter_name, filter_pattern, destination_arn, role_arn)

    _stream._send_log_events = send
    _backend.put_subscription_filter = put


def exist(account: str) -> bool:
    """Whether any log group has a subscription."""
    backends: Any = logs_backends[account]
    groups = [group for backend in list(backends.values()) for group in list(backend.groups.values())]
    return any(group.subscription_filters for group in groups)
