"""A function's log: journal records as CloudWatch Logs events, word for word as recorded from AWS (facts §3.7).

    lines(record)                 # -> ["START RequestId: 2f4c… Version: $LATEST\\n"]; in JSON if `logging` says so
    logs = Logs(journal, bridge, may)  # collects from now on
    await logs.flush()            # before anybody reads: what is pending is written to CloudWatch Logs

An invocation pays nothing for its log: records wait here until somebody asks, or until the next idle moment. What a
function's role may not write (facts §7.2, AWSLambdaBasicExecutionRole) is lost, as on AWS; the journal has it.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from lambda_sandbox.clock import iso8601
from lambda_sandbox.cloudwatch import json_lines
from lambda_sandbox.iam import Decision
from lambda_sandbox.journal import Journal, Kind, Record

_RUNTIME = re.compile(r"(?P<language>[a-z]+)(?P<version>[\d.]*\d)?")
_RUNTIME_BUILD = "v60"  # of python3.13, as recorded; AWS counts its builds of each runtime


# What STARTING has of LoggingConfig, and what the level of an Init's report depends on.
LOGGING = ("log_format", "application_log_level", "system_log_level", "initialization_type")
May = Callable[[str, str, str], Decision]  # may a role do this to a resource? Blocks


class LogStore(Protocol):
    """What `Logs` needs of the bridge."""

    def has_log_group(self, region: str, group: str) -> bool: ...

    def put_log_events(self, region: str, group: str, stream: str, events: list[tuple[int, str]]) -> None: ...


# -- the words


def lines(record: Record, logging: Mapping[str, Any] | None = None) -> list[str]:
    """The CloudWatch events of a record, none for most kinds. A LOG's message is kept as it came.

    `logging` is STARTING's data, or the function version's `logging`; None for text.
    """
    if logging and logging.get("log_format") == "JSON" and (said := json_lines.lines(record, logging)) is not None:
        return said
    words = _WORDS.get(record.kind)
    return words(record, record.data) if words else []


def _init_start(record: Record, data: Mapping[str, Any]) -> list[str]:
    if data["phase"] != "init" or not data["runtime"]:
        return []  # nor does a container image: it has no runtime version; nor a second attempt, within the invocation
    name, arn = _runtime_version(data["runtime"]), runtime_version_arn(data["region"], data["runtime"])
    return [f"INIT_START Runtime Version: {name}\tRuntime Version ARN: {arn}\n"]


def _init_report(record: Record, data: Mapping[str, Any]) -> list[str]:
    return [f"INIT_REPORT Init Duration: {data['init_ms']:.2f} ms\tPhase: {data['phase']}\t{_status(data)}\n"]


def _start(record: Record, data: Mapping[str, Any]) -> list[str]:
    return [f"START RequestId: {record.request_id} Version: {record.version}\n"]


def _log(record: Record, data: Mapping[str, Any]) -> list[str]:
    return [data["message"]]


def _timed_out(record: Record, data: Mapping[str, Any]) -> list[str]:
    return [f"{iso8601(record.at)} {record.request_id} Task timed out after {data['after_s']:.2f} seconds\n"]


def _exited(record: Record, data: Mapping[str, Any]) -> list[str]:
    return [f"RequestId: {record.request_id} Error: {data['message']}\n{data['error_type']}\n"]


def _end_and_report(record: Record, data: Mapping[str, Any]) -> list[str]:
    report = [
        f"REPORT RequestId: {record.request_id}",
        f"Duration: {data['duration_ms']:.2f} ms",
        f"Billed Duration: {data['billed_ms']} ms",
        f"Memory Size: {data['memory_mb']} MB",
        f"Max Memory Used: {data['max_memory_mb']} MB",
    ]
    if data.get("init_ms") is not None:
        report.append(f"Init Duration: {data['init_ms']:.2f} ms")
    report.append(_status(data))  # nothing for a success: the line ends in a tab
    return [f"END RequestId: {record.request_id}\n", "\t".join(report) + "\n"]


def _status(data: Mapping[str, Any]) -> str:
    match data.get("status"):
        case "timeout":
            return "Status: timeout"
        case "error":
            return f"Status: error\tError Type: {data['error_type']}"
        case _:
            return ""


_WORDS: dict[Kind, Callable[[Record, Mapping[str, Any]], list[str]]] = {
    Kind.STARTING: _init_start,
    Kind.INIT_FAILED: _init_report,
    Kind.STARTED: _start,
    Kind.LOG: _log,
    Kind.TIMED_OUT: _timed_out,
    Kind.EXITED: _exited,
    Kind.REPORTED: _end_and_report,
}


def _runtime_version(runtime: str) -> str:
    """`python:3.13.v60` for `python3.13`."""
    match = _RUNTIME.match(runtime)
    named = [part for part in match.groups() if part] if match else [runtime]
    return f"{':'.join(named)}.{_RUNTIME_BUILD}"


def runtime_version_arn(region: str, runtime: str) -> str:
    """The ARN of the runtime's version; its digits stand for no real build."""
    return f"arn:aws:lambda:{region}::runtime:{hashlib.sha256(runtime.encode()).hexdigest()}"


# -- the projection


@dataclass(frozen=True, slots=True)
class _Stream:
    region: str
    group: str
    name: str
    function: str
    role: str
    logging: tuple[tuple[str, str | None], ...] = ()  # of a function that logs in JSON

    @property
    def arn(self) -> str:
        return f"arn:aws:logs:{self.region}:{self.role.split(':')[4]}:log-group:{self.group}:log-stream:{self.name}"


class Logs:
    """Writes the journal's lines to CloudWatch Logs, in batches, in order. Lives on the event loop."""

    def __init__(self, journal: Journal, store: LogStore, may: May) -> None:
        self._journal, self._store, self._may = journal, store, may
        self._refused: set[_Stream] = set()
        self._streams: dict[str, _Stream] = {}  # environment -> where it logs to, and how
        self._pending: defaultdict[_Stream, list[Record]] = defaultdict(list)
        self._writing = asyncio.Lock()
        journal.subscribe(self._notice, *_WORDS, Kind.READY, Kind.STOPPED)

    @property
    def pending(self) -> bool:
        """Whether there is something to flush."""
        return bool(self._pending)

    async def flush(self) -> None:
        """Returns when all that was recorded before this call can be read from CloudWatch Logs."""
        if not self._pending and not self._writing.locked():
            return
        async with self._writing:
            batches = list(self._pending.items())
            self._pending.clear()
            if batches:
                refused = await asyncio.get_running_loop().run_in_executor(None, self._write, batches)
                for stream in refused.keys() - self._refused:
                    because = f"{stream.role}: {refused[stream]}"
                    self._journal.append(Kind.REFUSED, function=stream.function, source="logs", because=because)
                self._refused |= refused.keys()

    def reset(self) -> None:
        """Forgets what is pending."""
        self._pending.clear()
        self._streams.clear()
        self._refused.clear()

    def _write(self, batches: list[tuple[_Stream, list[Record]]]) -> dict[_Stream, str]:
        """Writes what may be written; answers why the rest may not."""
        refused = {}
        for stream, records in batches:
            logging = dict(stream.logging)
            events = [(int(record.at * 1000), line) for record in records for line in lines(record, logging)]
            if events and (because := self._forbidden(stream)):
                refused[stream] = because
            elif events:
                self._store.put_log_events(stream.region, stream.group, stream.name, events)

        return refused

    def _forbidden(self, stream: _Stream) -> str:
        """Why the role may not write here: each of the actions that it takes must be allowed."""
        actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
        if not self._store.has_log_group(stream.region, stream.group):
            actions.insert(0, "logs:CreateLogGroup")
        decisions = (self._may(stream.role, action, stream.arn) for action in actions)
        return next((decision.because for decision in decisions if not decision), "")

    def _notice(self, record: Record) -> None:
        if record.kind is Kind.STARTING:
            data = record.data
            where = (data["region"], data["log_group"], data["log_stream"], record.function, data["role"])
            logging = tuple((name, data.get(name)) for name in LOGGING) if data.get("log_format") == "JSON" else ()
            self._streams[record.environment] = _Stream(*where, logging)
        stream = self._streams.get(record.environment)
        if stream is not None and (record.kind in _WORDS or (stream.logging and record.kind is Kind.READY)):
            self._pending[stream].append(record)
        if record.kind is Kind.STOPPED:
            self._streams.pop(record.environment, None)
