"""Running checks: each begins anew, hidden ones wait, and what is judged cannot reach the judge."""

import os
import shutil
import signal
import sys
import threading

import pytest

from lambda_sandbox.workbook import check
from lambda_sandbox.workbook.course import Course
from lambda_sandbox.workbook.fixtures import empty_sandbox
from lambda_sandbox.workbook.results import Result, Status
from lambda_sandbox.workbook.runner import run

RIGHT = """
def lambda_handler(event, context):
    return {"number": event["number"] * 2, "text": str(event["number"] * 2)}
"""


def judge(course: Course, code: str, **options: bool) -> Result:
    return run(course.exercise("01/double"), {"handler.py": code.encode()}, **options)


def test_hidden_checks_wait_for_grading(course: Course) -> None:
    assert [check.title for check in judge(course, RIGHT).checks] == ["doubles a number", "says so"]
    assert judge(course, RIGHT).not_run == 1


def test_at_grading_all_checks_run_and_every_task_scores(course: Course) -> None:
    result = judge(course, RIGHT, hidden=True)
    assert (result.not_run, result.status, result.score, result.max) == (0, Status.PASS, 3, 3)


def test_a_task_whose_hidden_check_fails_earns_nothing(course: Course) -> None:
    known = (
        'def lambda_handler(event, context):\n    return {"number": 8 if event["number"] == 4 else 10, "text": "10"}'
    )
    assert judge(course, known).score == 3
    assert judge(course, known, hidden=True).score == 2


def test_each_check_meets_a_function_that_never_ran(course: Course) -> None:
    once = "ran = 0\n" + RIGHT.replace("    return", "    global ran\n    ran += 1\n    assert ran == 1\n    return")
    assert judge(course, once, hidden=True).status is Status.PASS


def test_a_check_that_finds_nothing_says_so(course: Course) -> None:
    checks = course.exercise("01/double").checks
    finds = "from lambda_sandbox.workbook.checks import task\n@task(1)\ndef test_finds(function):\n"
    checks.write_text(finds + "    next(iter(function.invoke({'number': 1})['numbers']))\n", encoding="utf-8")
    [found] = judge(course, "def lambda_handler(event, context):\n    return {'numbers': []}\n").checks
    assert (found.status, found.message) == (Status.FAIL, "function.another-shape")
    assert found.facts["problem"] == "what the check looks for is not there"


def test_options_for_pytest_in_the_environment_change_nothing(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "--nonsense")
    assert judge(course, RIGHT).status is Status.PASS
    assert os.environ["PYTEST_ADDOPTS"] == "--nonsense"


def test_a_conftest_in_the_exercise_is_never_loaded(course: Course) -> None:
    for folder in (course.root, course.exercise("01/double").folder, course.exercise("01/double").checks.parent):
        (folder / "conftest.py").write_text("raise SystemExit(1)", encoding="utf-8")
    assert judge(course, RIGHT).status is Status.PASS


def test_checking_leaves_this_process_as_it_was(course: Course) -> None:
    environment, modules = dict(os.environ), set(sys.modules)
    judge(course, RIGHT)
    assert {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"} == {
        name: value for name, value in environment.items() if name != "PYTEST_CURRENT_TEST"
    }
    assert {name for name in sys.modules if name.startswith("test")} <= modules
    assert not list(course.root.rglob("__pycache__"))


def test_a_check_that_was_edited_is_read_anew(course: Course) -> None:
    assert judge(course, RIGHT).passed == 2
    checks = course.exercise("01/double").checks
    checks.write_text(checks.read_text(encoding="utf-8").replace("expect(got, 8", "expect(got, 80"), encoding="utf-8")
    assert judge(course, RIGHT).passed == 1


@pytest.mark.parametrize(
    "attack",
    [
        "class Any(int):\n    __eq__ = lambda self, other: True\n    __hash__ = int.__hash__\n"
        "def lambda_handler(event, context):\n    return {'number': Any(1), 'text': '10'}",
        "import unittest, builtins\nbuiltins.AssertionError = None\n"
        "def lambda_handler(event, context):\n    return {'number': 0, 'text': '10'}",
        "import inspect\ndef lambda_handler(event, context):\n"
        "    return {'number': [f.frame.f_locals.get('expected') for f in inspect.stack()][-1], 'text': '10'}",
        "import os\ndef lambda_handler(event, context):\n    os._exit(0)",
    ],
    ids=["an answer that equals everything", "patched builtins", "reading the caller's frames", "leaving early"],
)
def test_a_cheat_finds_nothing_to_patch(course: Course, attack: str) -> None:
    result = judge(course, attack)
    assert result.checks[0].status is not Status.PASS


def test_a_huge_answer_makes_a_small_report(course: Course) -> None:
    result = judge(course, 'def lambda_handler(event, context):\n    return {"number": "7" * 1_000_000, "text": "10"}')
    assert len(str(result.as_json())) < 10_000


def test_the_learners_own_sandbox_is_left_alone(course: Course) -> None:
    from lambda_sandbox import Sandbox

    with Sandbox(clock="virtual", seed=1) as mine:
        mine.client("s3").create_bucket(Bucket="mine")
        endpoint = os.environ["AWS_ENDPOINT_URL"]
        check("01/double")
        assert os.environ["AWS_ENDPOINT_URL"] == endpoint
        assert [bucket["Name"] for bucket in mine.client("s3").list_buckets()["Buckets"]] == ["mine"]


def test_an_interrupt_ends_the_check_and_the_next_one_works(course: Course) -> None:
    endless = "def lambda_handler(event, context):\n    while True: pass"
    interrupt = threading.Timer(0.5, signal.raise_signal, [signal.SIGINT])
    interrupt.start()
    with pytest.raises(KeyboardInterrupt):
        judge(course, endless)
    interrupt.join()
    assert judge(course, RIGHT).status is Status.PASS


def test_a_sandbox_that_was_killed_is_replaced(course: Course) -> None:
    assert judge(course, RIGHT).status is Status.PASS
    empty_sandbox().stop()
    assert judge(course, RIGHT).status is Status.PASS


def test_a_sandbox_that_cannot_start_is_told_in_words(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    empty_sandbox().stop()
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    assert "did not start" in repr(check("01/double"))
