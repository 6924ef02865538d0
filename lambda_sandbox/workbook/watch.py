"""`check --watch`: checks again whenever a file of the exercise is saved. In a terminal, keys do the rest.

Without a terminal it prints one report after the other, and ends when it is interrupted.
"""

from __future__ import annotations

import os
import select
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from . import words
from .course import BadExercise, Exercise
from .notebook import check_files, hint_text
from .progress import Progress
from .results import Status

LOOK_EVERY_S = 0.2
KEYS = "save to check · h hint · n next · l list · r reset · q quit"
_CLEAR = "\x1b[2J\x1b[H"

Say = Callable[[str], object]
Key = Callable[[], str]  # waits a little; the key that was pressed, or nothing


def watch(exercises: Sequence[Exercise], say: Say) -> int:
    """Watches the first of the exercises that is not passed. Returns 0 if the last report was all right."""
    progress = Progress(exercises[0].course.root)
    with _keys() as key:
        terminal = key is not _no_keys
        at = next((at for at, exercise in enumerate(exercises) if not _is_passed(progress, exercise)), 0)
        status, seen, task = Status.NOT_STARTED, None, 1
        while True:
            exercise = exercises[at]
            if (now := _stamps(exercise)) != seen:
                seen = now
                say((_CLEAR if terminal else "") + f"Checking {exercise.id} …")
                status, task, text = _checked(exercise)
                say((_CLEAR if terminal else "") + text + (f"\n\n{KEYS}" if terminal else "\n"))
            match key():
                case "h":
                    say(f"\n{hint_text(exercise, task, progress.next_level(exercise.id, task))}")
                case "n":
                    at, seen = (at + 1) % len(exercises), None
                case "l":
                    say("\n".join(["", *(_row(progress, other) for other in exercises)]))
                case "r":
                    say(f"\nPut {', '.join(exercise.files)} back as shipped? What you wrote is lost. [y/N]")
                    if _answer(key) == "y":
                        for name in exercise.files:
                            (exercise.folder / name).write_bytes((exercise.stub / name).read_bytes())
                        progress.forget(exercise.id)
                    seen = None
                case "q":
                    return 0 if status is Status.PASS else 1


def _checked(exercise: Exercise) -> tuple[Status, int, str]:
    """How it stands, the task to ask a hint for, and the report."""
    try:
        result = check_files(exercise)
    except BadExercise as problem:  # an editor that writes a new file, and moves it here next
        return Status.NOT_STARTED, 1, str(problem)
    failed = result.first_failure
    return result.status, failed.task if failed else 1, words.report(result, exercise, words.terminal)


def _stamps(exercise: Exercise) -> tuple[tuple[int, int] | None, ...]:
    """What changes whenever one of the files is saved."""
    places = (exercise.folder / name for name in exercise.files)
    return tuple((place.stat().st_mtime_ns, place.stat().st_size) if place.is_file() else None for place in places)


def _is_passed(progress: Progress, exercise: Exercise) -> bool:
    best = progress.best(exercise.id)
    return best is not None and best["status"] == Status.PASS.value


def _row(progress: Progress, exercise: Exercise) -> str:
    status = Status.PASS if _is_passed(progress, exercise) else Status.NOT_STARTED
    return f"{words.sign(status)} {exercise.id} · {exercise.title}"


def _answer(key: Key) -> str:
    while not (pressed := key()):
        continue
    return pressed


# -- keys


@contextmanager
def _keys() -> Iterator[Key]:
    """How to wait for a key here; what was set for it is set back."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        yield _no_keys
    elif sys.platform == "win32":
        yield _windows_key
    else:
        import termios
        import tty

        before = termios.tcgetattr(sys.stdin)
        tty.setcbreak(sys.stdin)
        try:
            yield _posix_key
        finally:
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _no_keys() -> str:
    threading.Event().wait(LOOK_EVERY_S)
    return ""


def _posix_key() -> str:
    ready, _, _ = select.select([sys.stdin], [], [], LOOK_EVERY_S)
    return (os.read(sys.stdin.fileno(), 1).decode(errors="replace") or "q") if ready else ""


def _windows_key() -> str:
    if sys.platform == "win32":
        import msvcrt

        if msvcrt.kbhit():
            return msvcrt.getwch()
    return _no_keys()
