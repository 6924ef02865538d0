"""Constraints of the service model, and AWS's words for what breaks them (facts §1.7).

    check(operation, {"Role": "r1"})
    # ValidationException: 1 validation error detected: Value 'r1' at 'role' failed to satisfy constraint:
    # Member must satisfy regular expression pattern: arn:…

Texts of scalars, lists and maps follow recorded answers; a sensitive value is never repeated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from lambda_sandbox.facts import fact
from lambda_sandbox.lambda_api import errors
from lambda_sandbox.lambda_api.model import Operation, Shape

NOT_NULL = "Member must not be null"

# The real service is looser here than its own pattern: `name:$latest` passes, and is then not found (recorded).
_LOOSER = {r"(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?": r"(:[a-zA-Z0-9-_$.]+)?"}
_ORDERS = {  # as recorded; the model has others
    "EventSourcePosition": ("LATEST", "AT_TIMESTAMP", "TRIM_HORIZON"),
    "InvokeMode": ("RESPONSE_STREAM", "BUFFERED"),
    "RecursiveLoop": ("Terminate", "Allow"),
    "Runtime": tuple(fact("runtimes.creatable")),
}
_UNCHECKED = "runtime"  # its error has another code and names only what can be created; see runtimes.py
_OF_LAYERS = ("CompatibleRuntimes", "CompatibleArchitectures")  # lists of which nulls are not spoken (recorded)


def check(operation: Operation, given: Mapping[str, Any]) -> None:
    """Raises ValidationException with every broken constraint of the input."""
    if operation.input is None:
        return
    problems = list(_structure(operation.input, given, ""))
    if problems:
        raise errors.validation(*problems)


def _structure(shape: Shape, value: Mapping[str, Any], path: str) -> Iterator[str]:
    for name, member in sorted(shape.members.items(), key=lambda item: item[0] == _OF_LAYERS[1]):  # that one is last
        where = f"{path}{name[0].lower()}{name[1:]}"
        if name in value:
            # AWS stops at the pattern for what stands in the URI, and goes on for what stands in the body (recorded)
            yield from _member(member.shape, value[name], where, first_only=member.location == "uri")
        elif name in shape.required:
            yield _says(None, where, NOT_NULL, shape)


def _member(shape: Shape, value: Any, where: str, *, first_only: bool = False) -> Iterator[str]:
    match shape.kind:
        case "structure":
            yield from _structure(shape, value, f"{where}.")
        case "list":
            yield from _list(shape, value, where)
        case "map":
            yield from _map(shape, value, where)
        case _ if where != _UNCHECKED:
            broken = _broken(shape, value)
            for text in broken[:1] if first_only else broken:
                yield _says(value, where, text, shape)


def _list(shape: Shape, value: list[Any], where: str) -> Iterator[str]:
    for text in _length(shape, len(value)):
        yield _says(value, where, text, shape)
    element = shape.element
    assert element
    if element.kind in ("structure", "list", "map"):
        for index, item in enumerate(value, 1):
            yield from _member(element, item or {}, f"{where}.{index}.member")
    elif any(item is None or _broken(element, item) for item in value):
        constraints = ", ".join([*_constraints(element), *(() if shape.name in _OF_LAYERS else (NOT_NULL,))])
        text = constraints if shape.name == _OF_LAYERS[0] else f"Member must satisfy constraint: [{constraints}]"
        yield _says(value, where, text, shape)


def _map(shape: Shape, value: Mapping[str, Any], where: str) -> Iterator[str]:
    key, element = shape.key, shape.value
    assert key and element
    if any(_broken(key, name) for name in value):
        yield _says(value, where, f"Map keys must satisfy constraint: [{', '.join(_constraints(key))}]", shape)
    if element.kind == "structure":
        for name, item in value.items():
            yield from _member(element, item or {}, f"{where}.{name}.member")
    elif any(item is None or (element.kind != "list" and _broken(element, item)) for item in value.values()):
        constraints = ", ".join([*_constraints(element), NOT_NULL])
        yield _says(value, where, f"Map value must satisfy constraint: [{constraints}]", shape)


def _broken(shape: Shape, value: Any) -> list[str]:
    """The constraints of a scalar that a value breaks: pattern, then length or range, then enumeration."""
    broken = []
    if shape.kind == "string":
        if shape.pattern and not _pattern(shape.pattern).fullmatch(value):
            broken.append(_PATTERN.format(shape.pattern))
        broken += _length(shape, len(value))
        if shape.enum and value not in shape.enum:
            broken.append(_enum(shape))
    elif shape.kind in ("integer", "long", "double", "float"):
        if shape.maximum is not None and value > shape.maximum:
            broken.append(_MOST_VALUE.format(shape.maximum))
        if shape.minimum is not None and value < shape.minimum:
            broken.append(_LEAST_VALUE.format(shape.minimum))
    return broken


_PATTERN = "Member must satisfy regular expression pattern: {}"
_MOST_LENGTH = "Member must have length less than or equal to {}"
_LEAST_LENGTH = "Member must have length greater than or equal to {}"
_MOST_VALUE = "Member must have value less than or equal to {}"
_LEAST_VALUE = "Member must have value greater than or equal to {}"


def _constraints(shape: Shape) -> list[str]:
    """All constraints of a scalar inside a list or map, in the order in which AWS lists them."""
    most, least = (_MOST_LENGTH, _LEAST_LENGTH) if shape.kind == "string" else (_MOST_VALUE, _LEAST_VALUE)
    texts = []
    if shape.maximum is not None:
        texts.append(most.format(shape.maximum))
    if shape.minimum is not None:
        texts.append(least.format(shape.minimum))
    if shape.pattern:
        texts.append(_PATTERN.format(shape.pattern))
    if shape.enum:
        texts.append(_enum(shape))
    return texts


def _length(shape: Shape, length: int) -> list[str]:
    if shape.maximum is not None and length > shape.maximum:
        return [_MOST_LENGTH.format(shape.maximum)]
    if shape.minimum is not None and length < shape.minimum:
        return [_LEAST_LENGTH.format(shape.minimum)]
    return []


def _enum(shape: Shape) -> str:
    return f"Member must satisfy enum value set: [{', '.join(_ORDERS.get(shape.name, shape.enum))}]"


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    """A pattern of the model (Java's dialect) for `re`: \\d and \\w are ASCII there, letters are named \\p{L}."""
    for strict, loose in _LOOSER.items():
        pattern = pattern.replace(strict, loose)
    if r"\p{" in pattern:
        pattern = pattern.replace(r"\p{L}", r"\w").replace(r"\p{Z}", " \u00a0\u2000-\u200a")
        return re.compile(pattern.replace(r"\p{N}", r"\d"))
    return re.compile(pattern, re.ASCII)


def _says(value: Any, where: str, constraint: str, shape: Shape) -> str:
    shown = " null" if value is None else "" if shape.sensitive else f" '{_shown(value)}'"
    return f"Value{shown} at '{where}' failed to satisfy constraint: {constraint}"


def _shown(value: Any) -> str:
    """A value as Java prints it."""
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}={_shown(item)}' for key, item in value.items())}}}"
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value is None else str(value)
