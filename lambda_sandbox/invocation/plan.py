"""What happens to an asynchronous event after an attempt: pure, a table of the facts (facts §4.2, §4.3).

plan(failed, attempt=1, age_s=0.2, rules=Rules()) → Retry(after_s=60)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lambda_sandbox.environments.outcome import Answered, Outcome
from lambda_sandbox.wire import AwsError

RETRY_AFTER_S = (60.0, 120.0)
MAXIMUM_AGE_S = 21_600.0
BACKOFF_FROM_S, BACKOFF_TO_S = 1.0, 300.0


@dataclass(frozen=True, slots=True)
class Rules:
    """The function's event invoke config: `MaximumRetryAttempts` and `MaximumEventAgeInSeconds`."""

    retries: int = 2
    maximum_age_s: float = MAXIMUM_AGE_S

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Rules:
        default = cls()
        return cls(
            config.get("MaximumRetryAttempts", default.retries),
            config.get("MaximumEventAgeInSeconds", default.maximum_age_s),
        )


@dataclass(frozen=True, slots=True)
class Done:
    """The event succeeded."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again after so many seconds; `counts`: it uses up one of the retries."""

    after_s: float
    counts: bool


@dataclass(frozen=True, slots=True)
class Drop:
    """Give up: `RetriesExhausted`, `EventAgeExceeded`, `ZeroReservedConcurrency`; or `RecursiveInvocation`, a word of
    ours: what AWS writes there is not recorded.
    """

    condition: str


Action = Done | Retry | Drop


def plan(outcome: Outcome | AwsError, *, attempts: int, refusals: int, age_s: float, rules: Rules) -> Action:
    """The next step after `attempts` runs and `refusals` throttles in a row, for an event that is `age_s` old."""
    if isinstance(outcome, Answered):
        return Done()
    if isinstance(outcome, AwsError) and outcome.status == 400:
        return Drop("RecursiveInvocation")
    if isinstance(outcome, AwsError):
        after, counts = min(BACKOFF_FROM_S * 2.0 ** (refusals - 1), BACKOFF_TO_S), False
    elif attempts > rules.retries:
        return Drop("RetriesExhausted")
    else:
        after, counts = RETRY_AFTER_S[min(attempts, len(RETRY_AFTER_S)) - 1], True
    if age_s + after > rules.maximum_age_s:
        return Drop("EventAgeExceeded")
    return Retry(after, counts)
