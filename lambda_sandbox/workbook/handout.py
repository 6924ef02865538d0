"""What a teacher gives out: the workbook without solutions and hidden checks, and a folder that grades at Gradescope.

files = hand_out(course, course.select(["03"]))             # path -> content
files = autograder(course, exercises, secret=b"…")
"""

from __future__ import annotations

import ast
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from .course import Course, Exercise

_TOP = ("README.md", "LICENSE", "requirements.txt", "pyproject.toml")
_MADE = ("__pycache__", ".ipynb_checkpoints")
_KEY = "course.key"

_SETUP = """\
#!/usr/bin/env bash
# What Gradescope runs once, when it builds the image. It needs Python 3.11 or newer.
set -e
"${PYTHON:-python3}" -m pip install -r "${AUTOGRADER:-/autograder}/source/requirements.txt"
"""
_RUN = """\
#!/usr/bin/env bash
# What Gradescope runs for each submission. A zero is there first: no submission ends without a result.
root=${{AUTOGRADER:-/autograder}}
python=${{PYTHON:-python3}}
mkdir -p "$root/results"
results=$root/results/results.json
echo '{{"score": 0, "output": "This could not be graded. Does it hold the files of the exercise?"}}' > "$results"
cd "$root/source" || exit 1
learner=$("$python" -c 'import json, sys; print(json.load(open(sys.argv[1]))["users"][0]["email"])' \\
    "$root/submission_metadata.json") || learner=somebody
"$python" -m lambda_sandbox grade "$root/submission" {options} \\
    --learner "$learner" --format gradescope --out "$results"
exit 0
"""


def hand_out(course: Course, exercises: Sequence[Exercise]) -> dict[str, bytes]:
    """A workbook for learners: the stubs as shipped, the public checks, the notebooks; nothing that gives an answer."""
    files = dict(_common(course, exercises))
    notebooks = course.root / "notebooks"
    wanted = {exercise.notebook for exercise in exercises}
    read = "".join(path.read_text(encoding="utf-8") for path in notebooks.glob("*.ipynb") if path.stem in wanted)
    shared = {path.name for path in notebooks.glob("*/") if f'"{path.name}/' in read}  # another one's pictures, say
    for path in sorted(notebooks.rglob("*")):
        top, *below = path.relative_to(notebooks).parts
        if path.is_file() and (top == "README.md" or top.split(".")[0] in wanted or (below and top in shared)):
            files |= _file(course, path)
    for exercise in exercises:
        checks = exercise.checks.read_text(encoding="utf-8")
        files[course.shown(exercise.checks)] = without_hidden_checks(checks).encode()
    return files


def autograder(course: Course, exercises: Sequence[Exercise], secret: bytes = b"") -> dict[str, bytes]:
    """What Gradescope takes as an autograder: `setup.sh`, `run_autograder`, and the course beside them."""
    files = dict(_common(course, exercises))
    for exercise in exercises:
        files |= _file(course, exercise.checks)
    options = " ".join(f"--only {shlex.quote(exercise.id)}" for exercise in exercises)
    if secret:
        files[_KEY] = secret
        options += f" --secret {_KEY}"
    return files | {"setup.sh": _SETUP.encode(), "run_autograder": _RUN.format(options=options).encode()}


def without_hidden_checks(source: str) -> str:
    """The file of checks in which a hidden one is only a name, so that it is still counted."""
    lines = source.splitlines()
    hidden = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and is_hidden(node)]
    for at, node in reversed(list(enumerate(hidden, 1))):
        first = node.decorator_list[0].lineno - 1
        decorators = lines[first : node.lineno - 1]
        while first and lines[first - 1].startswith("#"):
            first -= 1
        lines[first : node.end_lineno] = [*decorators, f"def test_hidden_{at}():", '    """Runs at grading."""']
    return "\n".join(lines) + "\n"


def is_hidden(node: ast.FunctionDef) -> bool:
    return any(
        keyword.arg == "hidden" and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call)
        for keyword in decorator.keywords
    )


def _common(course: Course, exercises: Sequence[Exercise]) -> Iterator[tuple[str, bytes]]:
    """The package, the course's own files, and the exercises as they were shipped."""
    package = Path(__file__).parents[1]
    for path in sorted(package.rglob("*")):
        if path.is_file() and not set(path.parts) & set(_MADE):
            yield f"{package.name}/{path.relative_to(package).as_posix()}", path.read_bytes()
    places = [course.root / name for name in _TOP]
    places += [course.root / "exercises" / "README.md"]
    places += [course.root / "exercises" / name / "predictions.toml" for name in {ex.notebook for ex in exercises}]
    for path in places:
        if path.is_file():
            yield from _file(course, path).items()
    for exercise in exercises:
        for path in sorted(exercise.folder.rglob("*")):
            if path.is_file() and not set(path.parts) & set(_MADE):
                inside = path.relative_to(exercise.folder).as_posix()
                shipped = exercise.stub / inside if inside in exercise.files else path
                yield course.shown(path), shipped.read_bytes()


def _file(course: Course, path: Path) -> dict[str, bytes]:
    return {course.shown(path): path.read_bytes()}
