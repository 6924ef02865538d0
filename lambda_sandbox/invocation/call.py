"""What a caller wants run, and how an asynchronous call ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from lambda_sandbox.environments.outcome import Outcome
from lambda_sandbox.environments.running import OnChunk
from lambda_sandbox.state import function_arn


class Call(NamedTuple):
    """One request to run a function. `qualifier` is as the caller gave it: version, alias, `$LATEST` or nothing."""

    region: str
    function: str
    qualifier: str | None
    payload: bytes
    request_id: str
    source: str = "api"
    client_context: str | None = None  # JSON text
    trace: str = ""  # the trace header of what caused it, if that hands it on
    on_trace: Callable[[str], object] | None = None  # told the invocation's own trace header
    on_chunk: OnChunk | None = None  # who wants what the function streams while it does; the outcome has it all again

    @property
    def invoked_arn(self) -> str:
        """What the context object shows: the qualifier exactly as the caller gave it (facts §3.5)."""
        return function_arn(self.region, self.function, self.qualifier)


@dataclass(frozen=True, slots=True)
class Ended:
    """An asynchronous event that is over: why, after how many attempts, and how the last one went (None: none ran).

    `condition` is `Success`, `RetriesExhausted`, `EventAgeExceeded` or `ZeroReservedConcurrency` (facts §4.3).
    """

    call: Call
    condition: str
    attempts: int
    outcome: Outcome | None
