"""Grades for learning management systems and autograders: Gradescope, GitHub Classroom, Canvas, Moodle, nbgrader.

Each function is pure. The shapes are those that these systems document or read (their importers' own sources).
"""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING
from xml.etree import ElementTree as xml

from . import words
from .course import Exercise
from .results import Result, Status

if TYPE_CHECKING:
    from .grading import Grades, Learner


def gradescope(grades: Grades, learner: Learner) -> str:
    """`results.json`: a test a task. Of a hidden check it tells only the sentence, so that all may be visible."""
    tests: list[dict[str, object]] = [
        {
            "name": f"{exercise.id} task {task}",
            "number": f"{at}.{task}",
            "score": result.earned(task),
            "max_score": result.points[task - 1],
            "status": "passed" if result.passes(task) else "failed",
            "output": task_in_words(result, exercise, task),
            "output_format": "text",
            "tags": list(exercise.concepts),
            "visibility": "visible",
            "extra_data": {},
        }
        for at, (result, exercise) in enumerate(zip(learner.results, grades.exercises, strict=True), 1)
        for task in exercise.tasks
    ]
    whole = {
        "score": learner.score,
        "output": words.plain("\n".join([_summary(learner), *words.problems(learner.problems)])),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
    }
    return words.json_text(whole)


def classroom(grades: Grades, learner: Learner) -> str:
    """The line that a grading step of GitHub Classroom appends to `$GITHUB_OUTPUT`: `result=` and base64 of JSON."""
    statuses = {True: "pass", False: "fail"}
    tests = [
        {
            "name": f"{exercise.id} task {task}",
            "status": statuses[result.passes(task)],
            "score": result.earned(task),
            "message": task_in_words(result, exercise, task),
            "test_code": "",
            "filename": exercise.course.shown(exercise.folder / exercise.files[0]),
            "line_no": 0,
            "duration": 0,
        }
        for result, exercise in zip(learner.results, grades.exercises, strict=True)
        for task in exercise.tasks
    ]
    broken = any(check.status is Status.ERROR for result in learner.results for check in result.checks)
    status = "error" if broken else statuses[learner.score == learner.max]
    whole = {"version": 3, "status": status, "max_score": learner.max, "tests": tests}
    return f"result={base64.b64encode(json.dumps(whole).encode()).decode()}\n"


def canvas(grades: Grades) -> str:
    """What Canvas's gradebook imports. Who handed in nothing is left out: an empty cell would clear an old score."""
    header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", grades.assignment]
    rows = [
        [who.full_name, who.id, who.sis_id, who.login, who.section, _number(one.score)]
        for one in _handed_in(grades)
        for who in [grades.person(one.name)]
    ]
    return _csv([header, ["    Points Possible", "", "", "", "", _number(grades.max)], *rows])


def moodle_csv(grades: Grades) -> str:
    """For Moodle's grade import, where its columns are mapped."""
    header = ["Username", "ID number", "Email address", grades.assignment, "Feedback"]
    rows = [
        [who.id or one.name, who.number, who.email, _number(one.score), feedback_line(one, grades)]
        for one in _handed_in(grades)
        for who in [grades.person(one.name)]
    ]
    return _csv([header, *rows])


def moodle_xml(grades: Grades) -> str:
    """For Moodle's XML import: the assignment is the grade item's ID number, the student the user's."""
    results = xml.Element("results", batch=words.plain(grades.assignment))
    for one in _handed_in(grades):
        who = grades.person(one.name)
        fields = {
            "state": "new",
            "assignment": grades.assignment,
            "student": who.number or who.id or one.name,
            "score": _number(one.score),
            "feedback": feedback_line(one, grades),
        }
        result = xml.SubElement(results, "result")
        for name, text in fields.items():
            xml.SubElement(result, name).text = words.plain(text)
    xml.indent(results, " ")
    return xml.tostring(results, encoding="unicode", xml_declaration=True) + "\n"


def nbgrader(grades: Grades) -> str:
    """The columns of `nbgrader export`."""
    header = "assignment,duedate,timestamp,student_id,last_name,first_name,email"
    header += ",raw_score,late_submission_penalty,score,max_score"
    rows = [
        [grades.assignment, "", "", who.id or one.name, who.last_name, who.first_name, who.email,
         _number(one.score), "0", _number(one.score), _number(one.max)]
        for one in grades.learners
        for who in [grades.person(one.name)]
    ]  # fmt: skip
    return _csv([header.split(","), *rows])


def long_csv(grades: Grades) -> str:
    """A row for each learner and exercise."""
    header = ["student", "exercise", "score", "max", "status", "why", "digest"]
    rows = [
        [one.name, exercise.id, _number(result.score), _number(result.max), result.status.value,
         result.first_failure.message if result.first_failure else "", digest]
        for one in grades.learners
        for exercise, result, digest in zip(grades.exercises, one.results, one.digests, strict=True)
    ]  # fmt: skip
    return _csv([header, *rows])


def task_in_words(result: Result, exercise: Exercise, task: int) -> str:
    """The checks of a task, a line each; the first that did not pass in full, if it is public."""
    lines = []
    for check in result.checks:
        if check.task == task:
            hidden = "" if check.visible else " (hidden)"
            lines.append(f"{words.sign(check.status)} {check.title}{hidden} · {check.status}")
            if check.status is not Status.PASS:
                lines.append(words.details(check, exercise))
    return words.plain("\n".join(lines))


def feedback_line(learner: Learner, grades: Grades) -> str:
    """The first reason of each exercise that is not passed, on one line."""
    reasons = [
        f"{exercise.id}: {words.why(failed, exercise)}"
        for result, exercise in zip(learner.results, grades.exercises, strict=True)
        if (failed := result.first_failure)
    ]
    return words.plain(" ".join([_summary(learner), *words.problems(learner.problems), *reasons]))


def _summary(learner: Learner) -> str:
    passed = sum(result.status is Status.PASS for result in learner.results)
    points = f"{_number(learner.score)} of {_number(learner.max)} points"
    return f"{passed} of {len(learner.results)} exercises passed, {points}."


def _handed_in(grades: Grades) -> list[Learner]:
    return [learner for learner in grades.learners if any(learner.digests) or learner.problems]


def _csv(rows: Iterable[Iterable[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([_cell(text) for text in row] for row in rows)
    return out.getvalue()


def _cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula. Numbers stay numbers."""
    text = words.plain(text)
    return f"'{text}" if text[:1] in tuple("=+-@\t") and text.strip() else text


def _number(points: float) -> str:
    return words.number(points)
