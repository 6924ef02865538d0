"""A function gets the CPU that its memory is worth, if the sandbox was asked to share it out (facts §1.1)."""

import asyncio
import json
from unittest.mock import Mock

from lambda_sandbox import Sandbox
from lambda_sandbox.environments.limits import CpuShare

BURNS = """
import time

def handler(event, context):
    began = time.process_time()
    while time.process_time() - began < event["cpu_s"]:
        pass
"""


def test_at_a_fourteenth_of_a_core_the_same_work_takes_many_times_as_long() -> None:
    with Sandbox(cpu_share=True) as sandbox:
        sandbox.deploy(BURNS, name="burns", MemorySize=128, Timeout=30)
        sandbox.client("lambda").invoke(FunctionName="burns", Payload=json.dumps({"cpu_s": 0.2}))
        (report,) = sandbox.journal(function="burns", kind="invocation.reported")
        assert report.data["duration_ms"] > 1000  # 13.8 times 200 ms, less the first quantum: a busy machine adds to it


def test_what_stands_still_for_lack_of_cpu_is_still_timed_out_and_leaves_the_next_call_alone() -> None:
    with Sandbox(cpu_share=True) as sandbox:
        lambda_ = sandbox.client("lambda")
        sandbox.deploy(BURNS, name="burns", MemorySize=128, Timeout=1)
        late = lambda_.invoke(FunctionName="burns", Payload=json.dumps({"cpu_s": 5}))
        assert json.load(late["Payload"])["errorType"] == "Sandbox.Timedout"
        next_one = lambda_.invoke(FunctionName="burns", Payload=json.dumps({"cpu_s": 0}))
        assert json.load(next_one["Payload"]) is None


def test_who_answers_at_the_moment_it_is_stopped_goes_on_to_ask_for_the_next_event() -> None:
    async def story() -> None:
        stopped = asyncio.Event()
        room = Mock(freeze=stopped.set, thaw=stopped.clear)
        room.cpu_s.side_effect = [0.0, 1000.0]
        environment = Mock(busy=True, room=room)
        environment.version.memory_mb = 128
        share = CpuShare()
        share.add(environment)
        await stopped.wait()
        environment.busy = False
        share.remove(environment)
        assert not stopped.is_set()

    asyncio.run(story())
