"""The pytest fixtures that checks ask for. Each check begins in an empty sandbox with the function just deployed.

Used in two ways: by `runner`, which says what to judge, and by tests/exercises/conftest.py, where plain `pytest` judges
the solutions.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest

from .course import Course, Exercise
from .subject import NAME, Function

if TYPE_CHECKING:
    from lambda_sandbox import Sandbox

SEED = 1
_warm: list[Sandbox] = []


def warm_sandbox() -> Sandbox:
    """The one sandbox that this process keeps for checks: not the learner's own, and unknown to boto3's defaults."""
    from lambda_sandbox import Sandbox  # the engine is started by the first check, not by the first import

    if not _warm or not _warm[0].running:
        _warm[:] = [Sandbox(clock="virtual", seed=SEED, export=False)]
    return _warm[0]


@dataclass
class Bench:
    """What is judged: an exercise, the files that stand for the learner's, and the seed of the inputs."""

    exercise: Exercise
    files: Mapping[str, bytes]
    sandbox: Sandbox
    seed: int = SEED
    function: Function | None = None

    def deploy(self) -> Function:
        with TemporaryDirectory() as folder:
            for name, content in self.files.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            settings = {"Handler": "handler.lambda_handler", **self.exercise.function}
            deployed = self.sandbox.deploy(Path(folder), name=NAME, **settings)
        self.function = Function(self.sandbox, deployed.arn, handler=settings["Handler"].rpartition(".")[2])
        return self.function


def files_of(exercise: Exercise, folder: Path, *, handler: Path | None = None) -> dict[str, bytes]:
    """The deployable files in `folder`, else in the learner's; `handler`, if given, stands for handler.py."""
    files: dict[str, bytes] = {}
    for name in (*exercise.files, "requirements.txt"):
        place = next((path for path in (folder / name, exercise.folder / name) if path.is_file()), None)
        if place is not None:
            files[name] = place.read_bytes()
    if handler is not None:
        files["handler.py"] = handler.read_bytes()
    return files


judged = pytest.StashKey[Bench]()


@pytest.fixture
def bench(request: pytest.FixtureRequest) -> Bench:
    """What the runner judges; under plain pytest, the solution of the exercise that the test file is named after."""
    given = request.config.stash.get(judged, None)
    if given is None:
        path = request.path
        exercise = Course(path.parents[3]).exercise(f"{path.parent.name[:2]}/{path.stem.removeprefix('test_')}")
        given = Bench(exercise, files_of(exercise, exercise.solution), warm_sandbox())
    given.sandbox.reset()
    return given


@pytest.fixture
def sandbox(bench: Bench) -> Sandbox:
    return bench.sandbox


@pytest.fixture
def function(bench: Bench) -> Function:
    return bench.deploy()


@pytest.fixture
def s3(bench: Bench) -> Any:
    return bench.sandbox.client("s3")


@pytest.fixture
def rng(bench: Bench, request: pytest.FixtureRequest) -> random.Random:
    """The same numbers in every run of one check, other numbers in another check or with another seed."""
    return random.Random(f"{bench.seed}:{request.node.name}")


@pytest.fixture
def sample(bench: Bench) -> Callable[[str], Any]:
    return bench.exercise.sample
