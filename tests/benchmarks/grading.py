"""A thousand submissions, right, wrong, hostile and broken in known proportions, graded with one command.

    python -m tests.benchmarks.grading [HOW_MANY [JOBS]]

Prints the seconds that it took, and every mark that is not as predicted. On the way the command is interrupted, and
goes on where it was.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from lambda_sandbox.clock import stopwatch
from tests.workbook.conftest import written

ROOT = Path(__file__).parents[2]
ZOO = ROOT / "tests" / "workbook" / "zoo"
RIGHT = 'def lambda_handler(event, context):\n    n = event["number"] * 2\n    return {"number": n, "text": str(n)}\n'
KINDS = [  # (in a hundred, points of 3, the handler)
    (60, 3, RIGHT),
    (15, 2, (ZOO / "knows_the_public_checks.py").read_text(encoding="utf-8")),
    (10, 0, RIGHT.replace("* 2", "* 3").replace("str(n)", "''")),
    (5, 0, "def lambda_handler(event, context:\n"),
    (3, 0, "this is no zip"),
    (6, 0, "any of the zoo that is not slow"),
    (1, 0, (ZOO / "loops_without_end.py").read_text(encoding="utf-8")),
]
HOSTILE = ("always_equal", "leaves_at_once", "patches_asserts", "answers_another_request", "forks_and_lingers")


def hand_in(inbox: Path, many: int) -> dict[str, int]:
    """Writes the submissions; returns the points that each deserves."""
    draw = random.Random(1)
    deserved = {}
    weights = [weight for weight, _, _ in KINDS]
    for number in range(many):
        learner = f"learner-{number:05}"
        _, deserved[learner], handler = draw.choices(KINDS, weights)[0]
        if handler.startswith("this is no zip"):
            (inbox / f"{learner}.zip").write_text(handler)
            continue
        if handler.startswith("any of"):
            handler = (ZOO / f"{draw.choice(HOSTILE)}.py").read_text(encoding="utf-8")
        place = inbox / learner / "01_numbers" / "double" / "handler.py"
        place.parent.mkdir(parents=True)
        place.write_text(f"# {learner}\n{handler}", encoding="utf-8")
    return deserved


def main(many: int = 1000, jobs: int = 2) -> int:
    with tempfile.TemporaryDirectory() as folder:
        course, inbox, out = written(Path(folder, "course")), Path(folder, "inbox"), Path(folder, "grades.json")
        inbox.mkdir()
        deserved = hand_in(inbox, many)
        command = [sys.executable, "-m", "lambda_sandbox", "grade", str(inbox), "--jobs", str(jobs), "--format", "json"]
        command += ["--out", str(out)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        began = stopwatch()
        first = subprocess.Popen(command, cwd=course.root, env=environment, stderr=subprocess.PIPE, text=True)
        kept = out.with_name(f"{out.name}.partial")
        while first.poll() is None and not (kept.exists() and kept.read_bytes().count(b"\n") > many / 3):
            subprocess.run(["sleep", "0.5"], check=True)
        first.send_signal(signal.SIGINT)
        print((first.communicate()[1] or "").strip().splitlines()[-1:])
        subprocess.run(command, cwd=course.root, env=environment, check=False)
        took = stopwatch() - began
        whole = json.loads(out.read_text(encoding="utf-8"))
    wrong = {
        learner["learner"]: (learner["score"], deserved[learner["learner"]])
        for learner in whole["learners"]
        if learner["score"] != deserved[learner["learner"]]
    }
    print(
        f"{many} submissions in {took:.0f} s with {jobs} jobs, {took / many:.3f} s each. Wrong marks: {wrong or 'none'}"
    )
    return 1 if wrong or len(whole["learners"]) != many else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
