"""Letters in rows and columns, as text and as SVG made of the same rows: messages in batches, schedules in a day.

text(rows)                              # "message 1   x o"
svg("2 messages", rows, heads, words)   # one <svg> element: a square for each letter
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

Row = tuple[str, str]  # a name, and a letter for each column; "." where nothing happened
COLOURS = {  # white letters on each have contrast (AA)
    "o": "#1a63b0",
    "x": "#b3261e",
    ">": "#8f5100",
    "-": "#6b6b6b",
    "?": "#68707a",
}
CELL, LETTER, BOLD = 22, 7, 7.5  # pixels


def text(rows: Sequence[Row], width: int) -> list[str]:
    """A line for each row; names are `width` wide."""
    return [f"{name:<{width}}{' '.join(letters).rstrip(' .')}" for name, letters in rows]


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """A line for each row of a table, its cells one below the other."""
    wide = [max(map(len, cells)) + 3 for cells in zip(*rows, strict=True)]
    return ["".join(f"{cell:<{size}}" for cell, size in zip(row, wide, strict=True)).rstrip() for row in rows]


def legend(rows: Sequence[Row], words: Mapping[str, str], between: str = "   ") -> str:
    """The letters that occur, and what they mean."""
    seen = {letter for _, letters in rows for letter in letters}
    return between.join(f"{letter} {word}" for letter, word in words.items() if letter in seen)


def svg(title: str, rows: Sequence[Row], heads: Sequence[str], words: Mapping[str, str]) -> str:
    """The drawing; `heads` stand above the columns. Text takes the colour of the page around it."""
    left = round(LETTER * (max((len(name) for name, _ in rows), default=0) + 2))
    parts = [f'<text x="0" y="14" font-weight="bold">{escape(title)}</text>']
    parts += [f'<text x="{left + 9 + CELL * i}" y="34" text-anchor="middle">{escape(head)}</text>'
              for i, head in enumerate(heads) if head]  # fmt: skip
    for number, (name, letters) in enumerate(rows):
        y = 42 + CELL * number
        parts.append(f'<text x="0" y="{y + 14}">{escape(name)}</text>')
        for place, letter in enumerate(letters):
            if letter in COLOURS:
                x = left + CELL * place
                parts.append(
                    f'<rect x="{x}" y="{y}" width="{CELL - 4}" height="{CELL - 4}" fill="{COLOURS[letter]}"/>'
                    f'<text x="{x + 9}" y="{y + 13}" text-anchor="middle" fill="#ffffff">{escape(letter)}</text>'
                )
    y = 42 + CELL * len(rows)
    says = legend(rows, words, " · ")
    parts.append(f'<text x="0" y="{y + 16}">{escape(says)}</text>')
    width = max(left + CELL * len(heads), round(BOLD * len(title)), LETTER * len(says))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y + 24}" width="{width}" height="{y + 24}" '
        f'role="img" aria-label="{escape(title)}" font-family="sans-serif" font-size="12" fill="currentColor">\n'
        + "\n".join(parts)
        + "\n</svg>"
    )


def table(head: Sequence[str], rows: Sequence[Sequence[str]], notes: Sequence[str] = ()) -> str:
    """The rows as an HTML table, and what is left out of it."""
    heads = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    made = f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    return made + "".join(f"<p>{escape(note)}</p>" for note in notes)
