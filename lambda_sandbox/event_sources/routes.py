"""Which route of an API a path is for: `/pets/{id}`, `/files/{proxy+}`, and which of several is the most specific.

best([Route("GET", "/pets/{id}", a), Route("ANY", "/{proxy+}", b)], "GET", "/pets/7")
-> (Route("GET", "/pets/{id}", a), {"id": "7"})
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_VARIABLE = re.compile(r"\{([^{}+]+)(\+?)\}")


@dataclass(frozen=True, slots=True)
class Route:
    """A method (or ANY) of a path pattern, and what it leads to."""

    method: str
    path: str
    target: Any


def best(routes: Iterable[Route], method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The most specific route that serves the request, and its path parameters as they stand in the path.

    Segment by segment a fixed text goes before `{variable}`, and that before `{greedy+}`; then the method before ANY.
    """
    found = []
    for route in routes:
        if route.method not in (method, "ANY"):
            continue
        pattern, names, rank = _compiled(route.path)
        if match := pattern.fullmatch(path):
            order = (rank, route.method == "ANY")
            found.append((order, route, dict(zip(names, match.groups(), strict=True))))
    if not found:
        return None
    _, route, parameters = min(found, key=lambda one: one[0])
    return route, parameters


@lru_cache(maxsize=1024)
def _compiled(path: str) -> tuple[re.Pattern[str], tuple[str, ...], tuple[int, ...]]:
    """A path as a pattern, the names of its variables, and how general each of its segments is (0, 1, 2)."""
    pattern, names, rank = "", [], []
    for segment in path.removeprefix("/").split("/"):
        variable = _VARIABLE.fullmatch(segment)
        if variable is None:
            pattern += "/" + re.escape(segment)
            rank.append(0)
        else:
            names.append(variable[1])
            pattern += "/(.+)" if variable[2] else "/([^/]+)"
            rank.append(2 if variable[2] else 1)
    return re.compile(pattern, re.DOTALL), tuple(names), tuple(rank)
