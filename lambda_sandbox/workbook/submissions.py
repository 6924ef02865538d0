"""What was handed in: folders or zips, of one learner or of a class. Nothing is ever unpacked to disk.

    for submission in read(Path("inbox"), exercises):
        submission.learner, submission.files["01/greet"]["handler.py"], submission.problems

Only the files that an exercise names are read, and only plain files: a link is never followed, a path that leads
elsewhere is refused, and a zip gives no more bytes than it may. What cannot be read is a problem of its author alone.
"""

from __future__ import annotations

import io
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from .course import Exercise

FILE_BYTES = 1_000_000  # of one file of a submission
ZIP_BYTES = 100_000_000  # of a zip in a zip
ENTRIES = 20_000  # files of one submission
_ELSEWHERE = re.compile(r"(^|/)(\.[^/]*|solutions|tests|__MACOSX|__pycache__|node_modules)(/|$)")


class Problem(NamedTuple):
    """Something that is wrong with what was handed in: a message id and its fact."""

    message: str
    about: str


class Unreadable(Exception):
    """Nothing can be graded: there is no such folder or zip, or nothing is in it."""


@dataclass(frozen=True)
class Submission:
    """What one learner handed in: exercise id -> file -> content."""

    learner: str
    files: Mapping[str, Mapping[str, bytes]]
    problems: tuple[Problem, ...] = ()

    def __post_init__(self) -> None:
        """File systems have names that are no text: bytes of another encoding, which no report could hold."""
        problems = tuple(Problem(problem.message, _text(problem.about)) for problem in self.problems)
        object.__setattr__(self, "learner", _text(self.learner))
        object.__setattr__(self, "problems", problems)


def _text(name: str) -> str:
    return re.sub("[\ud800-\udfff]", "\ufffd", name)


def read(path: Path, exercises: Sequence[Exercise], learner: str | None = None) -> list[Submission]:
    """All submissions below a folder or in a zip, by learner; with `learner` all of it is his. Raises Unreadable."""
    if not path.exists():
        raise Unreadable(f"There is no {path}.")
    try:
        whole = _Folder(path) if path.is_dir() else _Zip(path.read_bytes())
    except (OSError, zipfile.BadZipFile) as error:
        raise Unreadable(f"{path} is neither a folder nor a zip ({error}).") from None
    if learner is not None:
        return [_submission(learner, whole, exercises)]
    if any(not place.above for place in _places(whole, exercises)):
        return [_submission(path.resolve().stem if path.is_file() else path.resolve().name, whole, exercises)]
    found = [_submission(learner, part, exercises) for learner, part in sorted(_learners(whole))]
    if not found:
        raise Unreadable(
            f"Nothing was handed in at {path}: it holds neither exercises nor folders or zips of learners."
        )
    return found


# -- folders and zips, seen alike


class _Files(Protocol):
    names: list[str]  # with slashes, sorted
    problems: list[Problem]

    def read(self, name: str, most: int) -> bytes: ...  # at most `most` bytes and one


class _Folder:
    """The plain files below a folder. Hidden folders and links are not entered."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.names: list[str] = []
        self.problems: list[Problem] = []
        for folder, inner, files in os.walk(path):
            inner[:] = sorted(name for name in inner if not _ELSEWHERE.search(name))
            for name in sorted(files):
                place = Path(folder, name)
                inside = place.relative_to(path).as_posix()
                if stat.S_ISREG(place.lstat().st_mode):
                    self.names.append(inside)
                else:
                    self.problems.append(Problem("submission.link", inside))

    def read(self, name: str, most: int) -> bytes:
        descriptor = os.open(self._path / name, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
        with open(descriptor, "rb") as file:
            return file.read(most + 1)


class _Zip:
    """The plain files of a zip. Raises BadZipFile."""

    def __init__(self, content: bytes) -> None:
        self._zip = zipfile.ZipFile(io.BytesIO(content))
        self._infos: dict[str, zipfile.ZipInfo] = {}
        self.problems: list[Problem] = []
        for info in self._zip.infolist():
            name = info.filename.replace("\\", "/")
            kind = stat.S_IFMT(info.external_attr >> 16)
            if name.startswith("/") or ":" in name.partition("/")[0] or ".." in name.split("/"):
                self.problems.append(Problem("submission.leads-elsewhere", name))
            elif kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                self.problems.append(Problem("submission.link", name))
            elif not info.is_dir():
                self._infos.setdefault(name, info)
        self.names = sorted(self._infos)

    def read(self, name: str, most: int) -> bytes:
        with self._zip.open(self._infos[name]) as file:
            return file.read(most + 1)


@dataclass
class _Part:
    """The files below one folder of a listing, as a listing of its own."""

    whole: _Files
    above: str
    names: list[str] = field(init=False)
    problems: list[Problem] = field(init=False)

    def __post_init__(self) -> None:
        length = len(self.above)
        self.names = [name[length:] for name in self.whole.names if name.startswith(self.above)]
        self.problems = [
            Problem(message, about[length:]) for message, about in self.whole.problems if about.startswith(self.above)
        ]

    def read(self, name: str, most: int) -> bytes:
        return self.whole.read(self.above + name, most)


class _Broken:
    """What could not be opened."""

    def __init__(self, *problems: Problem) -> None:
        self.names: list[str] = []
        self.problems = list(problems)

    def read(self, name: str, most: int) -> bytes:
        raise KeyError(name)


def _learners(whole: _Files) -> Iterator[tuple[str, _Files]]:
    """A learner a folder or zip at the top."""
    tops = {name.partition("/")[0] for name in whole.names + [problem.about for problem in whole.problems]}
    for top in tops:
        if any(name.startswith(f"{top}/") for name in whole.names):
            yield top, _Part(whole, f"{top}/")
        elif top.lower().endswith(".zip") and top in whole.names:
            yield top[:-4], _opened(whole, top)


def _opened(whole: _Files, name: str) -> _Files:
    """A zip that lies among other files."""
    content = whole.read(name, ZIP_BYTES)
    if len(content) > ZIP_BYTES:
        return _Broken(Problem("submission.too-large", name))
    if (entries := content.count(b"PK\1\2")) > ENTRIES:  # to list a million of them would take all memory
        return _Broken(Problem("submission.too-many-files", f"{entries:,}"))
    try:
        return _Zip(content)
    except (zipfile.BadZipFile, ValueError, OSError):
        return _Broken(Problem("submission.bad-zip", name))


# -- exercises in it


class _Place(NamedTuple):
    above: str  # what lies around the exercises: "" or "somebodys-workbook/"
    folder: str  # of the exercise, with its slash
    exercise: Exercise


def _places(files: _Files, exercises: Sequence[Exercise]) -> list[_Place]:
    """Where exercises lie. With one exercise to grade its files may also lie at the top, in no folder."""
    by_folder = {(exercise.notebook, exercise.name): exercise for exercise in exercises}
    found = set()
    for name in files.names:
        parts = name.split("/")
        if len(parts) >= 3 and (exercise := by_folder.get((parts[-3], parts[-2]))) and parts[-1] in exercise.files:
            above = "".join(f"{part}/" for part in parts[:-3])
            if not _ELSEWHERE.search(above):
                found.add(_Place(above.removesuffix("exercises/"), name.removesuffix(parts[-1]), exercise))
        elif len(parts) == 1 and len(exercises) == 1 and name in exercises[0].files:
            found.add(_Place("", "", exercises[0]))
    return sorted(found, key=lambda place: (place.above.count("/"), place.folder))


def _submission(learner: str, files: _Files, exercises: Sequence[Exercise], deeper: bool = True) -> Submission:
    problems = list(files.problems)
    if len(files.names) > ENTRIES:
        return Submission(learner, {}, (Problem("submission.too-many-files", f"{len(files.names):,}"),))
    zips = [name for name in files.names if name.lower().endswith(".zip") and not _ELSEWHERE.search(name)]
    places = _places(files, exercises)
    if not places and zips and deeper:  # as some systems hand it over: a folder a learner, and a zip in it
        inner = _submission(learner, _opened(files, zips[0]), exercises, deeper=False)
        return Submission(learner, inner.files, (*problems, *inner.problems))
    given: dict[str, dict[str, bytes]] = {}
    for place in places:
        if place.exercise.id not in given:
            contents = given.setdefault(place.exercise.id, {})
            for name in place.exercise.files:
                if place.folder + name in files.names:
                    content = _content(files, place.folder + name, problems)
                    contents |= {} if content is None else {name: content}
    if not places and not problems:
        problems.append(Problem("submission.empty", learner))
    return Submission(learner, given, tuple(problems))


def _content(files: _Files, name: str, problems: list[Problem]) -> bytes | None:
    """A file's bytes; None, and a problem, if they cannot be had."""
    try:
        content = files.read(name, FILE_BYTES)
    except (OSError, RuntimeError, ValueError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error):
        problems.append(Problem("submission.unreadable", name))  # encrypted, damaged, packed in an unknown way
        return None
    if len(content) > FILE_BYTES:
        problems.append(Problem("submission.too-large", name))
        return None
    return content
