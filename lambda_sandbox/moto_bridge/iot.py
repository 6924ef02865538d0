"""IoT's topic rules, taken out of moto: it keeps rules and messages, and brings the two together never."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class TopicRule:
    """An enabled rule as it is now: its SQL, and the ARNs of the functions that its actions invoke."""

    arn: str
    sql: str
    functions: tuple[str, ...]


Told = Callable[[TopicRule, str, bytes], None]
Check = Callable[[str, Sequence[Mapping[str, Any]], Mapping[str, Any] | None], None]

_installed: list[bool] = []


def install(tell: Told, check: Check) -> None:
    """Puts the seams in, once, before the first request: moto's part takes a while to import.

    `tell(rule, topic, payload)` is called from worker threads, for every enabled rule of the Region;
    `check(sql, actions, error_action)` raises AwsError for a rule that cannot be.
    """
    if _installed:
        return
    from moto.iot.models import IoTBackend
    from moto.iotdata.models import IoTDataPlaneBackend

    backend: Any = IoTBackend
    data: Any = IoTDataPlaneBackend
    create, replace, keep = backend.create_topic_rule, backend.replace_topic_rule, data.publish

    def publish(self: Any, topic: str, payload: bytes) -> None:
        keep(self, topic, payload)
        for rule in self.iot_backend.rules.values():
            if not rule.rule_disabled:
                functions = tuple(action["lambda"]["functionArn"] for action in rule.actions if "lambda" in action)
                tell(TopicRule(rule.arn, rule.sql, functions), topic, payload)

    def create_topic_rule(self: Any, rule_name: str, sql: str, **given: Any) -> None:
        check(sql, given.get("actions") or [], given.get("error_action"))
        create(self, rule_name, sql, **given)

    def replace_topic_rule(self: Any, rule_name: str, **given: Any) -> None:
        check(given["sql"], given.get("actions") or [], given.get("error_action"))  # moto deletes the old one first
        replace(self, rule_name, **given)

    data.publish = publish
    backend.create_topic_rule, backend.replace_topic_rule = create_topic_rule, replace_topic_rule
    _installed.append(True)
