"""What goes wrong, in AWS's words: the error JSON that callers see (facts §3.8), its twin in the log, and X-Ray's."""

from __future__ import annotations

import logging
import os
import time
import traceback

from . import logs

TYPE_CHECKING = False  # as in `typing`, which is slow to import
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    Encode = Callable[[Any], str]

UNHANDLED = (  # word for word: people search for this warning (facts §3.8)
    "LAMBDA_WARNING: Unhandled exception. The most likely cause is an issue in the function code. However, in "
    "rare cases, a Lambda runtime update can cause unexpected function behavior. For functions using managed "
    "runtimes, runtime updates can be triggered by a function change, or can be applied automatically. To "
    "determine if the runtime has been updated, check the runtime version in the INIT_START log entry. If this "
    "error correlates with a change in the runtime version, you may be able to mitigate this error by temporarily"
    " rolling back to the previous runtime version. For more information, see "
    "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html\r"
)


class Fault(Exception):
    """An error that the runtime itself finds; callers see `kind` as errorType."""

    def __init__(self, kind: str, message: str, trace: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.kind, self.trace = kind, list(trace)


def describe(problem: BaseException, request_id: str = "") -> dict[str, Any]:
    """The error JSON of an exception."""
    if isinstance(problem, Fault):
        return make_error(str(problem), problem.kind, problem.trace, request_id)
    return make_error(str(problem), type(problem).__name__, traceback.format_list(frames(problem)), request_id)


def make_error(message: str, kind: str, trace: list[str], request_id: str) -> dict[str, Any]:
    return {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": trace}


def frames(problem: BaseException) -> list[tuple[str, int, str, str | None]]:
    """(file, line, function, source) of each call on the way to the exception, without the loop's own at the start."""
    summary = traceback.extract_tb(problem.__traceback__)
    entries = [(entry.filename, entry.lineno or 0, entry.name, entry.line) for entry in summary]
    ours = [entry[0].endswith("sandbox_client/runtime.py") for entry in entries]
    return entries if all(ours) else entries[ours.index(False) :]


def log_error(error: dict[str, Any], log: logs.RootHandler, encode: Encode) -> None:
    """Logs the error as one record: JSON, or a traceback indented with no-break spaces."""
    if isinstance(log.formatter, logs.JsonFormatter):
        timestamp = time.strftime(logs.TIMESTAMP, logging.Formatter.converter(time.time()))
        lines = [encode({"timestamp": timestamp, "level": "ERROR"} | error)]
    else:
        title = f"{error['errorType']}: {error['errorMessage']}" if error["errorMessage"] else error["errorType"]
        lines = [f"[ERROR] {title}", "Traceback (most recent call last):"]
        for entry in error["stackTrace"]:
            for line in entry.splitlines() or [""]:
                unindented = line.lstrip(" ")
                lines.append("\u00a0" * (len(line) - len(unindented)) + unindented)
    log.log_sink.log_error(lines, log.frame_type(logging.ERROR))


def xray_cause(problem: BaseException) -> dict[str, Any]:
    """What X-Ray would show of an exception."""
    fault = isinstance(problem, Fault)
    stack = [] if fault else [{"label": name, "path": file, "line": line} for file, line, name, _ in frames(problem)]
    kind = "LambdaValidationError" if fault else type(problem).__name__
    return {
        "working_directory": os.getcwd(),
        "exceptions": [{"message": str(problem), "type": kind, "stack": stack}],
        "paths": sorted({entry["path"] for entry in stack}),
    }
