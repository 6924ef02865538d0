"""SNS's notifications for functions, taken out of moto: it would deliver a constant event to a Lambda of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from moto.sns.exceptions import SNSInvalidParameter
from moto.sns.models import SNSBackend, Subscription
from moto.sns.responses import SNSResponse

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
_backend: Any = SNSBackend
_publish_to_topic = _backend.publish
_set_attributes, _validate = _backend.set_subscription_attributes, _backend._validate_filter_policy
_responses: Any = SNSResponse
_subscribe = _responses.subscribe
_PROTOCOLS = ("application", "email", "email-json", "firehose", "http", "https", "lambda", "sms", "sqs")
_SCOPES = ("MessageAttributes", "MessageBody")
_GARBAGE = (TypeError, AttributeError, LookupError)  # what moto raises for policies that it did not expect


def install(tell: Callable[[Notification], None], check: Callable[[str], object]) -> None:
    """Puts the seams in; doing it again exchanges what was given.

    `tell` is called from worker threads; `check` raises ValueError for a filter policy that is none.
    """

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

    def validate(self: Any, value: Any, scope: str | None) -> None:
        with suppress(*_GARBAGE):  # they are checked all the same, right here
            _validate(self, value, scope)
        if value == {}:
            return  # lets everything through
        try:
            check(json.dumps(value))
        except ValueError as error:
            raise SNSInvalidParameter(f"Invalid parameter: FilterPolicy: {error}") from None

    def publish_to_topic(self: Any, message: str, *args: Any, **given: Any) -> Any:
        if not message:
            raise SNSInvalidParameter("Invalid parameter: Empty message")
        subject = given.get("subject")
        if subject is not None and (not subject or not subject.isprintable()):
            raise SNSInvalidParameter("Invalid parameter: Subject")
        return _publish_to_topic(self, message, *args, **given)

    def set_subscription_attributes(self: Any, arn: str, name: str, value: Any) -> None:
        if name == "FilterPolicy" and value:
            _parsed(value)
        _set_attributes(self, arn, name, value)

    def subscribe(self: Any) -> Any:
        protocol, given = self._get_param("Protocol"), self._get_attributes() or {}
        if protocol not in _PROTOCOLS:
            text = f"Amazon SNS does not support this protocol string: {protocol}"
            raise SNSInvalidParameter(f"Invalid parameter: {text}")
        if protocol == "lambda" and ":lambda:" not in (self._get_param("Endpoint") or ""):
            raise SNSInvalidParameter("Invalid parameter: Lambda endpoint ARN")
        scope = given.get("FilterPolicyScope", "MessageAttributes")
        if scope not in _SCOPES:
            text = f"FilterPolicyScope: Invalid value [{scope}]. Please use either MessageBody or MessageAttributes"
            raise SNSInvalidParameter(f"Invalid parameter: Attributes Reason: {text}")
        if policy := given.get("FilterPolicy"):  # before there is a subscription, which would stay
            try:
                self.backend._validate_filter_policy(_parsed(policy), scope)
            except SNSInvalidParameter as error:
                text = error.message.replace("Invalid parameter: ", "Invalid parameter: Attributes Reason: ")
                raise SNSInvalidParameter(text) from None
        return _subscribe(self)

    _responses.subscribe, _backend.publish = subscribe, publish_to_topic
    _subscription.publish = publish
    _backend._validate_filter_policy, _backend.set_subscription_attributes = validate, set_subscription_attributes


def _parsed(policy: str) -> Any:
    try:
        return json.loads(policy)
    except ValueError:
        raise SNSInvalidParameter("Invalid parameter: FilterPolicy: failed to parse JSON.") from None


def _dead_letter(redrive: Any) -> str | None:
    policy = json.loads(redrive) if isinstance(redrive, str) and redrive else redrive
    return policy.get("deadLetterTargetArn") if isinstance(policy, dict) else None
