"""The course on disk: where an exercise's files are and what its metadata says. The one reader of exercise.toml.

    course = Course.find()
    exercise = course.exercise("07/thumbnail")          # raises Unknown with the nearest match
    exercise.solution / "handler.py", exercise.checks, exercise.stub

What cannot be read raises `BadExercise`, with the finding that the linter shows.
"""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

KINDS = ("write", "fix", "complete", "predict", "measure", "design")
PERMISSIONS = (  # what the function of an exercise may do if it names nothing else: use things, not make or remove them
    *("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "cloudwatch:PutMetricData"),
    *("s3:GetObject*", "s3:PutObject*", "s3:DeleteObject*", "s3:ListBucket*", "s3:*MultipartUpload*"),
    *("dynamodb:*Item", "dynamodb:Query", "dynamodb:Scan", "dynamodb:PartiQL*", "dynamodb:DescribeTable"),
    *("dynamodb:*Stream*", "dynamodb:GetRecords", "dynamodb:GetShardIterator"),
    *("sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueue*"),
    *("kinesis:Get*", "kinesis:List*", "kinesis:Describe*", "kinesis:PutRecord*", "kinesis:SubscribeToShard"),
    *("sns:Publish", "events:PutEvents", "lambda:InvokeFunction", "sts:GetCallerIdentity"),
    *("ssm:GetParameter*", "secretsmanager:GetSecretValue"),
)
LEVELS = ("nudge", "concept", "near_code")
UNLIKE = {  # what to do if no name is like the one that was given
    "exercise": " `python -m lambda_sandbox list` names them all.",
    "workbook in or above": " Go to the folder that holds `exercises` and `tests`.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something an author must mend: where it is, what is wrong, and what to do."""

    where: str
    what: str
    do: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.do}"


class BadExercise(Exception):
    """An exercise's metadata cannot be read; `finding` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self.finding = finding


class Unknown(Exception):
    """No exercise, task or prediction has this name; `nearest` is the most similar one, or empty."""

    def __init__(self, what: str, name: object, among: list[str]) -> None:
        name = str(name)
        self.nearest = next(iter(difflib.get_close_matches(name, among, n=1, cutoff=0.4)), "")
        if not self.nearest and name[:2].isdigit():  # the number of a notebook says more than the letters
            self.nearest = next((other for other in among if other.startswith(name[:2])), "")
        meant = f" Did you mean {self.nearest}?" if self.nearest else ""
        super().__init__(f"There is no {what} {name}.{meant or UNLIKE.get(what, '')}")


@dataclass(frozen=True, eq=False)
class Exercise:
    """One exercise: its metadata, and the paths of its four places (learner's folder, stub, checks, solution)."""

    course: Course = field(repr=False)
    id: str
    title: str
    notebook: str
    kind: str
    concepts: tuple[str, ...]
    prerequisites: tuple[str, ...]
    minutes: int
    points: tuple[float, ...]
    files: tuple[str, ...] = ("handler.py",)
    function: Mapping[str, Any] = field(default_factory=dict)  # CreateFunction's own words
    messages: Mapping[str, str] = field(default_factory=dict)  # id -> sentence
    permissions: tuple[str, ...] = PERMISSIONS  # the IAM actions of its function's role

    @property
    def name(self) -> str:
        return self.id.partition("/")[2]

    @property
    def tasks(self) -> range:
        return range(1, len(self.points) + 1)

    @property
    def folder(self) -> Path:
        return self.course.root / "exercises" / self.notebook / self.name

    @property
    def stub(self) -> Path:
        """The files as they were shipped: what `reset` restores."""
        return self.folder / ".stub"

    @property
    def checks(self) -> Path:
        return self.course.root / "tests" / "exercises" / self.notebook / f"test_{self.name}.py"

    @property
    def solution(self) -> Path:
        return self.course.root / "solutions" / self.notebook / self.name

    def mutants(self) -> list[Path]:
        """Answers that are wrong on purpose."""
        return sorted((self.solution / "mutants").glob("*.py"))

    def alternatives(self) -> list[Path]:
        """Answers that are as right as the solution, and written otherwise."""
        return sorted((self.solution / "alternatives").glob("*.py"))

    @cached_property
    def hints(self) -> dict[int, tuple[str, str, str]]:
        """task -> its three hints, from the vaguest to the nearest."""
        path = self.folder / "hints.toml"
        hints = {}
        for task, levels in read_toml(path).get("task", {}).items():
            if not task.isdigit() or set(levels) != set(LEVELS):
                do = f"give each [task.N] {', '.join(LEVELS)}, and nothing else"
                raise BadExercise(Finding(self.course.shown(path), f"[task.{task}] cannot be read", do))
            nudge, concept, near_code = (str(levels[level]).strip() for level in LEVELS)
            hints[int(task)] = (nudge, concept, near_code)
        return hints

    def sample(self, name: str) -> Any:
        """A public sample event, parsed anew."""
        return json.loads((self.folder / "events" / name).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Course:
    """All exercises below one folder."""

    root: Path

    @classmethod
    def find(cls, start: Path | None = None) -> Course:
        """The course that holds the current folder, else the one this package was cloned with."""
        here = (start or Path.cwd()).resolve()
        beside = Path(__file__).resolve().parents[2]
        for folder in (here, *here.parents, beside):
            if (folder / "exercises").is_dir() and (folder / "tests" / "exercises").is_dir():
                return cls(folder)
        raise Unknown("workbook in or above", str(here), [])

    def shown(self, path: Path) -> str:
        """The path as we write it to people: from the course's root, with slashes."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.name

    def folders(self) -> list[Path]:
        """Every folder that should be an exercise, by notebook and name."""
        return sorted(path for path in (self.root / "exercises").glob("[0-9][0-9]_*/[a-z]*/") if path.is_dir())

    def notebooks(self) -> list[str]:
        return sorted({folder.parent.name for folder in self.folders()})

    def ids(self) -> list[str]:
        return [f"{folder.parent.name[:2]}/{folder.name}" for folder in self.folders()]

    def exercise(self, id: str) -> Exercise:
        """Reads one exercise. Raises `Unknown`, or `BadExercise` if its metadata cannot be used."""
        number, _, name = str(id).partition("/")
        for folder in self.folders():
            if folder.name == name and folder.parent.name[:2] == number:
                return self.read(folder)
        raise Unknown("exercise", id, self.ids())

    def exercises(self, notebook: str = "") -> list[Exercise]:
        """All exercises (of one notebook) as they stand in its text; elsewhere those that others build on first."""
        found = [self.read(folder) for folder in self.folders() if folder.parent.name.startswith(notebook)]
        depth: dict[str, int] = {}
        by_id = {exercise.id: exercise for exercise in found}

        def rank(id: str) -> int:
            if id not in depth:
                depth[id] = 0  # a cycle ends here; the linter reports it
                same = [other for other in by_id[id].prerequisites if other[:2] == id[:2] and other in by_id]
                depth[id] = 1 + max(map(rank, same), default=-1)
            return depth[id]

        places = {notebook: self._in_text(notebook) for notebook in {exercise.notebook for exercise in found}}

        def place(exercise: Exercise) -> tuple[str, int, int, str]:
            in_text = places[exercise.notebook]
            first = in_text.index(exercise.id) if exercise.id in in_text else len(in_text)
            return exercise.notebook, first, rank(exercise.id), exercise.id

        return sorted(found, key=place)

    def _in_text(self, notebook: str) -> list[str]:
        """The ids in the order in which the notebook checks them; none if there is no such notebook here."""
        path = self.root / "notebooks" / f"{notebook}.ipynb"
        return re.findall(r'check\(\\"(.+?)\\"\)', path.read_text(encoding="utf-8")) if path.is_file() else []

    def select(self, names: list[str]) -> list[Exercise]:
        """Exercises by id, or all of a notebook by its number or name; all of them if nothing is named."""
        chosen: list[Exercise] = []
        if not names:
            return self.exercises()
        for name in names:
            wanted = name.strip("/")
            whole = next((nb for nb in self.notebooks() if wanted in (nb, nb[:2])), None)
            chosen += [self.exercise(wanted)] if whole is None else self.exercises(whole)
        return list({exercise.id: exercise for exercise in chosen}.values())

    def read(self, folder: Path) -> Exercise:
        path = folder / "exercise.toml"
        table = read_toml(path)

        def bad(what: str, do: str) -> BadExercise:
            return BadExercise(Finding(self.shown(path), what, do))

        wanted = {"id": str, "title": str, "notebook": str, "kind": str, "concepts": list, "prerequisites": list,
                  "minutes": int, "points": list}  # fmt: skip
        for key, kind in wanted.items():
            if not isinstance(table.get(key), kind):
                raise bad(f"{key} is missing or not a {kind.__name__}", f"add it; exercises/README.md shows {key}")
        if stray := set(table) - set(wanted) - {"files", "function", "messages", "permissions"}:
            raise bad(f"{', '.join(sorted(stray))} is not a known key", "remove it or correct its spelling")
        id, notebook = f"{folder.parent.name[:2]}/{folder.name}", folder.parent.name
        if table["id"] != id or table["notebook"] != notebook:
            raise bad("id or notebook does not match the folder", f'write id = "{id}" and notebook = "{notebook}"')
        for key in ("concepts", "prerequisites", "points", "files", "permissions"):
            if key in table:
                table[key] = tuple(table[key])
        return Exercise(course=self, **table)

    def predictions(self, notebook: str) -> dict[str, Any]:
        """`p1` -> its table in the notebook's predictions.toml."""
        path = self.root / "exercises" / notebook / "predictions.toml"
        return read_toml(path) if path.exists() else {}


def read_toml(path: Path) -> dict[str, Any]:
    where = f"{path.parent.parent.name}/{path.parent.name}/{path.name}"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadExercise(Finding(where, "the file is missing", "add it; exercises/README.md shows one")) from None
    except tomllib.TOMLDecodeError as error:
        raise BadExercise(Finding(where, f"it is not valid TOML ({error})", "mend that line")) from None
