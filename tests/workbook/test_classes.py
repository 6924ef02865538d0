"""The class report and the pages of feedback: what was misunderstood, and nothing that learners wrote does anything."""

from __future__ import annotations

import html.parser
from dataclasses import replace

from lambda_sandbox.workbook import similarity
from lambda_sandbox.workbook.checks import InWords
from lambda_sandbox.workbook.classes import class_folder
from lambda_sandbox.workbook.course import Course
from lambda_sandbox.workbook.grading import Grades, Learner
from lambda_sandbox.workbook.results import Check, Result, Status
from lambda_sandbox.workbook.roster import Person
from lambda_sandbox.workbook.submissions import Problem, Submission

HOSTILE = "```\n# <script>alert(1)</script> </pre> \x1b[2J"
OWN = """
def lambda_handler(event, context):
    {a} = event.get("number", 0)
    {b} = []
    for {c} in range({a} + {a}):
        if {c} % 2 == 0 and {c} not in {b}:
            {b}.append(({c}, {a} - {c}, {{"step": {c}}}))
    return {{"number": len({b}) * 2, "text": "-".join(str(step) for step, _, _ in {b})}}
"""


def grades(course: Course, **codes: str) -> Grades:
    exercise = course.exercise("01/double")
    facts = {"called": InWords("lambda_handler({})"), "expected": 8, "got": HOSTILE, "number": 4}
    secret = {**facts, "expected": 246, "called": InWords("lambda_handler({'hidden': 1})")}
    failed = Check(1, "doubles a number", True, Status.FAIL, "double.wrong", facts)
    hidden = Check(1, "doubles any number", False, Status.FAIL, "double.adds-two", secret)
    passed = [Check(task, "works", True, Status.PASS) for task in (1, 2)]
    found = {"ana": passed, "bob": [failed, passed[1]], "cy": [failed, hidden], "d_e": [*passed, hidden]}

    def learner(name: str, checks: list[Check]) -> Learner:
        return Learner(name, (Result(exercise.id, exercise.points, tuple(checks)),), (), (name,))

    submissions = tuple(Submission(name, {"01/double": {"handler.py": code.encode()}}) for name, code in codes.items())
    learners = tuple(learner(name, checks) for name, checks in found.items())
    return Grades((exercise,), learners, ("plain",), secret=True, submissions=submissions)


def test_misconceptions_come_by_how_many_have_them_with_what_to_say(course: Course) -> None:
    report = class_folder(grades(course))["class.md"]
    headings = [line for line in report.splitlines() if line.startswith("### ")]
    assert headings == ["### 2 × 01/double task 1: double.wrong", "### 1 × 01/double task 1: double.adds-two"]
    assert "| 01/double Double | 1 | 4 |" in report
    assert "- Ask: What is twice?\n- Explain: A product." in report
    assert "d\\_e" in report
    assert "Not protected here: a submission can read" in report


def test_a_page_of_feedback_shows_what_was_written_and_hides_what_hidden_checks_try(course: Course) -> None:
    files = class_folder(grades(course))
    assert sorted(files) == sorted(
        [
            "class.md",
            "grades.csv",
            *(f"feedback/{name}.{kind}" for name in ("ana", "bob", "cy", "d_e") for kind in ("md", "html")),
        ]
    )
    for name, text in files.items():
        assert "246" not in text and "'hidden'" not in text, name
        assert "\x1b" not in text, name

    seen: list[str] = []

    class Tags(html.parser.HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen.append(tag)

    Tags().feed(files["feedback/bob.html"])
    assert seen == ["html", "meta", "meta", "title", "style", "h1", "h2", "pre"]
    page = files["feedback/bob.md"]
    assert page.startswith("# bob: 2 of 3 points\n")
    assert page.count("\n````") == 2, "what is shown holds a fence of three"
    assert "Two more is not twice as much." in files["feedback/d_e.md"]


def test_who_wrote_alike_is_named_whatever_the_names(course: Course) -> None:
    exercise = course.exercise("01/double")
    usual = (exercise.solution / "handler.py").read_text(encoding="utf-8")
    codes = {f"usual {n}": usual for n in range(4)} | {
        "ana": OWN.format(a="number", b="pairs", c="step"),
        "bob": "# mine, all mine\n" + OWN.format(a="n", b="found", c="i").replace('"', "'"),
        "broken": "def lambda_handler(event",
    }
    (pair,) = similarity.alike(grades(course, **codes))
    assert pair.learners == ("ana", "bob") and pair.share == 1
    assert "| 01/double | ana and bob | 100% |" in class_folder(grades(course, **codes))["class.md"]
    everybody = {f"{n}": OWN.format(a="number", b="pairs", c="step") for n in range(9)}
    assert similarity.alike(grades(course, **everybody)) == []


def test_the_report_names_whose_work_is_damaged_missing_or_nobodys(course: Course) -> None:
    whole = grades(course)
    nothing = Result("01/double", (1, 1), (Check(1, "not begun", True, Status.NOT_STARTED),))
    learners = (
        whole.learners[0],
        Learner("bea", (nothing,), (Problem("submission.bad-zip", "bea.zip"),), ("",)),
        Learner("zoe", (nothing,), (), ("",)),
        replace(whole.learners[1], problems=(Problem("submission.stranger", "bob"),)),
    )
    people = tuple(Person(name) for name in ("ana", "bea", "zoe"))
    report = class_folder(replace(whole, learners=learners, people=people))["class.md"]
    assert "# Lambda: 1 of 3 handed in\n" in report
    assert "- bea: bea.zip is not a zip, or is damaged.\n" in report
    assert "- bob: Nobody on the class list is called bob.\n- Nothing came from zoe\n" in report


def test_a_class_without_mistakes_has_a_report_too(course: Course) -> None:
    whole = grades(course)
    report = class_folder(replace(whole, learners=whole.learners[:1]))["class.md"]
    assert "Nothing." in report
