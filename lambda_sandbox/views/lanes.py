"""Execution environments as lanes, read from the journal: what each did, turn by turn, and where that is drawn.

    lanes = read(records)
    drawing = to_order(lanes)       # or to_scale(lanes)
    drawing.spans[0]                # the first environment's, from left to right

A *turn* is what an environment does between two rests: Init and Invoke, or Invoke alone. Drawn to order, turns that
overlapped share columns and turns that did not follow each other; which of two that ran side by side began or ended
first is left out, so the same lesson gives the same drawing on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from lambda_sandbox.journal import Kind, Record

TURN, GAP = 2.0, 1.0  # the widths of a column and of the rest after it, to order
COLUMN = TURN + GAP


class Phase(Enum):
    """What an environment may be in: the word for it, its letter in a text drawing, its colour in SVG.

    White letters on each colour, and each colour on a white or black page, have the contrast that WCAG 2.2 AA asks for.
    """

    INIT = ("Init", "i", "#8f5100")
    INVOKE = ("Invoke", "#", "#1a63b0")
    INIT_FAILED = ("init failed", "!", "#b3261e")
    TIMED_OUT = ("timed out", "T", "#9c27a0")
    EXITED = ("exited", "X", "#a33a00")
    FROZEN = ("frozen", ".", "#68707a")
    STOPPED = ("stopped", "|", "#6b6b6b")

    def __init__(self, word: str, letter: str, colour: str) -> None:
        self.word, self.letter, self.colour = word, letter, colour


@dataclass
class Part:
    """A phase of a turn: when it began (seconds on the sandbox's clock), and how long it took if that is recorded."""

    phase: Phase
    at: float
    ms: float | None = None


@dataclass
class Turn:
    lane: int
    place: int  # of its first record among all records
    parts: list[Part] = field(default_factory=list)
    end_place: int | None = None  # None: it still runs
    end_at: float | None = None
    request_id: str = ""
    outcome: str = "running"
    first: int = 0  # columns
    last: int = 0
    request: int | None = None  # 1 for the drawing's first request

    def close(self, place: int, at: float, outcome: str) -> None:
        self.end_place, self.end_at, self.outcome = place, at, outcome

    def reopen(self) -> None:
        self.end_place = self.end_at = None
        self.outcome = "running"

    def goes_on(self, kind: Kind) -> bool:
        """Whether a record that begins something belongs to this turn still: Init is followed by Invoke."""
        return kind in _GOES_ON.get(self.outcome, ())

    @property
    def rests(self) -> bool:
        """Whether the environment was frozen after it: nothing is left to freeze when the runtime has ended."""
        return self.end_place is not None and self.parts[-1].phase in (Phase.INIT, Phase.INVOKE)


class Stop(NamedTuple):
    place: int
    at: float
    reason: str


@dataclass
class Lane:
    name: str  # e1, e2 … in the order in which they started
    function: str
    turns: list[Turn] = field(default_factory=list)
    stopped: Stop | None = None


class Span(NamedTuple):
    """A phase as it is drawn, in the drawing's units; `turn` is None for rests and stops, `last` ends a turn."""

    phase: Phase
    start: float
    end: float
    turn: Turn | None = None
    last: bool = False


class Drawing(NamedTuple):
    width: float
    spans: list[list[Span]]  # one list a lane


# ------------------------------------------------------------------------------------------------ reading


def read(records: Iterable[Record]) -> list[Lane]:
    """The lanes in order of appearance, their turns arranged in columns and their requests numbered."""
    lanes: dict[str, Lane] = {}
    for place, record in enumerate(records):
        if record.environment and record.kind in _STEPS:
            lane = lanes.get(record.environment)
            if lane is None:
                lane = lanes[record.environment] = Lane(f"e{len(lanes) + 1}", record.function)
            _take(lane, int(lane.name[1:]) - 1, place, record)
    found = list(lanes.values())
    for lane in found:
        lane.turns = [turn for turn in lane.turns if turn.parts]  # one may be thawed and not yet started
    _arrange(found)
    return found


_BEGINS = {Kind.STARTING, Kind.THAWED, Kind.STARTED}
_GOES_ON = {"ready": {Kind.STARTED}, Phase.INIT_FAILED.word: {Kind.STARTING, Kind.STARTED}, "running": _BEGINS}
_ENDS = {Kind.ANSWERED, Kind.FAILED, Kind.TIMED_OUT, Kind.EXITED}
_INSTEAD = {Kind.TIMED_OUT: Phase.TIMED_OUT, Kind.EXITED: Phase.EXITED}
_STEPS = {*_BEGINS, *_ENDS, Kind.READY, Kind.INIT_FAILED, Kind.REPORTED, Kind.STOPPED}


def _take(lane: Lane, number: int, place: int, record: Record) -> None:
    """Adds one record to a lane."""
    kind, data = record.kind, record.data
    if kind is Kind.STOPPED:
        lane.stopped = Stop(place, record.at, str(data.get("reason", "")))
        if lane.turns and lane.turns[-1].end_place is None:
            lane.turns[-1].close(place, record.at, "stopped")
        return
    if kind in _BEGINS and (not lane.turns or not lane.turns[-1].goes_on(kind)):
        lane.turns.append(Turn(number, place))
    if not lane.turns or (kind not in _BEGINS and not lane.turns[-1].parts):
        return  # the journal has forgotten how it began
    turn = lane.turns[-1]
    match kind:
        case Kind.STARTING:
            turn.reopen()
            turn.parts.append(Part(Phase.INIT, record.at))
        case Kind.READY:
            turn.parts[-1].ms = data.get("init_ms")
            turn.close(place, record.at, "ready")
        case Kind.INIT_FAILED:
            turn.parts[-1] = Part(Phase.INIT_FAILED, turn.parts[-1].at, data.get("init_ms"))
            turn.close(place, record.at, Phase.INIT_FAILED.word)
        case Kind.STARTED:
            turn.reopen()
            turn.request_id = record.request_id
            if not turn.parts or turn.parts[-1].phase is not Phase.INIT_FAILED:  # else the handler never ran
                turn.parts.append(Part(Phase.INVOKE, record.at))
        case Kind.REPORTED:
            if turn.parts[-1].phase is not Phase.INIT_FAILED:
                turn.parts[-1].ms = data.get("duration_ms")
        case Kind.ANSWERED | Kind.FAILED | Kind.TIMED_OUT | Kind.EXITED:
            turn.close(place, record.at, _outcome(record))
            if turn.parts[-1].phase is Phase.INVOKE:
                turn.parts[-1].phase = _INSTEAD.get(kind, Phase.INVOKE)


def _outcome(record: Record) -> str:
    match record.kind:
        case Kind.ANSWERED:
            return "answered"
        case Kind.TIMED_OUT:
            return f"after {record.data['after_s']:g} s"
        case _:
            return f"error {record.data.get('error_type') or ''}".rstrip()


def _arrange(lanes: list[Lane]) -> None:
    """Gives every turn its columns, and every request its number.

    A new column opens when a turn begins after another has ended: the canonical drawing of an interval order.
    """
    turns = [turn for lane in lanes for turn in lane.turns]
    begins = {turn.place: turn for turn in turns}
    ends = {turn.end_place: turn for turn in turns if turn.end_place is not None}
    column, ended = 0, False
    for place in sorted({*begins, *ends}):
        if place in begins:
            column, ended = column + ended, False
            begins[place].first = column
        else:
            ends[place].last, ended = column, True  # one place is never both: it is one record
    numbers: dict[str, int] = {}
    for turn in sorted(turns, key=lambda turn: (turn.first, turn.lane)):
        if turn.end_place is None:
            turn.last = column
        if turn.request_id:
            turn.request = numbers.setdefault(turn.request_id, len(numbers) + 1)


# ------------------------------------------------------------------------------------------------ drawing


def to_order(lanes: list[Lane]) -> Drawing:
    """Every column as wide as any other; the phases of a turn share its first one."""
    turns = [turn for lane in lanes for turn in lane.turns]

    def edges(turn: Turn) -> list[float]:
        count, start = len(turn.parts), COLUMN * turn.first
        return [*(start + TURN * i / count for i in range(count)), COLUMN * turn.last + TURN]

    def stop(stopped: Stop) -> float:
        seen = (turn.first if turn.end_place is None else turn.last for turn in turns if turn.place < stopped.place)
        return COLUMN * max(seen, default=0) + TURN + GAP / 2

    width = COLUMN * (1 + max((turn.last for turn in turns), default=0))
    return Drawing(width, [list(_spans(lane, width, GAP / 2, edges, stop)) for lane in lanes])


def to_scale(lanes: list[Lane]) -> Drawing:
    """As time went by on the sandbox's clock, in milliseconds from the first record."""
    turns = [turn for lane in lanes for turn in lane.turns]
    times = [part.at for turn in turns for part in turn.parts]
    times += [turn.end_at for turn in turns if turn.end_at is not None]
    times += [lane.stopped.at for lane in lanes if lane.stopped]
    zero = min(times, default=0.0)
    width = max((max(times, default=0.0) - zero) * 1000, 1.0)

    def edges(turn: Turn) -> list[float]:
        end = width if turn.end_at is None else (turn.end_at - zero) * 1000
        return [*((part.at - zero) * 1000 for part in turn.parts), end]

    return Drawing(width, [list(_spans(lane, width, 0.0, edges, lambda it: (it.at - zero) * 1000)) for lane in lanes])


def _spans(
    lane: Lane, width: float, tick: float, edges: Callable[[Turn], list[float]], stop: Callable[[Stop], float]
) -> Iterator[Span]:
    """A lane from left to right; `edges` gives where the parts of a turn begin, and where the last one ends."""
    rest: float | None = None  # since when it is frozen
    for turn in lane.turns:
        places = edges(turn)
        if rest is not None and rest < places[0]:
            yield Span(Phase.FROZEN, rest, places[0])
        for part, start, end in zip(turn.parts, places, places[1:], strict=False):
            yield Span(part.phase, start, end, turn, part is turn.parts[-1])
        rest = places[-1] if turn.rests else None
    stopped = width if lane.stopped is None else stop(lane.stopped)
    if rest is not None and rest < stopped:
        yield Span(Phase.FROZEN, rest, stopped)
    if lane.stopped is not None:
        yield Span(Phase.STOPPED, stopped, stopped + tick)
