"""The command line: what commands there are, what they say of themselves, and how they exit."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from lambda_sandbox.__main__ import main

ROOT = Path(__file__).parents[2]
COMMANDS = [
    "serve",
    "deploy",
    "check",
    "hint",
    "list",
    "solution",
    "reset",
    "grade",
    "handout",
    "autograder",
    "lint",
    "new-exercise",
    "seal",
]


def exit_code(*arguments: str) -> int:
    """What `python -m lambda_sandbox …` would exit with."""
    try:
        return main(arguments)
    except SystemExit as leaving:
        return int(leaving.code or 0)


def test_help_names_every_command_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code("--help") == 0
    listed = capsys.readouterr().out.partition("commands:")[2]
    assert re.findall(r"^ {4}([\w-]+)(?: |$)", listed, re.MULTILINE) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_does(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert exit_code(command, "--help") == 0
    said = capsys.readouterr().out
    assert said.startswith(f"usage: python -m lambda_sandbox {command}")
    assert max(map(len, said.splitlines())) <= 80
    about = said.split("\n\n")[1]
    assert about[0].isupper() and about.rstrip().endswith(".")


@pytest.mark.parametrize(
    "arguments",
    [[], ["fly"], ["check", "99/nothing"], ["hint"], ["hint", "99/nothing"], ["reset", "99/nothing"], ["list", "99"]],
    ids=lambda arguments: " ".join(arguments) or "no command",
)
def test_wrong_usage_is_2_and_a_sentence(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(*arguments) == 2
    said = capsys.readouterr()
    assert said.err.strip() and "Traceback" not in said.err
    assert said.out == ""


@pytest.mark.exercises
def test_a_passing_command_is_0_and_a_failing_check_is_1(capsys: pytest.CaptureFixture[str]) -> None:
    from lambda_sandbox.workbook.course import Course

    first = Course(ROOT).select([])[0]
    assert exit_code("list", first.id) == 0
    assert first.id in capsys.readouterr().out


def test_the_module_is_the_command() -> None:
    """From another folder too: the package is installed, or its folder is on the path."""
    done = subprocess.run(
        [sys.executable, "-m", "lambda_sandbox", "--help"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0
    assert done.stdout.startswith("usage: python -m lambda_sandbox")
