"""May this call run now? A lease on concurrency, granted or refused before anything that costs (facts §5).

with admission.lease(function, version):          # or raises AwsError 429 with its Reason
    …

The account's quota is shared by all functions of a Region but for what is reserved: a reservation is a function's floor
and its ceiling. What is provisioned for a version serves that version first; what is beyond it runs on demand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from lambda_sandbox.state import Function, FunctionVersion, State
from lambda_sandbox.wire import AwsError

ALWAYS_UNRESERVED = 100  # facts §1.2: so much of the quota can never be reserved


def throttled(reason: str, retry_after: int | None = None) -> AwsError:
    """HTTP 429 as recorded: `{"Reason": …, "Type": "User", "message": "Rate Exceeded."}` (facts §5.2)."""
    return AwsError(
        "TooManyRequestsException",
        429,
        "Rate Exceeded.",
        members={"Reason": reason, "Type": "User"},
        headers={} if retry_after is None else {"Retry-After": str(retry_after)},
    )


class Lease:
    """One unit of concurrency, taken at once and given back at the end of the block."""

    __slots__ = ("_count", "_key")

    def __init__(self, count: Counter[object], key: object) -> None:
        self._count, self._key = count, key
        count[key] += 1

    def __enter__(self) -> None:
        return None

    def __exit__(self, *ended: object) -> None:
        self._count[self._key] -= 1


class Admission:
    """Counts what runs. `provisioned(version)` says how many environments of a version are kept ready."""

    def __init__(self, state: State, provisioned: Callable[[FunctionVersion], int] = lambda version: 0) -> None:
        self._state, self._provisioned = state, provisioned
        self._ready: Counter[tuple[str, str, str]] = Counter()  # by version: served by what is provisioned
        self._reserved: Counter[tuple[str, str]] = Counter()  # by function that has a reservation: on demand
        self._unreserved: Counter[str] = Counter()  # by Region: the rest

    def lease(self, function: Function, version: FunctionVersion) -> Lease:
        """One unit of concurrency for as long as the block runs. Raises AwsError 429."""
        return Lease(*self._place(function, version))

    def _place(self, function: Function, version: FunctionVersion) -> tuple[Counter[object], object]:
        """Where this call is counted, if it may run."""
        ready = (version.region, version.name, version.version)
        if self._ready[ready] < self._provisioned(version):
            return self._ready, ready  # type: ignore[return-value]
        if function.reserved_concurrency is not None:
            key = (function.region, function.name)
            if self._reserved[key] >= function.reserved_concurrency - provisioned_for(function):
                raise throttled("ReservedFunctionConcurrentInvocationLimitExceeded")
            return self._reserved, key  # type: ignore[return-value]
        running = self._unreserved[function.region]
        if running >= min(ALWAYS_UNRESERVED, self._state.concurrency_quota) and running >= self._left(function.region):
            raise throttled("ConcurrentInvocationLimitExceeded")
        return self._unreserved, function.region  # type: ignore[return-value]

    def _left(self, region: str) -> int:
        """The quota less all that is set aside, used or not."""
        return self._state.concurrency_quota - sum(map(set_aside, self._state.in_region(region)))


def provisioned_for(function: Function) -> int:
    """All that is provisioned for versions and aliases of a function."""
    return sum(config["requested"] for config in function.settings.get("provisioned", {}).values())


def set_aside(function: Function) -> int:
    """What a function takes from the account's quota: its reservation, or what is provisioned for it."""
    return provisioned_for(function) if function.reserved_concurrency is None else function.reserved_concurrency
