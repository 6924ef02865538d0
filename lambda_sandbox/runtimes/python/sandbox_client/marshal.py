"""Events and answers: JSON as awslambdaric reads and writes it, which is not quite what `json` does (facts §3.5).

    Encoder().encode({"when": Decimal("1.50"), "who": Person("Ada")})  ->  '{"when": 1.50, "who": {"name": "Ada"}}'

A Decimal is written as it is spelled, a named tuple becomes an object, nested bytes become text, NaN stays NaN, and
from Python 3.12 on text is not escaped.
"""

from __future__ import annotations

import json
import math
import os
import sys
from json.encoder import encode_basestring, encode_basestring_ascii

TYPE_CHECKING = False  # as in `typing`, which is slow to import
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

RUNTIMES_THAT_KEEP_TEXT = {f"AWS_Lambda_python3.{minor}" for minor in (12, 13, 14, 15)}
CONSTANTS = {None: "null", True: "true", False: "false"}


def decode(text: str) -> Any:
    return json.loads(text)


class Encoder:
    def __init__(self) -> None:
        keeps = os.environ.get("AWS_EXECUTION_ENV") in RUNTIMES_THAT_KEEP_TEXT
        self.quote = encode_basestring if keeps else encode_basestring_ascii

    def encode(self, value: Any) -> str:
        """JSON text; raises TypeError and ValueError with the messages that callers see in Runtime.MarshalError."""
        return "".join(self.pieces(value, {}))

    def pieces(self, value: Any, open_containers: dict[int, Any]) -> Iterator[str]:
        if isinstance(value, (str, bytes)):
            yield self.text(value)
        elif value is None or value is True or value is False:
            yield CONSTANTS[value]
        elif isinstance(value, int):
            yield int.__repr__(value)
        elif isinstance(value, float):
            yield number(value)
        elif is_decimal(value):
            yield "NaN" if value.is_nan() else str(value)
        else:
            yield from self.container(value, open_containers)

    def container(self, value: Any, open_containers: dict[int, Any]) -> Iterator[str]:
        if id(value) in open_containers:
            raise ValueError("Circular reference detected")
        open_containers[id(value)] = value
        fields = as_dict(value)
        if fields is not None:
            yield from self.object(fields, open_containers)
        elif isinstance(value, (list, tuple)):
            yield "["
            for index, item in enumerate(value):
                yield ", " if index else ""
                yield from self.pieces(item, open_containers)
            yield "]"
        else:
            raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
        del open_containers[id(value)]

    def object(self, fields: dict[Any, Any], open_containers: dict[int, Any]) -> Iterator[str]:
        yield "{"
        for index, (key, item) in enumerate(fields.items()):
            yield f"{', ' if index else ''}{self.text(name(key))}: "
            yield from self.pieces(item, open_containers)
        yield "}"

    def text(self, value: str | bytes) -> str:
        return self.quote(str(value, "utf-8") if isinstance(value, bytes) else value)


def is_decimal(value: Any) -> bool:
    decimal = sys.modules.get("decimal")  # who never imported it has no Decimal; importing it would be slow
    return decimal is not None and isinstance(value, decimal.Decimal)


def as_dict(value: Any) -> dict[Any, Any] | None:
    """The fields of a dict or of anything with a working `_asdict()`; None for other values."""
    try:
        fields = value._asdict()
    except (AttributeError, TypeError):
        return value if isinstance(value, dict) else None
    if not isinstance(fields, dict):
        raise TypeError(f"_asdict() must return a dict, not {type(fields).__name__}")
    return fields


def name(key: Any) -> str | bytes:
    if isinstance(key, (str, bytes)):
        return key
    if isinstance(key, float):
        return number(key)
    if key is None or key is True or key is False:
        return CONSTANTS[key]
    if isinstance(key, int):
        return int.__repr__(key)
    raise TypeError(f"keys must be str, int, float, bool or None, not {type(key).__name__}")


def number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return float.__repr__(value)
