"""The contract with moto: every private name is there, and nobody else leans on moto."""

from __future__ import annotations

import ast
import importlib
import re
from importlib.metadata import version
from pathlib import Path

import pytest

import lambda_sandbox.moto_bridge as room
from lambda_sandbox.moto_bridge.private import PRIVATE_NAMES

HERE = Path(room.__file__).parent
IMPORTS_MOTO = re.compile(r"^\s*(?:from|import) moto\b", re.MULTILINE)


@pytest.mark.parametrize("name", PRIVATE_NAMES)
def test_moto_has(name: str) -> None:
    module, _, path = name.partition(":")
    thing = importlib.import_module(module)
    for part in path.split("."):
        thing = getattr(thing, part)


def test_it_is_the_moto_that_was_read() -> None:
    assert version("moto") == "5.2.5"


def test_every_import_from_moto_is_in_the_table() -> None:
    for file in HERE.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "moto":
                for name in node.names:
                    spellings = (f"{node.module}:{name.name}", f"{node.module}.{name.name}:")
                    assert any(listed.startswith(spellings) for listed in PRIVATE_NAMES), f"{file.name}: {spellings[0]}"


def test_no_other_room_imports_moto() -> None:
    package = HERE.parent
    others = [file for file in package.rglob("*.py") if HERE not in file.parents]
    assert [str(file.relative_to(package)) for file in others if IMPORTS_MOTO.search(file.read_text())] == []
