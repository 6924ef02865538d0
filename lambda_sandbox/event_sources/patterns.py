"""The EventBridge pattern language: filters of event source mappings and of EventBridge rules. Pure (facts §6.5).

    pattern = parse('{"body": {"price": [{"numeric": [">", 100]}]}}')       # or BadPattern, with the reason
    matches(pattern, {"body": {"price": 120}})

Fields are AND-ed, the values of a field OR-ed. As in AWS's own rule engine, only leaves are compared: an object is not
there for `exists`, and of a list in the event any element will do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from ipaddress import ip_address, ip_network
from operator import eq, ge, gt, le, lt
from typing import Any

Pattern = Mapping[str, Any]

OR = "$or"
_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {"=": eq, "<": lt, "<=": le, ">": gt, ">=": ge}
_LARGEST = 5e9  # numeric operands, either sign: the user guide of EventBridge


class BadPattern(ValueError):
    """A pattern that says nothing: the reason, without a full stop."""


def parse(text: str, *, empty: bool = False) -> Pattern:
    """The pattern of a JSON text. Raises BadPattern. `{}`, if `empty` may be, lets everything pass."""
    try:
        pattern = json.loads(text)
    except (ValueError, RecursionError):
        raise BadPattern("Filter is not valid JSON") from None
    if not isinstance(pattern, dict):
        raise BadPattern("Filter is not an object")
    if pattern or not empty:
        _check(pattern)
    return pattern


def matches(pattern: Pattern, event: Any) -> bool:
    """Whether an event, as JSON values, fits a pattern that `parse` took."""
    if isinstance(event, list):
        return any(matches(pattern, element) for element in event)
    found = event if isinstance(event, dict) else {}
    return all(_field(name, wanted, found) for name, wanted in pattern.items())


def _field(name: str, wanted: Any, found: Mapping[str, Any]) -> bool:
    if name == OR:
        return any(matches(alternative, found) for alternative in wanted)
    if isinstance(wanted, dict):
        return matches(wanted, found.get(name, {}))
    leaves = _leaves(found[name]) if name in found else []
    return any(_one(candidate, leaves) for candidate in wanted)


def _leaves(value: Any) -> list[Any]:
    """What there is to compare: no objects, and of lists each element."""
    if isinstance(value, list):
        return [leaf for element in value for leaf in _leaves(element)]
    return [] if isinstance(value, dict) else [value]


def _one(candidate: Any, leaves: list[Any]) -> bool:
    if not isinstance(candidate, dict):
        return any(_same(candidate, leaf) for leaf in leaves)
    [(operator, operand)] = candidate.items()
    if operator == "exists":
        return bool(leaves) is operand
    return any(_OPERATORS[operator](operand, leaf) for leaf in leaves)


def _same(wanted: Any, leaf: Any) -> bool:
    """Equal as JSON has it: `true` is not 1, and 1 is 1.0."""
    return bool(wanted == leaf) and isinstance(wanted, bool) == isinstance(leaf, bool)


def _prefix(operand: Any, leaf: Any) -> bool:
    if not isinstance(leaf, str):
        return False
    if isinstance(operand, dict):
        return leaf.lower().startswith(operand["equals-ignore-case"].lower())
    return leaf.startswith(tuple(operand) if isinstance(operand, list) else operand)


def _suffix(operand: Any, leaf: Any) -> bool:
    if not isinstance(leaf, str):
        return False
    if isinstance(operand, dict):
        return leaf.lower().endswith(operand["equals-ignore-case"].lower())
    return leaf.endswith(tuple(operand) if isinstance(operand, list) else operand)


def _equals_ignore_case(operand: Any, leaf: Any) -> bool:
    wanted = operand if isinstance(operand, list) else [operand]
    return isinstance(leaf, str) and leaf.lower() in [one.lower() for one in wanted]


def _wildcard(operand: Any, leaf: Any) -> bool:
    wanted = operand if isinstance(operand, list) else [operand]
    return isinstance(leaf, str) and any(_wild(one).fullmatch(leaf) for one in wanted)


@cache
def _wild(text: str) -> re.Pattern[str]:
    r"""`*` stands for any characters, `\*` for a star and `\\` for a backslash."""
    parts = re.findall(r"\\[*\\]|.", text, re.DOTALL)
    return re.compile("".join(".*" if part == "*" else re.escape(part[-1]) for part in parts), re.DOTALL)


def _numeric(operand: Any, leaf: Any) -> bool:
    if not _is_number(leaf):
        return False
    return all(_COMPARISONS[how](leaf, than) for how, than in zip(operand[::2], operand[1::2], strict=True))


def _cidr(operand: Any, leaf: Any) -> bool:
    try:
        return ip_address(leaf) in ip_network(operand, strict=False)
    except ValueError:
        return False


def _anything_but(operand: Any, leaf: Any) -> bool:
    if isinstance(operand, dict):
        [(operator, inner)] = operand.items()
        return not _OPERATORS[operator](inner, leaf)
    return not any(_same(one, leaf) for one in (operand if isinstance(operand, list) else [operand]))


_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "prefix": _prefix,
    "suffix": _suffix,
    "equals-ignore-case": _equals_ignore_case,
    "wildcard": _wildcard,
    "numeric": _numeric,
    "cidr": _cidr,
    "anything-but": _anything_but,
}
_INSIDE_ANYTHING_BUT = ("prefix", "suffix", "equals-ignore-case", "wildcard")


# -- what is a pattern


def _check(pattern: Mapping[str, Any]) -> None:
    if not pattern:
        raise BadPattern("Empty objects are not allowed")
    for name, wanted in pattern.items():
        if name == OR:
            if not isinstance(wanted, list) or not wanted or not all(isinstance(one, dict) for one in wanted):
                raise BadPattern("There must be an array of patterns for $or")
            for alternative in wanted:
                _check(alternative)
        elif isinstance(wanted, dict):
            _check(wanted)
        elif not isinstance(wanted, list):
            raise BadPattern(f'"{name}" must be an object or an array')
        elif not wanted:
            raise BadPattern("Empty arrays are not allowed")
        else:
            for candidate in wanted:
                _check_candidate(candidate)


def _check_candidate(candidate: Any) -> None:
    if isinstance(candidate, list):
        raise BadPattern("Match value must be String, number, true, false, or null")
    if not isinstance(candidate, dict):
        return
    if len(candidate) != 1:
        raise BadPattern("Only one key allowed in match expression")
    [(operator, operand)] = candidate.items()
    _check_operand(operator, operand)


def _check_operand(operator: str, operand: Any) -> None:
    match operator:
        case "exists":
            good = isinstance(operand, bool)
        case "prefix" | "suffix":
            inside = operand.get("equals-ignore-case") if isinstance(operand, dict) and len(operand) == 1 else operand
            good = isinstance(inside, str)
        case "equals-ignore-case" | "wildcard":
            good = isinstance(operand, str) and "**" not in (operand if operator == "wildcard" else "")
        case "numeric":
            good = _is_range(operand)
        case "cidr":
            good = _is_network(operand)
        case "anything-but" if isinstance(operand, dict):
            good = len(operand) == 1 and all(
                name in _INSIDE_ANYTHING_BUT and _are_texts(inner) for name, inner in operand.items()
            )
        case "anything-but":
            several = operand if isinstance(operand, list) else [operand]
            good = bool(several) and (_are_texts(several) or all(_is_number(one) for one in several))
        case _:
            raise BadPattern(f"Unrecognized match type {operator}")
    if not good:
        raise BadPattern(f"Bad value for {operator}: {json.dumps(operand)[:100]}")


def _are_texts(value: Any) -> bool:
    several = value if isinstance(value, list) else [value]
    return bool(several) and all(isinstance(one, str) for one in several)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_range(operand: Any) -> bool:
    """One comparison, or a lower and an upper bound."""
    if not isinstance(operand, list) or len(operand) not in (2, 4):
        return False
    hows, numbers = operand[::2], operand[1::2]
    if not all(_is_number(number) and abs(number) <= _LARGEST for number in numbers):
        return False
    if len(hows) == 1:
        return hows[0] in _COMPARISONS
    return hows[0] in (">", ">=") and hows[1] in ("<", "<=") and numbers[0] < numbers[1]


def _is_network(operand: Any) -> bool:
    try:
        ip_network(operand, strict=False)
    except ValueError:
        return False
    return isinstance(operand, str)
