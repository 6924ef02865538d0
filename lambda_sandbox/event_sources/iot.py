"""IoT topic rules → Lambda: a message that a rule's SQL lets through becomes an asynchronous invocation (facts §6.6).

bridge.check_topic_rule = check                          # when a rule is stored (in a worker thread)
bridge.on_message = lambda rule, topic, payload: loop.call_soon_threadsafe(source.on, rule, topic, payload)

The function gets the result of the SELECT, in no envelope. The only action that is modelled is `lambda`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from lambda_sandbox.clock import Clock
from lambda_sandbox.event_sources import iot_sql
from lambda_sandbox.event_sources.push import By, Push
from lambda_sandbox.journal import Journal, Kind
from lambda_sandbox.moto_bridge import TopicRule
from lambda_sandbox.wire import AwsError, not_modelled

BY = By("iot", "iot.amazonaws.com")


def check(sql: str, actions: Sequence[Mapping[str, Any]], error_action: Mapping[str, Any] | None) -> None:
    """Raises AwsError for a statement that cannot be read, and for what the sandbox does not model."""
    try:
        iot_sql.parse(sql or "")
    except iot_sql.NotModelled as error:
        raise not_modelled(str(error)) from None
    except iot_sql.BadSql as error:
        raise AwsError("SqlParseException", 400, f"The SQL of the rule cannot be read: {error}.") from None
    for action in [*(actions or []), *([error_action] if error_action else [])]:
        if set(action) != {"lambda"} or action is error_action:
            kind = "error action" if action is error_action else f"action {', '.join(action)}"
            raise not_modelled(f"the {kind} of IoT rules", "Its one action is lambda.")


class IotSource:
    """Tells functions of messages. Lives on the event loop."""

    def __init__(self, push: Push, journal: Journal, clock: Clock) -> None:
        self._push, self._journal, self._clock = push, journal, clock

    def on(self, rule: TopicRule, topic: str, payload: bytes) -> None:
        """A message came; `rule` is one of all that are enabled in its Region."""
        query = iot_sql.parse(rule.sql)
        if not iot_sql.covers(query.topics, topic):
            return
        try:
            said = json.loads(payload)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            because = "the sandbox models rules for messages that are JSON objects only"
            self._journal.append(Kind.REFUSED, source=BY.name, rule=rule.arn, topic=topic, because=because)
            return
        event = query.result(topic, said, self._clock.now())
        for function in rule.functions:
            about = {"event_name": "Publish", "rule": rule.arn, "topic": topic}
            if event is None:
                self._push.filtered(function, by=BY, **about)
            else:
                self._push.deliver(function, event, by=BY, source_arn=rule.arn, **about)
