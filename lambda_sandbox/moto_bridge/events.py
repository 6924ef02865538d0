"""EventBridge's rules, taken out of moto: it ignores Input, knows no target that runs code, and keeps no schedule."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moto.events.models import EventsBackend, Rule, events_backends
from moto.events.responses import EventsHandler

from lambda_sandbox.clock import iso8601
from lambda_sandbox.wire import AwsError


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
_put_rule, _put_events, _put_targets = _backend.put_rule, _backend.put_events, _backend.put_targets
MOST_TARGETS = 5  # of a rule: EventBridge User Guide, "Quotas"
_NOT_AUTHORIZED = {"ErrorCode": "NotAuthorizedForSource", "ErrorMessage": "Not authorized for the source."}


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

    def put_events(self: Any, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        theirs = [str(one.get("Source") or "").startswith("aws.") for one in events]  # only AWS speaks for itself
        told = iter(_put_events(self, [one for one, is_theirs in zip(events, theirs, strict=True) if not is_theirs]))
        return [dict(_NOT_AUTHORIZED) if is_theirs else next(told) for is_theirs in theirs]

    def put_targets(self: Any, name: str, event_bus_arn: str | None, targets: list[dict[str, Any]]) -> None:
        for target in targets:
            _check_target(target)
        rule = self._get_event_bus(self._normalize_event_bus_arn(event_bus_arn)).rules.get(name)
        known = {one["Id"] for one in rule.targets} if rule else set()
        if len(known | {one["Id"] for one in targets}) > MOST_TARGETS:
            text = "The requested resource exceeds the maximum number allowed."
            raise AwsError("LimitExceededException", 400, text)
        _put_targets(self, name, event_bus_arn, targets)

    def test_event_pattern(self: Any) -> tuple[str, Any]:
        given = json.loads(self.body)
        return json.dumps({"Result": fits(given["EventPattern"], given["Event"])}), self.response_headers

    _backend.put_events, _backend.put_targets = put_events, put_targets
    _handler.test_event_pattern = test_event_pattern
    _rule.send_to_targets = send_to_targets
    _backend.put_rule = put_rule


def _check_target(target: Mapping[str, Any]) -> None:
    """Raises AwsError for a target that is told what it gets in two ways, or in a text that is no JSON."""
    if sum(name in target for name in ("Input", "InputPath", "InputTransformer")) > 1:
        text = f"Only one of Input, InputPath, or InputTransformer must be provided for target {target['Id']}."
        raise AwsError("ValidationException", 400, text)
    try:
        json.loads(target.get("Input", "{}"))
    except ValueError as error:
        text = f"JSON syntax error in input for target {target['Id']} : {error}"
        raise AwsError("ValidationException", 400, text) from None


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
