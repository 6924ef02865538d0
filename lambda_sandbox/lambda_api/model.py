"""Lambda's API as botocore's service model describes it: routes, where each member travels, and shapes.

    operation, labels = route("GET", "/2015-03-31/functions/hello", [])  # GetFunction, {"FunctionName": "hello"}
    given = protocol.parse(operation, labels, query, request)            # typed; not yet validated
    response = protocol.serialise(operation, {"Configuration": …})

Nothing about an operation's URI, members or status code is written anywhere else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import unquote

from botocore.loaders import Loader

from lambda_sandbox.lambda_api import errors

API_VERSION = "2015-03-31"


@dataclass(slots=True)
class Shape:
    """One shape; its members are in the model's order. `element` is a list's, `key` and `value` are a map's."""

    name: str
    kind: str
    members: dict[str, Member] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    element: Shape | None = None
    key: Shape | None = None
    value: Shape | None = None
    enum: tuple[str, ...] = ()
    pattern: str = ""
    minimum: float | None = None
    maximum: float | None = None
    sensitive: bool = False
    payload: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """A structure's member: its shape, its name on the wire, and where it travels ("" is the JSON body)."""

    shape: Shape
    wire_name: str
    location: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    name: str
    method: str
    uri: str
    status: int
    input: Shape | None
    output: Shape | None
    path: re.Pattern[str]
    labels: tuple[str, ...]
    constants: tuple[tuple[str, str], ...]  # query parameters that are part of the route


@cache
def operations() -> Mapping[str, Operation]:
    """All operations of the model by name."""
    document: Any = Loader().load_service_model("lambda", "service-2", API_VERSION)
    shapes: dict[str, Shape] = {}
    return {
        name: _operation(name, spec, document["shapes"], shapes)
        for name, spec in sorted(document["operations"].items())
    }


def _operation(name: str, spec: Any, specs: Any, shapes: dict[str, Shape]) -> Operation:
    path, _, query = spec["http"]["requestUri"].partition("?")
    labels = tuple(re.findall(r"{(\w+)}", path))
    return Operation(
        name,
        spec["http"]["method"],
        spec["http"]["requestUri"],
        spec["http"].get("responseCode", 200),
        _shape(spec["input"]["shape"], specs, shapes) if "input" in spec else None,
        _shape(spec["output"]["shape"], specs, shapes) if "output" in spec else None,
        re.compile(re.sub(r"{\w+}", "([^/]+)", path) + "/?"),
        labels,
        tuple((key, value) for key, _, value in (part.partition("=") for part in query.split("&") if part)),
    )


def _shape(name: str, specs: Any, shapes: dict[str, Shape]) -> Shape:
    if name in shapes:
        return shapes[name]
    spec = specs[name]
    shape = shapes[name] = Shape(
        name,
        spec["type"],
        required=frozenset(spec.get("required", ())),
        enum=tuple(spec.get("enum", ())),
        pattern=spec.get("pattern", ""),
        minimum=spec.get("min"),
        maximum=spec.get("max"),
        sensitive=spec.get("sensitive", False),
        payload=spec.get("payload", ""),
    )
    shape.members = {
        member: Member(_shape(at["shape"], specs, shapes), at.get("locationName", member), at.get("location", ""))
        for member, at in spec.get("members", {}).items()
    }
    for attribute, place in (("element", "member"), ("key", "key"), ("value", "value")):
        if place in spec:
            setattr(shape, attribute, _shape(spec[place]["shape"], specs, shapes))
    return shape


# -- routing


@cache
def _routes() -> Mapping[str, list[Operation]]:
    """Method -> operations; those whose route fixes a query parameter come first."""
    routes: dict[str, list[Operation]] = {}
    for operation in sorted(operations().values(), key=lambda operation: -len(operation.constants)):
        routes.setdefault(operation.method, []).append(operation)
    return routes


@cache
def _prefixes() -> frozenset[tuple[str, str]]:
    return frozenset(_beginning(operation.uri.partition("?")[0]) for operation in operations().values())


def _beginning(path: str) -> tuple[str, str]:
    _, date, noun, *_ = (*path.split("/"), "", "")
    return date, noun


def owns(path: str) -> bool:
    """Whether a path is one of Lambda's: a date and a noun of the model."""
    return _beginning(path) in _prefixes()


def route(method: str, path: str, query: list[tuple[str, str]]) -> tuple[Operation, dict[str, str]]:
    """The operation, and its URI labels decoded. Raises UnknownOperationException."""
    for operation in _routes().get(method, ()):
        match = operation.path.fullmatch(path)
        if match and all(constant in query for constant in operation.constants):
            return operation, dict(zip(operation.labels, map(unquote, match.groups()), strict=True))
    raise errors.unknown_operation(method, path)
