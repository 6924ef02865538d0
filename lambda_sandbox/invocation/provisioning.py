"""Provisioned concurrency: environments that are initialised before anybody calls (facts §5.1).

provisioning.provision("us-east-1", "hello", "prod", 3)
provisioning.provisioned("us-east-1", "hello", "prod")     # Provisioned(requested=3, allocated=0, status="IN_PROGRESS")

Nothing is available before all of it is allocated. AWS takes a minute or two to begin; the sandbox begins at once, and
takes as long as Init takes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from lambda_sandbox.clock import Clock
from lambda_sandbox.environments.pool import Pool
from lambda_sandbox.invocation.resolve import resolve
from lambda_sandbox.state import FunctionVersion, State

Target = tuple[str, str, str]  # Region, function, version or alias


@dataclass(frozen=True, slots=True)
class Provisioned:
    """How far it is: IN_PROGRESS, READY, or FAILED with a reason. `last_modified` is seconds since 1970."""

    requested: int
    last_modified: float
    allocated: int = 0
    status: str = "IN_PROGRESS"
    reason: str | None = None

    @property
    def available(self) -> int:
        return self.allocated if self.status == "READY" else 0


class Provisioning:
    """What is provisioned, for which version or alias, and how far it is."""

    def __init__(self, *, state: State, clock: Clock, pool: Pool) -> None:
        self._state, self._clock, self._pool = state, clock, pool
        self._known: dict[Target, tuple[FunctionVersion, Provisioned]] = {}

    def provision(self, region: str, name: str, qualifier: str, count: int) -> None:
        """Begins to allocate; an amount that was asked for before is replaced."""
        self.deprovision(region, name, qualifier)
        _, version = resolve(self._state, region, name, qualifier)
        target = (region, name, qualifier)
        self._known[target] = (version, Provisioned(count, self._clock.now()))
        self._clock.spawn(self._allocate(target, version, count))

    def provisioned(self, region: str, name: str, qualifier: str) -> Provisioned:
        return self._known[region, name, qualifier][1]

    def deprovision(self, region: str, name: str, qualifier: str) -> None:
        """Gives up what was provisioned; environments that are busy end when they are done."""
        known = self._known.pop((region, name, qualifier), None)
        if known is not None:
            self._pool.deprovision(known[0])

    def ready(self, version: FunctionVersion) -> int:
        """How many environments of a version are kept ready."""
        if not self._known:
            return 0
        return sum(now.available for of, now in self._known.values() if of.key == version.key)

    def reset(self) -> None:
        self._known.clear()

    async def _allocate(self, target: Target, version: FunctionVersion, count: int) -> None:
        made = await self._pool.provision(version, count)
        known = self._known.get(target)
        if known is None or known[0] is not version or known[1].requested != count:
            return  # changed or deleted meanwhile
        if made == count:
            done = replace(known[1], allocated=made, status="READY")
        else:
            done = replace(known[1], status="FAILED", reason="FUNCTION_ERROR_INIT_FAILURE")
            self._pool.deprovision(version)
        self._known[target] = (version, done)
