"""What a teacher gives out: without answers, and an autograder that runs in the layout that Gradescope documents."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lambda_sandbox.workbook.course import Course
from lambda_sandbox.workbook.fixtures import files_of
from lambda_sandbox.workbook.handout import autograder, hand_out, without_hidden_checks
from lambda_sandbox.workbook.runner import run
from tests.workbook.test_grading import RIGHT

ROOT = Path(__file__).parents[2]


def test_a_hand_out_holds_no_solution_and_of_a_hidden_check_only_that_it_is_there(
    course: Course, tmp_path_factory: pytest.TempPathFactory
) -> None:
    exercise = course.exercise("01/double")
    (exercise.folder / "handler.py").write_text("the teacher tried it out")
    files = hand_out(course, [exercise])
    assert not any(name.startswith("solutions") or "mutant" in name for name in files)
    assert files["exercises/01_numbers/double/handler.py"] == (exercise.stub / "handler.py").read_bytes()
    assert "lambda_sandbox/workbook/messages.toml" in files
    checks = files["tests/exercises/01_numbers/test_double.py"].decode()
    assert "randrange" not in checks and "doubles_any" not in checks and "test_doubles_a_number" in checks

    given = tmp_path_factory.mktemp("given")
    for name, content in files.items():
        (given / name).parent.mkdir(parents=True, exist_ok=True)
        (given / name).write_bytes(content)
    theirs = Course(given).exercise("01/double")
    assert theirs.hints
    result = run(theirs, files_of(theirs, theirs.folder))
    assert (len(result.checks), result.not_run) == (2, 1)


def test_a_notebook_comes_with_the_pictures_that_it_borrows_from_another_one() -> None:
    course = Course.find()
    given = {name for name in hand_out(course, [course.exercise("18/sizes")]) if name.startswith("notebooks/")}
    assert {"notebooks/18_photo_pipeline.ipynb", "notebooks/07_s3_image_resizing/pictures/testcard.png"} <= given
    assert {name for name in given if name.endswith(".ipynb")} == {"notebooks/18_photo_pipeline.ipynb"}


def test_hidden_checks_are_cut_out_with_what_is_written_above_them() -> None:
    hidden = "# the trick is 7\n@task(1, hidden=True)\ndef test_seven(function):\n    assert 7\n"
    source = f"# kept\nA = 1\n\n\n{hidden}\n\nB = 2\n"
    cut = without_hidden_checks(source)
    assert "7" not in cut and "seven" not in cut
    assert "# kept\nA = 1" in cut and "\nB = 2\n" in cut and "@task(1, hidden=True)\ndef test_hidden_1():" in cut


@pytest.mark.skipif(os.name != "posix", reason="Gradescope runs a shell script")
def test_the_autograder_runs_in_gradescopes_layout(course: Course, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("autograder")
    source = root / "source"
    for name, content in autograder(course, [course.exercise("01/double")], secret=b"ours").items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(content)
    assert {"setup.sh", "run_autograder"} <= {path.name for path in source.iterdir()}
    (root / "run_autograder").write_bytes((source / "run_autograder").read_bytes())
    (root / "submission").mkdir()
    (root / "submission" / "handler.py").write_text(RIGHT)
    metadata = {"id": 7, "users": [{"email": "ana@example.edu", "id": 1, "name": "Ana"}], "previous_submissions": []}
    (root / "submission_metadata.json").write_text(json.dumps(metadata))
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTEST_ADDOPTS")}
    environment = {**kept, "AUTOGRADER": str(root), "PYTHON": sys.executable}

    def grade() -> dict[str, object]:
        subprocess.run(["bash", root / "run_autograder"], env=environment, check=True, timeout=60, capture_output=True)
        answer: dict[str, object] = json.loads((root / "results" / "results.json").read_text())
        return answer

    assert grade()["score"] == 3
    (root / "submission" / "handler.py").rename(root / "submission" / "hander.py")
    assert grade()["score"] == 0
