"""EventBridge Scheduler's schedules: moto keeps them, and fires none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moto.scheduler.models import EventBridgeSchedulerBackend, scheduler_backends

from lambda_sandbox.wire import AwsError


@dataclass(frozen=True, slots=True)
class ScheduleOf:
    """A schedule as it is now; `start` and `end` are seconds since 1970."""

    arn: str
    name: str
    group: str
    region: str
    expression: str
    zone: str
    enabled: bool
    target: Mapping[str, Any]
    start: float | None = None
    end: float | None = None
    delete_after: bool = False  # when it will never be due again


_backend: Any = EventBridgeSchedulerBackend
_create, _update = _backend.create_schedule, _backend.update_schedule


Check = Callable[[str, str, str], None]  # (expression, time zone, role ARN); raises AwsError


def install(check: Check) -> None:
    """Puts the seams in; `check` raises AwsError for a schedule that says nothing, or in nobody's name."""

    def checked(given: dict[str, Any]) -> None:
        zone = given.get("schedule_expression_timezone") or "UTC"
        window = given.get("flexible_time_window") or {}
        check(given["schedule_expression"], zone, str((given.get("target") or {}).get("RoleArn")))
        if (window.get("Mode") == "FLEXIBLE") != ("MaximumWindowInMinutes" in window):
            text = "MaximumWindowInMinutes must be given for a flexible time window, and only for one."
            raise AwsError("ValidationException", 400, text)

    def create(self: Any, *args: Any, **given: Any) -> Any:
        checked(given)
        group = given.get("group_name") or "default"
        if group not in self.schedule_groups:
            raise AwsError("ResourceNotFoundException", 404, f"Schedule group {group} does not exist.")
        return _create(self, *args, **given)

    def update(self: Any, *args: Any, **given: Any) -> Any:
        checked(given)
        return _update(self, *args, **given)

    _backend.create_schedule, _backend.update_schedule = create, update


def schedules(account: str) -> Sequence[ScheduleOf]:
    """All schedules, in every Region."""
    backends: Any = scheduler_backends[account]
    found = []
    for region, backend in list(backends.items()):
        for group in list(backend.schedule_groups.values()):
            found += [_of(region, schedule) for schedule in list(group.schedules.values())]
    return found


def _of(region: str, schedule: Any) -> ScheduleOf:
    return ScheduleOf(
        arn=schedule.arn,
        name=schedule.name,
        group=schedule.group_name,
        region=region,
        expression=schedule.schedule_expression,
        zone=schedule.schedule_expression_timezone or "UTC",
        enabled=schedule.state == "ENABLED",
        target=dict(schedule.target),
        start=float(schedule.start_date) if schedule.start_date else None,
        end=float(schedule.end_date) if schedule.end_date else None,
        delete_after=schedule.action_after_completion == "DELETE",
    )
