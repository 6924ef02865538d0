"""What a learner has reached: the best result of each exercise and the hints asked for, in one small file at the root.

    progress = Progress(course.root)
    progress.record(result)
    progress.best("07/thumbnail")           # {"status": "fail", "passed": 1, "total": 3} or None

The file is `.workbook.json`. Where it cannot be written, nothing is kept and nothing else changes.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from .results import Result


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

    def forget(self, exercise: str) -> None:
        state = self._read()
        forgotten = [state[kind].pop(exercise, None) for kind in ("best", "hints")]
        if any(item is not None for item in forgotten):
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
            if isinstance(state, dict) and isinstance(state.get("best"), dict) and isinstance(state.get("hints"), dict):
                return state
        return {"schema": 1, "best": {}, "hints": {}}

    def _write(self, state: dict[str, Any]) -> None:
        new = self._path.with_suffix(f".{os.getpid()}.tmp")
        with suppress(OSError):  # a read-only folder: practice goes on, unrecorded
            new.write_text(json.dumps(state, indent=1, sort_keys=True) + "\n", encoding="utf-8")
            new.replace(self._path)
