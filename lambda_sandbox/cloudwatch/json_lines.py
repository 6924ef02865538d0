"""A function's log in JSON: what the platform says, by level, and what is kept of what the function says (facts §3.6).

    lines(record, logging)        # -> ['{"time":"…","type":"platform.start","record":{"requestId":"…",…}}']

`logging` is the function's LoggingConfig, as the journal's STARTING has it. In JSON there is no END line; the end of
the runtime's work, and of an Init on demand, is said at DEBUG.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lambda_sandbox.clock import iso8601
from lambda_sandbox.journal import Kind, Record

_LEVELS = {"TRACE": 0, "DEBUG": 1, "INFO": 2, "WARN": 3, "WARNING": 3, "ERROR": 4, "FATAL": 5, "CRITICAL": 5}
Said = tuple[str, str, Mapping[str, Any]]  # level, type, record


def lines(record: Record, logging: Mapping[str, Any]) -> list[str] | None:
    """The CloudWatch events of a record; None of one that reads the same in both formats."""
    if record.kind is Kind.LOG:
        message, least = record.data["message"], _LEVELS[logging["application_log_level"] or "INFO"]
        # The runtime's logger begins at this level, but `logger.setLevel()` in code wins; plain output is sieved here.
        return [message] if record.data.get("by_logger") or level_of(message) >= least else []
    words = _WORDS.get(record.kind)
    if words is None:
        return None
    least = _LEVELS[logging["system_log_level"] or "INFO"]
    return [
        json.dumps({"time": iso8601(record.at), "type": f"platform.{type_}", "record": said}, separators=(",", ":"))
        + "\n"
        for level, type_, said in words(record, {**logging, **record.data})
        if _LEVELS[level] >= least
    ]


def level_of(message: str) -> int:
    """Of a line of the function's: its `level` if it is an object with a `timestamp` and a known one, else INFO."""
    if message.startswith("{"):
        try:
            said = json.loads(message)
        except (ValueError, RecursionError):
            return _LEVELS["INFO"]
        if isinstance(said.get("timestamp"), str) and isinstance(said.get("level"), str):
            return _LEVELS.get(said["level"].upper(), _LEVELS["INFO"])
    return _LEVELS["INFO"]


def _init_start(record: Record, data: Mapping[str, Any]) -> Iterator[Said]:
    if data["phase"] == "init":
        about = {"initializationType": data["initialization_type"], "phase": "init"}
        yield "INFO", "initStart", {**about, "functionVersion": record.version}


def _init_report(record: Record, data: Mapping[str, Any]) -> Iterator[Said]:
    status = data.get("status", "success")
    said: dict[str, Any] = {"phase": data["phase"], "status": status, "metrics": {"durationMs": _ms(data["init_ms"])}}
    if status == "error":
        said["errorType"] = data["error_type"]
    on_demand = data.get("initialization_type", "on-demand") == "on-demand"
    yield "WARN" if status != "success" else "DEBUG" if on_demand else "INFO", "initReport", said


def _start(record: Record, data: Mapping[str, Any]) -> Iterator[Said]:
    yield "INFO", "start", {"requestId": record.request_id, "version": record.version}


def _report(record: Record, data: Mapping[str, Any]) -> Iterator[Said]:
    status = {"requestId": record.request_id, "status": data["status"]}
    if "error_type" in data:
        status["errorType"] = data["error_type"]
    good = data["status"] == "success"
    yield "DEBUG" if good else "WARN", "runtimeDone", {**status, "metrics": {"durationMs": _ms(data["duration_ms"])}}
    metrics = {
        "durationMs": _ms(data["duration_ms"]),
        "billedDurationMs": data["billed_ms"],
        "memorySizeMB": data["memory_mb"],
        "maxMemoryUsedMB": data["max_memory_mb"],
    }
    if data.get("init_ms") is not None:
        metrics["initDurationMs"] = _ms(data["init_ms"])
    yield "INFO" if good else "WARN", "report", {**status, "metrics": metrics}


def _ms(value: float) -> float:
    return round(value, 3)


_WORDS: dict[Kind, Callable[[Record, Mapping[str, Any]], Iterator[Said]]] = {
    Kind.STARTING: _init_start,
    Kind.READY: _init_report,
    Kind.INIT_FAILED: _init_report,
    Kind.STARTED: _start,
    Kind.REPORTED: _report,
}
