"""What an author writes checks with.

    from lambda_sandbox.workbook.checks import expect, require, task

    @task(1)
    def test_greets_by_name(function, rng):
        name = rng.choice(["Ada", "Grace"])
        expect(function.invoke({"name": name}), {"message": f"Hello, {name}"}, says="greeting.ignores-the-name")

A check is a pytest function and a client of the sandbox: the learner's code never runs in its process. The fixtures are
in `fixtures`; exercises/README.md lists them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

from .results import Status

Check = TypeVar("Check", bound=Callable[..., object])


class CheckFailed(AssertionError):
    """A check that did not pass: `message` is the id of the sentence that says why, `facts` its parameters."""

    def __init__(self, message: str, status: Status = Status.FAIL, /, **facts: Any) -> None:
        super().__init__(f"{status}: {message} {facts}")
        self.message = message
        self.status = status
        self.facts = facts


class Mark(NamedTuple):
    """What `task` notes on a check."""

    task: int
    hidden: bool


def task(number: int, *, hidden: bool = False) -> Callable[[Check], Check]:
    """Says which task of the exercise a check belongs to; a hidden one runs only at grading."""

    def mark(test: Check) -> Check:
        setattr(test, "__check__", Mark(number, hidden))  # noqa: B010
        return test

    return mark


def expect(got: Any, expected: Any, *, says: str, recognise: Mapping[str, Any] | None = None, **facts: Any) -> None:
    """Passes if `got` equals `expected` as JSON. `recognise` maps message ids to the wrong values they explain."""
    if same(got, expected):
        return
    message = next((id for id, wrong in (recognise or {}).items() if same(got, wrong)), says)
    raise CheckFailed(message, expected=expected, got=got, **facts)


def require(condition: object, *, says: str, expected: str, got: Any, **facts: Any) -> None:
    """Passes if `condition` holds; `expected` tells in words what should be."""
    if not condition:
        raise CheckFailed(says, expected=InWords(expected), got=got, **facts)


class InWords(str):
    """Text that is shown without quotes."""


class Measured(InWords):
    """What this machine took, as `Measured(took)`: shown while practising, left out of marks, which repeat."""


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: True is not 1, 1 is 1.0, and a tuple is a list."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    comparable = type(one) is type(other) or (_number(one) and _number(other))
    return comparable and one == other


def _number(value: object) -> bool:
    return isinstance(value, int | float)


def shown(value: Any) -> str:
    """A value as a report shows it: words as they are, everything else as JSON."""
    if isinstance(value, InWords):
        return value
    return json.dumps(value, ensure_ascii=False, default=repr)
