"""One invocation while it runs in an environment: what it brings, and what REPORT says of it in the end."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, NamedTuple

from lambda_sandbox.clock import stopwatch
from lambda_sandbox.environments.outcome import Exited, Failed, Outcome, TimedOut, reported_type
from lambda_sandbox.environments.runtime_api import Event
from lambda_sandbox.state import FunctionVersion

MB = 1024 * 1024


OnChunk = Callable[[str, bytes], None]  # the version that runs, and a part of what it streams


class Work(NamedTuple):
    """What one invocation brings: the event, and what the context object shows of it."""

    request_id: str
    payload: bytes
    invoked_arn: str
    trace_id: str
    client_context: str | None = None
    on_chunk: OnChunk | None = None


@dataclass(slots=True)
class Running:
    """The invocation that runs now. `began` and `deadline` are of the stopwatch."""

    work: Work
    outcome: asyncio.Future[Outcome]
    counted: AbstractContextManager[None]  # in flight on the clock until it is reported
    began: float
    deadline: float
    cold: bool
    invocation_id: str
    result: Outcome | None = None

    def event(self, deadline: float) -> Event:
        """What `/next` answers (facts §3.2); `deadline` is seconds since 1970."""
        work = self.work
        headers = {
            "Lambda-Runtime-Aws-Request-Id": work.request_id,
            "Lambda-Runtime-Deadline-Ms": str(int(deadline * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": work.invoked_arn,
            "Lambda-Runtime-Trace-Id": work.trace_id,
            "Lambda-Runtime-Invocation-Id": self.invocation_id,
        }
        if work.client_context:
            headers["Lambda-Runtime-Client-Context"] = work.client_context
        return Event(headers, work.payload)

    def tap(self, request_id: str, version: str) -> Callable[[bytes], None] | None:
        """Who is told of the parts of a streamed answer to this invocation, if anybody wants them."""
        told = self.work.on_chunk if self.work.request_id == request_id and self.result is None else None
        return None if told is None else lambda chunk: told(version, chunk)

    def report(
        self, version: FunctionVersion, *, init_ms: float | None, max_memory: int, broken: bool
    ) -> dict[str, Any]:
        """The data of REPORTED. Init is billed with a cold start (facts §2); `broken`: the runtime did not survive."""
        result = self.result
        duration_ms = (stopwatch() - self.began) * 1000
        if isinstance(result, TimedOut):
            duration_ms = version.timeout * 1000.0
        details: dict[str, Any] = {"status": "success"}
        if isinstance(result, TimedOut):
            details["status"] = "timeout"
        elif isinstance(result, Exited) or (broken and isinstance(result, Failed)):
            details |= {"status": "error", "error_type": reported_type(result)}
        if init_ms is not None:
            details["init_ms"] = init_ms
        return {
            "duration_ms": duration_ms,
            "billed_ms": math.ceil(duration_ms + (init_ms or 0.0)),
            "memory_mb": version.memory_mb,
            "max_memory_mb": max(1, math.ceil(max_memory / MB)),
            **details,
        }
