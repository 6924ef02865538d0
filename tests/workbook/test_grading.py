"""Grading: from what was handed in to marks that repeat; a broken submission costs its author only."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from lambda_sandbox.workbook import grading
from lambda_sandbox.workbook.checks import Measured
from lambda_sandbox.workbook.course import Course
from lambda_sandbox.workbook.formats import FORMATS
from lambda_sandbox.workbook.grading import Grades, Kept, grade, seed_of
from lambda_sandbox.workbook.results import Status
from lambda_sandbox.workbook.submissions import Submission, Unreadable, read

PLACE = "exercises/01_numbers/double/handler.py"
RIGHT = """
def lambda_handler(event, context):
    return {"number": event["number"] * 2, "text": str(event["number"] * 2)}
"""
KNOWS_TWO = (
    'def lambda_handler(event, context):\n    return {"number": 8 if event["number"] == 4 else 10, "text": "10"}\n'
)
VARIES = """
import datetime, time, uuid

def lambda_handler(event, context):
    started = time.perf_counter()
    print(f"It is {datetime.datetime.now().isoformat(timespec='seconds')}, or {int(time.time())}.", uuid.uuid4())
    print("took", time.perf_counter() - started, "s")
    return {"number": int(time.time() * 1000), "text": str(time.time())}
"""
RAISES = """
def lambda_handler(event, context):
    raise ValueError("\\x1b[2J\\u202e", lambda_handler)
"""


def zipped(*files: tuple[str, str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files:
            archive.writestr(name, text)
    return content.getvalue()


@pytest.fixture
def hand_in(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """An inbox: a path in it -> the content."""

    def write(**content: str | bytes) -> Path:
        inbox = tmp_path_factory.mktemp("inbox")
        for learner, given in content.items():
            if isinstance(given, str):
                path = inbox / learner / PLACE
                path.parent.mkdir(parents=True)
                path.write_text(given, encoding="utf-8")
            else:
                (inbox / f"{learner}.zip").write_bytes(given)
        return inbox

    return write


def test_a_class_is_graded_the_same_in_one_process_in_two_and_after_an_interrupt(
    course: Course, hand_in: Callable[..., Path], tmp_path: Path
) -> None:
    exercises = course.exercises()
    stub = (exercises[0].stub / "handler.py").read_text(encoding="utf-8")
    inbox = hand_in(
        ada=RIGHT,
        bob=KNOWS_TWO,
        cy=zipped((f"my-workbook/{PLACE}", RAISES)),
        dee=stub.replace("\n", "\r\n"),
        eve=b"PK not a zip",
        fay="def lambda_handler(event",
        gus=VARIES,
        hal=VARIES.replace("return", "assert not"),
    )
    submissions = read(inbox, exercises)

    class Interrupt(Exception):
        pass

    def after_two(done: int, of: int, what: str) -> None:
        if done == 2:
            raise Interrupt

    kept = tmp_path / "kept"
    with pytest.raises(Interrupt):
        grade(course, submissions, exercises, kept=Kept(kept), told=after_two)
    kept.write_text(kept.read_text() + '\n{"key": "cut in tw')
    went_on = Kept(kept)
    assert len(went_on.results) == 2
    runs: list[Grades] = [grade(course, submissions, exercises, kept=went_on)]
    runs.append(grade(course, submissions, exercises, jobs=2))
    went_on.done()
    assert not kept.exists()

    scores = {learner.name: learner.score for learner in runs[0].learners}
    assert scores == {"ada": 3, "bob": 2, "cy": 0, "dee": 0, "eve": 0, "fay": 0, "gus": 0, "hal": 0}
    statuses = {learner.name: learner.results[0].status for learner in runs[0].learners}
    assert statuses["fay"] is Status.INIT_ERROR
    assert statuses["dee"] is statuses["eve"] is Status.NOT_STARTED
    assert [problem.message for problem in runs[0].learners[4].problems] == ["submission.bad-zip"]
    assert not runs[0].passed
    for name, render in FORMATS.items():
        files = [render(run) for run in runs]
        assert files[0] == files[1], name
        for text in files[0].values():
            assert "\x1b" not in text and "\u202e" not in text

    whole = json.loads(FORMATS["json"](runs[0])["grades.json"])
    assert [learner["score"] for learner in whole["learners"]] == [3, 2, 0, 0, 0, 0, 0, 0]
    assert whole["learners"][2]["exercises"][0]["checks"][0]["facts"]["error_message"].endswith("at 0x…>)")
    facts = whole["learners"][7]["exercises"][0]["checks"][0]["facts"]
    assert facts["printed"] == "It is …, or …. …\ntook … s" and facts["error_type"] == "AssertionError"
    assert {check["ms"] for check in whole["learners"][0]["exercises"][0]["checks"]} == {None}
    suites = ElementTree.fromstring(FORMATS["junit"](runs[0])["junit.xml"]).findall("testsuite")
    assert [(suite.get("tests"), suite.get("failures")) for suite in suites[:3]] == [("3", "0"), ("3", "1"), ("3", "3")]
    rows = FORMATS["table"](runs[0])["grades.txt"].splitlines()
    assert rows[0].split()[:5] == ["✓", "ada", "3", "of", "3"]
    assert "eve: eve.zip is not a zip, or is damaged." in rows


def test_inputs_are_each_learners_own_and_nobody_guesses_them() -> None:
    assert seed_of(b"ours", "ada", "01/double") == seed_of(b"ours", "ada", "01/double")
    others = [(b"", "ada", "01/double"), (b"ours", "bob", "01/double"), (b"ours", "ada", "01/other")]
    assert len({seed_of(b"ours", "ada", "01/double"), *(seed_of(*other) for other in others)}) == 4


def test_a_learner_who_uses_up_the_time_ends_there_and_the_next_one_is_graded(course: Course) -> None:
    exercises = course.exercises()
    endless = (
        "import time\ndef lambda_handler(event, context):\n    time.sleep(0.9)\n    return {'number': 8, 'text': '10'}"
    )
    for name, code, limit_s in (("slow", endless, 1.3), ("right", RIGHT, 60.0)):
        submission = Submission(name, {"01/double": {"handler.py": code.encode()}})
        (learner,) = grade(course, [submission], exercises, limit_s=limit_s).learners
        last = learner.results[0].checks[-1]
        expected = (Status.TIMEOUT, "check.out-of-time") if name == "slow" else (Status.PASS, "")
        assert (last.status, last.message) == expected


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (zipped(("../../" + PLACE, RIGHT)), "submission.leads-elsewhere"),
        (zipped(("/" + PLACE, RIGHT)), "submission.leads-elsewhere"),
        (zipped(("C:\\01_numbers\\double\\handler.py", RIGHT)), "submission.leads-elsewhere"),
        (zipped((PLACE, "#" * 1_000_001)), "submission.too-large"),
        (zipped(("notes.txt", "")), "submission.empty"),
        (zipped(("solutions/01_numbers/double/handler.py", RIGHT)), "submission.empty"),
        (zipped((PLACE, RIGHT)).replace(b"lambda_handler", b"lambda_handles", 1), "submission.unreadable"),
        (zipped(("inner.zip", "no zip")), "submission.bad-zip"),
        (zipped((PLACE, RIGHT)) + b"PK\1\2" * 20_001, "submission.too-many-files"),
    ],
    ids=[
        "..",
        "an absolute path",
        "a drive",
        "too large",
        "nothing",
        "solutions only",
        "a damaged file",
        "a bad zip",
        "a crowd",
    ],
)
def test_what_cannot_be_taken_is_named_and_nothing_of_it_is_graded(
    course: Course, hand_in: Callable[..., Path], content: bytes, problem: str
) -> None:
    (submission,) = read(hand_in(eve=content), course.exercises())
    assert problem in [problem.message for problem in submission.problems]
    assert not any(submission.files.values())


def test_a_link_is_never_followed(course: Course, hand_in: Callable[..., Path], tmp_path: Path) -> None:
    inbox = hand_in(bob=RIGHT)
    handler = inbox / "bob" / PLACE
    handler.unlink()
    secret = tmp_path / "secret.py"
    secret.write_text(RIGHT)
    handler.symlink_to(secret)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        info = zipfile.ZipInfo(PLACE)
        info.external_attr = 0o120777 << 16
        archive.writestr(info, str(secret))
    (inbox / "cy.zip").write_bytes(content.getvalue())
    for submission in read(inbox, course.exercises()):
        assert [problem.message for problem in submission.problems] == ["submission.link"]
        assert submission.files == {}


@pytest.mark.skipif(sys.platform != "linux", reason="a file system whose names are bytes")
def test_a_name_that_is_no_text_costs_nobody_the_marks(course: Course, hand_in: Callable[..., Path]) -> None:
    inbox = hand_in(ada=RIGHT, eve=RIGHT)
    (inbox / "eve" / "link\udcff").symlink_to(inbox)
    (inbox / "eve").rename(inbox / "ev\udcff")
    grades = grade(course, read(inbox, course.exercises()), course.exercises())
    assert [(learner.name, learner.score) for learner in grades.learners] == [("ada", 3), ("ev\ufffd", 3)]
    for render in FORMATS.values():
        assert all((name + text).encode() for name, text in render(grades).items())


def test_a_submission_comes_in_many_shapes(course: Course, hand_in: Callable[..., Path], tmp_path: Path) -> None:
    exercises = course.exercises()
    files = [(PLACE, RIGHT), ("solutions/01_numbers/double/handler.py", "no"), ("README.md", "")]
    shapes = {
        "flat": zipped(("01_numbers/double/handler.py", RIGHT)),
        "whole": zipped(*((f"ada-main/{name}", text) for name, text in files)),
        "alone": zipped(("handler.py", RIGHT)),
    }
    inbox = hand_in(**shapes)
    nested = inbox / "Ada_17_file"
    nested.mkdir()
    (nested / "up.zip").write_bytes(shapes["whole"])
    found = {submission.learner: submission.files for submission in read(inbox, exercises)}
    assert sorted(found) == ["Ada_17_file", "alone", "flat", "whole"]
    assert {files["01/double"]["handler.py"] for files in found.values()} == {RIGHT.encode()}

    (one,) = read(inbox / "whole.zip", exercises)  # a single zip whose learners are folders: one of them
    assert one.files["01/double"]["handler.py"] == RIGHT.encode()
    (one,) = read(course.root, exercises)
    assert one.learner == course.root.name
    for nothing in (tmp_path / "none", inbox / "nothing"):
        with pytest.raises(Unreadable):
            read(nothing, exercises)


def test_what_no_parser_reads_is_the_learners_mistake_not_the_checks(course: Course) -> None:
    deep = "def lambda_handler(event, context):\n    return {'number': 10 ** 5000, 'text': '10'}"
    (learner,) = grade(
        course, [Submission("eve", {"01/double": {"handler.py": deep.encode()}})], course.exercises()
    ).learners
    assert learner.results[0].status is Status.BAD_RESPONSE


def test_what_is_kept_of_a_fact_fits_any_file() -> None:
    kept = grading._repeatable({"got": ["\ud800", float("nan"), (1, None)], 2: b"x", "at": "2031-01-01T00:00:07.123Z"})
    assert kept == {"got": ["\ufffd", "nan", [1, None]], "2": "b'x'", "at": "2031-…"}
    assert grading._repeatable([Measured(512), "1700000000", "2020-01-02T03:04:05Z"])[1:] == [
        "1700000000",
        "2020-01-02T03:04:05Z",
    ]
    assert grading._repeatable(Measured(512)) == "…"


def test_only_what_has_changed_is_graded_again(course: Course, tmp_path: Path) -> None:
    exercises, graded = course.exercises(), list[str]()

    def marks(again: tuple[str, ...] = (), **codes: str) -> list[float]:
        submissions = [Submission(name, {"01/double": {"handler.py": code.encode()}}) for name, code in codes.items()]
        graded.clear()
        grades = grade(
            course,
            submissions,
            exercises,
            kept=Kept(tmp_path / "kept"),
            again=again,
            told=lambda done, of, what: graded.append(what.split()[0]),
        )
        return [learner.score for learner in grades.learners]

    assert marks(ada=KNOWS_TWO, bob=RIGHT) == [2, 3] and graded == ["ada", "bob"]
    assert marks(ada=RIGHT, bob=RIGHT) == [3, 3] and graded == ["ada"]
    assert marks(("bob",), ada=RIGHT, bob=RIGHT) == [3, 3] and graded == ["bob"]
    with exercises[0].checks.open("a") as checks:
        checks.write("# mended\n")
    grading._of_the_course.cache_clear()
    assert marks(ada=RIGHT, bob=RIGHT) == [3, 3] and graded == ["ada", "bob"]


def test_a_dask_cluster_gives_the_same_marks(course: Course) -> None:
    distributed = pytest.importorskip("distributed")
    codes = {"ada": RIGHT, "bob": KNOWS_TWO, "cy": RAISES}
    given = [Submission(name, {"01/double": {"handler.py": code.encode()}}) for name, code in codes.items()]
    exercises = course.exercises()
    with distributed.LocalCluster(n_workers=2, threads_per_worker=2, dashboard_address=None) as cluster:
        there = grade(course, given, exercises, cluster=cluster.scheduler_address)
    assert FORMATS["json"](there) == FORMATS["json"](grade(course, given, exercises))
    assert [learner.score for learner in there.learners] == [3, 2, 0]


def test_a_cluster_that_is_not_there_is_told_in_words(course: Course) -> None:
    given = [Submission("ada", {"01/double": {"handler.py": RIGHT.encode()}})]
    with pytest.raises(Unreadable, match="Dask"):
        grade(course, given, course.exercises(), cluster="nonsense://nowhere")
