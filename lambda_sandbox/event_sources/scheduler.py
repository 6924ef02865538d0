"""EventBridge Scheduler → targets: `at`, `rate` and `cron` in any time zone, in the name of a role (facts §6.7).

bridge.on_schedules_changed = lambda: loop.call_soon_threadsafe(source.reschedule)

The role of the schedule, not the function's policy, must allow the call. Targets are functions, queues, topics, buses
and state machines; others, and the universal ones, are not modelled, and the journal says so. A flexible window counts
as its start.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from lambda_sandbox.clock import Clock, iso8601
from lambda_sandbox.event_sources import schedules
from lambda_sandbox.event_sources.eventbridge import request_to
from lambda_sandbox.event_sources.push import function_of
from lambda_sandbox.event_sources.timetable import Timetable
from lambda_sandbox.event_sources.to_services import message, parts, signed
from lambda_sandbox.iam import Decision, decide, statements_of
from lambda_sandbox.invocation.call import Call
from lambda_sandbox.journal import Journal, Kind
from lambda_sandbox.moto_bridge import ScheduleOf
from lambda_sandbox.state import State
from lambda_sandbox.wire import AwsError, Request, Response

NAME = "scheduler"
_ACTIONS = {
    "lambda": "lambda:InvokeFunction",
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
    "events": "events:PutEvents",
    "states": "states:StartExecution",
}


def check(expression: str, zone: str, role_arn: str, trust: Mapping[str, Any] | None) -> None:
    """Raises AwsError, in Scheduler's words, for a schedule that says nothing, or a role that does not trust it."""
    by = {"principal": "scheduler.amazonaws.com", "action": "sts:AssumeRole", "resource": role_arn}
    if not decide(statements_of(trust), **by, context={"aws:SourceAccount": role_arn.split(":")[4]}):
        text = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
        raise AwsError("ValidationException", 400, text)
    try:
        schedules.parse("rate(1 day)", zone)
    except schedules.BadSchedule:
        text = f"The time zone provided in the schedule is invalid: {zone}"
        raise AwsError("ValidationException", 400, text) from None
    try:
        schedules.parse(expression, zone)
    except schedules.BadSchedule:
        raise AwsError("ValidationException", 400, f"Invalid Schedule Expression {expression}.") from None


class SchedulerSource:
    """Sends what schedules say to their targets. Lives on the event loop."""

    def __init__(
        self,
        *,
        state: State,
        journal: Journal,
        clock: Clock,
        invoke: Callable[[Call], None],
        send: Callable[[Request], Awaitable[Response]],
        may: Callable[[str, str, str], Decision],
        all_there_is: Callable[[], Sequence[ScheduleOf]],
    ) -> None:
        self._state, self._journal, self._clock = state, journal, clock
        self._invoke, self._send, self._may, self._all = invoke, send, may, all_there_is
        self._schedules: dict[str, ScheduleOf] = {}
        self._timetable = Timetable(clock, self._fire)

    def reschedule(self) -> None:
        """Schedules have changed."""
        self._schedules = {schedule.arn: schedule for schedule in self._all() if schedule.enabled}
        self._timetable.set({arn: (one.expression, one.zone, one.start or 0.0) for arn, one in self._schedules.items()})

    def reset(self) -> None:
        self._timetable.reset()

    def _fire(self, arn: str, due: float) -> None:
        schedule = self._schedules[arn]
        if (schedule.start or due) <= due <= (schedule.end or due):
            self._clock.spawn(self._to_target(schedule, due))

    async def _to_target(self, schedule: ScheduleOf, due: float) -> None:
        target = schedule.target
        arn, text = target["Arn"], target.get("Input") or json.dumps(self._event(schedule, due))
        about: dict[str, Any] = {"source": NAME, "schedule": schedule.arn, "event_name": "Scheduled Event"}
        call, whom = None, {}
        if parts(arn)[0] == "lambda":
            region, name, qualifier = function_of(arn)
            call = Call(region, name, qualifier, text.encode(), self._state.new_uuid(), source=NAME)
            whom = {"function": name, "request_id": call.request_id}
            self._journal.append(Kind.RECEIVED, **whom, **about)
        refused = await self._refused(schedule, arn, text, due, call)
        if refused:
            self._journal.append(Kind.REFUSED, **whom, **about, because=f"{arn}: {refused}")
            if queue := target.get("DeadLetterConfig", {}).get("Arn"):
                await self._send(message(queue, text, {"ERROR_MESSAGE": ("String", refused)}))
        else:
            self._journal.append(Kind.DELIVERED, **about, to=arn, condition="Due")
        if schedule.delete_after and schedules.parse(schedule.expression, schedule.zone).after(due) is None:
            path, group = f"/schedules/{quote(schedule.name)}", f"groupName={quote(schedule.group)}"
            await self._send(Request("DELETE", path, group, signed("scheduler", schedule.region)))

    async def _refused(self, schedule: ScheduleOf, arn: str, text: str, due: float, call: Call | None) -> str:
        """Delivers, or says why not."""
        service, region, _ = parts(arn)
        if service not in _ACTIONS:
            return f"the sandbox does not model schedules with a target of {service}"
        decision = await asyncio.to_thread(self._may, str(schedule.target["RoleArn"]), _ACTIONS[service], arn)
        if not decision:
            return decision.because
        if call is not None:
            try:
                self._invoke(call)
            except AwsError as error:
                return error.message
            return ""
        request = request_to(schedule.target, service, region, text, self._event(schedule, due))
        assert request is not None
        response = await self._send(request)
        return "" if response.status < 300 else response.body.decode(errors="replace")[:300]

    def _event(self, schedule: ScheduleOf, due: float) -> dict[str, Any]:
        """What a target gets that has no input of its own."""
        return {
            "version": "0",
            "id": self._state.new_uuid(),
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "account": self._state.account,
            "time": f"{iso8601(due)[:19]}Z",
            "region": schedule.region,
            "resources": [schedule.arn],
            "detail": "{}",
        }
