"""Turns what a runtime writes into log events.

Printed text becomes one event a line; AWS's runtime clients also write *frames* (a traceback, a log record: one event
with line breaks in it) to a descriptor of their own. Both arrive here through one pipe, so that their order is kept:
a frame starts with bytes that no UTF-8 text can start with.

    reader = LogReader()
    reader.feed(b"one\\ntwo") → ["one\\n"];  reader.flush() → ["two"]
"""

from __future__ import annotations

import re

FRAME = b"\xa5\x5a"
_HEAD = 16  # type (4), length (4), time in microseconds (8), big-endian
EVENT_LIMIT = 256 * 1024  # a longer line is split
BUDGET = 4 * 1024 * 1024  # bytes kept for one invocation
_LINES = re.compile(rb"[^\n]*\n|[^\n]+")  # a line feed ends an event, a carriage return does not (facts §3.5)


class Framed(str):
    """An event that came as a frame: the runtime's logger wrote it, and minded its level itself."""


class LogReader:
    """Splits one environment's output into events. Keeps at most `BUDGET` bytes between two calls of `renew()`."""

    def __init__(self) -> None:
        self._buffer = b""
        self._left = BUDGET
        self.dropped = 0  # bytes beyond the budget, since the last renew()

    def renew(self) -> None:
        """A new invocation: a new budget."""
        self._left, self.dropped = BUDGET, 0

    def feed(self, data: bytes) -> list[str]:
        """The events that are complete by now; those that came as frames are `Framed`."""
        self._buffer += data
        events: list[bytes | Framed] = []
        while self._buffer:
            if self._buffer.startswith(FRAME):
                frame = self._frame()
                if frame is None:
                    break
                events.append(frame)
                continue
            end = self._buffer.find(FRAME)
            text = self._buffer if end < 0 else self._buffer[:end]
            last = len(text) if end >= 0 else text.rfind(b"\n") + 1
            if end < 0 and text.endswith(FRAME[:1]):
                last = min(last, len(text) - 1)
            if end < 0 and not last and len(text) > EVENT_LIMIT:
                last = EVENT_LIMIT
            if not last:
                break
            self._buffer = self._buffer[last:]
            if self._left <= 0:  # do not even split what nobody will keep
                self.dropped += last
            else:
                events += _LINES.findall(text[:last])
        return self._keep(events)

    def flush(self) -> list[str]:
        """What is left when nothing more will come for now: a line without its end."""
        rest, self._buffer = self._buffer, b""
        left: list[bytes | Framed] = [rest] if rest else []
        return self._keep(left)

    def _frame(self) -> bytes | Framed | None:
        if len(self._buffer) < _HEAD:
            return None
        end = _HEAD + int.from_bytes(self._buffer[4:8], "big")
        if end > _HEAD + 8 * 1024 * 1024:  # no client writes such a frame: treat it as text
            text, self._buffer = self._buffer[:_HEAD], self._buffer[_HEAD:]
            return text
        if len(self._buffer) < end:
            return None
        message, self._buffer = self._buffer[_HEAD:end], self._buffer[end:]
        return Framed(message, "utf-8", "replace")

    def _keep(self, events: list[bytes | Framed]) -> list[str]:
        kept = []
        for event in events:
            if self._left <= 0:
                self.dropped += len(event)
                continue
            self._left -= len(event)
            kept.append(event if isinstance(event, Framed) else event.decode("utf-8", "replace"))
        return kept
