"""Pictures side by side, and in words."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from lambda_sandbox.workbook.pictures import GAP, ROOM, Row, side_by_side


def encoded(picture: Image.Image, format: str) -> bytes:
    out = io.BytesIO()
    picture.save(out, format)
    return out.getvalue()


def drawn(row: Row) -> Image.Image:
    return Image.open(io.BytesIO(row._repr_png_())).convert("RGBA")


def test_every_picture_has_its_line_of_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "quilt.gif"
    Image.new("P", (48, 48)).save(path)
    row = side_by_side(
        {"before": encoded(Image.new("RGB", (1200, 800)), "JPEG"), "after": Image.new("L", (30, 20)), "a path": path}
    )
    assert capsys.readouterr().out == (
        "before   1200 × 800  JPEG, mode RGB\n"
        "after       30 × 20  (in memory), mode L\n"
        "a path      48 × 48  GIF, mode P\n"
    )
    assert repr(row) == "(pictures, side by side: before, after, a path)"


def test_one_picture_is_a_picture() -> None:
    assert repr(side_by_side({"sunrise.jpg": Image.new("RGB", (8, 8))})) == "(picture: sunrise.jpg)"


def test_pictures_are_drawn_to_one_scale_with_a_gap_of_nothing() -> None:
    row = drawn(side_by_side({"one": Image.new("RGB", (20, 10), "red"), "other": Image.new("RGB", (10, 30), "blue")}))
    assert row.size == (20 + GAP + 10, 30)
    assert [row.getpixel(at) for at in ((3, 3), (20 + GAP + 3, 29))] == [(255, 0, 0, 255), (0, 0, 255, 255)]
    assert {row.getpixel(at)[3] for at in ((3, 20), (20 + GAP // 2, 3))} == {0}


def test_large_ones_are_reduced_to_the_room_there_is() -> None:
    row = drawn(side_by_side({"large": Image.new("RGB", (4000, 1000)), "small": Image.new("RGB", (400, 100))}))
    assert row.width == pytest.approx(ROOM + GAP, abs=1)
    assert row.height == pytest.approx(1000 * ROOM / 4400, abs=1)


def test_what_is_transparent_shows_the_squares_behind_it() -> None:
    row = drawn(side_by_side({"glass": Image.new("RGBA", (32, 32))}))
    assert {colour[:3] for _, colour in row.getcolors()} == {(255, 255, 255), (222, 222, 222)}
    assert row.getextrema()[3] == (255, 255)
