"""Every exercise is proved: its stub fails, its solution passes, its mutants fail as they declare."""

import pytest

from lambda_sandbox.workbook.course import Course
from lambda_sandbox.workbook.linter import lint_exercise, lint_notebook, solution_passes, strays_outside

COURSE = Course.find()


@pytest.mark.parametrize("id", COURSE.ids())
def test_the_linter_finds_nothing_to_mend_in_an_exercise(id: str) -> None:
    findings = lint_exercise(COURSE.exercise(id), without=[solution_passes])  # tests/exercises proves the solutions
    assert [str(finding) for finding in findings] == []


@pytest.mark.parametrize("notebook", COURSE.notebooks())
def test_a_notebook_asks_for_its_exercises_and_predictions_and_no_others(notebook: str) -> None:
    assert [str(finding) for finding in lint_notebook(COURSE, notebook)] == []


def test_nothing_lies_about_that_belongs_to_no_exercise() -> None:
    assert [str(finding) for finding in strays_outside(COURSE)] == []
