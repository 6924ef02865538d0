"""SNS's notifications for functions, taken out of moto: it would deliver a constant event to a Lambda of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.sns.models import Subscription

from lambda_sandbox.moto_bridge.tracing import trace


@dataclass(frozen=True, slots=True)
class Notification:
    """One message for one subscription of a function, filtered already. `attributes`: name -> Type and Value."""

    topic_arn: str
    subscription_arn: str
    function_arn: str
    message_id: str
    message: str
    subject: str | None
    attributes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    dead_letter_arn: str | None = None
    trace: str = ""


_subscription: Any = Subscription
_publish = _subscription.publish


def install(tell: Callable[[Notification], None]) -> None:
    """Puts the seam in; `tell` is called from worker threads. Doing it again exchanges `tell`."""

    def publish(
        self: Any,
        message: str,
        message_id: str,
        subject: str | None = None,
        message_attributes: dict[str, Any] | None = None,
        group_id: str | None = None,
        deduplication_id: str | None = None,
        message_structure: str | None = None,
    ) -> None:
        if self.protocol != "lambda":
            more = (group_id, deduplication_id, message_structure)
            _publish(self, message, message_id, subject, message_attributes, *more)
            return
        matcher = self._filter_policy_matcher
        if matcher is not None and not matcher.matches(message_attributes, message):
            return
        if message_structure == "json":
            message = self._parse_message_structure(message, self.protocol)
        redrive = self.attributes.get("RedrivePolicy") or {}
        tell(
            Notification(
                topic_arn=self.topic.arn,
                subscription_arn=self.arn,
                function_arn=self.endpoint,
                message_id=message_id,
                message=message,
                subject=subject,
                attributes=dict(message_attributes or {}),
                dead_letter_arn=_dead_letter(redrive),
                trace=trace(),
            )
        )

    _subscription.publish = publish


def _dead_letter(redrive: Any) -> str | None:
    policy = json.loads(redrive) if isinstance(redrive, str) and redrive else redrive
    return policy.get("deadLetterTargetArn") if isinstance(policy, dict) else None
