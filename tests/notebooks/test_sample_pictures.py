"""The sample pictures of notebook 07 are what their script draws, and small."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image, ImageChops, ImageStat

SCRIPT = Path(__file__).parents[2] / "notebooks/07_s3_image_resizing/draw_pictures.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("draw_pictures", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_there_are_no_others_and_each_is_small(script: ModuleType) -> None:
    assert {path.name for path in script.HERE.iterdir()} == set(script.PICTURES)
    assert {path.name: path.stat().st_size for path in script.HERE.iterdir() if path.stat().st_size > 100_000} == {}


@pytest.mark.parametrize("name", ["sunrise.jpg", "testcard.png", "lighthouse.jpg", "balloon.png", "quilt.gif"])
def test_the_script_draws_them(script: ModuleType, tmp_path: Path, name: str) -> None:
    script.PICTURES[name](tmp_path / name)
    with Image.open(script.HERE / name) as kept, Image.open(tmp_path / name) as now:
        assert (kept.size, kept.mode, dict(kept.getexif())) == (now.size, now.mode, dict(now.getexif()))
        difference = ImageChops.difference(kept.convert("RGBA"), now.convert("RGBA"))
    assert max(ImageStat.Stat(difference).mean) < 1  # another build of a JPEG encoder may round otherwise


def test_the_sheet_of_paper_is_larger_than_it_looks(script: ModuleType) -> None:
    sheet = script.HERE / "paper.png"
    with pytest.warns(Image.DecompressionBombWarning), Image.open(sheet) as picture:
        assert picture.size == (script.PAPER, script.PAPER)
    assert sheet.stat().st_size < 40_000
