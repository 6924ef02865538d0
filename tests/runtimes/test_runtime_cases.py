"""Each case folder, through AWS's client and through ours: what is posted and logged is the same to the byte."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

CASES = sorted(path.parent for path in (Path(__file__).parent / "cases").glob("*/index.py"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_runtime_client_says_what_awslambdaric_says(case: Path, client: str, story: Callable[..., Any]) -> None:
    told = asdict(story(case, client))
    golden = case / "expected.json"
    if client == "awslambdaric" and os.environ.get("REMAKE_CASES"):
        golden.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", "utf-8")
    assert told == json.loads(golden.read_text("utf-8"))
