"""The Condition element: operators as a table, and the rules for keys that are missing or have several values.

Source: IAM user guide, "IAM JSON policy elements: Condition operators".
"""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from operator import eq, ge, gt, le, lt
from typing import Any

from lambda_sandbox.iam.patterns import UnknownVariable, arn_like, filled, like

Test = Callable[[str, str], bool]  # (value in the policy, value in the request)


def _number(compare: Callable[[float, float], bool]) -> Test:
    return lambda wanted, given: compare(float(given), float(wanted))


def _date(compare: Callable[[float, float], bool]) -> Test:
    return lambda wanted, given: compare(_epoch(given), _epoch(wanted))


def _epoch(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


_POSITIVE: dict[str, Test] = {
    "StringEquals": lambda wanted, given: wanted == given,
    "StringEqualsIgnoreCase": lambda wanted, given: wanted.casefold() == given.casefold(),
    "StringLike": like,
    "ArnEquals": arn_like,  # the two ARN operators are the same
    "ArnLike": arn_like,
    "Bool": lambda wanted, given: wanted.lower() == given.lower(),
    "BinaryEquals": lambda wanted, given: base64.b64decode(wanted) == base64.b64decode(given),
    "IpAddress": lambda wanted, given: ipaddress.ip_address(given) in ipaddress.ip_network(wanted, strict=False),
    "NumericEquals": _number(eq),
    "NumericLessThan": _number(lt),
    "NumericLessThanEquals": _number(le),
    "NumericGreaterThan": _number(gt),
    "NumericGreaterThanEquals": _number(ge),
    "DateEquals": _date(eq),
    "DateLessThan": _date(lt),
    "DateLessThanEquals": _date(le),
    "DateGreaterThan": _date(gt),
    "DateGreaterThanEquals": _date(ge),
}
_NEGATED = {  # true when none of the policy's values matches, and when the key is missing
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
}


def texts(value: Any) -> list[str]:
    """One value or a list of them, as IAM compares them: text; booleans in lower case."""
    values = value if isinstance(value, list | tuple | set | frozenset) else [value]
    return [str(one).lower() if isinstance(one, bool) else str(one) for one in values]


def unmet(condition: Mapping[str, Any], context: Mapping[str, Any]) -> str | None:
    """Why the condition is not met, in words; None if it is. `context` has lower-case keys."""
    for operator, keys in condition.items():
        for key, wanted in keys.items():
            given = context.get(key.lower())
            if not _met(operator, texts(wanted), None if given is None else texts(given), context):
                has = "the request has none" if given is None else f"the request has {' and '.join(texts(given))}"
                return f"its condition {operator} {key} wants {' or '.join(texts(wanted))}, and {has}"
    return None


def _met(operator: str, wanted: list[str], given: list[str] | None, context: Mapping[str, Any]) -> bool:
    quantifier, _, operator = operator.rpartition(":")
    if operator == "Null":
        return ["true" if given is None else "false"] == [value.lower() for value in wanted]
    if_exists = operator.endswith("IfExists")
    operator = operator.removesuffix("IfExists")
    negated = operator in _NEGATED
    test = _POSITIVE.get(_NEGATED.get(operator, operator))
    if test is None:
        return False  # an operator that IAM does not have meets nothing
    if given is None:
        return if_exists or negated or quantifier == "ForAllValues"

    def passes(value: str) -> bool:
        return any(_holds(test, one, value, context) for one in wanted) is not negated

    if quantifier == "ForAllValues":
        return all(map(passes, given))
    if quantifier == "ForAnyValue" or not negated:
        return any(map(passes, given))
    return all(map(passes, given))


def _holds(test: Test, wanted: str, given: str, context: Mapping[str, Any]) -> bool:
    try:
        return test(filled(wanted, context), given)
    except (ValueError, UnknownVariable):
        return False  # text where a number, a date or an address should be compares with nothing
