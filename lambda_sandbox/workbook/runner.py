"""Runs the checks of one exercise and says what they found. pytest collects and runs them; this module listens.

    result = run(exercise, files_of(exercise, exercise.folder))

pytest runs inside this process: a check answers in a tenth of a second where a process of its own takes one. What is
judged runs in the sandbox, so nothing that it does can reach this process.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from lambda_sandbox.clock import stopwatch

from . import fixtures
from .checks import CheckFailed, InWords, Mark, shown
from .course import Exercise
from .results import Check, Result, Status
from .subject import Function

_STUMBLES = (TypeError, AttributeError, LookupError, ValueError, StopIteration, ParamValidationError)
_FACT_LENGTH = 2_000  # characters of a fact that are kept
_FACT_DEPTH = 100  # so many brackets may nest deeper than the programs go that read a report
_NOT_NEEDED = (
    "terminal cacheprovider doctest unittest junitxml pastebin stepwise faulthandler warnings logging debugging tmpdir "
    "recwarn setuponly setupplan unraisableexception threadexception"
)
_OPTIONS = (
    f"--config-file={Path(__file__).with_name('checks.ini')}",
    *("--noconftest", "--import-mode=importlib", "--disable-plugin-autoload", "--assert=plain", "--capture=no"),
    *(f"-pno:{name}" for name in _NOT_NEEDED.split()),
)


def run(
    exercise: Exercise,
    files: Mapping[str, bytes],
    *,
    hidden: bool = False,
    stop_early: bool = False,
    seed: int = fixtures.SEED,
    limit_s: float | None = None,
    only: Callable[[pytest.Item], bool] = lambda item: True,
) -> Result:
    """The result of the public checks, with `hidden` of all; `stop_early` ends with the first that does not pass.

    `only` says which of them run: see `task_of` and `title_of`.

    After `limit_s` real seconds the sandbox is stopped, and what has not ended by then has timed out.

    Raises `SandboxDidNotStart`.
    """
    fixtures.sandbox_is_there()
    bench = fixtures.Bench(exercise, files, seed)
    judge = _Judge(bench, hidden, only)
    root = exercise.course.root
    arguments = [*_OPTIONS, f"--rootdir={root}", f"--confcutdir={root}", str(exercise.checks)]
    arguments += ["--exitfirst"] if stop_early else []
    with _nothing_left_behind(), _at_most(limit_s, judge):
        code = pytest.main(arguments, plugins=[judge, fixtures])
    if judge.interrupted:
        raise KeyboardInterrupt
    if not judge.checks and not judge.not_run:
        problem = judge.problem or f"pytest ended with {code}"
        judge.checks = [Check(1, "the checks", True, Status.ERROR, "check.broken", {"problem": problem})]
    return Result(exercise.id, exercise.points, tuple(judge.checks), judge.not_run)


def task_of(item: pytest.Item) -> int:
    return _mark(item).task


def title_of(item: pytest.Item) -> str:
    return item.name.removeprefix("test_").replace("_", " ")


class _Judge:
    """A pytest plugin that turns what happens into `Check`s."""

    def __init__(self, bench: fixtures.Bench, hidden: bool, only: Callable[[pytest.Item], bool]) -> None:
        self.bench = bench
        self.hidden = hidden
        self.only = only
        self.checks: list[Check] = []
        self.not_run = 0
        self.problem = ""
        self.interrupted = False
        self.out_of_time = False

    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[fixtures.judged] = self.bench

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        everything = len(items)
        items[:] = [item for item in items if (self.hidden or not _mark(item).hidden) and self.only(item)]
        self.not_run = everything - len(items)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.problem = str(report.longrepr).strip().splitlines()[-1]

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        self.interrupted = excinfo.type is KeyboardInterrupt  # checks that cannot be loaded come here too

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._raised: BaseException | None = None
        self.bench.function = None
        started = stopwatch()
        done = yield
        self.checks.append(self._judge(item, (stopwatch() - started) * 1000))
        return done

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        if self.out_of_time:
            raise CheckFailed("check.out-of-time", Status.TIMEOUT)

    def pytest_runtest_makereport(self, call: pytest.CallInfo[Any]) -> None:
        if call.excinfo is not None and self._raised is None:
            self._raised = call.excinfo.value

    def _judge(self, item: pytest.Item, ms: float) -> Check:
        mark = _mark(item)
        if self.out_of_time and self._raised is not None:  # whatever it was that the sandbox's end made of it
            self._raised = CheckFailed("check.out-of-time", Status.TIMEOUT)
        function = self.bench.function
        status, message, facts = _explain(self._raised, function)
        if status is not Status.PASS and function is not None and function.called:
            facts = {"called": InWords(function.called), **facts}
        facts = {name: _bounded(value) for name, value in facts.items()}
        return Check(mark.task, title_of(item), not mark.hidden, status, message, facts, ms)


def _explain(raised: BaseException | None, function: Function | None) -> tuple[Status, str, dict[str, Any]]:
    match raised:
        case None:
            return Status.PASS, "", {}
        case CheckFailed():
            return raised.status, raised.message, raised.facts
        case RecursionError():
            return Status.BAD_RESPONSE, "function.bad-response", {"error_message": "It is nested too deep."}
        case ClientError():
            code, text = (str(raised.response["Error"].get(key, "")) for key in ("Code", "Message"))
            return Status.FAIL, "check.refused", {"operation": raised.operation_name, "code": code, "text": text}
        case _ if function is not None and function.called and isinstance(raised, _STUMBLES):
            return Status.FAIL, *_stumbled(raised, function.answered)
        case _:
            return Status.ERROR, "check.broken", {"problem": f"{type(raised).__name__}: {raised}"}


def _stumbled(error: BaseException, answered: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Message and facts: the function was at work, and the check cannot go on with what it made."""
    if answered == {"got": None}:
        return "function.returned-nothing", answered
    if isinstance(error, KeyError):
        return "function.lacks", {**answered, "problem": InWords(", ".join(map(str, error.args)))}
    return "function.another-shape", {
        **answered,
        "problem": InWords(str(error) or "what the check looks for is not there"),
    }


def _mark(item: pytest.Item) -> Mark:
    mark = getattr(getattr(item, "function", None), "__check__", None)
    return mark if isinstance(mark, Mark) else Mark(1, hidden=False)


def _bounded(value: Any) -> Any:
    """The value, or the beginning of its text if it is long: a report must stay small whatever a function answers."""
    try:
        text = shown(value)
    except RecursionError:
        return InWords("nested too deep to be shown")
    if len(text) > _FACT_LENGTH:
        return InWords(f"{text[:_FACT_LENGTH]}… ({len(text):,} characters)")
    return value if text.count("[") + text.count("{") < _FACT_DEPTH or isinstance(value, str) else InWords(text)


@contextmanager
def _at_most(seconds: float | None, judge: _Judge) -> Iterator[None]:
    """Stops the sandbox if the block has not ended by then; the next run gets a new one."""

    def give_up() -> None:
        judge.out_of_time = True
        fixtures.discard_sandbox()

    timer = None if seconds is None else threading.Timer(seconds, give_up)
    if timer is not None:
        timer.daemon = True
        timer.start()
    try:
        yield
    finally:
        if timer is not None:
            timer.cancel()
            timer.join()


@contextmanager
def _nothing_left_behind() -> Iterator[None]:
    """Hides the user's pytest options from the checks' pytest, and forgets the modules that it imported."""
    options, modules, bytecode = os.environ.pop("PYTEST_ADDOPTS", None), set(sys.modules), sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        sys.dont_write_bytecode = bytecode
        for name in set(sys.modules) - modules:
            if name.partition(".")[0] == "tests":  # the checks and, as pytest has it, the folders around them
                del sys.modules[name]
        if options is not None:
            os.environ["PYTEST_ADDOPTS"] = options
