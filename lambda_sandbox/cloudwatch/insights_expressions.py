"""Expressions of CloudWatch Logs Insights: what stands in `fields`, `filter`, `stats … by …` and `sort`.

    expression = Scanner('@duration / 1000 > 3 and @message like /(?i)slow/').expression()
    expression(row)             # 1 or 0

What is missing is None, and makes None of all arithmetic and False of all comparisons. In `stats` the row is a group,
whose `rows` the aggregates go through. What cannot be read raises `Malformed`, with AWS's words.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

from lambda_sandbox.clock import iso8601
from lambda_sandbox.cloudwatch.insights_fields import Row, Time
from lambda_sandbox.wire import AwsError

Expression = Callable[[Any], Any]

_TOKEN = re.compile(
    r"""(?:\s|\#[^\n]*)*(?:
    (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*') | (?P<span>\d+(?:ms|mo|[smhdwqy])\b) | (?P<number>\d+(?:\.\d+)?)
    | (?P<quoted>`[^`]+`) | (?P<name>@?[A-Za-z_][\w.@]*) | (?P<sign><=|>=|!=|=~|[-=<>+*/%^(),|\[\]]) | (?P<end>$)
    )""",
    re.VERBOSE,
)
_REGEX = re.compile(r"\s*/((?:[^/\\\n]|\\.)+)/")
_LETTERS_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_WORDS_MS = {"millisecond": 1, "second": 1_000, "minute": 60_000, "hour": 3_600_000, "day": 86_400_000}
_SPANS_MS = {**_LETTERS_MS, **_WORDS_MS}


class Malformed(AwsError):
    """MalformedQueryException: what was found where it cannot stand, or is not modelled."""

    def __init__(self, message: str) -> None:
        super().__init__("MalformedQueryException", 400, message)


class Scanner:
    """Reads a query from left to right."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self._aggregates = False  # whether count() and its like may stand here
        self.depth = 0

    # -- tokens

    def peek(self) -> tuple[str, str]:
        """The next token's kind and text, not taken."""
        kind, text, _ = self._next()
        return kind, text

    def take(self) -> tuple[str, str]:
        kind, text, self._at = self._next()
        return kind, text

    def took(self, *words: str) -> bool:
        """Takes the next token if it is one of these words or signs, in any case."""
        kind, text, end = self._next()
        if kind not in ("name", "sign") or text.lower() not in words:
            return False
        self._at = end
        return True

    def expect(self, sign: str) -> None:
        if not self.took(sign):
            raise self.unexpected()

    def unexpected(self) -> Malformed:
        match = _TOKEN.match(self._text, self._at)
        if match and match.lastgroup:
            text, place = match[match.lastgroup], match.start(match.lastgroup)
        else:
            place = len(self._text) - len(self._text[self._at :].lstrip())
            text = self._text[place : place + 1]
        line, before = self._text.count("\n", 0, place) + 1, self._text.rfind("\n", 0, place)
        return Malformed(
            f"unexpected symbol found {text or 'end of query'} at line {line} and position {place - before}"
        )

    def regex(self) -> re.Pattern[str] | None:
        """`/…/`, if that is next."""
        match = _REGEX.match(self._text, self._at)
        if match is None:
            return None
        self._at = match.end()
        try:
            return re.compile(match[1].replace("\\/", "/").replace("(?<", "(?P<").replace("(?P<=", "(?<=")
                              .replace("(?P<!", "(?<!"))  # fmt: skip
        except re.error as error:
            raise Malformed(f"/{match[1]}/ is no regular expression: {error}") from None

    def text(self) -> str | None:
        """A quoted text, if that is next."""
        if self.peek()[0] != "text":
            return None
        return re.sub(r"\\(.)", r"\1", self.take()[1][1:-1])

    def name(self) -> str:
        kind, text = self.peek()
        if kind not in ("name", "quoted"):
            raise self.unexpected()
        self.take()
        return text.strip("`")

    def whole_number(self) -> int:
        kind, text = self.peek()
        if kind != "number" or not text.isdecimal():
            raise self.unexpected()
        self.take()
        return int(text)

    def _next(self) -> tuple[str, str, int]:
        match = _TOKEN.match(self._text, self._at)
        if match is None:
            raise self.unexpected()
        assert match.lastgroup is not None
        return match.lastgroup, match[match.lastgroup], match.end()

    def source(self, begin: int) -> str:
        """The text from a place up to here, as a column is named that has no other name."""
        return self._text[begin : self._at].strip()

    @property
    def at(self) -> int:
        return self._at

    # -- expressions, from what binds least to what binds most

    def expression(self, *, aggregates: bool = False) -> Expression:
        self._aggregates = aggregates
        return self._either()

    def _either(self) -> Expression:
        made = self._both()
        while self.took("or"):
            made = _or(made, self._both())
        return made

    def _both(self) -> Expression:
        made = self._not()
        while self.took("and"):
            made = _and(made, self._not())
        return made

    def _not(self) -> Expression:
        if self.took("not"):
            inner = self._not()
            return lambda row: int(not inner(row))
        return self._comparison()

    def _comparison(self) -> Expression:
        left = self._sum()
        for sign, compare in _COMPARISONS.items():
            if self.took(sign):
                return _compared(left, self._sum(), compare)
        negated = self.took("not")
        if self.took("like", "=~"):
            made = self._like(left)
        elif self.took("in"):
            made = self._in(left)
        elif negated:
            raise self.unexpected()
        else:
            return left
        return (lambda row: int(not made(row))) if negated else made

    def _like(self, left: Expression) -> Expression:
        if pattern := self.regex():
            search = pattern.search
            return lambda row: int((value := left(row)) is not None and search(shown(value)) is not None)
        text = self.text()
        if text is None:
            raise self.unexpected()
        return lambda row: int((value := left(row)) is not None and text in shown(value))

    def _in(self, left: Expression) -> Expression:
        self.expect("[")
        among = [self._sum()]
        while self.took(","):
            among.append(self._sum())
        self.expect("]")
        return lambda row: int(any(_equal(left(row), one(row)) for one in among))

    def _sum(self) -> Expression:
        made = self._product()
        while (sign := self.peek()[1]) in ("+", "-"):
            self.take()
            made = _arithmetic(sign, made, self._product())
        return made

    def _product(self) -> Expression:
        made = self._power()
        while (sign := self.peek()[1]) in ("*", "/", "%"):
            self.take()
            made = _arithmetic(sign, made, self._power())
        return made

    def _power(self) -> Expression:
        made = self._single()
        return _arithmetic("^", made, self._power()) if self.took("^") else made

    def _single(self) -> Expression:
        self.depth += 1
        if self.depth > 100:
            raise Malformed("the expression is too deep")
        try:
            return self._value()
        finally:
            self.depth -= 1

    def _value(self) -> Expression:
        if self.took("("):
            made = self._either()
            self.expect(")")
            return made
        if self.took("-"):
            inner = self._single()
            return lambda row: None if (value := number(inner(row))) is None else -value
        if (text := self.text()) is not None:
            return lambda row: text
        kind, said = self.peek()
        if kind == "number":
            self.take()
            value = float(said)
            return lambda row: value
        if kind == "quoted":
            field = self.name()
            return lambda row: row.get(field)
        if kind != "name" or said.lower() in _WORDS:
            raise self.unexpected()
        self.take()
        if self.took("("):
            return self._call(said)
        return lambda row: row.get(said)

    def _call(self, name: str) -> Expression:
        lower = name.lower()
        if lower in ("bin", "datefloor", "dateceil"):
            return self._bin(lower)
        if lower == "count" and self._aggregates and self.took("*"):
            self.expect(")")
            return lambda group: len(group.rows)
        if lower in AGGREGATES and not self._aggregates:
            raise Malformed(f"{name}() cannot stand outside stats, nor inside another of its kind")
        inside, self._aggregates = self._aggregates, self._aggregates and lower not in AGGREGATES
        given = [] if self.peek()[1] == ")" else [self._either()]
        while given and self.took(","):
            given.append(self._either())
        self._aggregates = inside
        self.expect(")")
        if lower in AGGREGATES:
            return _aggregate(lower, given)
        if lower not in FUNCTIONS:
            raise Malformed(f"unknown function {name}, or one that the sandbox does not model")
        fewest, most, function = FUNCTIONS[lower]
        if not fewest <= len(given) <= most:
            raise Malformed(f"{name}() takes another number of arguments than {len(given)}")
        return lambda row: function(*(one(row) for one in given))

    def _bin(self, name: str) -> Expression:
        field: Expression = lambda row: row.get("@timestamp")  # noqa: E731
        if name != "bin":
            field = self._sum()
            self.expect(",")
        kind, said = self.peek()
        match = re.fullmatch(r"(\d*)\s*([a-z]+)", said)
        if kind == "number":
            self.take()
            if self.peek()[0] != "name":
                raise Malformed(f"{name}() takes a period like 30s, 5m or 1h")
            unit = self.name().lower().removesuffix("s")
            match = re.fullmatch(r"(\d+) ([a-z]+)", f"{said} {unit}")
        else:
            self.take()
        if match is None or match[2] not in _SPANS_MS:
            raise Malformed(f"{name}() takes a period like 30s, 5m or 1h")
        span = int(match[1] or 1) * _SPANS_MS[match[2]]
        self.expect(")")
        if not span:
            raise Malformed(f"{name}() takes a period like 30s, 5m or 1h")
        rounded = math.ceil if name == "dateceil" else math.floor

        def begin(row: Any) -> Any:
            value = number(field(row))
            return None if value is None else Time(rounded(value / span) * span)

        return begin


_WORDS = ("and", "or", "not", "like", "in", "by", "as", "asc", "desc")


# -- values


def number(value: Any) -> float | None:
    """A number, or a text that reads like one."""
    try:
        made = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return made if math.isfinite(made) else None


def shown(value: Any) -> str:
    """A value as a result shows it."""
    if isinstance(value, Time):
        return iso8601(value / 1000).replace("T", " ")[:-1]
    if isinstance(value, float) and math.isfinite(value):
        return str(int(value)) if value == int(value) else str(round(value, 4))
    return str(value)


def _equal(left: Any, right: Any) -> bool:
    if left is None or right is None:
        return False
    if isinstance(left, int | float) or isinstance(right, int | float):
        return number(left) == number(right)
    return bool(left == right)


def _less(left: Any, right: Any) -> bool:
    if left is None or right is None:
        return False
    first, second = number(left), number(right)
    if first is not None and second is not None:
        return first < second
    return isinstance(left, str) and isinstance(right, str) and left < right


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<=": lambda left, right: _less(left, right) or _equal(left, right),
    ">=": lambda left, right: _less(right, left) or _equal(left, right),
    "!=": lambda left, right: not _equal(left, right),
    "=": _equal,
    "<": _less,
    ">": lambda left, right: _less(right, left),
}


def _compared(left: Expression, right: Expression, compare: Callable[[Any, Any], bool]) -> Expression:
    return lambda row: int(compare(left(row), right(row)))


def _or(left: Expression, right: Expression) -> Expression:
    return lambda row: int(bool(left(row)) or bool(right(row)))


def _and(left: Expression, right: Expression) -> Expression:
    return lambda row: int(bool(left(row)) and bool(right(row)))


def _arithmetic(sign: str, left: Expression, right: Expression) -> Expression:
    def made(row: Any) -> float | None:
        first, second = number(left(row)), number(right(row))
        if first is None or second is None or (sign in "/%" and not second):
            return None
        try:
            return _ARITHMETIC[sign](first, second)
        except (OverflowError, ZeroDivisionError):
            return None

    return made


_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "%": math.fmod,
    "^": math.pow,
}


# -- functions


def _of_number(function: Callable[[float], float]) -> Callable[[Any], Any]:
    def made(value: Any) -> Any:
        known = number(value)
        try:
            return None if known is None else function(known)
        except ValueError:
            return None  # of a negative number

    return made


def _of_text(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda value, *more: None if value is None else function(shown(value), *more)


def _known(values: Sequence[Any]) -> list[float]:
    return [known for value in values if (known := number(value)) is not None]


def _substr(text: str, start: Any, length: Any = None) -> str:
    begin = int(number(start) or 0)
    return text[begin:] if length is None else text[begin : begin + int(number(length) or 0)]


FUNCTIONS: dict[str, tuple[int, float, Callable[..., Any]]] = {  # fewest and most arguments
    "abs": (1, 1, _of_number(abs)),
    "ceil": (1, 1, _of_number(math.ceil)),
    "floor": (1, 1, _of_number(math.floor)),
    "log": (1, 1, _of_number(math.log)),
    "sqrt": (1, 1, _of_number(math.sqrt)),
    "greatest": (1, math.inf, lambda *values: max(_known(values), default=None)),
    "least": (1, math.inf, lambda *values: min(_known(values), default=None)),
    "ispresent": (1, 1, lambda value: int(value is not None)),
    "coalesce": (1, math.inf, lambda *values: next((value for value in values if value is not None), None)),
    "isempty": (1, 1, lambda value: int(value is None or value == "")),
    "isblank": (1, 1, lambda value: int(value is None or not shown(value).strip())),
    "concat": (1, math.inf, lambda *values: "".join(shown(value) for value in values if value is not None)),
    "trim": (1, 1, _of_text(str.strip)),
    "ltrim": (1, 1, _of_text(str.lstrip)),
    "rtrim": (1, 1, _of_text(str.rstrip)),
    "strlen": (1, 1, _of_text(len)),
    "toupper": (1, 1, _of_text(str.upper)),
    "tolower": (1, 1, _of_text(str.lower)),
    "substr": (2, 3, _of_text(_substr)),
    "replace": (3, 3, _of_text(lambda text, old, new: text.replace(shown(old), shown(new)))),
    "strcontains": (2, 2, _of_text(lambda text, part: int(shown(part) in text))),
    "frommillis": (1, 1, _of_number(Time)),
    "tomillis": (1, 1, _of_number(float)),
}


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The lowest value that so many percent of all are not above."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100 - 1e-9) - 1)]


def _average(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _deviation(values: Sequence[float]) -> float | None:
    mean = _average(values)
    return None if mean is None else math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))


AGGREGATES: dict[str, Callable[[Sequence[Any]], Any]] = {  # of the values that are there
    "count": len,
    "count_distinct": lambda values: len({shown(value) for value in values}),
    "sum": lambda values: sum(known) if (known := _known(values)) else None,
    "avg": lambda values: _average(_known(values)),
    "min": lambda values: min(_known(values), default=None),
    "max": lambda values: max(_known(values), default=None),
    "median": lambda values: percentile(_known(values), 50),
    "stddev": lambda values: _deviation(_known(values)),
    "pct": lambda values: None,  # which takes two arguments
    "latest": lambda values: values[0] if values else None,
    "earliest": lambda values: values[-1] if values else None,
}


def _aggregate(name: str, given: Sequence[Expression]) -> Expression:
    if len(given) != (2 if name == "pct" else 1):
        raise Malformed(f"{name}() takes another number of arguments than {len(given)}")
    of = given[0]

    def values(group: Any) -> list[Any]:
        return [value for row in group.rows if (value := of(row)) is not None]

    if name == "pct":
        percent = number(given[1](Row()))
        if percent is None or not 0 <= percent <= 100:
            raise Malformed("pct() takes a field and a number from 0 to 100")
        wanted = percent
        return lambda group: percentile(_known(values(group)), wanted)
    function = AGGREGATES[name]
    return lambda group: function(values(group))
