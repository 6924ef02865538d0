"""`check --watch`: each save is checked; keys in a terminal, plain text elsewhere."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from select import select
from typing import IO

import pytest

from lambda_sandbox.workbook.course import Course
from tests.workbook.test_grading import RIGHT

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "lambda_sandbox", "check", "--watch", "01/double"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}


def until(wanted: str, stream: IO[bytes]) -> str:
    """What is written up to the words that are wanted."""
    seen = b""
    while wanted.encode() not in seen:
        assert select([stream], [], [], 60)[0], f"a minute of silence after {seen.decode()}"
        chunk = os.read(stream.fileno(), 4096)
        assert chunk, seen.decode()
        seen += chunk
    return seen.decode()


@pytest.mark.skipif(os.name != "posix", reason="an interrupt is sent with a signal")
def test_without_a_terminal_every_save_prints_a_report(course: Course) -> None:
    handler = course.exercise("01/double").folder / "handler.py"
    process = subprocess.Popen(
        COMMAND, cwd=course.root, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        first = until("0 of 2 public checks pass", process.stdout)
        assert "\x1b" not in first and "quit" not in first
        handler.write_text(RIGHT)
        until("2 of 2 public checks pass", process.stdout)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
    finally:
        process.kill()
        process.communicate()


@pytest.mark.skipif(os.name != "posix", reason="makes a terminal of its own")
def test_in_a_terminal_keys_ask_for_a_hint_the_list_a_reset_and_the_end(course: Course) -> None:
    import pty

    exercise = course.exercise("01/double")
    handler = exercise.folder / "handler.py"
    handler.write_text(RIGHT.replace("* 2,", "* 3,"))
    ours, theirs = pty.openpty()
    process = subprocess.Popen(COMMAND, cwd=course.root, env=ENVIRONMENT, stdin=theirs, stdout=theirs, close_fds=True)
    os.close(theirs)
    with os.fdopen(ours, "r+b", buffering=0) as terminal:
        try:
            until("q quit", terminal)
            terminal.write(b"h")
            assert "What is twice?" in until("Ask again", terminal)
            terminal.write(b"l")
            until("01/double", terminal)
            terminal.write(b"r")
            until("[y/N]", terminal)
            terminal.write(b"y")
            assert "not started" in re.sub(r"\x1b\[[0-9;]*m", "", until("q quit", terminal))
            assert handler.read_bytes() == (exercise.stub / "handler.py").read_bytes()
            terminal.write(b"q")
            assert process.wait(20) == 1
        finally:
            process.kill()
            process.wait()
