"""The numbers that lessons and code state, read from `facts.toml`: each with its unit, its source and its date.

    fact("limits.invoke_payload_sync")      # 6291456
    cite("limits.invoke_payload_sync")      # "6,291,456 bytes (Developer Guide: Lambda quotas; checked 2026-11-21)"

An entry is a TOML table with `value`, `source` and `checked`, and `unit` where the value has one. A value that differs
by Region is a table with a `default`: ask `fact("prices.requests_per_million", "sa-east-1")`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact. `source` is where it is documented or was recorded; `checked` is when that was last looked at."""

    name: str
    value: Any
    unit: str
    source: str
    checked: date


def fact(name: str, region: str | None = None) -> Any:
    """The value called `name`; with `region`, the value there, or else the default. Raises KeyError."""
    value = entry(name).value
    if region is None:
        return value
    return value.get(region, value["default"])


def price(name: str, region: str) -> Any:
    """What something costs in a Region; None if that is not known. Raises ValueError: the Region has no prices here."""
    regions = fact("prices.regions")
    if region not in regions:
        raise ValueError(f"no prices are known for {region!r}; facts.toml has those of {', '.join(regions)}")
    value = fact(name)
    return value.get(region, value.get("default"))


def cite(name: str) -> str:
    """The value in words, with its unit, source and date."""
    found = entry(name)
    value = f"{found.value:,}" if isinstance(found.value, int) else str(found.value)
    return f"{value} {found.unit}".rstrip() + f" ({found.source}; checked {found.checked.isoformat()})"


def entry(name: str) -> Entry:
    try:
        return entries()[name]
    except KeyError:
        raise KeyError(f"no fact is called {name!r}; facts.toml has {', '.join(sorted(entries()))}") from None


@cache
def entries() -> Mapping[str, Entry]:
    """All facts by their dotted names."""
    with Path(__file__).with_name("facts.toml").open("rb") as file:
        return {found.name: found for found in _entries("", tomllib.load(file))}


def _entries(prefix: str, table: Mapping[str, Any]) -> Iterator[Entry]:
    for key, value in table.items():
        name = f"{prefix}{key}"
        if not isinstance(value, dict):
            raise ValueError(f"facts.toml: {name} is not an entry; write {{ value = …, source = …, checked = … }}")
        if "value" in value:
            yield Entry(name, value["value"], value.get("unit", ""), value["source"], value["checked"])
        else:
            yield from _entries(f"{name}.", value)
