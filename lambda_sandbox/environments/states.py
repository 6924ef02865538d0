"""The states of an execution environment, and the moves between them: whatever is not here raises at once."""

from __future__ import annotations

from enum import Enum, auto


class State(Enum):
    __hash__ = object.__hash__  # Enum's own is in Python, and every invocation makes three moves

    NEW = auto()
    STARTING = auto()
    IDLE = auto()
    BUSY = auto()
    FINISHING = auto()
    RESET = auto()
    STOPPED = auto()


ALLOWED = {
    State.NEW: {State.STARTING, State.STOPPED},
    State.STARTING: {State.IDLE, State.RESET, State.STOPPED},
    State.IDLE: {State.BUSY, State.RESET, State.STOPPED},
    State.BUSY: {State.FINISHING, State.RESET, State.STOPPED},
    State.FINISHING: {State.IDLE, State.RESET, State.STOPPED},
    State.RESET: {State.STARTING, State.STOPPED},
    State.STOPPED: set(),
}


class IllegalTransition(RuntimeError):
    """A bug of ours: an environment was asked for a move that its life does not have."""

    def __init__(self, old: State, new: State) -> None:
        super().__init__(f"an environment cannot go from {old.name} to {new.name}")
