"""Grades as other programs want them: one small renderer a format, and one table of them all.

    for name, text in FORMATS["junit"](grades).items():      # file name -> text; most formats are one file
        ...

Pure, and the same bytes for the same grades: no clock, no path of this machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from xml.etree import ElementTree as xml

from . import lms, words
from .classes import class_folder
from .course import Exercise
from .results import SCHEMA, Result, Status

if TYPE_CHECKING:  # the names of the formats are needed where nothing is graded
    from .grading import Grades, Learner


def table(grades: Grades) -> str:
    """For people: one learner exercise by exercise, or a class with a line a learner."""
    if len(grades.learners) == 1:
        rows = [_exercise_row(result, exercise) for result, exercise in zip(
            grades.learners[0].results, grades.exercises, strict=True)]  # fmt: skip
    else:
        rows = [_learner_row(grades, learner) for learner in grades.learners]
    problems = [
        f"{learner.name}: {problem}" for learner in grades.learners for problem in words.problems(learner.problems)
    ]
    score, most = (
        words.number(sum(points))
        for points in ([one.score for one in grades.learners], [one.max for one in grades.learners])
    )
    return (
        words.plain("\n".join([*rows, f"{score} of {most} points.", *problems, *map(words.say, grades.not_protected)]))
        + "\n"
    )


def _exercise_row(result: Result, exercise: Exercise) -> str:
    points = f"{words.number(result.score)} of {words.number(result.max)}"
    return f"{words.sign(result.status)} {exercise.id:<28} {points:>9}  {exercise.title} · {verdict(result, exercise)}"


def _learner_row(grades: Grades, learner: Learner) -> str:
    sign = "✓" if learner.score == learner.max else "○" if learner.score == 0 else "✗"
    by_status: dict[Status, int] = {}
    for result in learner.results:
        by_status[result.status] = by_status.get(result.status, 0) + 1
    told = ", ".join(f"{count} {status}" for status, count in sorted(by_status.items()))
    return f"{sign} {learner.name:<28} {words.number(learner.score):>5} of {words.number(learner.max)}  {told}"


def as_json(grades: Grades) -> str:
    """Everything: the one result shape, an exercise each, with what was handed in as a digest."""
    learners = [
        {
            "learner": learner.name,
            "score": learner.score,
            "max": learner.max,
            "problems": [problem._asdict() for problem in learner.problems],
            "exercises": [
                {**result.as_json(), "digest": digest}
                for result, digest in zip(learner.results, learner.digests, strict=True)
            ],
        }
        for learner in grades.learners
    ]
    trust = {"environments": grades.rooms, "not_protected": grades.not_protected}
    whole = {"schema": SCHEMA, "trust": trust, "learners": learners}
    return words.json_text(whole)


def junit(grades: Grades) -> str:
    """A test suite for each learner and exercise, a test case for each check."""
    suites = xml.Element("testsuites", name="lambda_sandbox")
    for learner in grades.learners:
        for result, exercise in zip(learner.results, grades.exercises, strict=True):
            broken = sum(check.status is Status.ERROR for check in result.checks)
            counts = {"tests": len(result.checks), "errors": broken, "skipped": 0}
            counts["failures"] = len(result.checks) - result.passed - broken
            about = {"name": words.plain(f"{learner.name} {exercise.id}")}
            suite = xml.SubElement(suites, "testsuite", about | {name: str(count) for name, count in counts.items()})
            properties = xml.SubElement(suite, "properties")
            for name, value in (("points", result.score), ("max_points", result.max)):
                xml.SubElement(properties, "property", name=name, value=words.number(value))
            for check in result.checks:
                about = {"classname": f"{learner.name}.{exercise.id}", "name": f"task {check.task}: {check.title}"}
                case = xml.SubElement(suite, "testcase", {name: words.plain(text) for name, text in about.items()})
                if check.status is not Status.PASS:
                    kind = "error" if check.status is Status.ERROR else "failure"
                    failed = xml.SubElement(case, kind, message=words.why(check, exercise), type=check.status.value)
                    failed.text = words.details(check, exercise)
    xml.indent(suites, " ")
    return xml.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def verdict(result: Result, exercise: Exercise) -> str:
    """One line: why the first failing check failed."""
    return f"{failed.status}: {words.why(failed, exercise)}" if (failed := result.first_failure) else "pass"


def _one_file(name: str, render: Callable[[Grades], str]) -> Callable[[Grades], Mapping[str, str]]:
    return lambda grades: {name: render(grades)}


def _a_file_each(name: str, render: Callable[[Grades, Learner], str]) -> Callable[[Grades], Mapping[str, str]]:
    """For systems that take one learner's file: of a class, a folder a learner."""

    def files(grades: Grades) -> Mapping[str, str]:
        if len(grades.learners) == 1:
            return {name: render(grades, grades.learners[0])}
        return {f"{words.file_name(one.name)}/{name}": render(grades, one) for one in grades.learners}

    return files


FORMATS: dict[str, Callable[[Grades], Mapping[str, str]]] = {
    "table": _one_file("grades.txt", table),
    "json": _one_file("grades.json", as_json),
    "csv": _one_file("grades.csv", lms.long_csv),
    "class": class_folder,
    "junit": _one_file("junit.xml", junit),
    "gradescope": _a_file_each("results.json", lms.gradescope),
    "classroom": _a_file_each("classroom.txt", lms.classroom),
    "canvas": _one_file("canvas.csv", lms.canvas),
    "moodle": _one_file("moodle.csv", lms.moodle_csv),
    "moodle-xml": _one_file("moodle.xml", lms.moodle_xml),
    "nbgrader": _one_file("nbgrader.csv", lms.nbgrader),
}
