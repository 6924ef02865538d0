"""A function gets the CPU that its memory is worth, if the sandbox was asked to share it out (facts §1.1)."""

import json

from lambda_sandbox import Sandbox

BURNS = """
import time

def handler(event, context):
    began = time.process_time()
    while time.process_time() - began < event["cpu_s"]:
        pass
"""


def test_with_a_tenth_of_the_memory_the_same_work_takes_many_times_as_long() -> None:
    with Sandbox(cpu_share=True) as sandbox:
        lambda_ = sandbox.client("lambda")
        for memory in (128, 1769):
            sandbox.deploy(BURNS, name=f"burns-{memory}", MemorySize=memory, Timeout=30)
            lambda_.invoke(FunctionName=f"burns-{memory}", Payload=json.dumps({"cpu_s": 0.1}))
        small, large = (
            sandbox.journal(function=f"burns-{memory}", kind="invocation.reported")[0].data["duration_ms"]
            for memory in (128, 1769)
        )
        assert small > 4 * large  # 13.8 times, less the first quantum, and the machine's noise


def test_what_stands_still_for_lack_of_cpu_is_still_timed_out_and_leaves_the_next_call_alone() -> None:
    with Sandbox(cpu_share=True) as sandbox:
        lambda_ = sandbox.client("lambda")
        sandbox.deploy(BURNS, name="burns", MemorySize=128, Timeout=1)
        late = lambda_.invoke(FunctionName="burns", Payload=json.dumps({"cpu_s": 5}))
        assert json.load(late["Payload"])["errorType"] == "Sandbox.Timedout"
        next_one = lambda_.invoke(FunctionName="burns", Payload=json.dumps({"cpu_s": 0}))
        assert json.load(next_one["Payload"]) is None
