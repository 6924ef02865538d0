"""Grades what was handed in: each exercise's public and hidden checks, with inputs of each learner's own.

    grades = grade(course, read(Path("inbox"), exercises), exercises, jobs=2)
    grades.learners[0].score, grades.learners[0].results

Marks repeat: inputs are seeded by course secret, learner and exercise, ids by the sandbox, and nothing that depends on
the machine's speed or memory is kept: no time of day, nothing that a check has `Measured`, and of what looks as if it
could vary only what a second try finds again. So a run that was interrupted goes on from what was kept, to the same
bytes; unless a submission throws dice.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import multiprocessing
import re
import signal
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from math import isfinite
from pathlib import Path
from typing import Any

from lambda_sandbox.clock import iso8601, wall_clock

from . import fixtures, runner
from .checks import InWords, Measured
from .course import Course, Exercise
from .results import SCHEMA, Check, Result, Status
from .roster import Person
from .submissions import Problem, Submission, Unreadable

LIMIT_S = 60.0  # real seconds for one exercise of one learner
_NEVER_TWICE_THE_SAME = (
    (re.compile(r"\b0x[0-9a-fA-F]{6,}\b"), "0x…"),  # where an object lies in memory
    (re.compile(r"\b2031-\d\d-\d\d[T ][\d:.]+(Z|\+00:00)?"), "2031-…"),  # the virtual clock moves while a check runs
)
_MAY_VARY = re.compile(r"\d\.\d|\d:\d\d|[\da-f]{8}-|\d{9}")  # what programs measure or make up often looks like that
_SECONDS = re.compile(r"\b\d{10}(\d{3})?(\.\d+)?\b")  # since 1970, or thousandths of them
_TIME = re.compile(r"\b(20\d\d-\d\d-\d\d)[T ]\d\d:\d\d[\d:.]*(Z|[+-]\d\d:\d\d)?")
_WORD = re.compile(r"[\w.:+-]+|.", re.DOTALL)
_LEFT_OUT = "…"
_DAY_S = 86_400.0
_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")  # JSON may hold it, no file can
Told = Callable[[int, int, str], object]  # how many are done, of how many, and what has just been done


@dataclass(frozen=True)
class Job:
    """One exercise of one learner, ready to be judged anywhere; `key` says all that its result depends on."""

    root: str
    learner: str
    exercise: str
    files: Mapping[str, bytes]
    seed: int
    limit_s: float
    key: str


@dataclass(frozen=True)
class Learner:
    """One learner's marks, in the order of the exercises."""

    name: str
    results: tuple[Result, ...]
    problems: tuple[Problem, ...]
    digests: tuple[str, ...]  # of what was handed in, an exercise each; "" if nothing was

    @property
    def score(self) -> float:
        return sum(result.score for result in self.results)

    @property
    def max(self) -> float:
        return sum(result.max for result in self.results)


@dataclass(frozen=True)
class Grades:
    """What a run of `grade` found."""

    exercises: tuple[Exercise, ...]
    learners: tuple[Learner, ...]
    rooms: tuple[str, ...]  # what kinds of environments there were
    secret: bool  # whether inputs were seeded by something that learners do not know
    people: tuple[Person, ...] = ()  # the class list, if there is one
    assignment: str = "Lambda"  # as the school's system calls it
    submissions: tuple[Submission, ...] = ()

    @property
    def max(self) -> float:
        return sum(sum(exercise.points) for exercise in self.exercises)

    @property
    def not_protected(self) -> list[str]:
        """What a hostile submission could get at on the machines that graded: message ids."""
        files = any("own root" not in room for room in self.rooms)
        network = any("and network" not in room for room in self.rooms)
        found = {"trust.files": files, "trust.network": network, "trust.inputs": not self.secret}
        return [message for message, holds in found.items() if holds]

    def person(self, learner: str) -> Person:
        """Who a learner is; only a name if the class list does not know."""
        return next((person for person in self.people if person.id == learner), Person("", learner))

    @property
    def passed(self) -> bool:
        return all(result.status is Status.PASS for learner in self.learners for result in learner.results)


def grade(
    course: Course,
    submissions: Sequence[Submission],
    exercises: Sequence[Exercise],
    *,
    jobs: int = 1,
    cluster: str = "",
    secret: bytes = b"",
    limit_s: float = LIMIT_S,
    kept: Kept | None = None,
    again: Collection[str] = (),
    people: Sequence[Person] = (),
    assignment: str = "Lambda",
    told: Told = lambda done, of, what: None,
) -> Grades:
    """Every learner's marks, with so many `jobs` here, or on the Dask `cluster` of that address.

    `kept`: results that are known are not judged again, except of the learners `again`; new ones are added.
    """
    kept = kept or Kept()
    waiting = {}
    for submission in submissions:
        for exercise in exercises:
            if (job := _job(course, submission, exercise, secret, limit_s)) and (
                job.key not in kept.results or submission.learner in again
            ):
                waiting[job.key] = job
    if cluster:
        judged = _on_a_cluster(list(waiting.values()), cluster)
    else:
        judged = (_in_this_process if jobs == 1 else _in_processes)(list(waiting.values()), jobs)
    for done, (job, stored) in enumerate(judged, 1):
        kept.add(job.key, stored)
        told(done, len(waiting), f"{job.learner} {job.exercise}")
    rooms: set[str] = set()

    def marked(submission: Submission) -> Learner:
        results, digests = [], []
        for exercise in exercises:
            job = _job(course, submission, exercise, secret, limit_s)
            if job is None:
                results.append(_not_judged(submission, exercise))
            else:
                rooms.add(kept.results[job.key]["room"])
                results.append(_restored(kept.results[job.key], exercise))
            digests.append(digest(submission.files.get(exercise.id, {})))
        return Learner(submission.learner, tuple(results), submission.problems, tuple(digests))

    learners = tuple(marked(submission) for submission in submissions)
    return Grades(
        tuple(exercises), learners, tuple(sorted(rooms)), bool(secret), tuple(people), assignment, tuple(submissions)
    )


class Kept:
    """Results by key: in memory, and with a path also in a file of JSON lines, so that an interrupt loses none."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self.results: dict[str, dict[str, Any]] = {}
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        if path is not None and path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                with suppress(ValueError, TypeError, KeyError):  # the line that the interrupt cut in two
                    stored = json.loads(line)
                    self.results[stored["key"]] = stored

    def add(self, key: str, stored: dict[str, Any]) -> None:
        self.results[key] = stored
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(f"\n{json.dumps({'key': key, **stored})}")  # after half a line, too

    def done(self) -> None:
        """All of it is in the report now."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)


# -- what is to be judged


def seed_of(secret: bytes, learner: str, exercise: str) -> int:
    """The seed of one learner's inputs: the same for ever, and nobody guesses it who does not know the secret."""
    return int(hmac.new(secret, f"{learner}\n{exercise}".encode(), hashlib.sha256).hexdigest()[:12], 16)


def digest(files: Mapping[str, bytes]) -> str:
    """What identifies handed-in files; "" for none."""
    parts = [f"{name} {hashlib.sha256(content).hexdigest()}" for name, content in sorted(files.items())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32] if files else ""


def _job(course: Course, submission: Submission, exercise: Exercise, secret: bytes, limit_s: float) -> Job | None:
    """None if there is nothing to judge: nothing was handed in, or what was shipped."""
    files = submission.files.get(exercise.id, {})
    if set(exercise.files) - set(files) or _is_as_shipped(exercise, files):
        return None
    seed = seed_of(secret, submission.learner, exercise.id)
    depends_on = [SCHEMA, exercise.id, _of_the_course(exercise), digest(files), seed, limit_s]
    key = hashlib.sha256(json.dumps(depends_on).encode()).hexdigest()[:32]
    return Job(str(course.root), submission.learner, exercise.id, files, seed, limit_s, key)


def _is_as_shipped(exercise: Exercise, files: Mapping[str, bytes]) -> bool:
    return all(_squeezed(files[name]) == _squeezed((exercise.stub / name).read_bytes()) for name in exercise.files)


def _squeezed(code: bytes) -> list[bytes]:
    return [line.rstrip() for line in code.splitlines()]  # a file that came by way of Windows is no answer yet


@cache
def _of_the_course(exercise: Exercise) -> str:
    """What identifies the checks, the settings and the sample events of an exercise."""
    places = [exercise.checks, *exercise.folder.glob("*.t*"), *exercise.folder.glob("events/*")]
    return digest({exercise.course.shown(path): path.read_bytes() for path in places})


def _not_judged(submission: Submission, exercise: Exercise) -> Result:
    missing = sorted(set(exercise.files) - set(submission.files.get(exercise.id, {})))
    message, facts = ("submission.missing", {"about": ", ".join(missing)}) if missing else ("submission.as-shipped", {})
    checks = (Check(task, "not begun", True, Status.NOT_STARTED, message, facts) for task in exercise.tasks)
    return Result(exercise.id, exercise.points, tuple(checks))


# -- judging, here or in other processes


def judge(job: Job) -> dict[str, Any]:
    """The result of one job as JSON. Anything it needs is in the job and in the course's folder."""
    exercise = _exercise(job.root, job.exercise)
    files = dict(job.files)
    requirements = exercise.folder / "requirements.txt"
    if requirements.is_file():
        files[requirements.name] = requirements.read_bytes()

    def judged() -> tuple[Result, list[dict[str, Any]]]:
        result = runner.run(exercise, files, hidden=True, seed=job.seed, limit_s=job.limit_s)
        return result, [_stored(check) for check in result.checks]

    runs = [judged()]
    timed_out = any(check.status is Status.TIMEOUT for check in runs[0][0].checks)  # a busy machine is not his fault
    if timed_out or any(_MAY_VARY.search(json.dumps(check["facts"])) for check in runs[0][1]):
        runs.append(judged())
    best = max(runs, key=lambda run: (run[0].score, run[0].passed))
    other = runs[-1] if best is runs[0] else runs[0]
    return {"room": fixtures.room(), "checks": [_found_again(*both) for both in zip(best[1], other[1], strict=False)]}


@cache
def _exercise(root: str, id: str) -> Exercise:
    return Course(Path(root)).exercise(id)


def _in_this_process(jobs: Sequence[Job], _: int) -> Iterator[tuple[Job, dict[str, Any]]]:
    for job in jobs:
        yield job, judge(job)


def _in_processes(jobs: Sequence[Job], workers: int) -> Iterator[tuple[Job, dict[str, Any]]]:
    """As they end. Each process keeps one warm sandbox; all end with this generator."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        min(workers, len(jobs) or 1), context, initializer=_leave_interrupts_to_the_parent
    ) as pool:
        futures = {pool.submit(judge, job): job for job in jobs}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.terminate()
            raise


def _on_a_cluster(jobs: Sequence[Job], address: str) -> Iterator[tuple[Job, dict[str, Any]]]:
    """As they end, on the workers of a Dask cluster: each has this package, and the course in the same folder."""
    try:
        import distributed
    except ImportError:
        raise Unreadable("--dask needs Dask: python -m pip install distributed") from None
    try:
        client = distributed.Client(address)
    except (OSError, TimeoutError, ValueError) as error:
        raise Unreadable(f"No Dask cluster answers at {address} ({error}).") from None
    with client:
        futures = dict(
            zip(client.map(_judge_alone, jobs, key=[job.key for job in jobs], pure=False), jobs, strict=True)
        )
        for future in distributed.as_completed(futures):
            yield futures[future], future.result()
            future.release()


def _judge_alone(job: Job) -> dict[str, Any]:
    """A worker may have threads; a process has one sandbox for checks."""
    with _one_at_a_time:
        return judge(job)


_one_at_a_time = threading.Lock()


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


# -- results as JSON and back


def _stored(check: Check) -> dict[str, Any]:
    in_words = sorted(name for name, fact in check.facts.items() if isinstance(fact, InWords))
    return {**check.as_json(), "ms": None, "facts": _repeatable(check.facts), "in_words": in_words}


def _found_again(check: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """The check without what another try says otherwise."""
    if check["message"] != other["message"]:
        return check
    facts = {name: _common(fact, other["facts"].get(name)) for name, fact in check["facts"].items()}
    return {
        **check,
        "facts": facts,
        "in_words": sorted(name for name in facts if name in check["in_words"] or facts[name] == _LEFT_OUT),
    }


def _common(one: Any, other: Any) -> Any:
    match one, other:
        case {}, {} if one.keys() == other.keys():
            return {name: _common(one[name], other[name]) for name in one}
        case [*_], [*_] if len(one) == len(other):
            return list(map(_common, one, other))
        case str(), str():
            words, others = _WORD.findall(one), _WORD.findall(other)
            if len(words) == len(others):
                return "".join(map(lambda a, b: a if a == b else _LEFT_OUT, words, others))
    return one if one == other else _LEFT_OUT


def _restored(stored: Mapping[str, Any], exercise: Exercise) -> Result:
    def check(table: Mapping[str, Any]) -> Check:
        facts = {name: InWords(fact) if name in table["in_words"] else fact for name, fact in table["facts"].items()}
        known = {name: table[name] for name in ("task", "title", "visible", "message")}
        return Check(**known, status=Status(table["status"]), facts=facts)

    return Result(exercise.id, exercise.points, tuple(map(check, stored["checks"])))


def _repeatable(fact: Any) -> Any:
    """The fact as JSON, without what is never twice the same and what no file can hold."""
    match fact:
        case Measured():
            return _LEFT_OUT
        case str():
            fact = _SECONDS.sub(lambda found: _LEFT_OUT if _is_now(float(found[0])) else found[0], fact)
            fact = _TIME.sub(lambda found: _LEFT_OUT if found[1] in _today() else found[0], fact)
            for pattern, instead in _NEVER_TWICE_THE_SAME:
                fact = pattern.sub(instead, fact)
            return _HALF_A_CHARACTER.sub("\ufffd", fact)
        case Mapping():
            return {_repeatable(str(key)): _repeatable(value) for key, value in fact.items()}
        case list() | tuple():
            return [_repeatable(value) for value in fact]
        case float() if not isfinite(fact):
            return repr(fact)
        case int() | float() if _is_now(fact):
            return _LEFT_OUT
        case bool() | int() | float() | None:
            return fact
    return repr(fact)


def _is_now(number: float) -> bool:
    """Whether it is about the present moment in seconds or milliseconds since 1970."""
    return any(abs(number / unit - wall_clock()) < _DAY_S for unit in (1, 1000))


def _today() -> list[str]:
    """Today's date, anywhere on Earth."""
    return [iso8601(wall_clock() + days * _DAY_S)[:10] for days in (-1, 0, 1)]
