"""What happens to a batch of a stream after an attempt, and how batches are cut: a table of the facts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambda_sandbox.environments.outcome import Answered, Failed, Outcome
from lambda_sandbox.event_sources.stream_plan import (
    PAYLOAD_BYTES,
    Discard,
    Done,
    Retry,
    Rules,
    Split,
    is_full,
    plan,
    take,
    too_old,
    window_of,
)
from lambda_sandbox.invocation.admission import throttled
from lambda_sandbox.moto_bridge import Written

BATCH = tuple(Written(number, "k", float(number), {}) for number in range(10, 14))
REPORT = Rules(report=True)


def answered(value: Any) -> Outcome:
    return Answered(version="$LATEST", payload=json.dumps(value).encode())


def failed() -> Outcome:
    return Failed(version="$LATEST", payload=b'{"errorMessage": "no"}')


def after(said: Any, rules: Rules, attempts: int = 1, refusals: int = 0) -> Any:
    return plan(said, BATCH, attempts=attempts, refusals=refusals, rules=rules)


def reported(*names: Any) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": name} for name in names]}


@pytest.mark.parametrize("answer", [None, "", [], {}, {"batchItemFailures": []}, {"batchItemFailures": None}])
def test_an_empty_report_is_a_complete_success(answer: Any) -> None:
    assert after(answered(answer), REPORT) == Done()


@pytest.mark.parametrize(
    "answer",
    [
        reported(""),
        reported(None),
        reported("99"),
        {"batchItemFailures": [{"foo": "11"}]},
        {"batchItemFailures": ["11"]},
        "11",
    ],
)
def test_a_malformed_report_is_a_complete_failure(answer: Any) -> None:
    assert after(answered(answer), REPORT) == Retry(BATCH, 1.0)


def test_a_report_counts_only_where_the_mapping_asks_for_it() -> None:
    assert after(answered(reported("11")), Rules()) == Done()


def test_the_lowest_failed_record_is_the_checkpoint() -> None:
    assert after(answered(reported("13", "11")), REPORT) == Retry(BATCH[1:], 1.0)


def test_retries_back_off_and_never_end_by_default() -> None:
    assert [after(failed(), Rules(), attempts).after_s for attempts in (1, 2, 5, 50, 5000)] == [1, 2, 16, 300, 300]


def test_a_batch_that_used_up_its_retries_is_given_up() -> None:
    assert after(failed(), Rules(retries=1), 1) == Retry(BATCH, 1.0)
    assert after(failed(), Rules(retries=1), 2) == Discard(BATCH, "RetryAttemptsExhausted")
    assert after(answered(reported("12")), Rules(retries=0, report=True)) == Discard(
        BATCH[2:], "RetryAttemptsExhausted"
    )


def test_a_throttle_uses_up_no_retry() -> None:
    refused = throttled("ReservedFunctionConcurrentInvocationLimitExceeded")
    assert after(refused, Rules(retries=0, bisect=True), attempts=0, refusals=3) == Retry(BATCH, 4.0)


def test_bisecting_splits_what_fails_and_uses_up_no_retry() -> None:
    rules = Rules(retries=0, bisect=True)
    assert after(failed(), rules) == Split(BATCH[:2], BATCH[2:])
    one = BATCH[:1]
    assert plan(failed(), one, attempts=1, refusals=0, rules=rules) == Discard(one, "RetryAttemptsExhausted")


def test_bisecting_with_a_report_cuts_at_the_record_that_was_named() -> None:
    rules = Rules(retries=5, bisect=True, report=True)
    assert after(answered(reported("12")), rules) == Retry(BATCH[2:], 1.0)
    assert after(answered(reported("10")), rules) == Split(BATCH[:2], BATCH[2:])


def test_in_a_tumbling_window_the_answer_must_have_a_state() -> None:
    rules = Rules(tumbling_s=60)
    assert after(answered({"state": {}}), rules) == Done()
    assert after(answered({"count": 1}), rules) == Retry(BATCH, 1.0)


def test_records_that_are_too_old_are_at_the_front() -> None:
    assert [too_old(BATCH, now, 60.0) for now in (70.0, 71.0, 72.5, 500.0)] == [0, 1, 3, 4]


def test_a_batch_ends_at_its_size_its_bytes_or_its_window() -> None:
    waiting = [(record, 100) for record in BATCH]
    assert take(waiting, Rules()) == 4
    assert take(waiting, Rules(batch_size=3)) == 3
    assert take([(record, PAYLOAD_BYTES // 3) for record in BATCH], Rules()) == 3
    assert take([(record, PAYLOAD_BYTES * 2) for record in BATCH], Rules()) == 1
    assert take(waiting, Rules(tumbling_s=12)) == 2
    assert [is_full(waiting, Rules(batch_size=size)) for size in (3, 4, 5)] == [True, True, False]
    assert window_of(125.5, Rules(tumbling_s=60)) == 120.0


def test_rules_are_read_from_a_mapping() -> None:
    assert Rules.of({}) == Rules()
    mapping = {
        "BatchSize": 7,
        "MaximumBatchingWindowInSeconds": 5,
        "MaximumRetryAttempts": 0,
        "MaximumRecordAgeInSeconds": 60,
        "BisectBatchOnFunctionError": True,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ParallelizationFactor": 2,
        "TumblingWindowInSeconds": 30,
    }
    assert Rules.of(mapping) == Rules(7, 5, 0, 60, True, True, 2, 30)
