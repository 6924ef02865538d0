"""The linter finds what an author forgot: each test breaks the small course in one way."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lambda_sandbox.workbook import linter
from lambda_sandbox.workbook.course import BadExercise, Course
from lambda_sandbox.workbook.fixtures import files_of
from lambda_sandbox.workbook.linter import lint_course, lint_exercise, strays_outside
from lambda_sandbox.workbook.runner import run
from lambda_sandbox.workbook.words import report

EXERCISE = "exercises/01_numbers/double"
SOLUTION = "solutions/01_numbers/double"
CHECKS = "tests/exercises/01_numbers/test_double.py"
TOML, HINTS, STUB = f"{EXERCISE}/exercise.toml", f"{EXERCISE}/hints.toml", f"{EXERCISE}/.stub/handler.py"
MUTANT = f"{SOLUTION}/mutants/squares.py"
ALTERNATIVE = f"{SOLUTION}/alternatives/adds_it_to_itself.py"
SOLVED = """
def lambda_handler(event, context):
    return {"number": event["number"] * 2, "text": str(event["number"] * 2)}
"""


def edit(path: str, old: str, new: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        text = (root / path).read_text(encoding="utf-8")
        assert old in text
        (root / path).write_text(text.replace(old, new), encoding="utf-8")

    return change


def write(path: str, text: str) -> Callable[[Path], None]:
    return lambda root: (root / path).write_text(text, encoding="utf-8") and None


def remove(path: str) -> Callable[[Path], None]:
    return lambda root: (root / path).unlink()


def test_a_good_exercise_has_nothing_to_mend(course: Course) -> None:
    assert [str(finding) for finding in lint_exercise(course.exercise("01/double"))] == []


@pytest.mark.parametrize(
    ("rule", "change", "finding"),
    [
        (linter.metadata, edit(TOML, 'kind = "write"', 'kind = "read"'), "kind read is not known"),
        (linter.metadata, edit(TOML, "minutes = 3", "minutes = 300"), "minutes is 300"),
        (linter.metadata, edit(TOML, "points = [1, 2]", "points = [1, 0]"), "points is not a list"),
        (linter.metadata, edit(TOML, "prerequisites = []", 'prerequisites = ["02/x"]'), "does not come earlier"),
        (linter.metadata, edit(TOML, '"double.silent"', '"Double silent"'), "is not free or not area.kebab-words"),
        (linter.files, write(f"{EXERCISE}/events/five.json", "{number: 5}"), "it is not JSON"),
        (linter.files, write(f"{EXERCISE}/notes.txt", "?"), "notes.txt: it is not part of an exercise"),
        (linter.files, remove(f"{SOLUTION}/explanation.md"), "explanation.md: the file is missing"),
        (linter.files, remove(f"{SOLUTION}/mutants/squares.py"), "it holds 3 mutants"),
        (linter.files, remove(CHECKS), "the checks are missing"),
        (linter.pristine, edit(f"{EXERCISE}/handler.py", "raise", "pass  # raise"), "it differs from its stub"),
        (linter.tasks, edit(TOML, "points = [1, 2]", "points = [3]"), "it has tasks [1, 2], not [1]"),
        (
            linter.tasks,
            edit(f"{EXERCISE}/README.md", "## Task 2: Say so", "Say so."),
            "README.md: it has tasks [1], not [1, 2]",
        ),
        (linter.tasks, edit(STUB, "task 2", "part 2"), "double/handler.py: it has tasks [1], not [1, 2]"),
        (linter.tasks, edit(CHECKS, "@task(2)", "@task(2, hidden=True)"), "task 2 has no public check"),
        (linter.messages, edit(TOML, '"double.silent"', '"double.mute"'), "double.mute is used by no check"),
        (linter.messages, edit(TOML, '"double.silent"', '"double.mute"'), "double.silent has no sentence"),
        (linter.messages, edit(CHECKS, "(function):", "(function:"), "mend that line"),
        (linter.hints, edit(HINTS, '"An f-string."', '""'), "task 2 has no concept"),
        (linter.hints, edit(HINTS, "nudge", "push"), "[task.1] cannot be read"),
        (linter.hints, edit(HINTS, "A product.", "number = event['number'] * 2"), "gives the solution away"),
        (linter.stub_fails, write(STUB, "def lambda_handler("), "a stub must load"),
        (linter.stub_fails, write(STUB, SOLVED), "task 1 passes before the learner began"),
        (linter.solution_passes, edit(f"{SOLUTION}/handler.py", "* 2", "* 3"), "doubles a number: fail double.wrong"),
        (
            linter.alternatives_pass,
            edit(ALTERNATIVE, 'f"{number}"', 'f"{number:.1f}"'),
            "adds_it_to_itself.py: task 2, says so: fail double.silent",
        ),
        (linter.mutants_fail, edit(MUTANT, "** 2", "+ 2"), "it fails task 1 with double.adds-two"),
        (
            linter.every_check_is_needed,
            edit(f"{SOLUTION}/mutants/says_nothing.py", "* 2", "* 3"),
            "says_nothing.py: it fails task 1 first, with double.wrong (doubles a number)",
        ),
        (
            linter.every_check_is_needed,
            edit(
                CHECKS, "@task(1, hidden", "@task(2, hidden=True)\ndef test_idles(function): ...\n\n\n@task(1, hidden"
            ),
            'the hidden check "idles" catches no mutant',
        ),
        (
            linter.many_seeds,
            edit(f"{SOLUTION}/handler.py", '["number"] * 2', '["number"] % 111 * 2'),
            "fails doubles any number: double.wrong",
        ),
        (linter.mutants_fail, edit(MUTANT, "# fails", "# breaks"), "its first line declares nothing"),
        (
            linter.mutants_fail,
            write(MUTANT, f"# fails task 1: double.wrong\n{SOLVED}"),
            "it passes every check of task 1",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_linter_finds(course: Course, rule: linter.Rule, change: Callable[[Path], None], finding: str) -> None:
    change(course.root)
    try:
        findings = [str(found) for found in rule(course.exercise("01/double"))]
    except BadExercise as bad:
        findings = [str(bad.finding)]
    assert any(finding in found for found in findings), findings


def test_the_file_to_edit_may_be_called_deploy(course: Course) -> None:
    for path in sorted(course.root.rglob("handler.py")):
        path.rename(path.with_name("deploy.py"))
    edit(TOML, "points", 'files = ["deploy.py"]\npoints')(course.root)
    edit(TOML, "[function]", '[function]\nHandler = "deploy.lambda_handler"')(course.root)
    exercise = course.exercise("01/double")
    assert [str(finding) for finding in lint_exercise(exercise)] == []
    assert "deploy.py still raises" in report(run(exercise, files_of(exercise, exercise.folder)), exercise)


def test_metadata_that_cannot_be_read_is_a_finding_and_not_a_traceback(course: Course) -> None:
    edit(f"{EXERCISE}/exercise.toml", 'title = "Double"', "title = Double")(course.root)
    with pytest.raises(BadExercise, match="it is not valid TOML"):
        course.exercise("01/double")
    assert any("it is not valid TOML" in str(finding) for finding in lint_course(course))


def test_files_that_belong_to_no_exercise_are_found(course: Course) -> None:
    (course.root / "solutions/01_numbers/triple").mkdir()
    (course.root / "exercises/01_numbers/list.txt").write_text("double")
    found = [finding.where for finding in strays_outside(course)]
    assert found == ["solutions/01_numbers/triple", "exercises/01_numbers/list.txt"]


def test_a_notebook_and_its_exercises_fit(course: Course) -> None:
    found = [str(finding) for finding in linter.lint_notebook(course, "01_numbers")]
    assert found == [
        "exercises/01_numbers: the points add up to 3; make it 10",
        "exercises/01_numbers: there are 1 exercises; write at least three",
        "notebooks/01_numbers.ipynb: the notebook is missing; write it",
    ]
    (course.root / "notebooks").mkdir()
    cell = '{"cells": [{"cell_type": "code", "source": ["check(\\"01/duoble\\")"]}]}'
    (course.root / "notebooks/01_numbers.ipynb").write_text(cell)
    found = [str(finding) for finding in linter.lint_notebook(course, "01_numbers")][2:]
    assert found == [
        'notebooks/01_numbers.ipynb: it never says check("01/double"); add the cell',
        'notebooks/01_numbers.ipynb: check("01/duoble") names nothing; correct the id',
        'notebooks/01_numbers.ipynb: it never says predict("01.p1"); add the cell',
    ]


def test_predictions_that_nobody_can_give_or_that_contradict_themselves_are_found(course: Course) -> None:
    predictions = "exercises/01_numbers/predictions.toml"
    edit(predictions, '"2" = "One was hidden."', '"3" = "No."\n"Two." = "No."')(course.root)
    edit(predictions, 'hint = "Count again."', "")(course.root)
    (course.root / "notebooks").mkdir()
    (course.root / "notebooks/01_numbers.ipynb").write_text('{"cells": []}')
    found = [str(finding) for finding in linter.lint_notebook(course, "01_numbers")][-3:]
    assert found == [
        f"{predictions}: 01.p1 has no hint; add it",
        f"{predictions}: 3 is the right answer to 01.p1; remove it from `wrong`, or seal anew",
        f"{predictions}: no answer to 01.p1 reads Two.; write two",
    ]
