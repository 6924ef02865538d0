"""EventBridge → targets: events that fit a rule's pattern, and rules that have a schedule (facts §6.6).

bridge.on_event = lambda rule, event: loop.call_soon_threadsafe(source.on, rule, event)
bridge.on_rules_changed = lambda: loop.call_soon_threadsafe(source.reschedule)

Targets are functions, queues, topics, log groups, state machines and other buses; the sandbox does not model others,
and says so in the journal. Schedules wait on the sandbox's clock: each due time fires once, in order, however far the
clock jumps.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from lambda_sandbox.clock import Clock, iso8601
from lambda_sandbox.event_sources import patterns, schedules
from lambda_sandbox.event_sources.push import By, Push
from lambda_sandbox.event_sources.timetable import Timetable
from lambda_sandbox.event_sources.to_services import json_request, message, notification, parts
from lambda_sandbox.iam import Decision
from lambda_sandbox.journal import Journal, Kind
from lambda_sandbox.moto_bridge import RuleOf
from lambda_sandbox.state import State
from lambda_sandbox.wire import AwsError, Request, Response

BY = By("eventbridge", "events.amazonaws.com")
_REQUIRED = {"id", "account", "source", "time", "region", "resources", "detail-type"}  # of an event that is tried
_VARIABLE = re.compile(r"<([\w.\-]+)>")


def check(pattern: str | None, schedule: str | None) -> None:
    """Raises AwsError, in EventBridge's words, for a rule that says nothing."""
    try:
        if pattern:
            patterns.parse(pattern)
        if schedule and isinstance(schedules.parse(schedule), schedules.Once):
            raise schedules.BadSchedule(schedule)
    except patterns.BadPattern as error:
        raise AwsError("InvalidEventPatternException", 400, f"Event pattern is not valid. Reason: {error}") from None
    except schedules.BadSchedule:
        raise AwsError("ValidationException", 400, "Parameter ScheduleExpression is not valid.") from None


def fits(pattern: str, event: str) -> bool:
    """TestEventPattern. Raises AwsError for a pattern that says nothing, and for what is no event."""
    check(pattern, None)
    try:
        given = json.loads(event)
    except ValueError:
        given = None
    if not isinstance(given, dict) or not set(given) >= _REQUIRED:
        raise AwsError("ValidationException", 400, "Parameter Event is not valid.")
    return patterns.matches(patterns.parse(pattern), given)


def matches(rule: RuleOf, event: Mapping[str, Any]) -> bool:
    return rule.enabled and rule.pattern is not None and patterns.matches(patterns.parse(rule.pattern), event)


def shaped(target: Mapping[str, Any], event: Mapping[str, Any], rule_arn: str) -> str:
    """What a target gets, as JSON text: the event, a part of it, a constant, or a template filled in."""
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        return _json(_at(event, target["InputPath"]))
    if transformer := target.get("InputTransformer"):
        return _filled(transformer, event, rule_arn)
    return _json(event)


def _filled(transformer: Mapping[str, Any], event: Mapping[str, Any], rule_arn: str) -> str:
    """A template with its variables: within quotes a text stands as it is, elsewhere as JSON."""
    values = {name: _at(event, path) for name, path in transformer.get("InputPathsMap", {}).items()}
    values |= {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_arn.rpartition("/")[2],
        "aws.events.event.ingestion-time": event["time"],
        "aws.events.event.json": event,
        "aws.events.event": {name: value for name, value in event.items() if name != "detail"},
    }
    template = str(transformer["InputTemplate"])

    def fill(found: re.Match[str]) -> str:
        if found[1] not in values:
            return found[0]
        value = values[found[1]]
        quoted = template[: found.start()].count('"') % 2 == 1
        if quoted and value is None:
            return ""  # a variable that is not there does not appear
        return _json(value)[1:-1] if quoted and isinstance(value, str) else _json(value)

    return _VARIABLE.sub(fill, template)


def _at(event: Any, path: str) -> Any:
    """The value at `$.detail.items[0]`, or the values at `$.detail.items[*].id`; None if there is none."""
    steps = re.findall(r"\.([\w\-/]+)|\[(\d+|\*)\]", path.removeprefix("$"))
    for place, (name, index) in enumerate(steps):
        if name:
            event = event.get(name) if isinstance(event, Mapping) else None
        elif index == "*":
            rest = "".join(f".{name}" if name else f"[{index}]" for name, index in steps[place + 1 :])
            return [_at(one, rest) for one in event] if isinstance(event, list) else None
        else:
            event = event[int(index)] if isinstance(event, list) and int(index) < len(event) else None
    return event


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


class EventBridgeSource:
    """Sends events to the targets of rules. Lives on the event loop."""

    def __init__(
        self,
        *,
        push: Push,
        state: State,
        journal: Journal,
        clock: Clock,
        send: Callable[[Request], Awaitable[Response]],
        put_log_events: Callable[[str, str, str, list[tuple[int, str]]], Awaitable[None]],
        scheduled: Callable[[], Sequence[RuleOf]],
        of_default_bus: Callable[[str], Sequence[RuleOf]],
        may: Callable[[str, str, str], Decision],
    ) -> None:
        self._push, self._state, self._journal, self._clock = push, state, journal, clock
        self._send, self._put_log_events, self._scheduled = send, put_log_events, scheduled
        self._of_default_bus, self._may = of_default_bus, may
        self._rules: dict[str, RuleOf] = {}  # those that have a schedule
        self._timetable = Timetable(clock, self._fire)

    def on(self, rule: RuleOf, event: Mapping[str, Any]) -> None:
        """An event came to the bus of a rule."""
        if matches(rule, event):
            self._to_targets(rule, event)

    def told(self, source: str, region: str, kind: str, resource: str, detail: Mapping[str, Any], at: float) -> None:
        """One of AWS's services has an event for the default bus; `kind` is its detail-type."""
        event = {
            "version": "0",
            "id": self._state.new_uuid(),
            "detail-type": kind,
            "source": source,
            "account": self._state.account,
            "time": f"{iso8601(at)[:19]}Z",
            "region": region,
            "resources": [resource],
            "detail": detail,
        }
        for rule in self._of_default_bus(region):
            self.on(rule, event)

    def _to_targets(self, rule: RuleOf, event: Mapping[str, Any]) -> None:
        for target in rule.targets:
            text = shaped(target, event, rule.arn)
            if parts(target["Arn"])[0] == "lambda":
                about = {"event_name": str(event["detail-type"]), "rule": rule.arn}
                refused = self._push.deliver(target["Arn"], _value(text), by=BY, source_arn=rule.arn, **about)
                if refused:
                    self._clock.spawn(self._bury(rule, target, event, refused))
            else:
                self._clock.spawn(self._to_service(rule, target, text, event))

    async def _to_service(self, rule: RuleOf, target: Mapping[str, Any], text: str, event: Mapping[str, Any]) -> None:
        arn = target["Arn"]
        service, region, name = parts(arn)
        refused = ""
        if service == "logs":
            group = name.removeprefix("log-group:").removesuffix(":*")
            now = self._clock.now()
            await self._put_log_events(region, group, self._state.new_uuid(), [(int(now * 1000), text)])
        elif (request := request_to(target, service, region, text, event)) is None:
            refused = f"the sandbox does not model rules with a target of {service}"
        elif service == "states" and not (allowed := await self._allowed(target)):
            refused = allowed.because
        else:
            response = await self._send(request)
            refused = "" if response.status < 300 else response.body.decode(errors="replace")[:300]
        about = {"source": BY.name, "rule": rule.arn, "event_name": str(event["detail-type"])}
        if refused:
            self._journal.append(Kind.REFUSED, **about, because=f"{arn}: {refused}")
            await self._bury(rule, target, event, refused)
        else:
            self._journal.append(Kind.DELIVERED, **about, to=arn, condition="Matched")

    async def _bury(self, rule: RuleOf, target: Mapping[str, Any], event: Mapping[str, Any], because: str) -> None:
        """What a target may not get goes to its dead-letter queue, if it has one: the event, untransformed."""
        if queue := (target.get("DeadLetterConfig") or {}).get("Arn"):
            said = {
                "RULE_ARN": rule.arn,
                "TARGET_ARN": target["Arn"],
                "ERROR_CODE": "NO_RESOURCE" if because.startswith("there is no") else "NO_PERMISSIONS",
                "ERROR_MESSAGE": because,
            }
            attributes = {name: ("String", text) for name, text in said.items()}
            await self._send(message(queue, _json(event), attributes))

    async def _allowed(self, target: Mapping[str, Any]) -> Decision:
        """A state machine is started in the name of the target's role."""
        return await asyncio.to_thread(self._may, target.get("RoleArn", ""), "states:StartExecution", target["Arn"])

    # -- schedules

    def reschedule(self) -> None:
        """Rules have changed."""
        self._rules = {rule.arn: rule for rule in self._scheduled() if rule.enabled}
        self._timetable.set({arn: (str(rule.schedule), "UTC", None) for arn, rule in self._rules.items()})

    def _fire(self, arn: str, due: float) -> None:
        event = {
            "version": "0",
            "id": self._state.new_uuid(),
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": self._state.account,
            "time": f"{iso8601(due)[:19]}Z",
            "region": parts(arn)[1],
            "resources": [arn],
            "detail": {},
        }
        self._to_targets(self._rules[arn], event)

    def reset(self) -> None:
        self._timetable.reset()


def request_to(
    target: Mapping[str, Any], service: str, region: str, text: str, event: Mapping[str, Any]
) -> Request | None:
    """The request that a queue, a topic, another bus or a state machine gets; None for other services."""
    match service:
        case "sqs":
            group = target.get("SqsParameters", {}).get("MessageGroupId")
            return message(target["Arn"], text, {}, group=group)
        case "sns":
            return notification(target["Arn"], text, {})
        case "events":
            entry = {
                "Source": event["source"],
                "DetailType": event["detail-type"],
                "Detail": _json(event["detail"]),
                "Resources": event["resources"],
                "EventBusName": target["Arn"],
            }
            return json_request("events", region, "AWSEvents.PutEvents", {"Entries": [entry]})
        case "states":
            given = {"stateMachineArn": target["Arn"], "input": text}
            return json_request("states", region, "AWSStepFunctions.StartExecution", given)
    return None


def _value(text: str) -> Any:
    """A function gets JSON; a template that makes none arrives as a text."""
    try:
        return json.loads(text)
    except ValueError:
        return text
