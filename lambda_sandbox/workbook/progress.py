"""What a learner has reached: the best results, the hints asked for, and what is due to be solved again.

    progress = Progress(course.root)
    progress.record(result)
    progress.best("07/thumbnail")           # {"status": "fail", "passed": 1, "total": 3} or None

One small file at the root, `.workbook.json`. Where it cannot be written, nothing is kept and nothing else changes.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from lambda_sandbox.clock import wall_clock

from .results import Result

AGAIN_AFTER_DAYS = (1, 3, 7, 21, 60)
_KINDS = ("best", "hints", "passed")


class Progress:
    def __init__(self, root: Path) -> None:
        self._path = root / ".workbook.json"

    def best(self, exercise: str) -> dict[str, Any] | None:
        best: dict[str, Any] | None = self._read()["best"].get(exercise)
        return best

    def record(self, result: Result) -> None:
        """Keeps the result if no better one is known."""
        state = self._read()
        known = state["best"].get(result.exercise)
        if known is None or known["total"] != len(result.checks) or result.passed > known["passed"]:
            state["best"][result.exercise] = {
                "status": result.status.value,
                "passed": result.passed,
                "total": len(result.checks),
            }
            self._write(state)

        if result.first_failure is None:
            self._passed(result.exercise)

    def _passed(self, exercise: str) -> None:
        """Counts a pass once a day, and only after a reset: to solve it again is what is remembered."""
        state = self._read()
        before = state["passed"].get(exercise, {"times": 0, "open": True})
        if before["open"]:
            state["passed"][exercise] = {"times": before["times"] + 1, "at": int(wall_clock()), "open": False}
            self._write(state)

    def give_up(self, exercise: str) -> None:
        """The solution was looked at: to be solved tomorrow, without it."""
        state = self._read()
        state["passed"].setdefault(exercise, {"times": 1, "at": int(wall_clock()), "open": False})
        self._write(state)

    def has_ended(self, exercise: str) -> bool:
        """Whether it was passed once, or given up."""
        return exercise in self._read()["passed"]

    def is_due(self, exercise: str) -> bool:
        """Whether it is time to solve it again: a day after it was passed, then three days, a week, …"""
        passed = self._read()["passed"].get(exercise)
        if passed is None:
            return False
        days = AGAIN_AFTER_DAYS[min(passed["times"], len(AGAIN_AFTER_DAYS)) - 1]
        return bool(wall_clock() - passed["at"] >= days * 86_400)

    def forget(self, exercise: str) -> None:
        state = self._read()
        forgotten = [state[kind].pop(exercise, None) for kind in ("best", "hints")]
        if passed := state["passed"].get(exercise):
            passed["open"] = True
        if passed or any(item is not None for item in forgotten):
            self._write(state)

    def next_level(self, exercise: str, task: int) -> int:
        """The level of the next hint, 1 to 3; asking once more unlocks one more."""
        state = self._read()
        asked = state["hints"].setdefault(exercise, {})
        asked[str(task)] = min(asked.get(str(task), 0) + 1, 3)
        self._write(state)
        return int(asked[str(task)])

    def _read(self) -> dict[str, Any]:
        with suppress(OSError, ValueError):
            state = json.loads(self._path.read_text(encoding="utf-8"))
            if isinstance(state, dict) and all(isinstance(state.setdefault(kind, {}), dict) for kind in _KINDS):
                return state
        return {"schema": 1, **{kind: {} for kind in _KINDS}}

    def _write(self, state: dict[str, Any]) -> None:
        new = self._path.with_suffix(f".{os.getpid()}.tmp")
        with suppress(OSError):  # a read-only folder: practice goes on, unrecorded
            new.write_text(json.dumps(state, indent=1, sort_keys=True) + "\n", encoding="utf-8")
            new.replace(self._path)
