"""Provisioned concurrency: ready ahead, first served, spilling over to demand, counted against reservations."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from lambda_sandbox.journal import Kind
from lambda_sandbox.state import Function
from lambda_sandbox.wire import AwsError
from tests.engine import REGION, Engine, with_engine

SLEEPS = "import os, time\ndef handler(e, c):\n    time.sleep(0.3); return os.environ['AWS_LAMBDA_INITIALIZATION_TYPE']"


def publish(engine: Engine, source: str) -> Function:
    engine.deploy(source)
    function = engine.state.functions[REGION, "f"]
    function.versions["1"] = replace(function.latest, version="1", revision_id="published")
    return function


async def ready(engine: Engine, count: int) -> None:
    engine.invoker.provision(REGION, "f", "1", count)
    engine.state.functions[REGION, "f"].settings["provisioned"] = {"1": {"requested": count}}
    now = engine.invoker.provisioned(REGION, "f", "1")
    assert (now.status, now.available) == ("IN_PROGRESS", 0)
    await engine.clock.settle()


async def call(engine: Engine, qualifier: str = "1") -> bytes:
    return (await engine.invoker.invoke(engine.call()._replace(qualifier=qualifier))).payload


def test_what_is_provisioned_is_initialised_before_anybody_calls() -> None:
    async def story(engine: Engine) -> None:
        publish(engine, SLEEPS)
        await ready(engine, 2)
        now = engine.invoker.provisioned(REGION, "f", "1")
        assert (now.status, now.allocated, now.available) == ("READY", 2, 2)
        assert [record.data["initialization_type"] for record in engine.records(Kind.STARTING)] == [
            "provisioned-concurrency"
        ] * 2
        answers = await asyncio.gather(*[call(engine) for _ in range(3)])
        assert sorted(answers) == [b'"on-demand"', b'"provisioned-concurrency"', b'"provisioned-concurrency"']
        assert [record.data["cold"] for record in engine.records(Kind.STARTED)].count(True) == 1

    with_engine(story)


def test_it_is_never_reaped_until_it_is_given_up() -> None:
    async def story(engine: Engine) -> None:
        publish(engine, SLEEPS)
        await ready(engine, 1)
        await engine.clock.advance(3600)
        assert len(engine.pool) == 1
        engine.invoker.deprovision(REGION, "f", "1")
        assert len(engine.pool) == 0

    with_engine(story)


def test_an_init_that_fails_is_a_failed_allocation() -> None:
    async def story(engine: Engine) -> None:
        publish(engine, "raise ValueError('no')")
        await ready(engine, 1)
        now = engine.invoker.provisioned(REGION, "f", "1")
        assert (now.status, now.reason, now.available) == ("FAILED", "FUNCTION_ERROR_INIT_FAILURE", 0)
        assert len(engine.pool) == 0

    with_engine(story)


def test_what_is_provisioned_leaves_the_rest_of_a_reservation_to_demand() -> None:
    async def story(engine: Engine) -> None:
        function = publish(engine, SLEEPS)
        function.reserved_concurrency = 1
        await ready(engine, 1)
        assert await call(engine) == b'"provisioned-concurrency"'
        with pytest.raises(AwsError) as refused:
            await call(engine, "$LATEST")
        assert refused.value.members["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"

    with_engine(story)


def test_a_small_account_throttles_at_its_quota() -> None:
    async def story(engine: Engine) -> None:
        engine.deploy(SLEEPS)
        engine.state.concurrency_quota = 2
        outcomes = await asyncio.gather(*[engine.invoke() for _ in range(3)], return_exceptions=True)
        (refused,) = [outcome for outcome in outcomes if isinstance(outcome, AwsError)]
        assert refused.members["Reason"] == "ConcurrentInvocationLimitExceeded"

    with_engine(story)
