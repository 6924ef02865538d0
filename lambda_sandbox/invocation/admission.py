"""May this call run now? A lease on concurrency, granted or refused before anything that costs (facts §5).

    with admission.lease(function):          # or raises AwsError 429 with its Reason
        …

The account's quota is shared by all functions of a Region but for what is reserved: a reservation is a function's floor
and its ceiling.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from lambda_sandbox.state import Function, State
from lambda_sandbox.wire import AwsError


def throttled(reason: str, retry_after: int | None = None) -> AwsError:
    """HTTP 429 as recorded: `{"Reason": …, "Type": "User", "message": "Rate Exceeded."}` (facts §5.2)."""
    return AwsError(
        "TooManyRequestsException",
        429,
        "Rate Exceeded.",
        members={"Reason": reason, "Type": "User"},
        headers={} if retry_after is None else {"Retry-After": str(retry_after)},
    )


class Admission:
    """Counts what runs, by function."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._running: Counter[tuple[str, str]] = Counter()

    @contextmanager
    def lease(self, function: Function) -> Iterator[None]:
        """One unit of concurrency for as long as the block runs. Raises AwsError 429."""
        key = (function.region, function.name)
        if function.reserved_concurrency is not None:
            if self._running[key] >= function.reserved_concurrency:
                raise throttled("ReservedFunctionConcurrentInvocationLimitExceeded")
        elif self._unreserved_running(function.region) >= self._unreserved(function.region):
            raise throttled("ConcurrentInvocationLimitExceeded")
        self._running[key] += 1
        try:
            yield
        finally:
            self._running[key] -= 1
            if not self._running[key]:
                del self._running[key]

    def _unreserved(self, region: str) -> int:
        reserved = sum(function.reserved_concurrency or 0 for function in self._state.in_region(region))
        return self._state.concurrency_quota - reserved

    def _unreserved_running(self, region: str) -> int:
        total = 0
        for (at, name), count in self._running.items():
            function = self._state.function(at, name)
            if at == region and (function is None or function.reserved_concurrency is None):
                total += count
        return total
