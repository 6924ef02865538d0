"""CloudWatch Logs Insights: a query over log events. Pure.

    result = run('filter @type = "REPORT" | stats pct(@duration, 99) as p99 by bin(5m)', events)
    result.rows                 # [{"bin(5m)": "2031-01-01 00:00:00.000", "p99": "12.34"}]

Commands: fields, display, filter, stats, parse, sort, dedup, limit; anything else is a MalformedQueryException, and so
is a function that is not modelled. Percentiles are exact here; AWS estimates them.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable
from typing import Any

from lambda_sandbox.cloudwatch.insights_expressions import Expression, Malformed, Scanner, number, shown
from lambda_sandbox.cloudwatch.insights_fields import Row
from lambda_sandbox.moto_bridge import LogEvent, QueryAnswer

MOST = 10_000  # results
_USUAL = ("@timestamp", "@message")

Rows = list[Row]
Step = Callable[[Rows], Rows]


class Group:
    """Rows that share what they are grouped by; in `stats` it stands where a row does."""

    def __init__(self, keys: dict[str, Any]) -> None:
        self.rows: Rows = []
        self.own = keys

    def get(self, name: str) -> Any:
        return self.own.get(name)


def run(query: str, events: Iterable[LogEvent], limit: int | None = None) -> QueryAnswer:
    """The answer. Raises Malformed before it looks at any event."""
    steps, columns = _Query(query).read()
    newest_first = sorted(events, key=lambda event: event.timestamp)[::-1]
    rows = [Row(event) for event in newest_first]
    matched = len(rows)
    for name, step in steps:
        rows = step(rows)
        if name == "filter":
            matched = min(matched, len(rows))
    shown_rows = []
    for row in rows[: min(limit or MOST, MOST)]:
        values = {name: row.get(name) for name in columns} if columns else row.own
        texts = {name: shown(value) for name, value in values.items() if value is not None}
        if row.event is not None:
            about = f"{row.event.log}/{row.event.stream}@{row.event.timestamp}/{row.event.message[:40]}"
            texts["@ptr"] = base64.b64encode(about.encode()).decode()
        shown_rows.append(texts)
    return QueryAnswer(shown_rows, matched)


class _Query:
    """Commands between bars, each a step from rows to rows."""

    def __init__(self, text: str) -> None:
        self._scanner = Scanner(text)
        self._steps: list[tuple[str, Step]] = []
        self._columns: list[str] = []  # to show; none after stats: what it has made
        self._parsed: list[str] = []
        self._grouped = self._exactly = False

    def read(self) -> tuple[list[tuple[str, Step]], list[str]]:
        """The steps, each with its command, and the columns to show."""
        commands: dict[str, Callable[[], Step]] = {
            "fields": self._fields,
            "display": self._display,
            "filter": self._filter,
            "stats": self._stats,
            "parse": self._parse,
            "sort": self._sort,
            "dedup": self._dedup,
            "limit": self._limit,
        }
        scanner = self._scanner
        while True:
            kind, word = scanner.peek()
            if kind != "name":
                raise scanner.unexpected()
            if word.lower() not in commands:
                raise Malformed(
                    f"{scanner.unexpected().message}: a command the sandbox models is {', '.join(commands)}"
                )
            scanner.take()
            self._steps.append((word.lower(), commands[word.lower()]()))
            if scanner.peek()[0] == "end":
                break
            scanner.expect("|")
        if self._grouped:
            return self._steps, self._columns
        return self._steps, [*dict.fromkeys([*(self._columns or _USUAL), *self._parsed])]

    def _fields(self) -> Step:
        made = self._named()
        self._columns += [name for name, _ in made if name not in self._columns]

        def step(rows: Rows) -> Rows:
            for row in rows:
                for name, expression in made:
                    if (value := expression(row)) is not None:
                        row.own[name] = value
            return rows

        return step

    def _display(self) -> Step:
        self._columns, self._parsed, self._exactly = [], [], True
        return self._fields()

    def _filter(self) -> Step:
        fits = self._scanner.expression()
        return lambda rows: [row for row in rows if fits(row)]

    def _stats(self) -> Step:
        made = self._named(aggregates=True)
        by = self._named() if self._scanner.took("by") else []
        self._grouped, self._columns = True, []  # from here on all that it makes is shown

        def step(rows: Rows) -> Rows:
            groups: dict[tuple[str, ...], Group] = {}
            for row in rows:
                keys = {name: value for name, expression in by if (value := expression(row)) is not None}
                same = tuple(shown(keys.get(name, "")) for name, _ in by)
                groups.setdefault(same, Group(keys)).rows.append(row)
            found = []
            for group in groups.values():
                for name, expression in made:
                    if (value := expression(group)) is not None:
                        group.own[name] = value
                found.append(Row(own=group.own))
            return found

        return step

    def _parse(self) -> Step:
        scanner = self._scanner
        field: Expression = lambda row: row.get("@message")  # noqa: E731
        if scanner.peek()[0] in ("name", "quoted"):
            name = scanner.name()
            field = lambda row: row.get(name)  # noqa: E731
        if (pattern := scanner.regex()) is None:
            glob = scanner.text()
            if glob is None:
                raise scanner.unexpected()
            pattern = re.compile(_glob(glob), re.DOTALL)
        names = list(pattern.groupindex)
        if scanner.took("as"):
            names = [scanner.name()]
            while scanner.took(","):
                names.append(scanner.name())
        if not names or len(names) != pattern.groups:
            raise Malformed(f"parse finds {pattern.groups} values, and has {len(names)} names for them")
        self._parsed += [] if self._exactly else names

        def step(rows: Rows) -> Rows:
            for row in rows:
                value = field(row)
                if value is not None and (found := pattern.search(shown(value))):
                    row.own |= {
                        name: part for name, part in zip(names, found.groups(), strict=True) if part is not None
                    }
            return rows

        return step

    def _sort(self) -> Step:
        scanner = self._scanner
        scanner.took("by")
        orders: list[tuple[Expression, bool]] = []
        while True:
            expression = scanner.expression()
            orders.append((expression, scanner.took("desc")))
            if not orders[-1][1]:
                scanner.took("asc")
            if not scanner.took(","):
                break

        def step(rows: Rows) -> Rows:
            for expression, descending in reversed(orders):
                rows = sorted(rows, key=lambda row: _order(expression(row)), reverse=descending)
            return rows

        return step

    def _dedup(self) -> Step:
        made = self._named()

        def step(rows: Rows) -> Rows:
            first: dict[tuple[str, ...], Row] = {}
            for row in rows:
                values = [expression(row) for _, expression in made]
                if None not in values:
                    first.setdefault(tuple(map(shown, values)), row)
            return list(first.values())

        return step

    def _limit(self) -> Step:
        most = self._scanner.whole_number()
        if not 0 < most <= MOST:
            raise Malformed(f"limit takes a number from 1 to {MOST}")
        return lambda rows: rows[:most]

    def _named(self, *, aggregates: bool = False) -> list[tuple[str, Expression]]:
        """Expressions between commas, each by its alias or as it is written."""
        scanner, made = self._scanner, []
        while True:
            begin = scanner.at
            expression = scanner.expression(aggregates=aggregates)
            name = scanner.source(begin).strip("`")
            made.append((scanner.name() if scanner.took("as") else name, expression))
            if not scanner.took(","):
                return made


def _glob(text: str) -> str:
    """`user=*, ms=*`: each star is as little as will do, one at the end is the rest of its line."""
    parts = [re.escape(part) for part in text.split("*")]
    return "(.*?)".join(parts[:-1]) + r"([^\n]*)" if len(parts) > 1 and not parts[-1] else "(.*?)".join(parts)


def _order(value: Any) -> tuple[int, float, str]:
    """Nothing, then numbers, then texts."""
    if value is None:
        return (0, 0.0, "")
    known = number(value)
    return (1, known, "") if known is not None else (2, 0.0, shown(value))
