"""The timeline: what execution environments did, as text and as SVG made of the same spans.

Timeline(records)                   # to order: the same lesson gives the same drawing on every machine
Timeline(records, scale="time")     # to scale, with milliseconds
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby
from typing import Literal, NamedTuple

from lambda_sandbox.journal import Record
from lambda_sandbox.views.lanes import COLUMN, Drawing, Phase, Span, read, to_order, to_scale

# what is shown of a long story, so that a notebook's output stays readable
LANES_SHOWN = 15
COLUMNS_SHOWN = 24
ROWS_SHOWN = 15

LETTERS = 72  # how wide a drawing is in text
LETTERS_A_UNIT = 3  # at most
PIXELS = 660  # and in SVG
PIXELS_A_UNIT = 44
ROW, BAR, THIN = 30, 22, 6  # heights of a lane, of what it does, of its rest
LETTER, BOLD = 6.5, 7.5  # pixels of one, near enough


class Row(NamedTuple):
    """A line of the table: a turn of an environment, or its end."""

    environment: str
    phases: str
    request: str
    outcome: str


class Timeline:
    """Environments as lanes, their turns from left to right. Pure: the same records give the same drawing."""

    def __init__(self, records: Iterable[Record], *, scale: Literal["order", "time"] = "order") -> None:
        if scale not in ("order", "time"):
            raise ValueError(f'scale is "order" or "time", not {scale!r}')
        self.scale = scale
        self._lanes = read(records)
        self._drawing = to_order(self._lanes) if scale == "order" else to_scale(self._lanes)
        self._several = len({lane.function for lane in self._lanes}) > 1

    # -- what is said, in text and in HTML

    @property
    def title(self) -> str:
        """`hello: 2 environments, in order, not to scale`."""
        count = len(self._lanes)
        of = "all functions" if self._several or not count else self._lanes[0].function
        how = "in order, not to scale" if self.scale == "order" else f"to scale, {self._drawing.width:.0f} ms"
        return f"{of}: {count} environment{'' if count == 1 else 's'}, {how}"

    def names(self) -> list[str]:
        """The lanes' names, with their function's where there are several."""
        return [f"{lane.name} {_short(lane.function, 20)}" if self._several else lane.name for lane in self._lanes]

    def phases(self) -> list[Phase]:
        """Those that occur: the legend."""
        seen = {span.phase for spans in self._drawing.spans for span in spans}
        return [phase for phase in Phase if phase in seen]

    @property
    def _head(self) -> Row:
        return Row("environment", "phases" if self.scale == "order" else "phases (ms)", "request", "outcome")

    def rows(self) -> list[Row]:
        """Every turn in the order drawn, then every environment that stopped."""
        turns = sorted((turn for lane in self._lanes for turn in lane.turns), key=lambda turn: (turn.first, turn.lane))
        rows = []
        for turn in turns:
            parts = (
                part.phase.word if self.scale == "order" or part.ms is None else f"{part.phase.word} {part.ms:.0f}"
                for part in turn.parts
            )
            request = "" if turn.request is None else str(turn.request)
            rows.append(Row(f"e{turn.lane + 1}", ", ".join(parts), request, turn.outcome))
        stops = (Row(lane.name, Phase.STOPPED.word, "", lane.stopped.reason) for lane in self._lanes if lane.stopped)
        return [*rows, *stops]

    def notes(self) -> list[str]:
        """What is left out of a long story."""
        columns = round(self._drawing.width / COLUMN) if self.scale == "order" else 0
        left_out = {
            "environments": len(self._lanes) - LANES_SHOWN,
            "columns": columns - COLUMNS_SHOWN,
            "rows": len(self.rows()) - ROWS_SHOWN,
        }
        return [f"… and {count} more {what}" for what, count in left_out.items() if count > 0]

    def _shown(self) -> Drawing:
        """The drawing, cut to what is shown."""
        width, lanes = self._drawing
        if self.scale == "order":
            width = min(width, COLUMN * COLUMNS_SHOWN)
        cut = [[s._replace(end=min(s.end, width)) for s in spans if s.start < width] for spans in lanes[:LANES_SHOWN]]
        return Drawing(width, cut if self.scale == "order" else lanes[:LANES_SHOWN])

    # -- text

    def __repr__(self) -> str:
        if not self._lanes:
            return "No environment has started yet."
        legend = "   ".join(f"{phase.letter} {phase.word}" for phase in self.phases())
        return "\n".join([self.title, "", *self._text_lanes(), "", legend, "", *self._text_table(), *self.notes()])

    def _text_lanes(self) -> Iterator[str]:
        drawing = self._shown()
        names = self.names()[: len(drawing.spans)]
        indent = max(map(len, names)) + 2
        room = min(LETTERS, 79 - indent)
        unit = room / drawing.width if self.scale == "time" else min(room / drawing.width, LETTERS_A_UNIT)
        for name, spans in zip(names, drawing.spans, strict=True):
            letters = [" "] * room
            for span in sorted(spans, key=lambda span: span.phase is not Phase.FROZEN):  # a short turn covers a rest
                start = min(round(span.start * unit), room - 1)
                end = start + 1 if span.phase is Phase.STOPPED else max(round(span.end * unit), start + 1)
                letters[start : min(end, room)] = span.phase.letter * (min(end, room) - start)
            yield f"{name:<{indent}}{''.join(letters)}".rstrip()
        if self.scale == "time":
            last = f"{drawing.width:.0f} ms"
            yield " " * indent + "0 ms" + last.rjust(room - 4)

    def _text_table(self) -> Iterator[str]:
        rows = [self._head, *self.rows()[:ROWS_SHOWN]]
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        widths[3] = max(78 - sum(widths[:3]) - 6, 8)
        for row in rows:
            yield "  ".join(f"{_short(cell, width):<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()

    # -- SVG and HTML

    def _repr_html_(self) -> str:
        if not self._lanes:
            return f"<p>{self!r}</p>"
        head = "".join(f'<th scope="col">{cell}</th>' for cell in self._head)
        rows = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in self.rows()[:ROWS_SHOWN])
        table = (
            f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(f'<tr>{row}</tr>' for row in rows)}</tbody></table>"
        )
        return "\n".join([self.svg, table, *(f"<p>{note}</p>" for note in self.notes())])

    @property
    def svg(self) -> str:
        """The drawing as one `<svg>` element; text and lines take the colour of the page around it.

        A notebook that is not trusted yet shows the text of its elements and nothing else: so there is little of it.
        """
        drawing = self._shown()
        names = self.names()[: len(drawing.spans)]
        left = round(LETTER * (max(map(len, names), default=0) + 2))
        unit = PIXELS / drawing.width if self.scale == "time" else min(PIXELS / drawing.width, PIXELS_A_UNIT)
        legend = 24 + ROW * len(names) + (20 if self.scale == "time" else 0)
        parts = [
            f'<text x="0" y="14" font-weight="bold">{escape(self.title)}</text>',
            *(self._svg_lane(24 + ROW * i, left, unit, names[i], drawing.spans[i]) for i in range(len(names))),
            *self._svg_axis(left, unit, legend),
            *self._svg_legend(legend),
        ]
        inside = "\n".join(parts)
        width, height = max(left + unit * drawing.width, BOLD * len(self.title)), legend + 24
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" '
            f'height="{height}" role="img" aria-label="{escape(self.title)}: {self._described()}" '
            f'font-family="sans-serif" font-size="12" fill="currentColor">\n{inside}\n</svg>'
        )

    def _svg_lane(self, top: int, left: int, unit: float, name: str, spans: list[Span]) -> str:
        shapes = [f'<text x="0" y="{top + 19}">{escape(name)}</text>']
        for span in spans:
            height = THIN if span.phase is Phase.FROZEN else BAR
            width = (span.end - span.start) * unit
            x, y = left + span.start * unit, top + (ROW - height) / 2
            label = _label(span, x, top + 19, width)
            says = "" if label or span.turn is None else f"<title>{escape(f'{name}: {_says(span)}')}</title>"
            shapes.append(
                f'<rect x="{x:.1f}" y="{y:.0f}" width="{max(width - 1, 2):.1f}" height="{height}" '
                f'fill="{span.phase.colour}">{says}</rect>{label}'
            )
        return "\n".join(shapes)

    def _svg_axis(self, left: int, unit: float, y: int) -> Iterator[str]:
        if self.scale == "time":
            width = self._drawing.width
            yield f'<text x="{left}" y="{y - 4}">0 ms</text>'
            yield f'<text x="{left + width * unit:.0f}" y="{y - 4}" text-anchor="end">{width:.0f} ms</text>'

    def _svg_legend(self, top: int) -> Iterator[str]:
        x = 0.0
        for phase in self.phases():
            yield f'<rect x="{x:.0f}" y="{top + 6}" width="12" height="12" fill="{phase.colour}"/>'
            yield f'<text x="{x + 17:.0f}" y="{top + 16}">{phase.word}</text>'
            x += 17 + LETTER * len(phase.word) + 16

    def _described(self) -> str:
        """The lanes in words, for those who do not see them."""
        lanes = (
            f"{name}: {', '.join(word for word, _ in groupby(span.phase.word for span in spans))}"
            for name, spans in zip(self.names(), self._shown().spans, strict=False)
        )
        return escape("; ".join(lanes))


def _says(span: Span) -> str:
    """`Invoke, request 2, answered`."""
    if span.turn is None:
        return span.phase.word
    request = "" if span.turn.request is None else f", request {span.turn.request}"
    outcome = f", {span.turn.outcome}" if span.last else ""
    return f"{span.phase.word}{request}{outcome}"


def _label(span: Span, x: float, y: int, width: float) -> str:
    if span.turn is None or width < LETTER * len(span.phase.word) + 4:
        return ""
    return f'<text x="{x + width / 2:.1f}" y="{y}" text-anchor="middle" fill="#ffffff">{span.phase.word}</text>'


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
