"""What becomes of an asynchronous event: the table of facts §4.2."""

from __future__ import annotations

import pytest

from lambda_sandbox.environments.outcome import Answered, Failed
from lambda_sandbox.invocation.admission import throttled
from lambda_sandbox.invocation.plan import Done, Drop, Retry, Rules, plan

FAILED = Failed(b"{}", "$LATEST")
THROTTLED = throttled("ConcurrentInvocationLimitExceeded")


@pytest.mark.parametrize(
    ("outcome", "attempts", "refusals", "age_s", "rules", "action"),
    [
        (Answered(b"1", "$LATEST"), 1, 0, 0, Rules(), Done()),
        (FAILED, 1, 0, 0, Rules(), Retry(60, True)),
        (FAILED, 2, 0, 60, Rules(), Retry(120, True)),
        (FAILED, 3, 0, 180, Rules(), Drop("RetriesExhausted")),
        (FAILED, 1, 0, 0, Rules(retries=0), Drop("RetriesExhausted")),
        (FAILED, 2, 0, 60, Rules(retries=1), Drop("RetriesExhausted")),
        (FAILED, 1, 0, 1, Rules(maximum_age_s=60), Drop("EventAgeExceeded")),
        (THROTTLED, 0, 1, 0, Rules(), Retry(1, False)),
        (THROTTLED, 0, 4, 10, Rules(), Retry(8, False)),
        (THROTTLED, 0, 30, 5000, Rules(), Retry(300, False)),
        (THROTTLED, 0, 30, 21500, Rules(), Drop("EventAgeExceeded")),
    ],
)
def test_the_next_step(outcome, attempts, refusals, age_s, rules, action) -> None:
    assert plan(outcome, attempts=attempts, refusals=refusals, age_s=age_s, rules=rules) == action
