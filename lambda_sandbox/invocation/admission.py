"""May this call run now? A lease on concurrency, granted or refused before anything that costs (facts §1.2, §5).

with admission.lease(function, version):          # or raises AwsError 429 with its Reason
    …

The account's quota is shared by all functions of a Region but for what is reserved: a reservation is a function's floor
and its ceiling. What is provisioned for a version serves that version first; what is beyond it runs on demand. Of
synchronous requests, each unit of concurrency takes ten a second, and a function starts at most 1,000 environments in
ten seconds. Nothing here waits, and the time is what `now` says: `simulate` asks the same object, for many at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from math import inf

from lambda_sandbox.facts import fact
from lambda_sandbox.state import Function, FunctionVersion, State
from lambda_sandbox.wire import AwsError

REQUESTS_A_SECOND: int = fact("concurrency.requests_per_concurrency")
SCALING: int = fact("concurrency.scaling_environments")
SCALING_S: int = fact("concurrency.scaling_seconds")
FULL, TOO_FAST = "ConcurrentInvocationLimitExceeded", "FunctionInvocationRateLimitExceeded"
RESERVED_FULL = "ReservedFunctionConcurrentInvocationLimitExceeded"
RESERVED_TOO_FAST = "ReservedFunctionInvocationRateLimitExceeded"


def throttled(reason: str, retry_after: int | None = None) -> AwsError:
    """HTTP 429 as recorded: `{"Reason": …, "Type": "User", "message": "Rate Exceeded."}` (facts §5.2)."""
    return AwsError(
        "TooManyRequestsException",
        429,
        "Rate Exceeded.",
        members={"Reason": reason, "Type": "User"},
        headers={} if retry_after is None else {"Retry-After": str(retry_after)},
    )


class Window:
    """At most so many in so many seconds. It opens with the first; what is not used until it closes is lost."""

    __slots__ = ("_opened", "_seconds", "_taken")

    def __init__(self, seconds: float) -> None:
        self._seconds, self._opened, self._taken = seconds, -inf, 0

    def take(self, want: int, limit: int, now: float) -> int:
        """How many of `want` are still within the limit: counted, and 0 if none is."""
        if now - self._opened >= self._seconds:
            self._opened, self._taken = now, 0
        taken = min(want, max(limit - self._taken, 0))
        self._taken += taken
        return taken


class Share:
    """Concurrency that calls draw on: provisioned for a version, reserved for a function, or left to a Region.

    As a context manager: one unit that was drawn, given back at the end.
    """

    __slots__ = ("_full", "_second", "_too_fast", "running")

    def __init__(self, full: str, too_fast: str) -> None:
        self.running = 0
        self._full, self._too_fast, self._second = full, too_fast, Window(1.0)

    def draw(self, want: int, limit: int, rate: int | None, now: float) -> int:
        """Takes up to `want` of `limit` units, at most `rate` a second. Raises AwsError 429 if it can be none."""
        fit = min(want, limit - self.running)
        if fit <= 0:
            raise throttled(self._full)
        if rate is not None:
            fit = self._second.take(fit, rate, now)
            if not fit:
                raise throttled(self._too_fast)
        self.running += fit
        return fit

    def __enter__(self) -> None:
        return None

    def __exit__(self, *ended: object) -> None:
        self.running -= 1


class Admission:
    """Counts what runs. `provisioned(version)` says how many environments of a version are kept ready.

    `has_room()` says whether this machine has any for one more, which on AWS it always has.
    """

    def __init__(
        self,
        state: State,
        provisioned: Callable[[FunctionVersion], int] = lambda version: 0,
        *,
        now: Callable[[], float],
        scaling: int = SCALING,
        has_room: Callable[[], bool] = lambda: True,
    ) -> None:
        self._state, self._provisioned, self._now, self._scaling = state, provisioned, now, scaling
        self._has_room = has_room
        self._ready: defaultdict[tuple[str, str, str], Share] = defaultdict(lambda: Share(FULL, TOO_FAST))
        self._reserved: defaultdict[tuple[str, str], Share] = defaultdict(
            lambda: Share(RESERVED_FULL, RESERVED_TOO_FAST)
        )
        self._unreserved: defaultdict[str, Share] = defaultdict(lambda: Share(FULL, TOO_FAST))
        self._starts: defaultdict[tuple[str, str], Window] = defaultdict(lambda: Window(SCALING_S))

    def lease(self, function: Function, version: FunctionVersion, *, synchronous: bool = True) -> Share:
        """One unit of concurrency until the end of a `with` block. Raises AwsError 429."""
        return self.admit(function, version, 1, synchronous=synchronous)[0]

    def admit(
        self, function: Function, version: FunctionVersion, want: int, *, synchronous: bool = True
    ) -> tuple[Share, int]:
        """Up to `want` units of the first share that has any; who wants more asks again. Raises AwsError 429."""
        now = self._now()
        if ready := self._provisioned(version):
            share = self._ready[version.region, version.name, version.version]
            if share.running < ready:
                return share, share.draw(want, ready, REQUESTS_A_SECOND * ready if synchronous else None, now)
        if function.reserved_concurrency is not None:
            share = self._reserved[function.region, function.name]
            limit = function.reserved_concurrency - function.provisioned
            rate = REQUESTS_A_SECOND * limit
        else:
            share = self._unreserved[function.region]
            limit, rate = self._state.unreserved_min, REQUESTS_A_SECOND * self._state.concurrency_quota
            if share.running + want > limit:  # so much is always left; to add up what others have set aside takes time
                limit = max(limit, self._state.unreserved(function.region))
        return share, share.draw(want, limit, rate if synchronous else None, now)

    def start(self, version: FunctionVersion, want: int = 1) -> int:
        """How many of `want` environments may start on demand now. Raises AwsError 429 if none may.

        AWS documents no Reason for this one; it is the Region's concurrency that grows too slowly.
        """
        starts = self._starts[version.region, version.name]
        started = starts.take(want, self._scaling, self._now()) if self._has_room() else 0
        if not started:
            raise throttled(FULL)
        return started
