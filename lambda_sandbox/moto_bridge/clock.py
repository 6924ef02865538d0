"""moto's clock, moved at one seam: `moto.core.utils.utcnow` asks the sandbox.

85 modules of moto import the function by name, so replacing the name would miss them (and all that are imported later).
Its code object is exchanged instead: every holder of the function sees the sandbox's time.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import moto.core.utils

_SEAM = "sandbox_utcnow"  # a global of moto.core.utils, where the exchanged code looks it up
_utcnow: Any = moto.core.utils.utcnow


def install(now: Callable[[], float]) -> None:
    """From here on moto's time is `now()`, seconds since 1970; the last install wins."""

    def sandbox_utcnow() -> datetime:
        return datetime.fromtimestamp(now(), UTC).replace(tzinfo=None)  # moto's datetimes are naive UTC

    setattr(moto.core.utils, _SEAM, sandbox_utcnow)
    _utcnow.__code__ = _ask.__code__


def _ask() -> datetime:
    return sandbox_utcnow()  # type: ignore[name-defined,no-any-return]  # noqa: F821  (a global of moto.core.utils)
