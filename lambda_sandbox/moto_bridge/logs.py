"""Writing to CloudWatch Logs without HTTP (13 µs a call instead of 500)."""

from __future__ import annotations

from typing import Any

from moto.logs.models import logs_backends


def has_group(account: str, region: str, group: str) -> bool:
    backend: Any = logs_backends[account][region]
    return group in backend.groups


def put(account: str, region: str, group: str, stream: str, events: list[tuple[int, str]]) -> None:
    """Writes (milliseconds, message) pairs, which must be in time order; makes the group and the stream."""
    backend: Any = logs_backends[account][region]
    backend.ensure_log_group(group)
    backend.ensure_log_stream(group, stream)
    # Not the backend's own put_log_events: it drops what is 14 days old, and the clock may have jumped meanwhile.
    backend.groups[group].put_log_events(stream, [{"timestamp": at, "message": message} for at, message in events])
