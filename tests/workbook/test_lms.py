"""Each file for a school's system has the shape that the system documents or its importer reads."""

from __future__ import annotations

import base64
import csv
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from lambda_sandbox.workbook import roster
from lambda_sandbox.workbook.checks import InWords
from lambda_sandbox.workbook.course import Course
from lambda_sandbox.workbook.formats import FORMATS
from lambda_sandbox.workbook.grading import Grades, Learner
from lambda_sandbox.workbook.results import Check, Result, Status
from lambda_sandbox.workbook.submissions import Problem, Submission, Unreadable

HOSTILE = "<script>alert(1)</script> ]]> \x1b[2J & \u202e"
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Old (1)
    Points Possible,,,,,10
"Pérez, Ana",9001,S123,ana@example.edu,A,
"=cmd()",9002,S124,bob@example.edu,A,
Cy,9003,S125,cy@example.edu,A,
"""


@pytest.fixture
def grades(course: Course, tmp_path: Path) -> Grades:
    """Ana passed, Bob failed with hostile facts, Cy handed in nothing."""
    exercise = course.exercise("01/double")
    (tmp_path / "canvas.csv").write_text(CANVAS, encoding="utf-8-sig")
    facts = {"called": InWords("lambda_handler({})"), "expected": 8, "got": HOSTILE, "number": HOSTILE}
    passed = [Check(task, title, visible, Status.PASS) for task, title, visible in
              [(1, "doubles a number", True), (2, "says so", True), (1, "doubles any number", False)]]  # fmt: skip
    failed = [Check(1, "doubles a number", True, Status.FAIL, "double.wrong", facts), passed[1]]
    failed += [Check(1, "doubles any number", False, Status.FAIL, "double.wrong", {**facts, "expected": 246})]
    nothing = [Check(task, "not begun", True, Status.NOT_STARTED, "submission.missing", {"about": "handler.py"})
               for task in (1, 2)]  # fmt: skip

    def learner(id: str, checks: list[Check], digest: str, *problems: Problem) -> Learner:
        return Learner(id, (Result(exercise.id, exercise.points, tuple(checks)),), problems, (digest,))

    return Grades(
        (exercise,),
        (
            learner("9001", passed, "d1"),
            learner("9002", failed, "d2", Problem("submission.link", f"{HOSTILE}.py")),
            learner("9003", nothing, ""),
        ),
        rooms=("plain",),
        secret=True,
        people=tuple(roster.read(tmp_path / "canvas.csv")),
        assignment="Lambda 01 (4711)",
    )


def one(grades: Grades, format: str) -> str:
    (text,) = FORMATS[format](grades).values()
    assert "\x1b" not in text
    return text


def test_gradescope_gets_a_test_a_task_and_no_input_of_a_hidden_check(grades: Grades) -> None:
    files = FORMATS["gradescope"](grades)
    assert list(files) == ["9001/results.json", "9002/results.json", "9003/results.json"]
    whole = json.loads(files["9002/results.json"])
    assert set(whole) == {"score", "output", "output_format", "visibility", "stdout_visibility", "tests"}
    assert whole["score"] == 2
    for test, status, score in zip(whole["tests"], ["failed", "passed"], [0, 2], strict=True):
        assert set(test) == {
            *("name", "number", "score", "max_score", "status", "output", "output_format"),
            *("tags", "visibility", "extra_data"),
        }
        assert (test["status"], test["score"], test["visibility"]) == (status, score, "visible")
    assert "lambda_handler({})" in whole["tests"][0]["output"]
    assert "246" not in files["9002/results.json"]
    assert sum(test["max_score"] for test in whole["tests"]) == 3


def test_github_classroom_gets_the_line_of_a_steps_output(grades: Grades) -> None:
    line = FORMATS["classroom"](grades)["9002/classroom.txt"]
    name, _, encoded = line.rstrip("\n").partition("=")
    assert name == "result" and line.count("\n") == 1
    whole = json.loads(base64.b64decode(encoded))
    assert {key: whole[key] for key in ("version", "status", "max_score")} == {
        "version": 3,
        "status": "fail",
        "max_score": 3,
    }
    shape = {"name", "status", "score", "message", "test_code", "filename", "line_no", "duration"}
    assert [(set(test), test["status"], test["score"]) for test in whole["tests"]] == [
        (shape, "fail", 0),
        (shape, "pass", 2),
    ]


def test_canvas_gets_its_columns_and_whoever_handed_in_nothing_keeps_the_old_score(grades: Grades) -> None:
    rows = list(csv.reader(one(grades, "canvas").splitlines()))
    assert rows == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Lambda 01 (4711)"],
        ["    Points Possible", "", "", "", "", "3"],
        ["Pérez, Ana", "9001", "S123", "ana@example.edu", "A", "3"],
        ["'=cmd()", "9002", "S124", "bob@example.edu", "A", "2"],
    ]


def test_moodle_gets_identifiers_and_grades(grades: Grades) -> None:
    rows = list(csv.DictReader(one(grades, "moodle").splitlines()))
    assert [(row["Username"], row["Lambda 01 (4711)"]) for row in rows] == [("9001", "3"), ("9002", "2")]
    results = ElementTree.fromstring(one(grades, "moodle-xml"))
    assert results.tag == "results" and results.get("batch")
    for result, score in zip(results, ["3", "2"], strict=True):
        assert [field.tag for field in result] == ["state", "assignment", "student", "score", "feedback"]
        assert (result.findtext("state"), result.findtext("score")) == ("new", score)
    assert "<script>" in (results[1].findtext("feedback") or "")  # as text: it was escaped


def test_nbgrader_gets_the_columns_of_its_own_export(grades: Grades) -> None:
    (first, *_) = csv.DictReader(one(grades, "nbgrader").splitlines())
    assert list(first) == [
        *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
        *("raw_score", "late_submission_penalty", "score", "max_score"),
    ]
    assert (first["student_id"], first["score"], first["max_score"]) == ("9001", "3", "3")


def test_the_long_form_has_a_row_for_each_learner_and_exercise(grades: Grades) -> None:
    rows = list(csv.DictReader(one(grades, "csv").splitlines()))
    assert [(row["student"], row["score"], row["status"], row["why"]) for row in rows] == [
        ("9001", "3", "pass", ""),
        ("9002", "2", "fail", "double.wrong"),
        ("9003", "0", "not started", "submission.missing"),
    ]


def test_junit_is_xml_whatever_was_answered(grades: Grades) -> None:
    suites = ElementTree.fromstring(one(grades, "junit"))
    assert [(suite.get("tests"), suite.get("failures")) for suite in suites] == [("3", "0"), ("3", "2"), ("2", "2")]
    assert {case.get("classname") for case in suites[0].iter("testcase")} == {"9001.01/double"}


def test_a_report_says_what_is_not_protected(grades: Grades) -> None:
    assert grades.not_protected == ["trust.files", "trust.network"]
    assert one(grades, "table").count("Not protected here: ") == 2


def test_submissions_are_matched_to_a_class_list_by_whatever_identifies(tmp_path: Path) -> None:
    path = tmp_path / "class.csv"
    path.write_text("First name;Surname;ID number;Email address\nAna;Pérez;S1;ana@x.edu\nBo;Li;S2;bo@x.edu\n;;;\n")
    people = roster.read(path)
    assert [(person.id, person.full_name) for person in people] == [("S1", "Ana Pérez"), ("S2", "Bo Li")]
    handed_in = [
        Submission(name, {"x": {}}) for name in ("Ana Pérez_17_assignsubmission_file_", "stranger", "ana@x.edu")
    ]
    found = roster.matched(handed_in, people)
    assert [(one.learner, bool(one.files)) for one in found] == [("S1", True), ("S2", False), ("stranger", True)]
    assert found[0].problems == (Problem("submission.second", "ana@x.edu"),)
    assert found[2].problems == (Problem("submission.stranger", "stranger"),)
    for text in ("", "a,b\n1,2\n", "id\n7\n7\n"):
        path.write_text(text)
        with pytest.raises(Unreadable):
            roster.read(path)
