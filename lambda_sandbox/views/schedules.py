"""When schedules fired, and what came of it, read from the journal: of EventBridge's rules and of Scheduler.

    sandbox.timeline(of="schedules")        # a line for each schedule, a column an hour, and a table that says the same

Of more than two days a column is a day. Times are UTC, and no finer than a column. A schedule that did not fire has
left nothing to draw.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from lambda_sandbox.clock import iso8601
from lambda_sandbox.journal import Kind, Record
from lambda_sandbox.views import grid

HOUR, DAY = 3600, 86_400
HOURS_SHOWN, DAYS_SHOWN, LINES_SHOWN = 48, 62, 24  # of a long story
WORDS = {"o": "done", "x": "failed", "-": "refused", "?": "no answer yet"}
_LETTERS = {Kind.ANSWERED: "o", Kind.FAILED: "x", Kind.EXITED: "x", Kind.TIMED_OUT: "x"}
_LETTERS |= {Kind.REFUSED: "-", Kind.DELIVERED: "o"}
_WORST = "x-?o"  # of several in one column the first of these is drawn


@dataclass
class Fired:
    name: str
    at: float
    letter: str


class Schedules:
    """Pure: the same records give the same drawing. An event that was tried again counts by its last attempt."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._fired: list[Fired] = []
        asked: dict[str, Fired] = {}
        for record in records:
            data, known = record.data, asked.get(record.request_id)
            if known:
                known.letter = _LETTERS.get(record.kind, known.letter)
            elif data.get("event_name") == "Scheduled Event" and ":lambda:" not in data.get("to", ""):
                name = str(data.get("schedule") or data["rule"]).rpartition("/")[2]
                fired = Fired(name, record.at, "?" if record.kind is Kind.RECEIVED else _LETTERS[record.kind])
                self._fired.append(fired)
                if record.request_id:
                    asked[record.request_id] = fired
        times = [one.at for one in self._fired] or [0.0]
        self._start = min(times) // DAY * DAY
        self._unit = HOUR if max(times) - self._start < HOURS_SHOWN * HOUR else DAY
        most = HOURS_SHOWN if self._unit == HOUR else DAYS_SHOWN
        needed = int((max(times) - self._start) // self._unit) + 1
        self._columns = min(max(needed, 24 if self._unit == HOUR else 1), most)
        self._left_out = sum(self._column(one) >= self._columns for one in self._fired)

    def _column(self, fired: Fired) -> int:
        return int((fired.at - self._start) // self._unit)

    def _by_name(self) -> dict[str, list[Fired]]:
        found: dict[str, list[Fired]] = {}
        for one in self._fired:
            found.setdefault(one.name, []).append(one)
        return found

    @property
    def title(self) -> str:
        """`3 schedules, hour by hour from 2031-01-01 (UTC)`."""
        count, unit = len(self._by_name()), "hour by hour" if self._unit == HOUR else "day by day"
        return f"{count} schedule{'' if count == 1 else 's'}, {unit} from {iso8601(self._start)[:10]} (UTC)"

    def drawing(self) -> list[grid.Row]:
        """A name and its letters, one a column, for each schedule."""
        lines = []
        for name, fired in list(self._by_name().items())[:LINES_SHOWN]:
            letters = ["."] * self._columns
            for one in fired:
                if (column := self._column(one)) < self._columns:
                    letters[column] = min(one.letter, letters[column], key=(_WORST + ".").index)
            lines.append((name, "".join(letters)))
        return lines

    def rows(self) -> list[tuple[str, str, str, str, str]]:
        """(schedule, events, first, last, what happened)."""
        rows = []
        for name, fired in list(self._by_name().items())[:LINES_SHOWN]:
            first, last = (self._when(one) for one in (fired[0], fired[-1]))
            ends = Counter(one.letter for one in fired)
            said = ", ".join(f"{ends[letter]} {word}" for letter, word in WORDS.items() if ends[letter])
            rows.append((name, str(len(fired)), first, last, said))
        return rows

    def _when(self, fired: Fired) -> str:
        """To the hour or to the day, as it is drawn."""
        day, hour = iso8601(fired.at)[:13].split("T")
        return f"{day} {hour} h" if self._unit == HOUR else day

    def _notes(self) -> list[str]:
        lines = len(self._by_name()) - LINES_SHOWN
        notes = [f"… and {lines} more schedules"] if lines > 0 else []
        return notes + ([f"… and {self._left_out} more events to the right"] if self._left_out else [])

    def _heads(self) -> list[str]:
        """Above every sixth hour the hour, above every seventh day the day of the month."""
        if self._unit == HOUR:
            return [str(hour % 24) if hour % 6 == 0 else "" for hour in range(self._columns)]
        days = (iso8601(self._start + DAY * day)[8:10] for day in range(self._columns))
        return [day if place % 7 == 0 else "" for place, day in enumerate(days)]

    def __repr__(self) -> str:
        if not self._fired:
            return "(no schedule has fired)"
        drawing = self.drawing()
        width = max(len(name) for name, _ in drawing) + 3
        axis = [" "] * (self._columns + 2)
        for place, head in enumerate(self._heads()):
            axis[place : place + len(head)] = head
        drawn = [f"{name:<{width}}{letters}" for name, letters in drawing]
        return "\n".join(
            [
                self.title,
                "",
                f"{'':{width}}{''.join(axis)}".rstrip(),
                *drawn,
                "",
                grid.legend(drawing, WORDS),
                "",
                *grid.columns([_HEAD, *self.rows()]),
                *self._notes(),
            ]
        )

    def _repr_html_(self) -> str:
        if not self._fired:
            return f"<p>{self!r}</p>"
        drawn = grid.svg(self.title, self.drawing(), self._heads(), WORDS)
        return f"{drawn}\n{grid.table(_HEAD, self.rows(), self._notes())}"


_HEAD = ("schedule", "events", "first", "last", "what happened")
