"""How an invocation ends: a closed union, and the payloads of those ends that the platform makes (facts §3.8)."""

from __future__ import annotations

import json
import signal
from dataclasses import dataclass
from typing import NamedTuple

from lambda_sandbox.environments.runtime_api import RESPONSE_LIMIT


class Answered(NamedTuple):
    """The handler returned."""

    payload: bytes
    version: str
    function_error: str | None = None
    error_type: str | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The handler, or its import, raised; or what it returned cannot be sent. The payload is the runtime's own."""

    payload: bytes
    version: str
    error_type: str | None = None
    function_error: str = "Unhandled"
    category: str | None = None  # what INIT_REPORT and REPORT call it, if not by its type

    @property
    def message(self) -> str:
        try:
            value = json.loads(self.payload)
        except ValueError:
            return ""
        return str(value.get("errorMessage", "")) if isinstance(value, dict) else ""


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The function's timeout passed; the runtime was killed."""

    payload: bytes
    version: str
    error_type: str = "Sandbox.Timedout"
    function_error: str = "Unhandled"


@dataclass(frozen=True, slots=True)
class Exited:
    """The runtime's process ended during the invocation: exit, crash, out of memory."""

    payload: bytes
    version: str
    error_type: str = "Runtime.ExitError"
    function_error: str = "Unhandled"
    message: str = ""


Outcome = Answered | Failed | TimedOut | Exited


def reported_type(outcome: Outcome) -> str | None:
    """The error type in the platform's own log lines."""
    return (outcome.category if isinstance(outcome, Failed) else None) or outcome.error_type


def timed_out(request_id: str, version: str, timeout: float) -> TimedOut:
    text = f"RequestId: {request_id} Error: Task timed out after {timeout:.2f} seconds"
    return TimedOut(_payload("Sandbox.Timedout", text), version)


def exited(request_id: str, version: str, status: int) -> Exited:
    """`status` as the operating system gives it: an exit code, or minus a signal."""
    if status == 0:
        how = "Runtime exited without providing a reason"
    elif status > 0:
        how = f"Runtime exited with error: exit status {status}"
    else:
        how = f"Runtime exited with error: signal: {signal.strsignal(-status) or -status}".lower().replace(
            "runtime", "Runtime", 1
        )
    text = f"RequestId: {request_id} Error: {how}"
    return Exited(_payload("Runtime.ExitError", text), version, message=how)


def not_started(request_id: str, version: str, why: str) -> Exited:
    """The runtime's program could not even be started (facts §1.7)."""
    payload = _payload("Runtime.InvalidEntrypoint", f"RequestId: {request_id} Error: {why}")
    return Exited(payload, version, error_type="Runtime.InvalidEntrypoint", message=why)


def out_of_memory(request_id: str, version: str) -> Exited:
    """The message is the older, recorded one; the newer error type is seen in REPORT lines (facts §3.8)."""
    how = "Runtime exited with error: signal: killed"
    payload = _payload("Runtime.OutOfMemory", f"RequestId: {request_id} Error: {how}")
    return Exited(payload, version, error_type="Runtime.OutOfMemory", message=how)


def response_too_large(version: str) -> Failed:
    text = f"Response payload size exceeded maximum allowed payload size ({RESPONSE_LIMIT} bytes)."
    payload = json.dumps({"errorMessage": text, "errorType": "Function.ResponseSizeTooLarge"}, separators=(",", ":"))
    return Failed(payload.encode(), version, error_type="Function.ResponseSizeTooLarge")


def _payload(error_type: str, message: str) -> bytes:
    return json.dumps({"errorType": error_type, "errorMessage": message}, separators=(",", ":")).encode()


def named_type(body: bytes) -> str | None:
    """The `errorType` that a runtime's error names, if it is one."""
    try:
        value = json.loads(body)
    except ValueError:
        return None
    return str(value["errorType"]) if isinstance(value, dict) and "errorType" in value else None
