"""The sandbox's clock: order, jumps, and what it waits for."""

from __future__ import annotations

import asyncio

import pytest

from lambda_sandbox.clock import VIRTUAL_EPOCH, Clock, Unsettled, iso8601


def test_a_virtual_clock_starts_far_from_today_and_jumps_in_order() -> None:
    async def story() -> None:
        clock, fired = Clock(virtual=True), []
        assert abs(clock.now() - VIRTUAL_EPOCH) < 5
        for hours in (3, 1, 2):
            clock.call_later(
                3600 * hours, lambda hours=hours: fired.append((hours, round(clock.now() - VIRTUAL_EPOCH) // 3600))
            )
        await clock.advance(2.5 * 3600)
        assert fired == [(1, 1), (2, 2)]

    asyncio.run(story())


def test_it_never_jumps_while_something_is_in_flight() -> None:
    async def story() -> None:
        clock, order = Clock(virtual=True), []
        clock.call_later(60, lambda: order.append("timer"), work=True)

        async def working() -> None:
            await asyncio.sleep(0.05)
            order.append("work")

        clock.spawn(working())
        await clock.settle()
        assert order == ["work", "timer"]

    asyncio.run(story())


def test_what_ends_before_a_jump_may_make_something_due_on_the_way() -> None:
    async def story() -> None:
        clock, times = Clock(virtual=True), []
        clock.call_later(600, lambda: None)

        async def fails_and_tries_again() -> None:
            await asyncio.sleep(0.05)
            with clock.resting():
                await clock.sleep(60)
            times.append(round(clock.now() - VIRTUAL_EPOCH))

        clock.spawn(fails_and_tries_again())
        await clock.advance(3600)
        assert times == [60]

    asyncio.run(story())


def test_settle_leaves_schedules_alone() -> None:
    async def story() -> None:
        clock, fired = Clock(virtual=True), []
        clock.call_later(60, lambda: fired.append("schedule"))
        await clock.settle()
        assert fired == []

    asyncio.run(story())


def test_settle_on_a_real_clock_says_what_is_still_due() -> None:
    async def story() -> None:
        clock = Clock()
        clock.call_later(60, lambda: None, work=True)
        with pytest.raises(Unsettled, match="1 waiting, the next one due in 60 s"):
            await clock.settle(timeout=0.1)
        await clock.advance(61)
        await clock.settle(timeout=0.1)

    asyncio.run(story())


def test_work_that_waits_for_the_clock_can_be_waited_for() -> None:
    async def story() -> None:
        clock, order = Clock(virtual=True), []

        async def retrying() -> None:
            for attempt in range(3):
                order.append(attempt)
                with clock.resting():
                    await clock.sleep(600)

        clock.spawn(retrying())
        await clock.settle(timeout=5)
        assert order == [0, 1, 2]

    asyncio.run(story())


def test_a_cancelled_timer_does_not_fire() -> None:
    async def story() -> None:
        clock, fired = Clock(virtual=True), []
        clock.call_later(1, lambda: fired.append(1)).cancel()
        await clock.advance(10)
        assert fired == []

    asyncio.run(story())


def test_iso8601() -> None:
    assert iso8601(VIRTUAL_EPOCH + 0.5) == "2031-01-01T00:00:00.500Z"


def test_what_is_forgotten_never_happens() -> None:
    happened: list[str] = []

    async def story() -> None:
        clock = Clock(virtual=True)

        async def later() -> None:
            with clock.resting():
                await clock.sleep(60)
            happened.append("spawned")

        clock.spawn(later())
        clock.call_later(30, lambda: happened.append("work"), work=True)
        clock.call_later(90, lambda: happened.append("reaped"))
        await asyncio.sleep(0)
        await clock.forget()
        await clock.settle(timeout=1)
        await clock.advance(120)

    asyncio.run(story())
    assert happened == ["reaped"]
