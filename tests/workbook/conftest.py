"""A small course on disk, with one good exercise: each test may break a copy of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lambda_sandbox.workbook.course import Course

FILES = {
    "exercises/01_numbers/double/README.md": "# Double\n\n## Task 1: Double it\n\n## Task 2: Say so\n",
    "exercises/01_numbers/double/handler.py": """\
def lambda_handler(event, context):
    # task 2: the text
    raise NotImplementedError("task 1: double it")
""",
    "exercises/01_numbers/double/exercise.toml": """\
id = "01/double"
title = "Double"
notebook = "01_numbers"
kind = "write"
concepts = ["event"]
prerequisites = []
minutes = 3
points = [1, 2]
[function]
Timeout = 1
[messages]
"double.wrong" = "Twice {number} is not {got}."
"double.adds-two" = "Two more is not twice as much."
"double.silent" = "The text is missing."
""",
    "exercises/01_numbers/double/hints.toml": """\
[task.1]
nudge = "What is twice?"
concept = "A product."
near_code = "The number, a star, two."
[task.2]
nudge = "Text?"
concept = "An f-string."
near_code = "Put the number in braces."
""",
    "exercises/01_numbers/double/events/four.json": '{"number": 4}\n',
    "tests/exercises/01_numbers/test_double.py": """\
from lambda_sandbox.workbook.checks import expect, require, task


@task(1)
def test_doubles_a_number(function, sample):
    number = sample("four.json")["number"]
    got = function.invoke({"number": number})["number"]
    expect(got, 8, says="double.wrong", recognise={"double.adds-two": 6}, number=number)


@task(2)
def test_says_so(function):
    got = function.invoke({"number": 5})
    require(got.get("text") == "10", says="double.silent", expected="the number as text", got=got)


@task(1, hidden=True)
def test_doubles_any_number(function, rng):
    number = rng.randrange(100, 200)
    expect(function.invoke({"number": number})["number"], 2 * number, says="double.wrong", number=number)
""",
    "solutions/01_numbers/double/handler.py": """\
def lambda_handler(event, context):
    number = event["number"] * 2
    return {"number": number, "text": str(number)}
""",
    "solutions/01_numbers/double/explanation.md": "Twice.\n",
    "solutions/01_numbers/double/alternatives/adds_it_to_itself.py": """\
def lambda_handler(event, context):
    number = event["number"] + event["number"]
    return {"text": f"{number}", "number": float(number)}
""",
    "solutions/01_numbers/double/mutants/adds_two.py": """\
# fails task 1: double.adds-two
def lambda_handler(event, context):
    return {"number": event["number"] + 2}
""",
    "solutions/01_numbers/double/mutants/squares.py": """\
# fails task 1: double.wrong
def lambda_handler(event, context):
    return {"number": event["number"] ** 2}
""",
    "solutions/01_numbers/double/mutants/says_nothing.py": """\
# fails task 2: double.silent
def lambda_handler(event, context):
    return {"number": event["number"] * 2}
""",
    "solutions/01_numbers/double/mutants/knows_two_numbers.py": """\
# fails task 1: double.wrong
def lambda_handler(event, context):
    number = {4: 8, 5: 10}.get(event["number"], 0)
    return {"number": number, "text": str(number)}
""",
    "exercises/01_numbers/predictions.toml": """\
[p1]
question = "How many?"
answer = "4e59474c53af"
right = "Three, as there are three."
hint = "Count again."
[p1.wrong]
"2" = "One was hidden."
""",
}


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """The course in a folder of its own, which is the current folder."""
    monkeypatch.chdir(tmp_path)
    return written(tmp_path)


def written(root: Path) -> Course:
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    handler = root / "exercises/01_numbers/double/handler.py"
    (handler.parent / ".stub").mkdir()
    (handler.parent / ".stub/handler.py").write_bytes(handler.read_bytes())
    return Course(root)
