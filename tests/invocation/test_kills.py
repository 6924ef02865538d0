"""An environment that is killed at any moment of its life: every caller has an answer, and the next call works."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from random import Random
from typing import Any

import psutil
import pytest

from lambda_sandbox.environments.outcome import Answered, Exited
from lambda_sandbox.journal import Kind, Record
from tests.engine import Engine, with_engine

WORKS = """
import time
def handler(event, context):
    print("here", flush=True)
    time.sleep(0.02)
    return event
"""
NOBODY = 2**22 + 1  # more than any system gives
KINDS = [pytest.param(False, id="plain")]
if sys.platform == "linux":
    KINDS.append(pytest.param(None, id="private"))
MOMENTS = [
    Kind.STARTING,
    Kind.READY,
    Kind.STARTED,
    Kind.LOG,
    Kind.ANSWERED,
    Kind.REPORTED,
    Kind.FROZEN,
    Kind.THAWED,
]


def kill(engine: Engine, name: str) -> None:
    """Kills the runtime of an environment from outside, if there is one."""
    for environment in engine.pool._all:
        if environment.name == name:
            with contextlib.suppress(psutil.Error):
                psutil.Process(pid_of(environment._room)).kill()


def pid_of(room: Any) -> int:
    return int(room._pid if hasattr(room, "_pid") else room._process.pid) or NOBODY


@pytest.mark.survival
@pytest.mark.parametrize("private", KINDS)
@pytest.mark.parametrize("after_s", [0.0, 0.003], ids=["at once", "a moment later"])
def test_at_each_moment_of_a_life(after_s: float, private: bool | None) -> None:
    async def story(engine: Engine) -> None:
        victims: list[str] = []

        def strike(record: Record) -> None:
            if record.kind is moment and record.function not in victims:
                victims.append(record.function)
                asyncio.get_running_loop().call_later(after_s, kill, engine, record.environment)

        engine.journal.subscribe(strike)
        for moment in MOMENTS:
            engine.deploy(WORKS, name=moment.name)
            outcomes = [await engine.invoke(b"1", name=moment.name) for _ in range(4)]
            assert victims[-1] == moment.name
            assert all(isinstance(outcome, Answered | Exited) for outcome in outcomes)
            assert sum(isinstance(outcome, Exited) for outcome in outcomes) <= 1
            assert isinstance(outcomes[-1], Answered)

    with_engine(story, private=private)


@pytest.mark.survival
def test_events_survive_environments_that_are_killed_at_random() -> None:
    """Sixty events while a killer is about: each ends in success with the request id it came with."""

    async def story(engine: Engine) -> None:
        engine.deploy(WORKS)
        random, calls, struck = Random(1), [engine.call(b"%d" % number) for number in range(60)], set[str]()

        def strike(record: Record) -> None:
            if record.request_id not in struck:  # a third attempt would be its last
                struck.add(record.request_id)
                if random.random() < 0.3:
                    after_s = random.choice([0.0, 0.005, 0.01, 0.02])
                    asyncio.get_running_loop().call_later(after_s, kill, engine, record.environment)

        engine.journal.subscribe(strike, Kind.STARTED)
        ended = []

        async def on_ended(end: Any) -> None:
            ended.append(end)

        engine.invoker.on_ended = on_ended
        for start in range(0, 60, 12):
            for call in calls[start : start + 12]:
                engine.invoker.enqueue(call)
            while len(ended) + len(engine.records(Kind.RETRIED)) < start + 12:
                await asyncio.sleep(0.01)
        await engine.clock.settle()
        assert {end.call.request_id for end in ended} == {call.request_id for call in calls}
        assert {end.condition for end in ended} == {"Success"}
        assert engine.records(Kind.EXITED), "nobody was hit"

    with_engine(story)
