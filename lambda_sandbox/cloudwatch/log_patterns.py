"""CloudWatch Logs' filter patterns: which log events a reader, a subscription or a metric filter is about. Pure.

    matches = parse("ERROR -timeout")                   # or BadPattern
    matches("ERROR disk full")                          # True

Terms are AND-ed; `?term` any of them; `-term` not; `"a phrase"`. JSON: `{ $.level = "ERROR" && $.ms > 100 }` with
`&&`, `||`, parentheses, `*` in texts, EXISTS, IS NULL. Space-delimited: `[ip, ..., status = 4*, bytes > 1000]`, a name
a field, quotes and brackets hold one together. `%a regular expression%` stands for a term or a value anywhere.
Source: CloudWatch Logs User Guide, "Filter pattern syntax".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from operator import ge, gt, le, lt
from typing import Any

from lambda_sandbox.wire import AwsError

Matches = Callable[[str], bool]
Condition = Callable[[Any], bool]

_TERM = re.compile(r'([?-]?)(?:"((?:[^"\\]|\\.)*)"|(%[^%]+%)|(\S+))')
_TOKEN = re.compile(
    r"\s*(?:(&&|\|\||[()])|(\$[\w.\-\[\]]*)\s*(NOT EXISTS|EXISTS|IS NULL|IS TRUE|IS FALSE|!=|<=|>=|=|<|>)"
    r'\s*("(?:[^"\\]|\\.)*"|%[^%]+%|[^\s()&|]+)?)'
)
_COMMA = re.compile(r',(?=(?:[^"]*"[^"]*")*[^"]*$)')  # not within quotes
_WORD = re.compile(r'"([^"]*)"|\[([^\]]*)\]|(\S+)')  # a field of a message
_CONDITION = re.compile(r'[\w.\-]+\s*(!=|<=|>=|=|<|>)\s*("[^"]*"|%[^%]+%|[^\s"]+)')
_ORDER = {"<": lt, "<=": le, ">": gt, ">=": ge}
_UNARY = ("NOT EXISTS", "EXISTS", "IS NULL", "IS TRUE", "IS FALSE")
_NOTHING = object()


class BadPattern(ValueError):
    """A pattern that cannot be read, or that the sandbox does not model; says which."""


def filter_of(pattern: str) -> Matches:
    """What CloudWatch Logs makes of a pattern. Raises its InvalidParameterException."""
    try:
        return parse(pattern)
    except BadPattern as error:
        raise AwsError("InvalidParameterException", 400, f"Invalid filter pattern: {error}") from None


def parse(pattern: str) -> Matches:
    """Whether a log event's message fits. Raises BadPattern."""
    text = pattern.strip()
    if text.startswith("{") and text.endswith("}"):
        condition = _Json(text[1:-1]).whole()
        return lambda message: condition(_object(message))
    if text.startswith("[") and text.endswith("]"):
        return _fields(text[1:-1])
    return _terms(text)


def number_at(path: str, message: str) -> float | None:
    """The number at `$.ms` of a JSON message, as a metric filter counts it; None if there is none."""
    found = _at(_object(message), path)
    return _number(str(found)) if isinstance(found, (int, float, str)) and not isinstance(found, bool) else None


def _terms(text: str) -> Matches:
    groups: dict[str, list[Matches]] = {"": [], "?": [], "-": []}
    for sign, phrase, expression, word in _TERM.findall(text):
        if expression:
            groups[sign].append(_regex(expression))
        else:
            groups[sign].append(_contains(word or re.sub(r"\\(.)", r"\1", phrase)))
    wanted, any_of, unwanted = groups.values()

    def matches(message: str) -> bool:
        return (
            all(term(message) for term in wanted)
            and (not any_of or any(term(message) for term in any_of))
            and not any(term(message) for term in unwanted)
        )

    return matches


def _contains(term: str) -> Matches:
    return lambda message: term in message


def _regex(text: str) -> Matches:
    """Of `%…%`. CloudWatch's syntax has no groups but plain ones, and no references back."""
    if "(?" in text or re.search(r"\\[1-9]", text):
        raise BadPattern(f"CloudWatch Logs knows no such regular expression as {text}")
    try:
        found = re.compile(text[1:-1]).search
    except re.error as error:
        raise BadPattern(f"{text} is no regular expression: {error}") from None
    return lambda message: found(message) is not None


def _fields(text: str) -> Matches:
    """`[ip, ..., status = 4*]`: as many fields as there are names; `...` is any number of them."""
    parts = [part.strip() for part in _COMMA.split(text)]
    if parts.count("...") > 1:
        raise BadPattern("one ellipsis is enough")
    before = parts.index("...") if "..." in parts else len(parts)
    head, rest = [_field(part) for part in parts[:before]], [_field(part) for part in parts[before + 1 :]]
    open_ended = before < len(parts)

    def matches(message: str) -> bool:
        said = [first or second or word for first, second, word in _WORD.findall(message)]
        if len(said) < len(head) + len(rest) or (not open_ended and len(said) > len(head)):
            return False
        chosen = [*zip(head, said, strict=False), *zip(rest, said[len(said) - len(rest) :], strict=False)]
        return all(condition(value) for condition, value in chosen)

    return matches


def _field(part: str) -> Condition:
    """`status`, `status = 4* && status != 404`, or `w1 = ERROR || w1 = WARN`."""
    if re.fullmatch(r"[\w.\-]+", part):
        return lambda value: True
    either = []
    for alternative in part.split("||"):
        both = [_CONDITION.fullmatch(one.strip()) for one in alternative.split("&&")]
        if not all(both):
            raise BadPattern(f"nothing can be made of {part!r}")
        either.append([_compared(one[1], one[2].strip()) for one in both if one])
    return lambda value: any(all(condition(value) for condition in both) for both in either)


def _compared(operator: str, operand: str) -> Condition:
    """What a field is compared with: it is a text, and a number where it can be one."""
    number = _number(operand)
    if operator in _ORDER:
        if number is None:
            raise BadPattern(f"{operator} takes a number after it")
        return lambda value: (said := _number(value)) is not None and bool(_ORDER[operator](said, number))
    if operand.startswith("%") and operand.endswith("%"):
        fits: Condition = _regex(operand)
    elif number is not None:
        fits = lambda value: _number(value) == number  # noqa: E731
    else:
        fits = lambda value: _equal(value, operand)  # noqa: E731
    return fits if operator == "=" else lambda value: not fits(value)


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
        if operand.startswith("%") and operand.endswith("%") and operator in ("=", "!="):
            fits = _regex(operand)
            return lambda value: isinstance(said := _at(value, path), str) and fits(said) is (operator == "=")
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
