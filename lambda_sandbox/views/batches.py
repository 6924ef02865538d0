"""The batches of a queue or of one shard, read from the journal: which message was in which, and what became of it.

    sandbox.timeline("oven", of="batches")                  # a line for each message, and a table that says the same
    sandbox.timeline("oven", of="batches", names=names)     # message id or sequence number -> what to call it

*When* counts whole seconds that messages waited for another attempt. How long the code itself ran is left out, so that
the same lesson gives the same drawing on every machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lambda_sandbox.journal import Kind, Record
from lambda_sandbox.views import grid
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

    @property
    def title(self) -> str:
        """`4 messages in 3 batches`."""
        messages, batches = len(self._numbers), sum(bool(step.attempt) for step in self._steps)
        return f"{messages} {self._noun}{'s' * (messages != 1)} in {batches} batch{'es' * (batches != 1)}"

    def drawing(self) -> list[grid.Row]:
        """A name and its letters, one a batch, for each message."""
        shown = self._steps[:COLUMNS_SHOWN]
        lines = [(f"{self._noun} {n} {self._names.get(id, '')}".strip(), id) for id, n in self._numbers.items()]
        return [(label, "".join(step.letters.get(id, ".") for step in shown)) for label, id in lines[:LINES_SHOWN]]

    def _notes(self) -> tuple[list[str], list[str]]:
        """What is left out of the drawing, and of the table."""
        left_out = len(self._numbers) - LINES_SHOWN, len(self._steps) - LINES_SHOWN
        drawing, table = ([f"… and {count} more"] if count > 0 else [] for count in left_out)
        return drawing, table

    def __repr__(self) -> str:
        if not self._steps:
            return "(no batches)"
        drawing, attempts = self.drawing(), [step.attempt[-1:] or " " for step in self._steps[:COLUMNS_SHOWN]]
        width = max(len(label) for label, _ in drawing) + 3
        of_drawing, of_table = self._notes()
        return "\n".join(
            [
                *grid.text(drawing, width),
                *of_drawing,
                f"{'attempt':<{width}}{' '.join(attempts)}".rstrip(),
                grid.legend(drawing, WORDS),
                "",
                *grid.columns([self._head, *self.rows()[:LINES_SHOWN]]),
                *of_table,
            ]
        )

    @property
    def _head(self) -> tuple[str, str, str, str]:
        return "attempt", "when", f"{self._noun}s", "what happened"

    def _repr_html_(self) -> str:
        if not self._steps:
            return f"<p>{self!r}</p>"
        heads = [step.attempt for step in self._steps[:COLUMNS_SHOWN]]
        of_drawing, of_table = self._notes()
        drawn = grid.svg(self.title, self.drawing(), heads, WORDS)
        cut = "".join(f"<p>{note}</p>" for note in of_drawing)
        return f"{drawn}\n{cut}{grid.table(self._head, self.rows()[:LINES_SHOWN], of_table)}"
