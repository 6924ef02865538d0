"""The simulation and the running sandbox, given the same story, say the same of every single request.

The sandbox's functions are real ones that wait until they are told to end; its clock is moved from event to event.
Arrivals lie on a grid of 7 s and ends 3 s after it, so that what a laptop needs for an event changes no comparison with
10 s (scaling) or 600 s (idle environments).
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from heapq import heappop, heappush
from random import Random

import pytest

from lambda_sandbox.journal import Kind
from lambda_sandbox.simulate import Function, simulate
from lambda_sandbox.wire import AwsError
from tests.engine import REGION, Engine, with_engine

GRID, AFTER = 7.0, 3.0
WAITS = """
import json, socket

def handler(event, context):
    with socket.create_connection(("127.0.0.1", event["port"])) as gate:
        gate.sendall(f"{event['number']}\\n".encode())
        gate.recv(1)
"""
Story = list[tuple[float, str]]  # when, and whose request


def story(names: str, seed: int, count: int = 100) -> Story:
    """Requests of some functions, mostly close together, now and then after a long pause."""
    random, at, made = Random(seed), 0, []
    for _ in range(count):
        made.append((at * GRID, random.choice(names)))
        at += random.choice([1, 1, 1, 1, 1, 2, 3, 30, 40, 40, 86, 88])
    return made


def durations(name: str) -> Random:
    return Random(f"durations of {name}")


def duration(random: Random) -> float:
    return random.choice([0, 0, 1, 2, 4, 12]) * GRID + AFTER


def simulated(told: Story, account: int, scaling: int, settings: dict[str, dict[str, int]]) -> list[str]:
    """What becomes of each request: `cold`, `warm`, or the Reason of its throttle."""
    lasts = {name: durations(name) for name in settings}
    functions = [
        Function(
            [at for at, of in told if of == name],
            lambda random, name=name: duration(lasts[name]),  # type: ignore[misc]
            name=name,
            **about,  # type: ignore[arg-type]
        )
        for name, about in settings.items()
    ]
    made = simulate(*functions, account=account, scaling=scaling, every=GRID, seconds=told[-1][0] + GRID)
    verdicts = []
    for at, name in told:
        function = made.functions[name]
        row = function.rows()[round(at / GRID)]
        assert (row.second, row.requests) == (at, 1)
        verdicts.append("throttled" if row.throttles else "cold" if row.cold_starts else "warm")
    assert verdicts.count("throttled") == made.throttled
    return [*verdicts, *sorted(f"{reason} {count}" for reason, count in made.throttles.items())]


async def lived(engine: Engine, told: Story, settings: dict[str, dict[str, int]]) -> list[str]:
    """The same, of real calls."""
    gates: dict[int, asyncio.StreamWriter] = {}
    came = asyncio.Condition()

    async def gate(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with came:
            gates[int(await reader.readline())] = writer
            came.notify_all()

    server = await asyncio.start_server(gate, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    for name, about in settings.items():
        engine.deploy(WAITS, name, timeout=900)
        function = engine.state.functions[REGION, name]
        function.versions["1"] = replace(function.latest, version="1", revision_id=f"{name}-1")
        function.reserved_concurrency = about.get("reserved")
        if ahead := about.get("provisioned"):
            engine.invoker.provision(REGION, name, "1", ahead)
            function.settings["provisioned"] = {"1": {"requested": ahead}}
    await engine.clock.settle()
    lasts = {name: durations(name) for name in settings}
    start = engine.clock.now()
    ends: list[tuple[float, int]] = []
    calls: dict[int, asyncio.Task[object]] = {}
    reasons: dict[str, int] = {}
    verdicts = []

    async def move_to(second: float) -> None:
        await engine.clock.advance(start + second - engine.clock.now(), patience=0)

    async def pass_to(second: float) -> None:
        while ends and ends[0][0] <= second:
            at, number = heappop(ends)
            await move_to(at)
            gates.pop(number).close()
            await calls.pop(number)
            await engine.pool.reported()

    for number, (at, name) in enumerate(told):
        await pass_to(at)
        await move_to(at)
        payload = b'{"port": %d, "number": %d}' % (port, number)
        call = engine.call(payload, name)._replace(qualifier="1")
        calls[number] = asyncio.ensure_future(engine.invoker.invoke(call))
        async with came:
            arrived = asyncio.ensure_future(came.wait_for(lambda number=number: number in gates))  # type: ignore[misc]
            await asyncio.wait([calls[number], arrived], return_when=asyncio.FIRST_COMPLETED)
            arrived.cancel()
            await asyncio.wait([arrived])
        if calls[number].done():
            refused = calls.pop(number).exception()
            assert isinstance(refused, AwsError)
            reason = str(refused.members["Reason"])
            reasons[reason] = reasons.get(reason, 0) + 1
            verdicts.append("throttled")
        else:
            heappush(ends, (at + duration(lasts[name]), number))
            (started,) = engine.journal.since(0, kind=Kind.STARTED, request_id=call.request_id)
            provisioned = about_provisioned(engine, started.environment)
            verdicts.append("cold" if started.data["cold"] and not provisioned else "warm")
    await pass_to(1e9)
    server.close()
    return [*verdicts, *sorted(f"{reason} {count}" for reason, count in reasons.items())]


def about_provisioned(engine: Engine, environment: str) -> bool:
    (starting,) = engine.journal.since(0, kind=Kind.STARTING, environment=environment)
    return bool(starting.data["initialization_type"] == "provisioned-concurrency")


@pytest.mark.parametrize(
    ("account", "scaling", "settings", "seed"),
    [
        (3, 1000, {"a": {}, "b": {}}, 1),
        (1000, 1, {"a": {}, "b": {}}, 2),
        (1000, 1000, {"a": {"reserved": 1}, "b": {"reserved": 2, "provisioned": 1}, "c": {"provisioned": 1}}, 3),
    ],
    ids=["a small account", "slow scaling", "reserved and provisioned"],
)
def test_every_request_fares_the_same(
    account: int, scaling: int, settings: dict[str, dict[str, int]], seed: int
) -> None:
    told = story("".join(settings), seed)
    expected = simulated(told, account, scaling, settings)
    assert {"cold", "warm", "throttled"} <= set(expected), "a story that shows nothing proves nothing"

    async def live(engine: Engine) -> list[str]:
        engine.state.concurrency_quota = account
        return await lived(engine, told, settings)

    assert with_engine(live, scaling=scaling) == expected
