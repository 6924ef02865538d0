"""One folder a thing that learners do: what they wrote, the result, and the words they read.

`WORKBOOK_REMAKE=1 pytest tests/workbook/test_reports.py` writes the golden files anew; review them as a diff.
"""

import html
import json
import os
from pathlib import Path

import pytest

from lambda_sandbox.workbook import check, words
from lambda_sandbox.workbook.course import Course
from lambda_sandbox.workbook.results import Status
from lambda_sandbox.workbook.runner import run

CASES = sorted(path for path in Path(__file__).with_name("cases").iterdir() if path.is_dir())


def golden(path: Path, text: str) -> str:
    if os.environ.get("WORKBOOK_REMAKE"):
        path.write_text(text, encoding="utf-8")
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_result_and_its_words_are_what_they_were(course: Course, case: Path) -> None:
    exercise = course.exercise("01/double")
    result = run(exercise, {"handler.py": (case / "handler.py").read_bytes()})
    as_json = result.as_json()
    for found in as_json["checks"]:
        assert found.pop("ms") >= 0
    assert golden(case / "result.json", json.dumps(as_json, indent=1, ensure_ascii=False) + "\n") == (
        json.dumps(as_json, indent=1, ensure_ascii=False) + "\n"
    )
    text = words.report(result, exercise) + "\n"
    assert golden(case / "report.txt", text) == text


def test_every_status_that_is_a_learners_doing_has_a_case() -> None:
    seen = {json.loads((case / "result.json").read_text(encoding="utf-8"))["status"] for case in CASES}
    assert seen == {status.value for status in Status} - {Status.ERROR}


def test_a_report_fits_eighty_columns() -> None:
    lines = [line for case in CASES for line in (case / "report.txt").read_text(encoding="utf-8").splitlines()]
    assert max(map(len, lines)) <= 80


def test_the_notebook_shows_the_same_words_as_a_terminal(course: Course) -> None:
    report = check("01/double")
    assert html.unescape(report._repr_html_()) == f"<pre>{report!r}</pre>"
    assert (
        repr(report) == (Path(__file__).parent / "cases/did_not_start/report.txt").read_text(encoding="utf-8").strip()
    )


def test_a_broken_check_is_never_the_learners_mistake(course: Course) -> None:
    checks = course.exercise("01/double").checks
    checks.write_text(
        checks.read_text(encoding="utf-8").replace("number = sample", "number = sampel"), encoding="utf-8"
    )
    report = check("01/double")
    assert report.result is not None
    assert report.result.status is Status.ERROR
    assert "please report it to the author" in repr(report).replace("\n              ", " ")


def test_checks_that_cannot_be_loaded_are_reported_too(course: Course) -> None:
    course.exercise("01/double").checks.write_text("import nothing_of_this_name\n", encoding="utf-8")
    report = check("01/double")
    assert report.result is not None
    assert report.result.status is Status.ERROR
    assert "nothing_of_this_name" in repr(report)
