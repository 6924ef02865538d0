"""The zoo: submissions that attack the grader. Each gets its honest mark, and the next one finds no trace of it.

The first line of each says its mark; an attack that succeeds gives right answers. After each of them a witness is
graded, whose answers are right only in an empty room. Where rooms are plain, what they do not protect is not asked for;
the report says so too.
"""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from lambda_sandbox.workbook.fixtures import CheckSandbox, empty_sandbox
from lambda_sandbox.workbook.formats import FORMATS
from lambda_sandbox.workbook.grading import Grades, grade
from lambda_sandbox.workbook.results import Status
from lambda_sandbox.workbook.submissions import Submission, read
from tests import as_user
from tests.as_user import CANNOT, NOBODY, ROOT
from tests.workbook.conftest import written

HERE = Path(__file__)
ZOO = sorted(HERE.with_name("zoo").glob("*.py"))
NEEDS_A_ROOM = {
    *("runs_the_solution", "looks_around_in_proc", "writes_over_everything", "brings_a_conftest", "fills_the_disk"),
    *("writes_results_at_exit", "kills_what_it_can", "forks_without_end", "forks_and_lingers"),
    *("leaves_a_letter_for_its_friends", "steals_from_other_environments", "takes_memory_that_nobody_sees"),
}
ONE_CHECK = """
from lambda_sandbox.workbook.checks import expect, task


@task(1)
def test_is_alone(function):
    expect(function.invoke({"number": 4}), {"number": 8, "text": "8"}, says="double.wrong", number=4)
"""
PLACE = "exercises/01_numbers/double/handler.py"
WITNESS = """
import os, tempfile, sys


def lambda_handler(event, context):
    alone = sys.platform != "linux" or len([name for name in os.listdir("/proc") if name.isdigit()]) < 6
    if os.listdir(tempfile.gettempdir()) or ALONE and not alone:
        raise RuntimeError("somebody was here")
    return {"number": event["number"] * 2, "text": str(event["number"] * 2)}
"""


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> bool:
    return "and network" in empty_sandbox().room


class Neighbour(CheckSandbox):
    """A sandbox of somebody else's on this machine, whose environments listen on the machine's own loopback."""

    _sealed = False


@pytest.fixture(scope="module")
def neighbour() -> Iterator[Neighbour]:
    """With an environment that waits for its next event, which somebody might take."""
    with Neighbour() as sandbox:
        sandbox.deploy("def handler(event, context):\n    return event", name="neighbour")
        sandbox.client("lambda").invoke(FunctionName="neighbour")
        yield sandbox


@pytest.fixture(scope="module")
def grades(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, private: bool, neighbour: Neighbour
) -> Grades:
    """Attack, witness, attack, witness, …, in one sandbox; of what pytest was asked for."""
    attacked, quiet = written(tmp_path_factory.mktemp("attacked")), written(tmp_path_factory.mktemp("quiet"))
    quiet.exercise("01/double").checks.write_text(ONE_CHECK, encoding="utf-8")
    witness = f"ALONE = {private}\n{WITNESS}".encode()
    asked = {item.callspec.params["attack"] for item in request.session.items if "[" in item.name and item.path == HERE}
    graded = []
    for attack in sorted(asked) or ZOO:
        for course, name, code in (
            (attacked, attack.stem, attack.read_bytes()),
            (quiet, f"after {attack.stem}", witness),
        ):
            if private or name not in NEEDS_A_ROOM:
                given = Submission(name, {"01/double": {"handler.py": code}})
                graded.append(grade(course, [given], course.exercises()))
    return replace(graded[0], learners=tuple(learner for one in graded for learner in one.learners))


@pytest.mark.parametrize("attack", ZOO, ids=lambda path: path.stem)
def test_an_attack_gets_its_honest_mark_and_leaves_no_trace(attack: Path, grades: Grades, private: bool) -> None:
    if not private and attack.stem in NEEDS_A_ROOM:
        pytest.skip("this machine has no rooms that protect from it")
    learners = {learner.name: learner for learner in grades.learners}
    marked = re.fullmatch(r"# (\d) of 3 points, ([a-z ]+)", attack.read_text(encoding="utf-8").splitlines()[0])
    assert marked
    result = learners[attack.stem].results[0]
    assert result.score == int(marked[1]), result.first_failure
    assert marked[2] in (result.status.value, "any"), result.first_failure
    assert all(check.status.value != "error" for check in result.checks), result.checks
    after = learners[f"after {attack.stem}"].results[0]
    assert after.status is Status.PASS, after.first_failure


def test_a_neighbour_has_noticed_nothing(grades: Grades, neighbour: Neighbour) -> None:
    answer = neighbour.client("lambda").invoke(FunctionName="neighbour", Payload=b'"mine"')
    assert answer["Payload"].read() == b'"mine"'
    assert [record.data["cold"] for record in neighbour.journal(kind="invocation.started")] == [True, False]


@pytest.mark.skipif(sys.platform != "linux" or os.getuid() != 0, reason="only root can become somebody else")
def test_all_this_holds_for_an_ordinary_user_too() -> None:
    telling = "steals or letter or kills or everything or neighbour"
    with TemporaryDirectory() as folder:
        os.chown(folder, NOBODY, NOBODY)
        command = [sys.executable, as_user.__file__, "-m", "pytest", "-n0", "-pno:cacheprovider", f"-k{telling}", HERE]
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, "TMPDIR": folder}, capture_output=True, text=True)
    if done.returncode == CANNOT:
        pytest.skip("an ordinary user cannot reach this interpreter or these tests")
    assert done.returncode == 0 and " 5 passed" in done.stdout, done.stdout + done.stderr


def test_nothing_that_was_answered_does_anything_in_a_report(grades: Grades, private: bool) -> None:
    assert not private or grades.not_protected == ["trust.inputs"]
    for render in FORMATS.values():
        for name, text in render(grades).items():
            assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", text), name
            assert "<script>" not in text or not name.endswith((".html", ".xml")), name
    assert json.loads(FORMATS["json"](grades)["grades.json"])


def test_a_zip_cannot_reach_out_of_itself(tmp_path: Path) -> None:
    course = written(tmp_path / "course")
    solution = course.exercise("01/double").solution / "handler.py"

    def link(name: str, to: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name)
        info.external_attr = 0o120777 << 16
        return info

    inbox = tmp_path / "inbox"
    inbox.mkdir()
    attacks: dict[str, list[tuple[zipfile.ZipInfo | str, bytes]]] = {
        "a link": [(link(PLACE, "x"), str(solution).encode())],
        "a linked folder": [(link("exercises", "x"), str(course.root / "solutions").encode())],
        "up": [(f"../../../{PLACE}", b"x"), (f"ok/../../{PLACE}", b"x"), (f"..\\..\\{PLACE}", b"x")],
        "a bomb": [(PLACE, bytes(20_000_000))],
        "twice": [(PLACE, b"raise SystemExit"), (PLACE, solution.read_bytes())],
    }
    for name, members in attacks.items():
        with zipfile.ZipFile(inbox / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in members:
                with warnings.catch_warnings(action="ignore"):  # of a name that is there already
                    archive.writestr(member, content)
    found = {submission.learner: submission for submission in read(inbox, course.exercises())}
    before = set(tmp_path.rglob("*"))
    grades = grade(course, list(found.values()), course.exercises())
    assert {learner.name: learner.score for learner in grades.learners} == dict.fromkeys(attacks, 0)
    assert {path for path in tmp_path.rglob("*") if "__pycache__" not in path.parts} == before
    assert len(io.BytesIO(found["a bomb"].files["01/double"].get("handler.py", b"")).read()) == 0
