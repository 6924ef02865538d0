"""The attempts of events, read from the journal: when each ran, what came of it, and where the event ended.

    sandbox.timeline("till", of="attempts")         # a line for each event, and a table that says the same

*When* is the sum of the waits before an attempt. How long the code itself ran is left out, so that the same lesson
gives the same drawing on every machine.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from typing import NamedTuple

from lambda_sandbox.journal import Kind, Record

LETTERS = 66  # how wide the drawing is
ROWS_SHOWN = 24
WORDS = {"o": "answered", "x": "failed", "-": "throttled"}


class Moment(NamedTuple):
    """Seconds after the event came, the letter that is drawn (a space: none), and what happened in words."""

    at: float
    letter: str
    what: str


@dataclass
class Event:
    waited: float = 0.0
    runs: int = 0
    moments: list[Moment] = field(default_factory=list)

    def add(self, record: Record) -> None:
        data = record.data
        match record.kind:
            case Kind.ANSWERED:
                self._ran("o", "answered")
            case Kind.FAILED | Kind.EXITED:
                self._ran("x", str(data["error_type"]))
            case Kind.TIMED_OUT:
                self._ran("x", "timed out")
            case Kind.THROTTLED:
                self._note("-", "throttled")
            case Kind.RETRIED if "after_s" not in data:  # of a queue: its visibility timeout decides when
                self._note(" ", f"{data['messages']} back to the queue")
            case Kind.RETRIED:
                self.waited += data["after_s"]
            case Kind.DROPPED:
                self._note(" ", f"given up: {data['because']}")
            case Kind.DEAD_LETTERED:
                self._note(" ", f"event sent to {data['to'].rpartition(':')[2]}")
            case Kind.DELIVERED if "to" not in data:
                self._note(" ", f"{data['messages']} deleted from the queue")
            case Kind.DELIVERED:
                self._note(" ", f"record sent to {data['to'].rpartition(':')[2]}")

    def _ran(self, letter: str, what: str) -> None:
        self.runs += 1
        self._note(letter, f"attempt {self.runs}: {what}")

    def _note(self, letter: str, what: str) -> None:
        self.moments.append(Moment(self.waited, letter, what))


class Attempts:
    """The events of the records, in the order in which they came. Pure: the same records give the same drawing."""

    def __init__(self, records: Iterable[Record]) -> None:
        events: dict[str, Event] = {}
        for record in records:
            if record.request_id:
                events.setdefault(record.request_id, Event()).add(record)
        self._events = [event for event in events.values() if event.moments]
        self._last = max((event.waited for event in self._events), default=0.0)

    def rows(self) -> list[tuple[str, str, str]]:
        """(event, when, what happened); throttles in a row are one row."""
        rows = []
        for number, event in enumerate(self._events, 1):
            for letter, same in groupby(event.moments, key=lambda moment: moment.letter):
                first, *more = same
                if letter == "-" and more:
                    rows.append((str(number), when(first.at), f"throttled {1 + len(more)} times"))
                    rows.append((str(number), when(more[-1].at), "the last of them"))
                else:
                    rows += [(str(number), when(moment.at), moment.what) for moment in (first, *more)]
        return rows

    def __repr__(self) -> str:
        if not self._events:
            return "(no events)"
        seen = {moment.letter for event in self._events for moment in event.moments}
        table = [("event", "when", "what happened"), *self.rows()]
        width = max(len(row[1]) for row in table)
        lines = [f"{row[0]:<7}{row[1]:<{width}}   {row[2]}"[:79].rstrip() for row in table]
        left_out = [f"… and {len(lines) - ROWS_SHOWN} more"] if len(lines) > ROWS_SHOWN else []
        drawn = [f"event {number:<4}{self._line(event)}" for number, event in enumerate(self._events, 1)]
        axis = [f"{'':10}0{when(self._last):>{LETTERS}}"] if self._last else []
        legend = "   ".join(f"{letter} {word}" for letter, word in WORDS.items() if letter in seen)
        return "\n".join([*drawn, *axis, legend, "", *lines[:ROWS_SHOWN], *left_out])

    def _line(self, event: Event) -> str:
        """Its attempts from left to right, to scale."""
        letters = ["."] * (LETTERS + 1)
        for moment in event.moments:
            if moment.letter != " ":
                letters[round(moment.at / self._last * LETTERS) if self._last else 0] = moment.letter
        return "".join(letters).rstrip(".")

    def _repr_html_(self) -> str:
        return f"<pre>{escape(repr(self), quote=False)}</pre>"


def when(seconds: float) -> str:
    """`0 s`, `45 s`, `4 min 15 s`, `5 h 59 min`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (0 if hours else rest, "s")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 s"
