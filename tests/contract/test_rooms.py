"""Walls between rooms: imports point down, moto and the time have one door each."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import lambda_sandbox

PACKAGE = Path(lambda_sandbox.__file__).parent

# From top to bottom: a room imports from its own line and from those below it.
ROOMS = [
    {"__main__"},
    {"workbook"},
    {"__init__", "sandbox", "packaging", "images", "process", "tuning", "deploying"},  # the notebook's side
    {"door"},
    {"lambda_api"},
    {"templates"},
    {"simulate"},
    {"event_sources"},
    {"invocation"},
    {"environments"},
    {"cloudwatch", "views"},
    {"iam"},
    {"moto_bridge"},
    {"listener"},
    {"state", "journal", "clock", "wire", "facts", "aws_variables"},
]
LEVEL = {room: level for level, rooms in enumerate(ROOMS) for room in rooms}
SHIPPED = "runtimes"  # goes into the environments, and is imported by nobody here

FILES = sorted(file for file in PACKAGE.rglob("*.py") if SHIPPED not in file.parts)


def name_of(file: Path) -> str:
    return file.relative_to(PACKAGE).as_posix()


def room_of(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def imports(file: Path) -> tuple[str, ...]:
    """Dotted names of all that a file imports, wherever in the file; relative ones made absolute."""
    package = ("lambda_sandbox", *file.relative_to(PACKAGE).parts[:-1])

    def names() -> Iterator[str]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
                module = ".".join(part for part in (base, node.module) if part)
                yield from (f"{module}.{alias.name}" for alias in node.names)

    return tuple(names())


def rooms_of(file: Path) -> set[str]:
    """The rooms that a file imports from."""
    found = set()
    for name in imports(file):
        first, _, rest = name.partition(".")
        if first == "lambda_sandbox":
            room = rest.partition(".")[0]
            found.add(room if (PACKAGE / room).is_dir() or (PACKAGE / f"{room}.py").is_file() else "__init__")
    return found


def test_every_file_is_in_a_known_room() -> None:
    there = {room_of(file) for file in FILES}
    assert there - {*LEVEL} == set(), "a new room: give it its line in ROOMS, and in the design"


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_imports_point_down(file: Path) -> None:
    own = LEVEL[room_of(file)]
    up = {room for room in rooms_of(file) if room == SHIPPED or LEVEL[room] < own}
    assert up == set(), "take it as a parameter instead: calls go up through what was handed in"


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_only_the_bridge_knows_moto(file: Path) -> None:
    if room_of(file) != "moto_bridge":
        assert [name for name in imports(file) if name.split(".")[0] == "moto"] == []


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_only_the_clock_reads_the_time(file: Path) -> None:
    if name_of(file) == "clock.py":
        return
    assert [name for name in imports(file) if name.split(".")[0] == "time"] == []
    asked = [
        ast.unparse(node)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in ("now", "utcnow", "today")
        and ast.unparse(node.value).split(".")[-1] in ("datetime", "date")
    ]
    assert asked == [], "ask lambda_sandbox.clock"


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_every_file_opens_with_what_lives_there(file: Path) -> None:
    assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))


def test_the_runtimes_import_nothing_of_the_engine() -> None:
    """They run where it is not."""
    for file in (PACKAGE / SHIPPED).rglob("*.py"):
        assert "lambda_sandbox" not in file.read_text(encoding="utf-8"), file
