"""EventBridge's rules, taken out of moto: it ignores Input, knows no target that runs code, and keeps no schedule."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moto.events.models import EventsBackend, Rule, events_backends
from moto.events.responses import EventsHandler

from lambda_sandbox.clock import iso8601


@dataclass(frozen=True, slots=True)
class RuleOf:
    """A rule as it is now. `pattern` is JSON text, `schedule` an expression; one of the two may be None."""

    arn: str
    enabled: bool
    pattern: str | None
    schedule: str | None
    targets: tuple[Mapping[str, Any], ...]


Told = Callable[[RuleOf, Mapping[str, Any]], None]
Check = Callable[[str | None, str | None], None]

Fits = Callable[[str, str], bool]  # a pattern, and an event: both JSON text

_handler: Any = EventsHandler
_rule: Any = Rule
_send_to_targets = _rule.send_to_targets
_backend: Any = EventsBackend
_put_rule = _backend.put_rule


def install(tell: Told, check: Check, fits: Fits) -> None:
    """Puts the seams in. `tell(rule, event)` is called from worker threads, for every rule of the bus that an event
    came to; `check(pattern, schedule)` raises AwsError for a rule that says nothing, and so does `fits`."""

    def send_to_targets(self: Any, original_event: Mapping[str, Any], transform_input: bool = True) -> None:
        if self.managed_by is not None:  # an archive's own rule
            _send_to_targets(self, original_event, transform_input)
        else:
            tell(_of(self), _event(original_event))

    def put_rule(self: Any, name: str, *rest: Any, **given: Any) -> Any:
        check(given.get("event_pattern"), given.get("scheduled_expression"))
        return _put_rule(self, name, *rest, **given)

    def test_event_pattern(self: Any) -> tuple[str, Any]:
        given = json.loads(self.body)
        return json.dumps({"Result": fits(given["EventPattern"], given["Event"])}), self.response_headers

    _handler.test_event_pattern = test_event_pattern
    _rule.send_to_targets = send_to_targets
    _backend.put_rule = put_rule


def scheduled(account: str) -> Sequence[RuleOf]:
    """All rules that have a schedule, in every Region."""
    backends: Any = events_backends[account]
    buses = [backend.event_buses["default"] for backend in backends.values() if "default" in backend.event_buses]
    return [_of(rule) for bus in buses for rule in bus.rules.values() if rule.scheduled_expression]


def of_default_bus(account: str, region: str) -> Sequence[RuleOf]:
    """The rules of the bus that AWS's own services tell."""
    backends: Any = events_backends[account]
    return [_of(rule) for rule in list(backends[region].event_buses["default"].rules.values())]


def _of(rule: Any) -> RuleOf:
    pattern = rule.event_pattern.dump() or None
    targets = tuple(dict(target) for target in rule.targets)
    return RuleOf(rule.arn, rule.state == "ENABLED", pattern, rule.scheduled_expression, targets)


def _event(moto: Mapping[str, Any]) -> dict[str, Any]:
    """An event as EventBridge hands it on: its time in whole seconds."""
    event = {name: value for name, value in moto.items() if name != "ingestion-time"}
    if isinstance(event["time"], (int, float)):
        event["time"] = f"{iso8601(event['time'])[:19]}Z"
    return event
