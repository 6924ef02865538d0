"""CloudWatch Logs' filter patterns: which log events a subscription is about. Pure.

    matches = parse("ERROR -timeout")                   # or BadPattern
    matches("ERROR disk full")                          # True

Terms are AND-ed; `?term` any of them; `-term` not; `"a phrase"`. JSON: `{ $.level = "ERROR" && $.ms > 100 }` with
`&&`, `||`, parentheses, `*` in texts, EXISTS, IS NULL. Space-delimited patterns (`[a, b]`) and `%regular expressions%`
are not modelled. Source: CloudWatch Logs User Guide, "Filter pattern syntax".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from operator import ge, gt, le, lt
from typing import Any

Matches = Callable[[str], bool]
Condition = Callable[[Any], bool]

_TERM = re.compile(r'([?-]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))')
_TOKEN = re.compile(
    r"\s*(?:(&&|\|\||[()])|(\$[\w.\-\[\]]*)\s*(NOT EXISTS|EXISTS|IS NULL|IS TRUE|IS FALSE|!=|<=|>=|=|<|>)"
    r'\s*("(?:[^"\\]|\\.)*"|[^\s()&|]+)?)'
)
_ORDER = {"<": lt, "<=": le, ">": gt, ">=": ge}
_UNARY = ("NOT EXISTS", "EXISTS", "IS NULL", "IS TRUE", "IS FALSE")
_NOTHING = object()


class BadPattern(ValueError):
    """A pattern that cannot be read, or that the sandbox does not model; says which."""


def parse(pattern: str) -> Matches:
    """Whether a log event's message fits. Raises BadPattern."""
    text = pattern.strip()
    if text.startswith("{") and text.endswith("}"):
        condition = _Json(text[1:-1]).whole()
        return lambda message: condition(_object(message))
    if text.startswith(("[", "%")):
        raise BadPattern("the sandbox does not model space-delimited patterns and regular expressions")
    return _terms(text)


def _terms(text: str) -> Matches:
    groups: dict[str, list[str]] = {"": [], "?": [], "-": []}
    for sign, phrase, word in _TERM.findall(text):
        groups[sign].append(word or re.sub(r"\\(.)", r"\1", phrase))
    wanted, any_of, unwanted = groups.values()

    def matches(message: str) -> bool:
        return (
            all(term in message for term in wanted)
            and (not any_of or any(term in message for term in any_of))
            and not any(term in message for term in unwanted)
        )

    return matches


class _Json:
    """`{ … }`: conditions, `&&` before `||`, parentheses."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str, str, str]] = []
        at = 0
        while text[at:].strip():
            token = _TOKEN.match(text, at)
            if token is None:
                raise BadPattern(f"nothing can be made of {text[at:].strip()!r}")
            self._tokens.append((token[1] or "", token[2] or "", token[3] or "", token[4] or ""))
            at = token.end()

    def whole(self) -> Condition:
        made = self._any()
        if self._tokens:
            raise BadPattern("there is something after the end")
        return made

    def _any(self) -> Condition:
        either = [self._all()]
        while self._tokens and self._tokens[0][0] == "||":
            self._tokens.pop(0)
            either.append(self._all())
        return lambda value: any(condition(value) for condition in either)

    def _all(self) -> Condition:
        both = [self._one()]
        while self._tokens and self._tokens[0][0] == "&&":
            self._tokens.pop(0)
            both.append(self._one())
        return lambda value: all(condition(value) for condition in both)

    def _one(self) -> Condition:
        sign, path, operator, operand = self._tokens.pop(0) if self._tokens else ("", "", "", "")
        if sign == "(":
            inner = self._any()
            if not self._tokens or self._tokens.pop(0)[0] != ")":
                raise BadPattern("a parenthesis is not closed")
            return inner
        if not path:
            raise BadPattern("a condition is missing")
        if operator in _UNARY and operand:
            raise BadPattern(f"{operator} takes nothing after it")
        if operator not in _UNARY and not operand:
            raise BadPattern(f"{operator} takes something after it")
        return lambda value: _holds(_at(value, path), operator, operand)


def _holds(found: Any, operator: str, operand: str) -> bool:
    match operator:
        case "EXISTS":
            return found is not _NOTHING
        case "NOT EXISTS":
            return found is _NOTHING
        case "IS NULL":
            return found is None
        case "IS TRUE" | "IS FALSE":
            return found is (operator == "IS TRUE")
    if found is _NOTHING:
        return False
    if operator in ("=", "!="):
        return _equal(found, operand) is (operator == "=")
    number = _number(operand)
    is_number = isinstance(found, (int, float)) and not isinstance(found, bool)
    return is_number and number is not None and bool(_ORDER[operator](found, number))


def _equal(found: Any, operand: str) -> bool:
    if isinstance(found, (int, float)) and not isinstance(found, bool):
        return found == _number(operand)
    text = json.loads(operand) if operand.startswith('"') else operand
    return isinstance(found, str) and fnmatchcase(found, text.replace("[", "[[]"))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _at(value: Any, path: str) -> Any:
    """The value at `$.a.b[0]`, or `_NOTHING`."""
    for name, index in re.findall(r"\.([\w\-]+)|\[(\d+)\]", path[1:]):
        if name and isinstance(value, dict) and name in value:
            value = value[name]
        elif index and isinstance(value, list) and int(index) < len(value):
            value = value[int(index)]
        else:
            return _NOTHING
    return value


def _object(message: str) -> Any:
    try:
        return json.loads(message)
    except (ValueError, RecursionError):
        return _NOTHING
