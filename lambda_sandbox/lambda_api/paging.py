"""Lists in pages: `MaxItems` and `Marker` in, a page and `NextMarker` out."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from lambda_sandbox.facts import fact
from lambda_sandbox.lambda_api import errors
from lambda_sandbox.lambda_api.context import Given

T = TypeVar("T")


def page(items: Sequence[tuple[str, T]], given: Given) -> tuple[list[T], str | None]:
    """The next page of `items`, which are (key, item) in their order; the marker is the last key seen.

    A key that is gone by the time of the next call does not lose the reader's place if keys are sorted.
    """
    start = 0
    if marker := given.get("Marker"):
        last = _read(marker)
        start = next((index + 1 for index, (key, _) in enumerate(items) if key == last), None) or next(
            (index for index, (key, _) in enumerate(items) if key > last), len(items)
        )
    size = min(given.get("MaxItems") or fact("limits.list_page"), fact("limits.list_page"))
    chosen = items[start : start + size]
    more = start + size < len(items)
    return [item for _, item in chosen], _marker(chosen[-1][0]) if more else None


def _marker(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode()


def _read(marker: str) -> str:
    try:
        return base64.b64decode(marker.encode("ascii"), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise errors.invalid(
            f"Invalid marker: {marker!r}; send the NextMarker of the answer before, as it came"
        ) from None
