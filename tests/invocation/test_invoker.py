"""Calls, synchronous and asynchronous, against a real engine on a virtual clock."""

from __future__ import annotations

import asyncio

import pytest

from lambda_sandbox.journal import Kind
from lambda_sandbox.state import Lifecycle
from lambda_sandbox.wire import AwsError
from tests.engine import REGION, Engine, with_engine


def test_an_unknown_function_is_404() -> None:
    async def story(engine: Engine) -> None:
        with pytest.raises(AwsError, match=r"Function not found: .*:function:nothing:\$LATEST"):
            await engine.invoke(name="nothing")

    with_engine(story)


def test_a_pending_function_is_409() -> None:
    async def story(engine: Engine) -> None:
        engine.deploy("def handler(e, c): pass")
        engine.state.functions[REGION, "f"].lifecycle["$LATEST"] = Lifecycle()
        with pytest.raises(AwsError, match="following state: Pending"):
            await engine.invoke()

    with_engine(story)


def test_a_failing_event_is_tried_three_times_over_three_minutes_with_one_request_id() -> None:
    async def story(engine: Engine) -> None:
        engine.deploy("def handler(e, c): raise ValueError('no')")
        call = engine.call()
        engine.invoker.enqueue(call)
        before = engine.clock.now()
        await engine.clock.settle()
        assert {record.request_id for record in engine.records(Kind.STARTED)} == {call.request_id}
        times = [record.at - before for record in engine.records(Kind.STARTED)]
        assert [round(times[1] - times[0]), round(times[2] - times[1])] == [60, 120]
        assert engine.records(Kind.DROPPED)[0].data["because"] == "RetriesExhausted"

    with_engine(story)


def test_a_queued_event_runs_what_the_function_is_when_it_runs() -> None:
    async def story(engine: Engine) -> None:
        engine.deploy("def handler(e, c): raise ValueError('old')")
        engine.invoker.enqueue(engine.call())
        while not engine.records(Kind.RETRIED):
            await asyncio.sleep(0.01)
        engine.deploy("def handler(e, c): print('new')")
        await engine.clock.settle()
        assert engine.logged()[-1] == "new\n"

    with_engine(story)


def test_an_event_whose_function_is_deleted_is_dropped_and_said_so() -> None:
    async def story(engine: Engine) -> None:
        engine.deploy("def handler(e, c): raise ValueError('no')")
        engine.invoker.enqueue(engine.call())
        while not engine.records(Kind.RETRIED):
            await asyncio.sleep(0.01)
        del engine.state.functions[REGION, "f"]
        await engine.clock.settle()
        assert engine.records(Kind.DROPPED)[0].data["because"] == "the function is gone"

    with_engine(story)


def test_reserved_concurrency_throttles_and_gives_back() -> None:
    async def story(engine: Engine) -> None:
        engine.deploy("import time\ndef handler(e, c): time.sleep(0.3)")
        engine.state.functions[REGION, "f"].reserved_concurrency = 1
        first = asyncio.ensure_future(engine.invoke())
        await asyncio.sleep(0)
        with pytest.raises(AwsError) as refused:
            await engine.invoke()
        assert refused.value.members["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
        await first
        await engine.invoke()

    with_engine(story)


def test_fifty_at_once() -> None:
    async def story(engine: Engine) -> None:
        engine.deploy("import time\ndef handler(e, c):\n    time.sleep(0.1); return e")
        outcomes = await asyncio.gather(*[engine.invoke(str(number).encode()) for number in range(50)])
        assert [outcome.payload for outcome in outcomes] == [str(number).encode() for number in range(50)]

    with_engine(story)
