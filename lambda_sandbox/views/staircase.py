"""Concurrency over time: environments rise in steps, concurrency is the area below them, throttles are bars beneath.

Staircase("f: 300 requests in 60 s", ["300 served"], rows)      # the drawing, and a table that says the same
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

LETTERS, HIGH = 60, 10  # the drawing in text
PIXELS, TALL, STRIP = 600, 180, 30  # and as SVG
LEFT, LETTER = 60, 7
ROWS_SHOWN = 40
AREA, LINE, BARS = "#9ecae1", "#2171b5", "#d62728"  # seen on a white and on a black page
HEAD = ("second", "requests", "cold starts", "throttles", "concurrency", "environments", "USD")


class Row(NamedTuple):
    """From `second` until the next row. concurrency and environments are the most there were at once; cost is USD."""

    second: float
    requests: int
    served: int
    cold_starts: int
    throttles: int
    concurrency: int
    environments: int
    cost: float

    def cells(self) -> tuple[str, ...]:
        counts = (self.requests, self.cold_starts, self.throttles, self.concurrency, self.environments)
        return (f"{self.second:g}", *(f"{count:,}" for count in counts), f"{self.cost:.6f}")


class Staircase:
    """The picture of a run, in text and in HTML. `until`: when the last row ends, in seconds."""

    def __init__(self, title: str, notes: Sequence[str], rows: Sequence[Row], until: float) -> None:
        self._title, self._notes, self._rows, self._until = title, notes, rows, until
        self._most = max((max(row.concurrency, row.environments) for row in rows), default=0) or 1
        self._most_throttles = max((row.throttles for row in rows), default=0)

    # -- text

    def __repr__(self) -> str:
        return "\n".join([self._title, *self._notes, "", *self._text_drawing(), "", *self._text_table()])

    def _text_drawing(self) -> Iterator[str]:
        """A column or more for each row: `#` concurrency, `.` environments beyond it, `x` throttles."""
        wide = max(LETTERS // max(len(self._rows), 1), 1)
        rows = self._rows[:LETTERS]
        indent = len(f"{self._most:,}")
        for level in range(HIGH, 0, -1):
            needed = self._most * (level - 0.5) / HIGH
            letters = ("#" if row.concurrency >= needed else "." if row.environments >= needed else " " for row in rows)
            label = f"{self._most:,}" if level == HIGH else ""
            yield f"{label:>{indent}} |{''.join(letter * wide for letter in letters)}".rstrip()
        if self._most_throttles:
            yield f"{'':>{indent}} |{''.join(('x' if row.throttles else ' ') * wide for row in rows)}".rstrip()
        yield f"{'':>{indent}} +{'-' * wide * len(rows)} {self._until:,.6g} s"
        yield f"{'':>{indent}}  # concurrency   . environments" + ("   x throttles" if self._most_throttles else "")

    def _text_table(self) -> Iterator[str]:
        table = [HEAD, *(row.cells() for row in self._rows[:ROWS_SHOWN])]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        for cells in table:
            yield "  ".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
        yield from self._more()

    def _more(self) -> list[str]:
        more = len(self._rows) - ROWS_SHOWN
        return [f"… and {more} more rows"] if more > 0 else []

    # -- SVG and HTML

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{cell}</th>' for cell in HEAD)
        rows = (f"<tr>{''.join(f'<td>{cell}</td>' for cell in row.cells())}</tr>" for row in self._rows[:ROWS_SHOWN])
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
        notes = (f"<p>{escape(note)}</p>" for note in self._notes)
        return "\n".join([self.svg, *notes, table, *(f"<p>{more}</p>" for more in self._more())])

    @property
    def svg(self) -> str:
        """The drawing as one `<svg>` element; text and lines take the colour of the page around it."""
        base = 24 + TALL
        bottom = base + (STRIP + 6 if self._most_throttles else 0)
        parts = [
            f'<text x="0" y="14" font-weight="bold">{escape(self._title)}</text>',
            f'<path d="{self._outline("concurrency", base)} V{base} Z" fill="{AREA}" stroke="none"/>',
            f'<path d="{self._outline("environments", base)}" fill="none" stroke="{LINE}" stroke-width="2"/>',
            f'<text x="{LEFT - 6}" y="34" text-anchor="end">{self._most:,}</text>',
            f'<text x="{LEFT - 6}" y="{base}" text-anchor="end">0</text>',
            f'<line x1="{LEFT}" y1="{base}" x2="{LEFT + PIXELS}" y2="{base}" stroke="currentColor"/>',
            *self._svg_rows(base),
            f'<text x="{LEFT}" y="{bottom + 16}">0 s</text>',
            f'<text x="{LEFT + PIXELS}" y="{bottom + 16}" text-anchor="end">{self._until:,.6g} s</text>',
            *self._svg_legend(bottom + 26),
        ]
        inside = "\n".join(parts)
        name = "staircase-" + hashlib.sha256(inside.encode()).hexdigest()[:8]  # the same drawing has the same id
        width, height = max(LEFT + PIXELS, round(7.5 * len(self._title))), bottom + 44
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f'role="img" aria-labelledby="{name} {name}-text" font-family="sans-serif" font-size="12" '
            f'fill="currentColor">\n<title id="{name}">{escape(self._title)}</title>\n'
            f'<desc id="{name}-text">{escape("; ".join(self._notes))}</desc>\n{inside}\n</svg>'
        )

    def _x(self, second: float) -> float:
        return LEFT + PIXELS * second / (self._until or 1.0)

    def _spans(self) -> Iterator[tuple[Row, float, float]]:
        """Each row with where it begins and ends."""
        ends = [*(row.second for row in self._rows[1:]), self._until]
        return ((row, self._x(row.second), self._x(end)) for row, end in zip(self._rows, ends, strict=True))

    def _outline(self, what: str, base: int) -> str:
        heights = ((base - TALL * getattr(row, what) / self._most, start, end) for row, start, end in self._spans())
        return f"M{LEFT} {base} " + " ".join(f"L{start:.1f} {y:.1f} H{end:.1f}" for y, start, end in heights)

    def _svg_rows(self, base: int) -> Iterator[str]:
        """Where one points at a row it says its figures; below it, its throttles."""
        for row, start, end in self._spans():
            says = ", ".join(f"{name} {cell}" for name, cell in zip(HEAD, row.cells(), strict=True))
            shape = f'x="{start:.1f}" width="{end - start:.1f}"'
            yield f'<rect {shape} y="24" height="{TALL}" fill="transparent"><title>{says}</title></rect>'
            if row.throttles:
                high = max(STRIP * row.throttles / self._most_throttles, 1)
                yield f'<rect {shape} y="{base + 4}" height="{high:.1f}" fill="{BARS}"/>'

    def _svg_legend(self, y: int) -> Iterator[str]:
        x = LEFT
        throttles = f"throttles, at most {self._most_throttles:,} a row"
        for colour, word in ((AREA, "concurrency"), (LINE, "environments"), (BARS, throttles)):
            if colour != BARS or self._most_throttles:
                yield f'<rect x="{x}" y="{y}" width="12" height="12" fill="{colour}"/>'
                yield f'<text x="{x + 17}" y="{y + 10}">{word}</text>'
            x += 17 + LETTER * len(word) + 16
