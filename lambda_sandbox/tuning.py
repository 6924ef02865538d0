"""Power tuning: runs one function at several memory sizes and reads from the journal what each was billed.

sandbox.power_tune("resize", {"width": 400}, memory=[128, 512, 1769], runs=5)
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from statistics import median
from typing import TYPE_CHECKING, Any

from lambda_sandbox.journal import Kind
from lambda_sandbox.views.tuning import Tuning

if TYPE_CHECKING:
    from lambda_sandbox.sandbox import Sandbox

SIZES = (128, 256, 512, 1024, 1769, 3008)  # MB; 1,769 are one vCPU
_NOT_SHARED = "Every size had the whole processor here: Sandbox(cpu_share=True) shares it out by memory."


def power_tune(
    sandbox: Sandbox, name: str, payload: Any, memory: Iterable[int], runs: int, *, cpu_share: bool
) -> Tuning:
    """The median of `runs` warm invocations at each size; the function has its own size back afterwards."""
    if runs < 1:
        raise ValueError(f"runs is how often each size is measured, at least once, not {runs!r}")
    client = sandbox.client("lambda")
    before = client.get_function_configuration(FunctionName=name)
    billed: dict[int, float | None] = {}
    try:
        for memory_mb in memory:
            _resize(client, name, memory_mb)
            billed[memory_mb] = _billed_ms(sandbox, client, name, json.dumps(payload), runs)
    finally:
        _resize(client, name, before["MemorySize"])
    notes = [] if cpu_share else [_NOT_SHARED]
    (architecture,) = before["Architectures"]
    return Tuning(billed, name=name, architecture=architecture, region=sandbox.region, notes=notes)


def _resize(client: Any, name: str, memory_mb: int) -> None:
    client.update_function_configuration(FunctionName=name, MemorySize=memory_mb)
    client.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.01, "MaxAttempts": 1000})


def _billed_ms(sandbox: Sandbox, client: Any, name: str, payload: str, runs: int) -> float | None:
    """None if an invocation fails. The first one is not counted: it is a cold start, and bills Init as well."""
    asked = set()
    for _ in range(runs + 1):
        answer = client.invoke(FunctionName=name, Payload=payload)
        if "FunctionError" in answer:
            return None
        asked.add(answer["ResponseMetadata"]["RequestId"])
    reports = [one for one in sandbox.journal(function=name, kind=Kind.REPORTED) if one.request_id in asked]
    return float(median(one.data["billed_ms"] for one in reports if "init_ms" not in one.data))
