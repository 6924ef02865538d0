"""The SQL of IoT topic rules: which messages a rule is about, and what becomes of them. Pure.

    query = parse("SELECT temp, topic(2) AS room FROM 'home/+/climate' WHERE temp > 20 AND NOT off")
    query.result("home/attic/climate", {"temp": 21}, now=0.0)       # {"temp": 21, "room": "attic"}; None: not for it

Of the language: `*`, fields and paths (`a.b`, `a[0]`), texts, numbers, TRUE, FALSE, NULL, `topic()`, `topic(n)`,
`timestamp()`, arithmetic, comparisons, AND, OR, NOT, AS. Comparing what is not there is neither true nor false. Other
things are not modelled. Source: AWS IoT Core Developer Guide, "AWS IoT SQL reference".
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(r"\s*(?:('(?:[^']|'')*'|\"[^\"]*\")|(\d+(?:\.\d+)?)|([A-Za-z_]\w*)|(<>|<=|>=|[=<>()\[\],.*+\-/%]))")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_CALCULATE: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
}
_VALUES = {"TRUE": True, "FALSE": False, "NULL": None}
_KEYWORDS = {"SELECT", "FROM", "WHERE", "AS", "AND", "OR", "NOT", *_VALUES}
_NOTHING: Any = object()


class BadSql(ValueError):
    """A text that is no statement of the language."""


class NotModelled(ValueError):
    """A part of the language that the sandbox does not live."""


@dataclass(frozen=True, slots=True)
class Message:
    topic: str
    payload: Mapping[str, Any]
    now: float  # seconds since 1970


Value = Callable[[Message], Any]


@dataclass(frozen=True, slots=True)
class Query:
    topics: str
    items: Sequence[tuple[str, Value]]  # a name and its value; "" is all of the payload
    where: Value

    def result(self, topic: str, payload: Mapping[str, Any], now: float) -> dict[str, Any] | None:
        """What the rule's actions get; None if the message is not for it."""
        message = Message(topic, payload, now)
        if not covers(self.topics, topic) or self.where(message) is not True:
            return None
        made: dict[str, Any] = {}
        for name, value in self.items:
            if not name:
                made |= payload
            elif (found := value(message)) is not _NOTHING:
                made[name] = found
        return made


def covers(topics: str, topic: str) -> bool:
    """Whether a topic filter, with its `+` and `#`, covers a topic."""
    wanted, given = topics.split("/"), topic.split("/")
    if wanted[-1] == "#":
        wanted, given = wanted[:-1], given[: len(wanted) - 1]
    return len(wanted) == len(given) and all(one in ("+", other) for one, other in zip(wanted, given, strict=True))


def parse(sql: str) -> Query:
    """Raises BadSql or NotModelled."""
    return _Parser(sql).query()


class _Parser:
    """One method for each level: OR, AND, NOT, comparison, sum, product, value."""

    def __init__(self, sql: str) -> None:
        self._tokens: list[str] = []
        at, sql = 0, sql.strip()
        while at < len(sql):
            token = _TOKEN.match(sql, at)
            if token is None:
                raise BadSql(f"nothing can be made of {sql[at:]!r}")
            self._tokens.append(token[0].strip())
            at = token.end()

    def query(self) -> Query:
        self._demand("SELECT")
        items = [self._item()]
        while self._take(","):
            items.append(self._item())
        self._demand("FROM")
        topics = self._text()
        if topics is None:
            raise BadSql("after FROM there must be a topic filter in quotes")
        where: Value = self._or() if self._take("WHERE") else lambda message: True
        if self._tokens:
            raise BadSql(f"{self._tokens[0]!r} is not expected there")
        return Query(topics, items, where)

    def _item(self) -> tuple[str, Value]:
        if self._take("*"):
            return "", lambda message: message.payload
        first = self._tokens[:1]
        if [name.upper() for name in first] in (["VALUE"], ["DISTINCT"]):
            raise NotModelled(f"SELECT {first[0].upper()} in IoT SQL")
        before = list(self._tokens)
        value = self._or()
        spelled = before[: len(before) - len(self._tokens)]
        if self._take("AS"):
            return self._text() or self._name(), value
        if not re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", "".join(spelled)):
            raise NotModelled("SELECT of an expression without AS in IoT SQL")
        return spelled[-1], value

    def _or(self) -> Value:
        value = self._and()
        while self._take("OR"):
            value = _either(value, self._and())
        return value

    def _and(self) -> Value:
        value = self._not()
        while self._take("AND"):
            value = _both(value, self._not())
        return value

    def _not(self) -> Value:
        if not self._take("NOT"):
            return self._comparison()
        value = self._not()
        return lambda message: not one if isinstance(one := value(message), bool) else _NOTHING

    def _comparison(self) -> Value:
        value = self._calculation(("+", "-"), lambda: self._calculation(("*", "/", "%"), self._value))
        sign = next((sign for sign in _COMPARE if self._take(sign)), None)
        if sign is None:
            if self._tokens and self._tokens[0].upper() in ("IN", "LIKE", "EXISTS", "BETWEEN", "IS"):
                raise NotModelled(f"{self._tokens[0].upper()} in IoT SQL")
            return value
        other = self._calculation(("+", "-"), lambda: self._calculation(("*", "/", "%"), self._value))
        return _apply(_COMPARE[sign], value, other, equality=sign in ("=", "<>"))

    def _calculation(self, signs: Sequence[str], operand: Callable[[], Value]) -> Value:
        value = operand()
        while sign := next((sign for sign in signs if self._take(sign)), None):
            value = _apply(_CALCULATE[sign], value, operand())
        return value

    def _value(self) -> Value:
        if self._take("("):
            value = self._or()
            self._demand(")")
            return value
        if self._take("-"):
            return _apply(operator.sub, lambda message: 0, self._value())
        if (text := self._text()) is not None:
            return lambda message: text
        if self._tokens and self._tokens[0][0].isdigit():
            number = float(self._tokens[0]) if "." in self._tokens[0] else int(self._tokens[0])
            self._tokens.pop(0)
            return lambda message: number
        for word, constant in _VALUES.items():
            if self._take(word):
                return lambda message, constant=constant: constant  # type: ignore[misc]
        name = self._name()
        return self._function(name) if self._take("(") else self._path(name)

    def _function(self, name: str) -> Value:
        number = self._tokens.pop(0) if self._tokens and self._tokens[0].isdigit() else None
        if name.lower() == "topic" and self._take(")"):
            return lambda message: _part(message.topic, number)
        if name.lower() == "timestamp" and number is None and self._take(")"):
            return lambda message: int(message.now * 1000)
        raise NotModelled(f"the function {name}() of IoT SQL, or what is given to it")

    def _path(self, name: str) -> Value:
        keys: list[str | int] = [name]
        while True:
            if self._take("."):
                keys.append(self._name())
            elif self._take("["):
                if not (self._tokens and self._tokens[0].isdigit()):
                    raise BadSql("between [ and ] there must be a number")
                keys.append(int(self._tokens.pop(0)))
                self._demand("]")
            else:
                return lambda message: _at(message.payload, keys)

    # -- tokens

    def _take(self, wanted: str) -> bool:
        if self._tokens and self._tokens[0].upper() == wanted:
            self._tokens.pop(0)
            return True
        return False

    def _demand(self, wanted: str) -> None:
        if not self._take(wanted):
            raise BadSql(f"{wanted} is expected before {self._tokens[0]!r}" if self._tokens else f"{wanted} is missing")

    def _text(self) -> str | None:
        if not self._tokens or self._tokens[0][0] not in "'\"":
            return None
        token = self._tokens.pop(0)
        return token[1:-1].replace("''", "'") if token[0] == "'" else token[1:-1]

    def _name(self) -> str:
        if not self._tokens or not re.match(r"[A-Za-z_]", self._tokens[0]) or self._tokens[0].upper() in _KEYWORDS:
            raise BadSql(f"a name is expected before {self._tokens[0]!r}" if self._tokens else "a name is missing")
        return self._tokens.pop(0)


def _part(topic: str, number: str | None) -> Any:
    """The whole topic, or its part of a number, counted from 1."""
    parts = topic.split("/")
    if number is None:
        return topic
    return parts[int(number) - 1] if 1 <= int(number) <= len(parts) else _NOTHING


def _at(payload: Any, keys: Sequence[Any]) -> Any:
    for key in keys:
        try:
            payload = payload[key] if isinstance(payload, Mapping if isinstance(key, str) else list) else _NOTHING
        except LookupError:
            return _NOTHING
    return payload


def _either(one: Value, other: Value) -> Value:
    return lambda message: True if one(message) is True else other(message)


def _both(one: Value, other: Value) -> Value:
    return lambda message: other(message) if (first := one(message)) is True else first


def _apply(what: Callable[[Any, Any], Any], one: Value, other: Value, *, equality: bool = False) -> Value:
    """Numbers go with numbers, texts with texts; all else can only be equal or not."""

    def applied(message: Message) -> Any:
        left, right = one(message), other(message)
        if left is _NOTHING or right is _NOTHING:
            return _NOTHING
        if (
            not equality
            and not (_is_number(left) and _is_number(right))
            and not isinstance(left, str) & isinstance(right, str)
        ):
            return _NOTHING
        try:
            return what(left, right)
        except (ArithmeticError, TypeError):
            return _NOTHING

    return applied


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
