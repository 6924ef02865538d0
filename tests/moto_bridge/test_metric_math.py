"""Metric math, as a table."""

from __future__ import annotations

import pytest

from lambda_sandbox.moto_bridge.metric_math import Values, evaluate
from lambda_sandbox.wire import AwsError

KNOWN: dict[str, Values] = {"e": {0: 1.0, 60: 0.0}, "i": {0: 4.0, 60: 0.0, 120: 8.0}}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("100 * e / i", {0: 25.0}),
        ("(1 - e / i) * 100", {0: 75.0}),
        ("-e + 2^3", {0: 7.0, 60: 8.0}),
        ("FILL(e, 0) + i", {0: 5.0, 60: 0.0, 120: 8.0}),
        ("i", {0: 4.0, 60: 0.0, 120: 8.0}),
    ],
)
def test_an_expression_makes(expression: str, expected: Values) -> None:
    assert evaluate(expression, KNOWN) == expected


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("e +", "ValidationError"),
        ("nowhere * 2", "ValidationError"),
        ("1 + 1", "ValidationError"),
        ("RATE(e)", "NotImplemented"),
        ("SELECT AVG(Duration) FROM x", "ValidationError"),
        ("e if i else e", "NotImplemented"),
        ("__import__('os')", "NotImplemented"),
    ],
)
def test_an_expression_is_refused(expression: str, code: str) -> None:
    with pytest.raises(AwsError) as error:
        evaluate(expression, KNOWN)
    assert error.value.code == code
