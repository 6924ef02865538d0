"""What happens to a batch of a stream after an attempt, and how batches are cut: pure (facts §6.4).

    plan(failed, batch, attempts=1, refusals=0, rules=Rules(bisect=True)) → Split(first_half, second_half)

A batch that fails holds up its shard: nothing behind it is read before it succeeds, is given up, or is too old.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lambda_sandbox.environments.outcome import Answered, Outcome
from lambda_sandbox.invocation.plan import BACKOFF_FROM_S, BACKOFF_TO_S
from lambda_sandbox.moto_bridge import Written
from lambda_sandbox.wire import AwsError

PAYLOAD_BYTES = 6 * 1024 * 1024  # facts §6.2: a batch is released when it reaches so much
STATE_BYTES = 1024 * 1024  # facts §6.4: the state of a tumbling window
FOREVER = -1

Batch = Sequence[Written]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a mapping says of its batches; seconds, and -1 for "until the record expires"."""

    batch_size: int = 100
    window_s: float = 0
    retries: int = FOREVER
    maximum_age_s: float = FOREVER
    bisect: bool = False
    report: bool = False  # FunctionResponseTypes has ReportBatchItemFailures
    lanes: int = 1  # ParallelizationFactor
    tumbling_s: int = 0

    @classmethod
    def of(cls, mapping: Mapping[str, Any]) -> Rules:
        """Reads the members of CreateEventSourceMapping."""
        return cls(
            mapping.get("BatchSize", 100),
            mapping.get("MaximumBatchingWindowInSeconds") or 0,
            mapping.get("MaximumRetryAttempts", FOREVER),
            mapping.get("MaximumRecordAgeInSeconds", FOREVER),
            mapping.get("BisectBatchOnFunctionError") or False,
            "ReportBatchItemFailures" in (mapping.get("FunctionResponseTypes") or ()),
            mapping.get("ParallelizationFactor") or 1,
            mapping.get("TumblingWindowInSeconds") or 0,
        )


# -- after an attempt


@dataclass(frozen=True, slots=True)
class Done:
    """The whole batch is over."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Try `batch` again after so many seconds: all of it, or what follows the checkpoint."""

    batch: Batch
    after_s: float


@dataclass(frozen=True, slots=True)
class Split:
    """Try the two halves, one after the other; it uses up none of the retries."""

    first: Batch
    second: Batch


@dataclass(frozen=True, slots=True)
class Discard:
    """Give the batch up and go on behind it: `RetryAttemptsExhausted`."""

    batch: Batch
    condition: str


Step = Done | Retry | Split | Discard


def plan(said: Outcome | AwsError, batch: Batch, *, attempts: int, refusals: int, rules: Rules) -> Step:
    """The next step after `attempts` runs and `refusals` in a row that never reached the function."""
    if isinstance(said, AwsError):
        return Retry(batch, _backoff_s(refusals))
    failed = failed_from(said, batch, rules)
    if failed is None:
        return Done()
    rest = batch[failed:]
    if rules.retries != FOREVER and attempts > rules.retries and (len(rest) == 1 or not rules.bisect):
        return Discard(rest, "RetryAttemptsExhausted")
    if failed == 0 and rules.bisect and len(batch) > 1:
        return Split(batch[: len(batch) // 2], batch[len(batch) // 2 :])
    return Retry(rest, _backoff_s(attempts))


def failed_from(said: Outcome, batch: Batch, rules: Rules) -> int | None:
    """Where in the batch the next try begins: the lowest failed record, 0 for all of it; None if all is well."""
    if not isinstance(said, Answered):
        return 0
    answer = json_of(said.payload)
    if rules.tumbling_s and not isinstance(state_of(answer), dict):
        return 0
    if not rules.report or not answer:
        return None
    if not isinstance(answer, dict):
        return 0
    failures = answer.get("batchItemFailures")
    if not failures:
        return None
    places = {str(record.number): place for place, record in enumerate(batch)}
    named = [item.get("itemIdentifier") if isinstance(item, dict) else None for item in _list(failures)]
    return min((places.get(name, 0) if isinstance(name, str) else 0 for name in named), default=0)


def _backoff_s(times: int) -> float:
    return float(min(BACKOFF_FROM_S * 2.0 ** min(times - 1, 16), BACKOFF_TO_S))  # a batch may be tried for a week


def json_of(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return payload.decode(errors="replace")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def too_old(batch: Batch, now: float, maximum_age_s: float) -> int:
    """How many records at the front are older than allowed."""
    return next((place for place, one in enumerate(batch) if now - one.at <= maximum_age_s), len(batch))


# -- cutting batches


def take(waiting: Sequence[tuple[Written, int]], rules: Rules) -> int:
    """How many records (each with its bytes in the event) make the next batch: of one window, and within limits."""
    size = 0
    for count, (record, bytes_of) in enumerate(waiting):
        size += bytes_of
        other_window = rules.tumbling_s and window_of(record.at, rules) != window_of(waiting[0][0].at, rules)
        if count == rules.batch_size or (count and size > PAYLOAD_BYTES) or other_window:
            return count
    return len(waiting)


def is_full(waiting: Sequence[tuple[Written, int]], rules: Rules) -> bool:
    """Whether the next batch need not wait for its window to end: nothing more would go into it."""
    return len(waiting) >= rules.batch_size or take(waiting, rules) < len(waiting)


def window_of(at: float, rules: Rules) -> float:
    """When the tumbling window of a record began: windows are counted from 1970 and lie end to end."""
    return at // rules.tumbling_s * rules.tumbling_s


def state_of(answer: Any) -> Any:
    return answer.get("state") if isinstance(answer, dict) else None
