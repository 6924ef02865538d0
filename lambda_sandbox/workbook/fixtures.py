"""The pytest fixtures that checks ask for. Each check begins in an empty sandbox with the function just deployed.

Used in two ways: by `runner`, which says what to judge, and by tests/exercises/conftest.py, where plain `pytest` judges
the solutions.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from lambda_sandbox import Sandbox, SandboxError, packaging

from .course import BadExercise, Course, Exercise, Finding
from .role import Role
from .subject import CHANGE_S, NAME, Function

SEED = 1
ROLE = "role-of-a-check"


class CheckSandbox(Sandbox):
    """A sandbox for checks: boto3's defaults never point to it, and what it judges has no rights but its role's."""

    _exported = False
    _sealed = True

    def __init__(self) -> None:
        super().__init__(clock="virtual", seed=SEED)
        self.room = str(self._ask("GET", "health")["environments"])

    @property
    def stopped(self) -> bool:
        return self._process.ended


_warm: list[CheckSandbox] = []


def empty_sandbox() -> CheckSandbox:
    """The one sandbox that this process keeps for checks, emptied; a new one if it is gone. Never the learner's own."""
    try:
        _warm[0].reset()
    except (IndexError, SandboxError):
        _warm[:] = [CheckSandbox()]
    return _warm[0]


def sandbox_is_there() -> None:
    """Starts the sandbox of this process if there is none: whoever cannot is told before any check. Raises."""
    if not _warm or _warm[0].stopped:
        empty_sandbox()


def room() -> str:
    """What kind of environments the sandbox of this process has, in words."""
    return _warm[0].room


def discard_sandbox() -> None:
    """Stops the sandbox that this process keeps, whatever it is doing."""
    if _warm:
        _warm[0].stop()


@dataclass
class Bench:
    """What is judged: an exercise, the files that stand for the learner's, and the seed of the inputs."""

    exercise: Exercise
    files: Mapping[str, bytes]
    seed: int = SEED
    sandbox: CheckSandbox = field(init=False)
    function: Function | None = None

    @cached_property
    def package(self) -> bytes:
        """The deployment package, made once for all checks of a run."""
        with TemporaryDirectory() as folder:
            for name, content in self.files.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            return packaging.zip_of(packaging.read(folder)[0])

    def deploy(self) -> Function:
        """Puts the function into the sandbox, which is empty, and waits until it is active."""
        settings = {"Handler": "handler.lambda_handler", "Runtime": packaging.RUNTIME, **self.exercise.function}
        settings.setdefault("Role", self._role())
        client = self.sandbox.client("lambda")
        created = client.create_function(FunctionName=NAME, Code={"ZipFile": self.package}, **settings)
        self.sandbox.clock.advance(seconds=CHANGE_S)
        self.function = Function(self.sandbox, created["FunctionArn"], handler=settings["Handler"].rpartition(".")[2])
        return self.function

    def _role(self) -> str:
        """The ARN of a role that may use what the check made, and change or remove nothing of it."""
        iam = self.sandbox.client("iam")
        role = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(packaging.TRUST))["Role"]
        allow = {"Effect": "Allow", "Action": self.exercise.permissions, "Resource": "*"}
        policy = {"Version": "2012-10-17", "Statement": [allow]}
        iam.put_role_policy(RoleName=ROLE, PolicyName="exercise", PolicyDocument=json.dumps(policy))
        return str(role["Arn"])


def files_of(exercise: Exercise, folder: Path, *, instead: Path | None = None) -> dict[str, bytes]:
    """The deployable files in `folder`; `instead`, if given, stands for the first of them. Raises `BadExercise`."""
    requirements = exercise.folder / "requirements.txt"
    places = {name: folder / name for name in exercise.files}
    places |= {requirements.name: requirements} if requirements.is_file() else {}
    places |= {exercise.files[0]: instead} if instead is not None else {}
    for path in places.values():
        if not path.is_file():
            do = f"put it back with `python -m lambda_sandbox reset {exercise.id}`"
            raise BadExercise(Finding(exercise.course.shown(path), "the file is missing", do))
    return {name: path.read_bytes() for name, path in places.items()}


judged = pytest.StashKey[Bench]()


@pytest.fixture
def bench(request: pytest.FixtureRequest) -> Bench:
    """What the runner judges; under plain pytest, the solution of the exercise that the test file is named after."""
    given = request.config.stash.get(judged, None)
    if given is None:
        path = request.path
        exercise = Course(path.parents[3]).exercise(f"{path.parent.name[:2]}/{path.stem.removeprefix('test_')}")
        given = Bench(exercise, files_of(exercise, exercise.solution))
    given.sandbox = empty_sandbox()
    return given


@pytest.fixture
def sandbox(bench: Bench) -> CheckSandbox:
    return bench.sandbox


@pytest.fixture
def function(bench: Bench) -> Function:
    return bench.deploy()


@pytest.fixture
def role(bench: Bench) -> Role:
    return Role(bench.sandbox)


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
