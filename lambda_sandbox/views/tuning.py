"""The same work at several memory sizes: what it takes and what it costs, as a table and as a curve (facts §1.1, §2.1).

Tuning({128: 1404, 1769: 134})      # billed ms by memory in MB, None where the work was not done
sandbox.power_tune("resize")        # measured
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import NamedTuple

from lambda_sandbox.facts import price

LETTERS = 24  # the longest bar in text
STEP, LEFT, TOP, TALL = 90, 60, 44, 160  # pixels: between sizes, before the first, above and in the drawing
TIME, COST = "#1a63b0", "#b34700"  # seen on a white and on a black page; words are in the page's own colour
HEAD = ("memory", "ms", "USD a million", "")


class Size(NamedTuple):
    """One memory size. `billed_ms` and `usd` (of a million invocations) are None if an invocation failed."""

    memory_mb: int
    billed_ms: float | None
    usd: float | None


class Tuning:
    """The curve. `cheapest`, `fastest` and `balanced` are memory sizes in MB."""

    def __init__(
        self,
        billed_ms: Mapping[int, float | None],
        *,
        name: str = "",
        architecture: str = "x86_64",
        region: str = "us-east-1",
        notes: Sequence[str] = (),
    ) -> None:
        """Raises ValueError: not one size did the work; the Region has no prices here."""
        self.architecture, self.region = architecture, region
        self.sizes = [Size(mb, ms, self._usd(mb, ms)) for mb, ms in sorted(billed_ms.items())]
        self._title = f"{name}: " * bool(name) + f"time and cost by memory, {architecture} in {region}"
        done = [(size.memory_mb, size.billed_ms, size.usd) for size in self.sizes if size.billed_ms and size.usd]
        if not done:
            raise ValueError("no invocation went well, at any of these sizes; the function's log says why")
        self._slowest, self._dearest = max(ms for _, ms, _ in done), max(usd for *_, usd in done)
        self.cheapest: int = min(done, key=lambda one: (round(one[2], 6), one[1]))[0]
        self.fastest: int = min(done, key=lambda one: (one[1], one[2]))[0]
        self.balanced: int = min(done, key=lambda one: one[1] / self._slowest + one[2] / self._dearest)[0]
        balanced = "Balanced: the least of time / longest time + cost / highest cost."
        self._notes = [*notes, "Warm invocations, the request included, without the free tier.", balanced]

    def _usd(self, memory_mb: int, billed_ms: float | None) -> float | None:
        if billed_ms is None:
            return None
        name = "arm64" if self.architecture == "arm64" else "x86"
        gb_second = price(f"prices.{name}_gb_second", self.region)
        of_a_million = billed_ms / 1000 * memory_mb / 1024 * gb_second * 1e6
        return float(of_a_million + price("prices.requests_per_million", self.region))

    def _rows(self) -> Iterator[tuple[str, ...]]:
        for size in self.sizes:
            names = [name for name in ("cheapest", "fastest", "balanced") if getattr(self, name) == size.memory_mb]
            if size.billed_ms is None or size.usd is None:
                yield f"{size.memory_mb:,} MB", "failed", "", ""
            else:
                yield f"{size.memory_mb:,} MB", f"{size.billed_ms:,.0f}", f"{size.usd:,.2f}", ", ".join(names)

    def __repr__(self) -> str:
        rows = [HEAD, *self._rows()]
        wide = [max(len(row[column]) for row in rows) for column in range(3)]
        lines = [self._title, ""]
        for size, row in zip([None, *self.sizes], rows, strict=True):
            bars = "time", "cost"
            if size is not None:
                bars = _bar("#", size.billed_ms, self._slowest), _bar("$", size.usd, self._dearest)
            figures = "  ".join(f"{cell:>{width}}" for cell, width in zip(row, wide, strict=False))
            lines.append(f"{figures}  {bars[0]:{LETTERS}}  {bars[1]:{LETTERS}}  {row[3]}".rstrip())
        return "\n".join([*lines, "", *self._notes])

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{cell}</th>' for cell in HEAD)
        rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in self._rows())
        notes = "".join(f"<p>{escape(note)}</p>" for note in self._notes)
        return f"{self.svg}<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{notes}"

    @property
    def svg(self) -> str:
        """Both curves, each up to its own highest value, as one `<svg>` element; the table says the figures."""
        base, width = TOP + TALL, max(LEFT + STEP * len(self.sizes), round(7.5 * len(self._title)))
        parts = [f'<text x="0" y="14" font-weight="bold">{escape(self._title)}</text>']
        parts += [f'<line x1="0" y1="{base}" x2="{width}" y2="{base}" stroke="currentColor"/>']
        for number, row in enumerate(self._rows()):
            x = LEFT + STEP * number
            parts.append(f'<text x="{x}" y="{base + 16}" text-anchor="middle">{row[0]}</text>')
            says = row[3] or ("failed" if row[1] == "failed" else "")
            parts.append(f'<text x="{x}" y="{base + 31}" text-anchor="middle" font-size="10">{says}</text>')
        for colour, word, dash, values, most in (
            (TIME, "time", "", [size.billed_ms for size in self.sizes], self._slowest),
            (COST, "cost", "6 4", [size.usd for size in self.sizes], self._dearest),
        ):
            known = [(LEFT + STEP * at, base - TALL * one / most) for at, one in enumerate(values) if one is not None]
            points = " ".join(f"{x},{y:.1f}" for x, y in known)
            style = f'fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"'
            parts.append(f'<polyline points="{points}" {style}/>')
            parts += [f'<circle cx="{x}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in known]
            parts.append(f'<text x="{known[-1][0] + 8}" y="{known[-1][1] - 6:.1f}">{word}</text>')
        inside = "\n".join(parts)
        name = "tuning-" + hashlib.sha256(inside.encode()).hexdigest()[:8]  # the same drawing has the same id
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {base + 40}" width="{width}" '
            f'height="{base + 40}" role="img" aria-labelledby="{name}" font-family="sans-serif" font-size="12" '
            f'fill="currentColor">\n<title id="{name}">{escape(self._title)}</title>\n{inside}\n</svg>'
        )


def _bar(letter: str, value: float | None, most: float) -> str:
    return "" if value is None else letter * max(round(LETTERS * value / most), 1)
