"""What a function logs: the root logger's handler, the text and JSON formats (facts §3.5), and the two ways out.

Where the sandbox gives a descriptor in `_LAMBDA_TELEMETRY_LOG_FD`, each record goes there as one frame, so that a
record of many lines stays one event in CloudWatch: type, length (4 bytes each), microseconds since 1970 (8 bytes),
then the text, all big-endian. Elsewhere records are written to stdout, the lines of an error separated by "\\r".
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
import traceback

TYPE_CHECKING = False  # as in `typing`, which is slow to import
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, TextIO

TEXT, JSON = 0xA55A0003, 0xA55A0002  # frame types of records without a level
TIMESTAMP = "%Y-%m-%dT%H:%M:%SZ"
LINE = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n"
# Attributes that every record has; the others came with `extra=` and are shown.
RECORD_ATTRIBUTES = {*vars(logging.makeLogRecord({})), "aws_request_id", "tenant_id"} - {"taskName"}
as_json = json.JSONEncoder(ensure_ascii=False, default=str).encode


class Unbuffered:
    """A text stream that holds nothing back: what was printed before a crash or a timeout is in the log."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def __enter__(self) -> Unbuffered:
        return self

    def __exit__(self, *_: object) -> None:
        """Leaves the stream open: it is the process's own."""

    def write(self, text: str) -> None:
        self.stream.write(text)
        self.stream.flush()

    def writelines(self, lines: Iterable[str]) -> None:
        self.stream.writelines(lines)
        self.stream.flush()


class StdoutSink:
    def log(self, message: str, kind: int = TEXT) -> None:
        sys.stdout.write(message)

    def log_error(self, lines: list[str], kind: int) -> None:
        self.log("\r".join(lines) + "\n")


class FramedSink:
    def __init__(self, descriptor: int) -> None:
        self.file = os.fdopen(descriptor, "wb", 0)

    def log(self, message: str, kind: int = TEXT) -> None:
        text = message.encode()
        header = (kind.to_bytes(4, "big"), len(text).to_bytes(4, "big"), (time.time_ns() // 1000).to_bytes(8, "big"))
        self.file.write(b"".join((*header, text)))

    def log_error(self, lines: list[str], kind: int) -> None:
        self.log("\n".join(lines), kind)


class RootHandler(logging.Handler):
    """The handler that Lambda puts on the root logger, so that `logging.basicConfig()` does nothing."""

    def __init__(self, log_sink: StdoutSink | FramedSink, leveled: bool) -> None:
        super().__init__()
        self.log_sink, self.leveled = log_sink, leveled
        self.request_id = ""
        self.tenant_id: str | None = None

    def filter(self, record: logging.LogRecord) -> Any:
        vars(record).update(aws_request_id=self.request_id, tenant_id=self.tenant_id)
        return super().filter(record)

    def emit(self, record: logging.LogRecord) -> None:
        text = self.format(record)
        self.log_sink.log(text, self.frame_type(rounded(record.levelno)) if self.leveled else TEXT)

    def frame_type(self, level: int) -> int:
        """NOTSET … CRITICAL are 0 … 6, without 1, in the bits from the third on."""
        base = JSON if isinstance(self.formatter, JsonFormatter) else TEXT
        return base + (level // 10 + 1) * 4 if level else base


def rounded(level: int) -> int:
    return min(50, max(0, level)) // 10 * 10


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        record.levelno = rounded(record.levelno)
        record.levelname = logging.getLevelName(record.levelno)
        kind, error, trace = record.exc_info or (None, None, None)
        is_object = isinstance(record.msg, dict) and not record.args
        entry = {
            "timestamp": self.formatTime(record, TIMESTAMP),
            "level": record.levelname,
            "message": record.msg if is_object else record.getMessage(),
            "logger": record.name,
            "stackTrace": traceback.format_tb(trace) if kind else None,
            "errorType": kind and kind.__name__,
            "errorMessage": str(error) if kind else None,
            "requestId": getattr(record, "aws_request_id", None),
            "location": f"{record.pathname}:{record.funcName}:{record.lineno}" if kind else None,
            "tenantId": getattr(record, "tenant_id", None),
        }
        for name, value in vars(record).items():
            if name not in RECORD_ATTRIBUTES:
                entry.setdefault(name, value)
        return as_json({name: value for name, value in entry.items() if value is not None}) + "\n"


def set_up() -> RootHandler:
    """Gives the root logger its handler; returns it."""
    sys.stdout, sys.stderr = Unbuffered(sys.stdout), Unbuffered(sys.stderr)
    descriptor = os.environ.pop("_LAMBDA_TELEMETRY_LOG_FD", None)
    level = (os.environ.get("AWS_LAMBDA_LOG_LEVEL") or "").upper().replace("TRACE", "DEBUG")
    is_json = (os.environ.get("AWS_LAMBDA_LOG_FORMAT") or "").upper() == "JSON"
    handler = RootHandler(FramedSink(int(descriptor)) if descriptor else StdoutSink(), leveled=is_json or bool(level))
    logging.Formatter.converter = time.gmtime
    handler.setFormatter(JsonFormatter() if is_json else logging.Formatter(LINE, "%Y-%m-%dT%H:%M:%S"))
    root = logging.getLogger()
    root.addHandler(handler)
    if level in logging.getLevelNamesMapping():
        root.setLevel(level)
    return handler
