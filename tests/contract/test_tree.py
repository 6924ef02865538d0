"""The tree and its documents: what is at the top, what the README says, and what must be in no file."""

from __future__ import annotations

import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.contract.test_commands import COMMANDS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TOP = {
    *(".ci", ".editorconfig", ".gitattributes", ".gitignore", "LICENSE", "README.md"),
    *("exercises", "lambda_sandbox", "notebooks", "pyproject.toml", "requirements.txt", "solutions", "tests"),
}


@cache
def tracked() -> tuple[Path, ...]:
    """The files that git keeps, or would keep; all files where this is no repository."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(asked, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this copy is not a git repository")
    return tuple(path for name in listed.split("\0") if name and (path := ROOT / name).is_file())


def text_of(path: Path) -> str:
    """A file's text; nothing if it is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_the_top_is_what_the_readme_shows() -> None:
    there = {path.relative_to(ROOT).parts[0] for path in tracked()}
    assert there == TOP
    for name in there:
        if not name.startswith(".") and name != "README.md":
            assert f"`{name}" in README, f"the README's table of the layout does not show {name}"


def test_no_file_names_a_machine() -> None:
    """Paths of somebody's computer, private hosts and keys have no place in a file that is shared."""
    private = re.compile(
        r"/(?:home|Users|root)/(?!sbx_|user/|you/)[\w.-]+|[A-Z]:\\Users\\\w|\.pyenv/|--(?:extra-)?index-url"
    )
    this = Path(__file__)
    found = {
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in tracked()
        if path != this
        for match in private.finditer(text_of(path))
    }
    assert found == set()


def test_nothing_that_is_made_is_kept() -> None:
    made = re.compile(r"__pycache__|\.py[co]$|\.egg-info|\.ipynb_checkpoints|(^|/)\.(mypy|pytest|ruff)_cache")
    assert [str(path) for path in tracked() if made.search(path.relative_to(ROOT).as_posix())] == []


def test_files_are_small_enough_to_read() -> None:
    large = {str(path.relative_to(ROOT)) for path in tracked() if path.stat().st_size > 1_000_000}
    assert large == set()
    long = {str(path.relative_to(ROOT)) for path in (ROOT / "lambda_sandbox").rglob("*.py") if lines(path) > 500}
    assert long == set(), "past 400 lines look for the second idea"


def lines(path: Path) -> int:
    return path.read_bytes().count(b"\n")


# ------------------------------------------------------------------------------------------------ the documents


@pytest.mark.parametrize("command", COMMANDS)
def test_the_readme_mentions_every_command(command: str) -> None:
    assert f"python -m lambda_sandbox {command}" in README


def test_the_readme_has_two_commands_of_one_line_for_each_system() -> None:
    rows = [row for row in README.splitlines() if row.startswith(("| start |", "| run every test |"))]
    assert [len(re.findall(r"`[^`]+`", row)) for row in rows] == [2, 2]


def test_what_ci_runs_is_what_the_readme_says() -> None:
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert "-m pytest" in script and "`.venv/bin/python -m pytest`" in README
    assert "pip install -r requirements.txt" in README and "-r requirements.txt" in script


@pytest.mark.parametrize(
    "document", [path for path in (ROOT / "README.md", ROOT / "notebooks/README.md") if path.exists()], ids=str
)
def test_links_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_every_requirement_is_one_exact_pin_and_says_why_it_is_there() -> None:
    pinned = []
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines():
        what, _, why = line.partition("  #")
        if what.strip() and not what.startswith("#"):
            assert why.strip(), line
            if not what.startswith("-e"):
                pinned.append(Requirement(what))
    assert pinned
    for requirement in pinned:
        assert re.fullmatch(r"==[\w.]+", str(requirement.specifier)), requirement


def test_every_library_that_is_imported_is_pinned() -> None:
    """What the package imports is asked for by name, and not only because something else needs it."""
    import sys

    from tests.contract.test_rooms import FILES, imports

    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pinned = {line.partition("==")[0].lower() for line in lines if "==" in line}
    sold_as = {"samtranslator": "aws-sam-translator", "yaml": "pyyaml"}  # where the distribution has another name
    used = {name.split(".")[0] for file in FILES for name in imports(file)} - {"lambda_sandbox", "__future__"}
    used = {sold_as.get(name, name) for name in used}
    assert {name for name in used if name not in sys.stdlib_module_names} - pinned <= {"PIL"}


def test_the_project_file_asks_for_the_python_that_the_readme_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=3.11"
    assert "Python 3.11 or newer" in README


AGAIN = """response, log, serialisation, timeout, globals, reuse, statelessness, Init, cold start, zip, version,
environment variables, least privilege, policy, execution role, resource policy, retries, at least once, idempotency,
conditional write, request id, dead-letter queue, S3 event, object key, base64, status code, batch, poison message,
partial batch response, atomic counter, concurrency, payload, limits, GB-second"""


def test_the_ideas_that_carry_the_course_are_practised_at_least_three_times() -> None:
    practised = [
        concept
        for path in (ROOT / "exercises").glob("*/*/exercise.toml")
        for concept in tomllib.loads(path.read_text(encoding="utf-8"))["concepts"]
    ]
    ideas = [idea.strip() for idea in AGAIN.replace("\n", " ").split(",")]
    assert [idea for idea in ideas if practised.count(idea) < 3] == [], "name them in the exercises that need them"
