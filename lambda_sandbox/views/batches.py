"""The batches of a queue or of one shard, read from the journal: which message was in which, and what became of it.

    Batches(sandbox.journal(function="oven"))            # a line for each message, and a table that says the same
    Batches(sandbox.journal(function="oven"), names)     # names: message id or sequence number -> what to call it

*When* counts whole seconds that messages waited for another attempt. How long the code itself ran is left out, so that
the same lesson gives the same drawing on every machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape

from lambda_sandbox.journal import Kind, Record
from lambda_sandbox.views.attempts import when

LINES_SHOWN = 24  # of messages, and of the table
COLUMNS_SHOWN = 24
LATENESS_S = 0.75  # what is due comes this much late at most, and a little early, as two clocks are read
WORDS = {"o": "done", "x": "to be tried again", ">": "set aside", "-": "given up"}


@dataclass
class Step:
    """A column of the drawing: a batch, or an end. `letters`: what became of a message, by its id."""

    at: float
    letters: dict[str, str]
    what: str
    attempt: str = ""


class Batches:
    """Pure: the same records give the same drawing. A failed batch of several lanes of a shard is not told apart."""

    def __init__(self, records: Iterable[Record], names: Mapping[str, str] | None = None) -> None:
        self._steps: list[Step] = []
        self._numbers: dict[str, int] = {}  # of the messages, in the order in which they came
        self._noun, self._names = "message", names or {}
        self._seen: dict[str, tuple[float, float]] = {}  # when a message came last, on the clock and as it is told
        self._waited = 0.0
        running: dict[str, Step] = {}
        for record in records:
            data, step = record.data, running.get(record.request_id)
            ids = data.get("ids", ())
            match record.kind:
                case Kind.BATCHED if "ids" in data:
                    number = str(len(running) + 1)
                    running[record.request_id] = self._add(record, "o", "no answer yet", number)
                case Kind.RETRIED if step and ids:
                    step.letters.update(dict.fromkeys(ids, "x"))
                    self._waited += data.get("after_s", 0.0)
                case Kind.DROPPED if ids:
                    if step:
                        step.letters.update(dict.fromkeys(ids, "x"))
                    self._add(record, "-", f"given up: {data['because']}")
                case Kind.DEAD_LETTERED if ids:
                    self._add(record, ">", f"sent to {data['to'].rpartition(':')[2]}")
                case Kind.ANSWERED if step:
                    step.what = "answered"
                case Kind.FAILED | Kind.EXITED if step:
                    step.what = str(data["error_type"])
                case Kind.TIMED_OUT | Kind.THROTTLED if step:
                    step.what = str(record.kind).partition(".")[2].replace("_", " ")

    def _add(self, record: Record, letter: str, what: str, attempt: str = "") -> Step:
        ids = record.data["ids"]
        if "shard" in record.data:
            self._noun, at = "record", self._waited
        else:  # a queue's waits are written down nowhere; they show in when a message came again
            again = [self._seen[id] for id in ids if id in self._seen]
            waits = [told + int(record.at - before + 1 - LATENESS_S) for before, told in again]
            at = max(waits, default=self._steps[-1].at if self._steps else 0.0)
        for id in ids:
            self._numbers.setdefault(id, len(self._numbers) + 1)
            self._seen[id] = (record.at, at)
        self._steps.append(Step(at, dict.fromkeys(ids, letter), what, attempt))
        return self._steps[-1]

    def rows(self) -> list[tuple[str, str, str, str]]:
        """(attempt, when, messages, what happened)."""
        rows = []
        for step in self._steps:
            left = self._list(id for id, letter in step.letters.items() if letter == "x")
            what = f"{step.what}, but for {left}" if step.what == "answered" and left else step.what
            rows.append((step.attempt, when(step.at), self._list(step.letters), what))
        return rows

    def _list(self, ids: Iterable[str]) -> str:
        return " ".join(str(number) for number in sorted(self._numbers[id] for id in ids))

    def __repr__(self) -> str:
        if not self._steps:
            return "(no batches)"
        shown = self._steps[:COLUMNS_SHOWN]
        labels = {id: f"{self._noun} {n} {self._names.get(id, '')}".strip() for id, n in self._numbers.items()}
        width = max(map(len, labels.values())) + 3
        drawn = []
        for id, label in list(labels.items())[:LINES_SHOWN]:
            letters = " ".join(step.letters.get(id, ".") for step in shown)
            drawn.append(f"{label:<{width}}{letters.rstrip(' .')}")
        if len(labels) > LINES_SHOWN:
            drawn.append(f"… and {len(labels) - LINES_SHOWN} more")
        drawn.append(f"{'attempt':<{width}}{' '.join(step.attempt[-1:] or ' ' for step in shown)}".rstrip())
        seen = {letter for step in shown for letter in step.letters.values()}
        legend = "   ".join(f"{letter} {word}" for letter, word in WORDS.items() if letter in seen)
        table = [("attempt", "when", f"{self._noun}s", "what happened"), *self.rows()]
        wide = [max(len(row[column]) for row in table[: LINES_SHOWN + 1]) + 3 for column in (0, 1, 2)]
        lines = ["".join(f"{cell:<{size}}" for cell, size in zip(row, (*wide, 0), strict=True)) for row in table]
        left_out = [f"… and {len(lines) - 1 - LINES_SHOWN} more"] if len(lines) > LINES_SHOWN + 1 else []
        return "\n".join([*drawn, legend, "", *(line.rstrip() for line in lines[: LINES_SHOWN + 1]), *left_out])

    def _repr_html_(self) -> str:
        return f"<pre>{escape(repr(self), quote=False)}</pre>"
