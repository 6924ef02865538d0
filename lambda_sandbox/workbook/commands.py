"""The workbook's commands, after `python -m lambda_sandbox`.

For learners check, hint, list, solution, reset; for teachers grade, handout, autograder; for authors lint,
new-exercise, seal. One function a command: it takes the parsed arguments, prints, and returns the exit code (0 done and
passing, 1 something is not passing, 2 wrong usage).
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Callable, Mapping
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from lambda_sandbox import SandboxDidNotStart, packaging

from . import words
from .course import BadExercise, Course, Unknown
from .formats import FORMATS
from .notebook import check_files, hint_text
from .progress import Progress
from .results import Status
from .submissions import Unreadable

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def add_commands(subparsers: Subparsers) -> None:
    """Adds the workbook's commands to a parser; each sets `run` to its function."""

    def command(name: str, run: Callable[[argparse.Namespace], int], about: str) -> argparse.ArgumentParser:
        parser = subparsers.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}.")
        parser.set_defaults(run=_in_words(run))
        return parser

    parser = command("check", check, "run the public checks of your exercises")
    parser.add_argument(
        "ids", nargs="*", metavar="ID", help="an exercise (07/thumbnail) or a notebook (07); all if none"
    )
    parser.add_argument("--watch", action="store_true", help="check again whenever you save")

    parser = command("hint", hint, "show a hint; ask again for the next level")
    parser.add_argument("id", metavar="ID", help="an exercise, such as 07/thumbnail")
    parser.add_argument("--task", type=int, default=1, metavar="N", help="the task (default 1)")
    parser.add_argument("--level", type=int, choices=(1, 2, 3), help="1 nudge, 2 concept, 3 nearly the code")

    parser = command("list", list_exercises, "list the exercises and how far you are")
    parser.add_argument("ids", nargs="*", metavar="ID", help="a notebook (07) or an exercise; all if none")

    parser = command("solution", solution, "show the solution and its explanation, once you have passed")
    parser.add_argument("id", metavar="ID", help="an exercise, such as 07/thumbnail")
    parser.add_argument("--give-up", action="store_true", help="show it all the same; list says when to try again")

    parser = command("reset", reset, "put an exercise's files back as they were shipped")
    parser.add_argument("id", metavar="ID", help="an exercise, such as 07/thumbnail")
    parser.add_argument("--yes", action="store_true", help="do not ask")

    parser = command("grade", grade, "for teachers: grade submissions, hidden checks included")
    parser.add_argument(
        "submissions", type=Path, metavar="SUBMISSIONS", help="a folder or zip, of a learner or a class"
    )
    parser.add_argument("--only", action="append", metavar="ID", help="an exercise or a notebook; again for more")
    parser.add_argument("--format", choices=list(FORMATS), default="table", metavar="F", help=f"{', '.join(FORMATS)}")
    parser.add_argument("--out", type=Path, metavar="PATH", help="where to write it: a file, or a folder for many")
    parser.add_argument("--jobs", type=_positive, default=1, metavar="N", help="so many at the same time (default 1)")
    parser.add_argument("--dask", default="", metavar="ADDRESS", help="grade on this Dask cluster, as tcp://host:8786")
    parser.add_argument("--secret", type=Path, metavar="FILE", help="its content seeds the inputs: keep it to yourself")
    parser.add_argument("--roster", type=Path, metavar="CSV", help="the class list, as your school's system exports it")
    parser.add_argument(
        "--assignment", default="Lambda", metavar="NAME", help="as that system calls it (default Lambda)"
    )
    parser.add_argument("--learner", metavar="NAME", help="whose it is, if all of it is one learner's")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="keep results: next time only what changed runs")
    parser.add_argument(
        "--again", action="append", default=[], metavar="NAME", help="a learner to grade anew all the same"
    )
    parser.add_argument("--limit", type=_positive, default=60, metavar="S", help="seconds an exercise (default 60)")

    parser = command("handout", handout, "for teachers: the workbook without solutions and hidden checks")
    parser.add_argument("ids", nargs="*", metavar="ID", help="exercises or notebooks; the whole course if none")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="PATH", help="a folder, or a file whose name ends in .zip"
    )
    parser.add_argument(
        "--roster", type=Path, metavar="CSV", help="the class list: --out is a folder, and gets a zip each"
    )

    parser = command("autograder", autograder, "for teachers: an autograder as Gradescope takes it")
    parser.add_argument("ids", nargs="+", metavar="ID", help="exercises or notebooks to grade")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="PATH", help="a folder, or a file whose name ends in .zip"
    )
    parser.add_argument("--secret", type=Path, metavar="FILE", help="as with grade")

    parser = command("lint", lint, "for authors: check the exercises themselves")
    parser.add_argument("ids", nargs="*", metavar="ID", help="an exercise or a notebook; the whole course if none")
    parser.add_argument("--thorough", action="store_true", help="also: 20 seeds, and that each hidden check is needed")

    parser = command("new-exercise", new_exercise, "for authors: write a small exercise that lints, to make your own")
    parser.add_argument("id", metavar="ID", help="an id that is free, such as 01/shout or 01_handlers/shout")
    parser.add_argument("--title", help="its title (default: made from the id)")

    parser = command("seal", seal, "for authors: keep a stub for reset, or hide a prediction's answer")
    parser.add_argument("id", metavar="ID", help="an exercise (07/thumbnail) or a prediction (02.p1)")
    parser.add_argument("answer", nargs="?", metavar="ANSWER", help="the prediction's answer")


def check(args: argparse.Namespace) -> int:
    chosen = Course.find().select(args.ids)
    if args.watch:
        from .watch import watch

        return watch(chosen, _print)
    in_full = bool(args.ids) and all("/" in name for name in args.ids)
    passing = True
    for exercise in chosen:
        result = check_files(exercise)
        passing &= result.status is Status.PASS
        if in_full:
            _print(words.report(result, exercise, words.terminal))
        else:
            line = f"{words.sign(result.status)} {exercise.id} · {exercise.title} · {words.headline(result)}"
            _print(textwrap.fill(line, words.WIDTH, subsequent_indent="    "))
    return 0 if passing else 1


def hint(args: argparse.Namespace) -> int:
    exercise = Course.find().exercise(args.id)
    known = args.task in exercise.tasks
    level = args.level or (Progress(exercise.course.root).next_level(exercise.id, args.task) if known else 1)
    _print(hint_text(exercise, args.task, level))
    return 0 if known else 2


def list_exercises(args: argparse.Namespace) -> int:
    course = Course.find()
    progress = Progress(course.root)
    chosen = course.select(args.ids)
    width = max(len(exercise.id) for exercise in chosen)
    left = []
    for exercise in chosen:
        best = progress.best(exercise.id)
        status = Status(best["status"]) if best else Status.NOT_STARTED
        left += [exercise.id] if status is not Status.PASS else []
        reached = f"{best['passed']} of {best['total']}" if best else "-"
        due = " · due again: reset it" if progress.is_due(exercise.id) else ""
        line = f"{words.sign(status)} {exercise.id:<{width}} {reached:>8}  {exercise.minutes:>2} min  {exercise.title}"
        _print(line + due)
    if len(chosen) > 1:
        following = f" Next: python -m lambda_sandbox check {left[0]}" if left else ""
        _print(f"\n{len(chosen) - len(left)} of {len(chosen)} passed.{following}")
    return 0


def solution(args: argparse.Namespace) -> int:
    exercise = Course.find().exercise(args.id)
    progress = Progress(exercise.course.root)
    places = [exercise.solution / name for name in (*exercise.files, "explanation.md")]
    if not exercise.solution.is_dir():
        _print(words.say("solution.absent"))
        return 1
    if args.give_up:
        progress.give_up(exercise.id)
    if not progress.has_ended(exercise.id):
        _print("\n".join(words.wrapped(words.say("solution.closed", exercise=exercise.id))))
        return 1
    for path in filter(Path.is_file, places):
        _print(f"{exercise.course.shown(path)}\n\n{path.read_text(encoding='utf-8').strip()}\n")
    return 0


def reset(args: argparse.Namespace) -> int:
    from .fixtures import files_of

    exercise = Course.find().exercise(args.id)
    files = ", ".join(exercise.files)
    question = f"Put {files} of {exercise.id} back as shipped? What you wrote is lost. [y/N] "
    if not args.yes and not sys.stdin.isatty():
        _print(f"What you wrote in {files} of {exercise.id} would be lost: say so with --yes.")
        return 2
    if not args.yes and input(question).strip().lower() != "y":
        return 1
    for name, content in files_of(exercise, exercise.stub).items():
        try:
            (exercise.folder / name).write_bytes(content)
        except OSError as error:
            _print(f"{name} of {exercise.id} cannot be written: {error.strerror}.")
            return 1
    Progress(exercise.course.root).forget(exercise.id)
    _print(f"{files} of {exercise.id} is as it was shipped.")
    return 0


def grade(args: argparse.Namespace) -> int:
    from . import grading, roster
    from .submissions import read

    course = Course.find()
    exercises = course.select(args.only or [])
    if args.format == "class" and args.out is None:
        raise Unreadable("--format class writes a page for each learner: say where, with --out FOLDER.")
    secret = args.secret.read_bytes() if args.secret else b""
    submissions = read(args.submissions, exercises, args.learner)
    people = roster.read(args.roster) if args.roster else []
    submissions = roster.matched(submissions, people) if people else submissions
    if unknown := sorted(set(args.again) - {one.learner for one in submissions}):
        raise Unreadable(f"Nobody here is called {unknown[0]}: --again takes a name as the table of marks has it.")
    kept = grading.Kept(args.keep or (args.out and args.out.with_name(f"{args.out.name}.partial")))
    progress = _Progress(0)
    try:
        grades = grading.grade(
            course,
            submissions,
            exercises,
            jobs=args.jobs,
            cluster=args.dask,
            secret=secret,
            limit_s=args.limit,
            kept=kept,
            again=args.again,
            people=people,
            assignment=args.assignment,
            told=progress.reached,
        )
    except KeyboardInterrupt:
        progress.clear()
        if args.keep or args.out:
            print(f"{len(kept.results)} results are kept; the same command goes on from there.", file=sys.stderr)
        raise
    progress.clear()
    _write(FORMATS[args.format](grades), args.out)
    if not args.keep:
        kept.done()
    return 0 if grades.passed else 1


def handout(args: argparse.Namespace) -> int:
    from . import roster
    from .handout import hand_out

    course = Course.find()
    exercises = course.select(args.ids)
    files = hand_out(course, exercises)
    people = roster.read(args.roster) if args.roster else []
    places = [args.out / f"{words.file_name(person.id)}.zip" for person in people] or [args.out]
    for place in places:
        _write_tree(files, place)
    written = f"{len(people)} zips, each" if people else f"{len(files)} files"
    count = f"{len(exercises)} exercise{'s' * (len(exercises) != 1)}"
    _print(f"{args.out}: {written} with {count}; no solutions, no hidden checks.")
    return 0


def autograder(args: argparse.Namespace) -> int:
    from . import handout

    course = Course.find()
    secret = args.secret.read_bytes() if args.secret else b""
    _write_tree(handout.autograder(course, course.select(args.ids), secret), args.out)
    _print(f"{args.out}: upload it at Gradescope as the autograder.")
    return 0


def _write_tree(files: Mapping[str, bytes], out: Path) -> None:
    """A zip if the name says so, else a folder."""
    out.parent.mkdir(parents=True, exist_ok=True)
    if out.suffix == ".zip":
        out.write_bytes(packaging.zip_of(dict(files)))
        return
    for name, content in files.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        if content.startswith(b"#!"):
            path.chmod(0o755)


def _write(files: Mapping[str, str], out: Path | None) -> None:
    """To a file; many files into a folder; without a place to the terminal."""
    if out is None:
        for text in files.values():
            _print(text.removesuffix("\n"))
        return
    one = len(files) == 1
    for name, text in files.items():
        path = out if one else out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"this is a number from 1, not {text!r}")
    return int(text)


def lint(args: argparse.Namespace) -> int:
    from .linter import lint_course, lint_exercise

    course = Course.find()
    progress = _Progress(len(course.folders()))
    named = args.ids or args.thorough
    chosen = (lint_exercise(exercise, thorough=args.thorough) for exercise in course.select(args.ids))
    found = chosen if named else [lint_course(course, progress.begin)]
    count = 0
    for finding in chain.from_iterable(found):
        progress.clear()
        _print(str(finding))
        count += 1
    progress.clear()
    _print(f"{count} to mend." if count else "Nothing to mend.")
    return 1 if count else 0


def new_exercise(args: argparse.Namespace) -> int:
    from . import scaffold

    course = Course.find()
    number, _, name = args.id.partition("/")
    notebook = next((other for other in course.notebooks() if number in (other, other[:2])), number)
    if not re.fullmatch(r"[0-9]{2}_[a-z0-9_]+", notebook) or not re.fullmatch(r"[a-z][a-z0-9_]{2,31}", name):
        print(
            f"{args.id} is no id: write a notebook and a snake_case name, such as 01_handlers/shout.", file=sys.stderr
        )
        return 2
    files = scaffold.new_exercise(notebook, name, args.title or name.replace("_", " ").capitalize())
    if taken := next((path for path in files if (course.root / path).exists()), None):
        print(f"{taken} is there already.", file=sys.stderr)
        return 2
    _write_tree({path: text.encode() for path, text in files.items()}, course.root)
    id = f"{notebook[:2]}/{name}"
    _print(f"{id} is in exercises/{notebook}/{name}: make it yours, then `python -m lambda_sandbox lint {id}`.")
    return 0


def seal(args: argparse.Namespace) -> int:
    from .predictions import ID
    from .predictions import seal as sealed

    if ID.fullmatch(args.id):
        if args.answer is None:
            _print(f"Give the answer too: seal {args.id} ANSWER")
            return 2
        _print(f'answer = "{sealed(args.id, args.answer)}"')
        return 0
    exercise = Course.find().exercise(args.id)
    exercise.stub.mkdir(exist_ok=True)
    for name in exercise.files:
        shutil.copyfile(exercise.folder / name, exercise.stub / name)
    _print(f"{exercise.id} is shipped as it is now.")
    return 0


def _in_words(command: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    def told(args: argparse.Namespace) -> int:
        try:
            return command(args)
        except (Unknown, BadExercise, Unreadable, OSError) as problem:
            print(problem, file=sys.stderr)
            return 2
        except SandboxDidNotStart as problem:
            print(problem, file=sys.stderr)
            return 1

    return told


class _Progress:
    """One line on a terminal's standard error that says how far a long command is; nothing elsewhere."""

    def __init__(self, total: int) -> None:
        self._done, self._total = 0, total

    def begin(self, what: str) -> None:
        self._write(f"{self._done} of {self._total} · {what}")
        self._done += 1

    def reached(self, done: int, total: int, what: str) -> None:
        filled = 30 * done // total
        self._write(f"[{'#' * filled}{'.' * (30 - filled)}] {done} of {total} · {what}"[:78])

    def clear(self) -> None:
        self._write("")

    def _write(self, text: str) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[2K{text}")
            sys.stderr.flush()


def _print(text: str) -> None:
    """Prints with the signs coloured on a terminal, and in ASCII where the encoding has no such signs."""
    encoding = sys.stdout.encoding or "ascii"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate({ord("✓"): "+", ord("✗"): "x", ord("○"): "o", ord("·"): "-", ord("…"): "..."})
        text = text.encode(encoding, "replace").decode(encoding)
    if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
        lines = [_COLOURS.get(line[:1], "{}").format(line) for line in text.splitlines()]
        text = "\n".join(lines)
    print(text, flush=True)


_COLOURS = {"✓": "\x1b[32m{}\x1b[0m", "✗": "\x1b[31m{}\x1b[0m"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m lambda_sandbox.workbook.commands")
    add_commands(parser.add_subparsers(required=True))
    args = parser.parse_args()
    return int(args.run(args))


if __name__ == "__main__":
    sys.exit(main())
