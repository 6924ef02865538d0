"""What a function gets of a batch of a stream, and what a destination gets of one that was given up (facts §6.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from lambda_sandbox.clock import iso8601
from lambda_sandbox.environments.outcome import Outcome
from lambda_sandbox.event_sources.stream_plan import Batch
from lambda_sandbox.moto_bridge import Written


class Source(Protocol):
    """What differs between the services: a module of this room, `kinesis` or `dynamodb`."""

    BATCH_INFO: str
    ACTIONS: tuple[str, ...]  # that the execution role must be allowed on the stream

    def record(self, written: Written, *, arn: str, shard: str, role: str) -> dict[str, Any]: ...
    def filtered_by(self, record: dict[str, Any]) -> dict[str, Any]: ...
    def arrival(self, written: Written) -> str: ...


@dataclass(frozen=True, slots=True)
class Attempt:
    """How a batch was tried last."""

    request_id: str
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Window:
    """A tumbling window at one moment. `final` is how it ended: `end`, `early`, or not yet."""

    start: float
    end: float
    state: dict[str, Any]
    final: str


def event(records: list[dict[str, Any]], *, arn: str, shard: str, window: Window | None) -> dict[str, Any]:
    """What the function gets: the records and, in a tumbling window, its bounds and state."""
    made: dict[str, Any] = {"Records": records}
    if window is not None:
        made |= {
            "window": {"start": _second(window.start), "end": _second(window.end)},
            "state": window.state,
            "shardId": shard,
            "eventSourceARN": arn,
            "isFinalInvokeForWindow": bool(window.final),
            "isWindowTerminatedEarly": window.final == "early",
        }
    return made


def given_up(
    batch: Batch,
    condition: str,
    attempts: int,
    last: Attempt,
    *,
    source: Source,
    shard: str,
    mapping: Mapping[str, Any],
    now: float,
) -> dict[str, Any]:
    """What an on-failure destination gets, as recorded: where the records are, not the records."""
    said: dict[str, Any] = {
        "requestContext": {
            "requestId": last.request_id,
            "functionArn": mapping["FunctionArn"],
            "condition": condition,
            "approximateInvokeCount": attempts,
        }
    }
    if condition == "RetryAttemptsExhausted" and last.outcome is not None:
        said["responseContext"] = {
            "statusCode": 200,
            "executedVersion": last.outcome.version,
            "functionError": last.outcome.function_error,
        }
    return said | {
        "version": "1.0",
        "timestamp": iso8601(now),
        source.BATCH_INFO: {
            "shardId": shard,
            "startSequenceNumber": str(batch[0].number),
            "endSequenceNumber": str(batch[-1].number),
            "approximateArrivalOfFirstRecord": source.arrival(batch[0]),
            "approximateArrivalOfLastRecord": source.arrival(batch[-1]),
            "batchSize": len(batch),
            "streamArn": mapping["EventSourceArn"],
        },
    }


def _second(at: float) -> str:
    return f"{iso8601(at)[:19]}Z"
