"""Pictures side by side in a notebook, and the same in words.

    side_by_side({"before": Path("sunrise.jpg"), "after": thumbnail})        # bytes, a path, or Pillow's Image

Prints a line for each picture (its size, format and mode), for readers who do not see it, and for nbval, which compares
no pixels. Returns the drawing. All pictures are drawn to one scale, as they are stored: none is turned upright.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

from PIL import Image, ImageDraw

ROOM = 540  # pixels for all pictures of a row
GAP = 16
SQUARE = 8  # of the chequered ground that shows through transparent pictures
GROUND = ((255, 255, 255), (222, 222, 222))
COLOURS = 250  # and one for what is transparent: outputs are committed, and must be small

Picture = bytes | Path | Image.Image


class Row:
    """Pictures in a row, drawn as a PNG; its words are the titles."""

    def __init__(self, pictures: Mapping[str, Image.Image]) -> None:
        self._pictures = pictures

    def __repr__(self) -> str:
        titles = ", ".join(self._pictures)
        return f"(picture: {titles})" if len(self._pictures) == 1 else f"(pictures, side by side: {titles})"

    def _repr_png_(self) -> bytes:
        pictures = list(self._pictures.values())
        scale = min(1.0, ROOM / sum(picture.width for picture in pictures))
        sizes = [(max(round(p.width * scale), 1), max(round(p.height * scale), 1)) for p in pictures]
        width = sum(width for width, _ in sizes) + GAP * (len(sizes) - 1)
        row = Image.new("RGB", (width, max(height for _, height in sizes)), GROUND[0])
        empty = Image.new("L", row.size, 255)
        left = 0
        for picture, size in zip(pictures, sizes, strict=True):
            row.paste(_on_squares(picture, size), (left, 0))
            empty.paste(0, (left, 0, left + size[0], size[1]))
            left += size[0] + GAP
        few = row.quantize(palette=row.quantize(COLOURS, kmeans=1), dither=Image.Dither.FLOYDSTEINBERG)
        few.putpalette([*(few.getpalette() or []), *[255] * 768][: 3 * (COLOURS + 1)])
        few.paste(COLOURS, mask=empty)
        out = io.BytesIO()
        few.save(out, "PNG", transparency=COLOURS)
        return out.getvalue()


def side_by_side(pictures: Mapping[str, Picture]) -> Row:
    """Prints what the pictures are, title by title, and returns them as one drawing."""
    opened = {title: _open(picture) for title, picture in pictures.items()}
    room = max(map(len, opened), default=0)
    for title, picture in opened.items():
        size = f"{picture.width} × {picture.height}"
        print(f"{title:<{room}}  {size:>11}  {picture.format or '(in memory)'}, mode {picture.mode}")
    return Row(opened)


def _open(picture: Picture) -> Image.Image:
    if isinstance(picture, Image.Image):
        return picture
    return Image.open(io.BytesIO(picture if isinstance(picture, bytes) else picture.read_bytes()))


def _on_squares(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The picture in its new size; what is transparent shows squares."""
    small = picture.convert("RGBA").resize(size)
    ground = Image.new("RGB", size, GROUND[0])
    draw = ImageDraw.Draw(ground)
    for x in range(0, size[0], SQUARE):
        for y in range(x % (2 * SQUARE), size[1], 2 * SQUARE):
            draw.rectangle((x, y, x + SQUARE - 1, y + SQUARE - 1), fill=GROUND[1])
    ground.paste(small, mask=small)
    return ground
