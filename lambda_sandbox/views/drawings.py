"""What `sandbox.timeline(of=…)` can draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lambda_sandbox.views.attempts import Attempts
from lambda_sandbox.views.batches import Batches
from lambda_sandbox.views.schedules import Schedules
from lambda_sandbox.views.timeline import Timeline

DRAWINGS: Mapping[str, Callable[..., Timeline | Batches | Attempts | Schedules]] = {
    "environments": Timeline,
    "batches": Batches,
    "attempts": Attempts,
    "schedules": Schedules,
}
