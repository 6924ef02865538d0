"""Draws the sample pictures of notebook 07 into `pictures/`. They are the project's own, under its licence.

    python notebooks/07_s3_image_resizing/draw_pictures.py

| file           | what it is for                                                              |
|----------------|-----------------------------------------------------------------------------|
| sunrise.jpg    | an ordinary photo                                                           |
| testcard.png   | the circle in the middle shows whether the proportions were kept            |
| lighthouse.jpg | from a phone held upright: stored on its side, with a note on how to turn it |
| balloon.png    | transparent around the balloon, which a JPEG cannot be                      |
| quilt.gif      | colours kept as numbers of a table of 64                                    |
| paper.png      | a white sheet: 33 kB in the file, hundreds of megabytes in memory           |
"""

from __future__ import annotations

import math
import random
import struct
import zlib
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

HERE = Path(__file__).parent / "pictures"
PAPER = 12_000  # pixels a side: just below what Pillow refuses to open

Colour = tuple[int, ...]
Point = tuple[float, float]


class Canvas:
    """A picture drawn three times as large and then reduced: smooth edges. Coordinates are those of the reduced one."""

    finer = 3

    def __init__(self, width: int, height: int, ground: Colour = ()) -> None:
        mode = "RGB" if ground else "RGBA"
        self.image = Image.new(mode, (width * self.finer, height * self.finer), ground or 0)
        self.draw = ImageDraw.Draw(self.image)

    def scaled(self, points: Iterable[Point]) -> list[Point]:
        return [(x * self.finer, y * self.finer) for x, y in points]

    def polygon(self, points: Iterable[Point], fill: Colour) -> None:
        self.draw.polygon(self.scaled(points), fill=fill)

    def box(self, left: float, top: float, right: float, bottom: float, fill: Colour, corner: int = 0) -> None:
        self.draw.rounded_rectangle(self.scaled([(left, top), (right, bottom)]), corner * self.finer, fill=fill)

    def disc(self, x: float, y: float, radius: float, fill: Colour) -> None:
        self.draw.ellipse(self.scaled([(x - radius, y - radius), (x + radius, y + radius)]), fill=fill)

    def line(self, start: Point, end: Point, fill: Colour, width: int = 2) -> None:
        self.draw.line(self.scaled([start, end]), fill=fill, width=width * self.finer)

    def finished(self) -> Image.Image:
        return self.image.reduce(self.finer)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`one` where share is 0, `other` where it is 1."""
    return tuple(round(a + (b - a) * share) for a, b in zip(one, other, strict=True))


def gradient(size: tuple[int, int], stops: list[tuple[float, Colour]]) -> Image.Image:
    """From top to bottom through colours, each at its share of the height."""
    height = size[1]
    column = Image.new("RGB", (1, height))
    for y in range(height):
        share = y / (height - 1)
        (start, one), (end, other) = next(pair for pair in pairwise(stops) if share <= pair[1][0])
        column.putpixel((0, y), mix(one, other, (share - start) / (end - start)))
    return column.resize(size)


def glow(image: Image.Image, x: int, y: int, radius: int, colour: Colour, strength: float) -> None:
    """Lightens the picture around a point."""
    light = Image.new("L", image.size)
    ImageDraw.Draw(light).ellipse((x - radius, y - radius, x + radius, y + radius), fill=round(255 * strength))
    image.paste(Image.new("RGB", image.size, colour), mask=light.filter(ImageFilter.GaussianBlur(radius / 2)))


def hills(image: Image.Image, base: int, height: int, waves: list[tuple[float, float]], colour: Colour) -> None:
    """A silhouette above `base`, as wide as the picture: a sum of waves (how many fit, where they begin)."""
    width = image.width
    line = []
    for x in range(0, width + 1, 2):
        parts = (math.sin(2 * math.pi * (x / width * fit + start)) / n for n, (fit, start) in enumerate(waves, 1))
        line.append((x, base - height * (0.6 + 0.4 * sum(parts))))
    ImageDraw.Draw(image).polygon([(0, base), *line, (width, base)], fill=colour)


# ------------------------------------------------------------------------------------------------ the pictures


def sunrise() -> Image.Image:
    """A lake in the morning, 1200 × 800."""
    width, height, shore = 1200, 800, 520
    sky = [(0.0, (44, 47, 96)), (0.45, (196, 92, 110)), (0.8, (250, 164, 96)), (1.0, (255, 222, 158))]
    land = gradient((width, shore), sky)
    glow(land, 760, 430, 260, (255, 226, 150), 0.8)
    glow(land, 760, 430, 60, (255, 250, 225), 1.0)
    ImageDraw.Draw(land).ellipse((706, 376, 814, 484), fill=(255, 248, 220))
    hills(land, shore, 190, [(1.2, 0.1), (2.7, 0.4), (5.1, 0.0)], (126, 78, 112))
    hills(land, shore, 120, [(1.7, 0.6), (3.9, 0.2), (7.3, 0.3)], (86, 56, 98))
    hills(land, shore, 60, [(2.3, 0.9), (6.1, 0.5), (11.7, 0.1)], (49, 38, 74))
    water = land.transpose(Image.Transpose.FLIP_TOP_BOTTOM).crop((0, 0, width, height - shore))
    water = Image.blend(water.filter(ImageFilter.GaussianBlur(3)), Image.new("RGB", water.size, (40, 40, 84)), 0.3)
    lake = Image.new("RGB", (width, height))
    lake.paste(land)
    lake.paste(water, (0, shore))
    draw, waves = ImageDraw.Draw(lake), random.Random(7)
    for _ in range(150):
        depth = waves.random() ** 1.5
        x, y = waves.gauss(760, 60 + 160 * depth), shore + 6 + depth * (height - shore - 8)
        half = 6 + 34 * depth * waves.random()
        draw.line((x - half, y, x + half, y), fill=mix((255, 214, 150), (214, 140, 128), waves.random()), width=2)
    return lake


def testcard() -> Image.Image:
    """A test card, 640 × 360, without a word on it."""
    width, height, radius = 640, 360, 160
    middle, centre = height / 2, width / 2
    card, motif = Canvas(width, height, (58, 66, 82)), Canvas(width, height, (20, 20, 20))
    for x in range(0, width + 1, 40):
        card.line((x, 0), (x, height), (222, 226, 232), 1)
    for y in range(20, height + 1, 40):
        card.line((0, y), (width, y), (222, 226, 232), 1)
    bars = [(244, 206, 62), (76, 190, 200), (98, 186, 92), (186, 96, 178), (222, 84, 76), (70, 98, 190)]
    left, bar = centre - radius, 2 * radius / len(bars)
    for number, colour in enumerate(bars):
        motif.box(left + number * bar, 0, left + (number + 1) * bar, middle + 40, colour)
    for x in range(2 * radius):
        motif.box(left + x, middle + 40, left + x + 1, middle + 80, (round(x * 255 / 319),) * 3)
    for number in range(0, 24, 2):
        x = left + number * 2 * radius / 24
        motif.box(x, middle + 80, x + 2 * radius / 24, height, (255, 255, 255))
    card.disc(centre, middle, radius + 2, (250, 250, 250))
    inside = Canvas(width, height, (0, 0, 0))
    inside.disc(centre, middle, radius, (255, 255, 255))
    card.image.paste(motif.image, mask=inside.image.convert("L"))
    return card.finished()


def lighthouse() -> Image.Image:
    """A lighthouse at night, 600 × 800, as one holds it to look at it."""
    night, dice = Canvas(600, 800, (0, 0, 0)), random.Random(3)
    sky = [(0.0, (8, 14, 40)), (0.6, (26, 52, 96)), (0.78, (70, 104, 140)), (1.0, (12, 26, 52))]
    night.image.paste(gradient(night.image.size, sky))
    for _ in range(90):
        night.disc(600 * dice.random(), 480 * dice.random(), dice.choice((0.4, 0.6, 0.9)), (255, 255, 220))
    beam = Canvas(600, 800, (0, 0, 0))
    beam.polygon([(300, 232), (600, 90), (600, 300)], (120, 120, 120))
    beam.polygon([(300, 232), (0, 190), (0, 280)], (70, 70, 70))
    light = beam.image.filter(ImageFilter.GaussianBlur(24)).convert("L")
    night.image.paste(Image.new("RGB", night.image.size, (255, 240, 170)), mask=light)
    night.box(0, 640, 600, 800, (14, 30, 60))
    for y in range(650, 800, 13):
        for x in range(-dice.randrange(60), 600, 90):
            night.line((x + 10, y), (x + 48, y), (44, 74, 116))
    night.polygon([(120, 800), (190, 652), (250, 630), (350, 634), (430, 660), (520, 800)], (30, 30, 38))
    for number in range(6):  # the tower: stripes, each wider than the one above
        top, above, below = 270 + number * 62, 36 + number * 5.5, 36 + (number + 1) * 5.5
        stripe = [(300 - above, top), (300 + above, top), (300 + below, top + 62), (300 - below, top + 62)]
        night.polygon(stripe, (206, 62, 58) if number % 2 else (240, 236, 226))
    iron = (46, 46, 56)
    night.box(252, 258, 348, 272, iron)
    night.box(272, 206, 328, 258, (255, 236, 150))
    for x in (272, 290, 310, 328):
        night.line((x, 206), (x, 258), iron)
    night.polygon([(262, 208), (300, 168), (338, 208)], (150, 44, 46))
    picture = night.finished()
    glow(picture, 300, 232, 46, (255, 246, 190), 0.55)
    return picture


def balloon() -> Image.Image:
    """A hot-air balloon, 480 × 600, with nothing around it."""
    air, centre, top, radius, waist = Canvas(480, 600), 240, 30, 200, 110

    def half(y: float) -> float:
        """Half the envelope's width at a height: a ball above, a cone below."""
        across = y - top - radius
        if across < waist:
            return math.sqrt(max(radius**2 - across**2, 0))
        edge = math.sqrt(radius**2 - waist**2)
        return edge + (34 - edge) * (across - waist) / (radius - waist + 20)

    colours = [(206, 66, 60), (242, 166, 62), (248, 222, 120), (94, 168, 176), (52, 92, 140)]
    gores = [*colours, *reversed(colours[:-1])]
    heights = range(top, top + 2 * radius + 21, 2)
    for number, colour in enumerate(gores):  # as narrow at the sides as a ball shows them
        one, other = (-math.cos(math.pi * share / len(gores)) for share in (number, number + 1))
        there = [(centre + one * half(y), y) for y in heights]
        back = [(centre + other * half(y), y) for y in reversed(heights)]
        air.polygon([*there, *back], (*colour, 255))
    for side in (-30, 30):
        air.line((centre + side, 448), (centre + side * 0.8, 520), (90, 70, 50, 255))
    air.box(centre - 28, 516, centre + 28, 562, (140, 96, 56, 255), corner=8)
    for y in (526, 538, 550):
        air.line((centre - 28, y), (centre + 28, y), (104, 68, 38, 255))
    shine = Image.new("L", air.image.size)
    ImageDraw.Draw(shine).ellipse((-180, -120, 990, 1200), fill=90)
    white = Image.new("RGBA", air.image.size, (255, 255, 255, 255))
    white.putalpha(shine.filter(ImageFilter.GaussianBlur(60)))
    lit = Image.alpha_composite(air.image, white)
    lit.putalpha(air.image.getchannel("A"))
    return lit.reduce(air.finer)


def quilt() -> Image.Image:
    """A patchwork quilt, 480 × 480, with a table of 64 colours."""
    cloth, dice = Canvas(480, 480, (250, 244, 230)), random.Random(11)
    colours = [(188, 64, 72), (222, 146, 84), (240, 214, 150), (110, 146, 116), (62, 96, 130), (126, 84, 124)]
    for x in range(0, 480, 60):
        for y in range(0, 480, 60):
            one, other, third = dice.sample(colours, 3)
            cloth.box(x + 1, y + 1, x + 59, y + 59, one)
            if (x + y) // 60 % 2:
                cloth.polygon([(x + 1, y + 1), (x + 59, y + 1), (x + 1, y + 59)], other)
            else:
                cloth.polygon([(x + 30, y + 1), (x + 59, y + 30), (x + 30, y + 59), (x + 1, y + 30)], other)
                cloth.disc(x + 30, y + 30, 10, third)
    return cloth.finished().quantize(64, dither=Image.Dither.NONE)


def paper() -> bytes:
    """A white PNG of 12,000 × 12,000 pixels, one bit each, written by hand: nobody has to hold it in memory."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", PAPER, PAPER, 1, 0, 0, 0, 0)
    row = b"\0" + b"\xff" * (PAPER // 8)
    rows = zlib.compress(row * PAPER, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


# ------------------------------------------------------------------------------------------------ the files


def save_lighthouse(path: Path) -> None:
    """As a phone does it: the picture on its side, and a note that says how to turn it."""
    exif = Image.Exif()
    exif[0x0112] = 6  # Orientation: turn it by 90 degrees, clockwise
    exif[0x010F] = "Pocket Camera"  # Make
    lighthouse().transpose(Image.Transpose.ROTATE_90).save(path, quality=82, optimize=True, exif=exif)


PICTURES: dict[str, Callable[[Path], object]] = {
    "sunrise.jpg": lambda path: sunrise().save(path, quality=80, optimize=True),
    "testcard.png": lambda path: testcard().save(path, optimize=True),
    "lighthouse.jpg": save_lighthouse,
    "balloon.png": lambda path: balloon().save(path, optimize=True),
    "quilt.gif": lambda path: quilt().save(path),
    "paper.png": lambda path: path.write_bytes(paper()),
}


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    for name, save in PICTURES.items():
        save(HERE / name)
        print(f"{name:<16} {(HERE / name).stat().st_size:>7,} bytes")
