"""What a check found: one shape for the notebook, the command line and every file made from it.

A `message` is an id and `facts` are its parameters; sentences are made at the edge, by `words`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

SCHEMA = 1


class Status(StrEnum):
    """How a check, and with its first failing check an exercise, ended."""

    PASS = "pass"
    FAIL = "fail"
    ERROR = "error"  # the check itself is broken: never the learner's fault
    TIMEOUT = "timeout"
    INIT_ERROR = "init error"
    BAD_RESPONSE = "bad response"
    CRASH = "crash"
    NOT_STARTED = "not started"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: the task it belongs to, its title, how it ended, and why. `ms` is real time; a mark has none."""

    task: int
    title: str
    visible: bool
    status: Status
    message: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    ms: float | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "task": self.task,
            "title": self.title,
            "visible": self.visible,
            "status": self.status.value,
            "message": self.message,
            "facts": dict(self.facts),
            "ms": None if self.ms is None else round(self.ms, 1),
        }


@dataclass(frozen=True, slots=True)
class Result:
    """What all checks that ran say; `not_run` hidden ones wait for grading."""

    exercise: str
    points: tuple[float, ...]
    checks: tuple[Check, ...]
    not_run: int = 0

    @property
    def first_failure(self) -> Check | None:
        return next((check for check in self.checks if check.status is not Status.PASS), None)

    @property
    def status(self) -> Status:
        return failure.status if (failure := self.first_failure) else Status.PASS

    @property
    def passed(self) -> int:
        return sum(check.status is Status.PASS for check in self.checks)

    @property
    def score(self) -> float:
        """A task earns its points when all its checks pass."""
        return sum(self.earned(task) for task in range(1, len(self.points) + 1))

    @property
    def max(self) -> float:
        return sum(self.points)

    def earned(self, task: int) -> float:
        return self.points[task - 1] if self.passes(task) else 0

    def passes(self, task: int) -> bool:
        own = [check.status for check in self.checks if check.task == task]
        return bool(own) and all(status is Status.PASS for status in own)

    def as_json(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "exercise": self.exercise,
            "status": self.status.value,
            "score": self.score,
            "max": self.max,
            "checks": [check.as_json() for check in self.checks],
        }
