"""Who is idle: environments are reused while they last, and made when none is free (facts §3.1).

    async with pool.environment(version) as environment:      # cold or reused
        outcome = await environment.run(work)

An environment belongs to one revision of one function and is never shared. One that has answered and is about to ask
for more counts as nearly free: waiting for it is what AWS looks like from outside, and it keeps lessons repeatable.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable

from lambda_sandbox.clock import Clock, Timer
from lambda_sandbox.environments.environment import Environment
from lambda_sandbox.environments.image import as_run
from lambda_sandbox.environments.limits import CpuShare, MemoryWatch, process_limits
from lambda_sandbox.environments.room import Plan, Room, Rooms
from lambda_sandbox.environments.runtime import RuntimeFolder
from lambda_sandbox.environments.states import State
from lambda_sandbox.environments.variables import Credentials, log_stream, variables
from lambda_sandbox.journal import Journal
from lambda_sandbox.listener import Listener
from lambda_sandbox.state import FunctionVersion
from lambda_sandbox.state import State as Store
from lambda_sandbox.wire import AwsError

IDLE_LIMIT_S = 600.0  # AWS gives no figure; minutes is what is observed
AT_ONCE = 16  # environments that are initialised side by side
PROVISIONED = "provisioned-concurrency"
REPORT_LIMIT_S = 1.0  # for runtimes that answer and then do not ask for more
Key = tuple[str, str, str]


class Assignment:
    """An environment for as long as the block runs."""

    __slots__ = ("_environment", "_pool", "_version")

    def __init__(self, pool: Pool, version: FunctionVersion) -> None:
        self._pool, self._version = pool, version

    async def __aenter__(self) -> Environment:
        self._environment = await self._pool.take(self._version)
        return self._environment

    async def __aexit__(self, *ended: object) -> None:
        self._pool.give_back(self._environment)


class Pool:
    """All environments there are."""

    def __init__(
        self,
        *,
        rooms: Rooms,
        runtime: RuntimeFolder,
        journal: Journal,
        clock: Clock,
        state: Store,
        credentials: Callable[[FunctionVersion], Awaitable[Credentials]],
        endpoint_url: Callable[[], str],
        opt: Callable[[FunctionVersion], Awaitable[str]],
        cpu_share: bool = False,
    ) -> None:
        self._rooms, self._runtime, self._journal, self._clock, self._state = rooms, runtime, journal, clock, state
        self._credentials, self._endpoint_url, self._opt = credentials, endpoint_url, opt
        self._idle: defaultdict[Key, list[Environment]] = defaultdict(list)  # the most recently used is taken first
        self._finishing: defaultdict[Key, int] = defaultdict(int)  # nearly free, and not yet promised to anyone
        self._waiting: defaultdict[Key, deque[asyncio.Future[Environment | None]]] = defaultdict(deque)
        self._all: set[Environment] = set()
        self._watches: list[MemoryWatch | CpuShare] = [MemoryWatch()]
        if cpu_share:
            self._watches.append(CpuShare())
        self._reaper: Timer | None = None
        self._resets = 0
        self.door: tuple[Listener, ...] = ()  # what rooms with a network of their own reach besides their Runtime API
        self.may_start: Callable[[FunctionVersion], object] = lambda version: None  # or raises: not so many so fast

    def __len__(self) -> int:
        return len(self._all)

    @property
    def about(self) -> str:
        """What kind of rooms this machine offers."""
        return self._rooms.about

    def environment(self, version: FunctionVersion) -> Assignment:
        """An environment of this very version, for one invocation: reused if one is free, else a new one."""
        return Assignment(self, version)

    async def take(self, version: FunctionVersion) -> Environment:
        resets = self._resets
        environment = await self._find(version)
        if resets != self._resets:  # while it waited
            environment.stop("sandbox")
            raise AwsError("ServiceException", 500, "The sandbox was reset.", members={"Type": "Service"})
        for watch in self._watches:
            watch.add(environment)
        return environment

    def give_back(self, environment: Environment) -> None:
        for watch in self._watches:
            watch.remove(environment)
        if environment.state is State.FINISHING:
            self._finishing[environment.version.key] += 1

    async def _find(self, version: FunctionVersion) -> Environment:
        key = version.key
        while True:
            if self._idle[key]:
                return self._pick(self._idle[key])
            if self._finishing[key] <= len(self._waiting[key]):
                self.may_start(version)
                return await self._make(version)
            promised: asyncio.Future[Environment | None] = asyncio.get_running_loop().create_future()
            self._waiting[key].append(promised)
            environment = await promised
            if environment is not None:
                return environment

    @staticmethod
    def _pick(idle: list[Environment]) -> Environment:
        """What is provisioned goes first, then the one that was used last."""
        for at in range(len(idle) - 1, -1, -1):
            if idle[at].initialization_type == PROVISIONED:
                return idle.pop(at)
        return idle.pop()

    async def provision(self, version: FunctionVersion, count: int) -> int:
        """Initialises environments ahead and keeps them ready; returns how many of them could be."""

        async def one() -> bool:
            environment = await self._make(version, PROVISIONED)
            with self._clock.busy():
                problem = await environment.initialize()
            if problem is None:
                environment.rest()
            else:
                environment.stop("failed")
            return problem is None

        made = 0
        for start in range(0, count, AT_ONCE):
            made += sum(await asyncio.gather(*[one() for _ in range(min(AT_ONCE, count - start))]))
        return made

    def deprovision(self, version: FunctionVersion) -> None:
        """Ends the environments that were kept ready for a version."""
        for environment in list(self._all):
            if environment.version.key == version.key and environment.initialization_type == PROVISIONED:
                environment.doom("deprovisioned")

    async def _make(self, version: FunctionVersion, initialization_type: str = "on-demand") -> Environment:
        name = self._state.new_hex(32)
        environment = Environment(
            version,
            name=name,
            log_stream=log_stream(version, name, self._clock.now()),
            journal=self._journal,
            clock=self._clock,
            new_uuid=self._state.new_uuid,
            initialization_type=initialization_type,
        )
        environment.on_idle = self._freed
        environment.on_stopped = self._gone
        credentials = await self._credentials(version)
        opt = await self._opt(version) if version.layers else version.code.image.opt if version.code.image else ""
        await self._runtime.ready(as_run(version))
        self._all.add(environment)
        try:
            await environment.open(lambda made: self._room(made, credentials, opt), self._rooms.runtime_api)
        except BaseException:
            environment.stop("failed")
            raise
        return environment

    def _room(self, environment: Environment, credentials: Credentials, opt: str) -> Room:
        version = as_run(environment.version)
        runtime, packages = self._runtime.shown(version)
        plan = Plan(
            task=version.code.folder,
            opt=opt,
            runtime=runtime,
            packages=packages,
            argv=lambda private: self._runtime.command(version, private, opt),
            env=variables(
                version,
                log_stream=environment.log_stream,
                initialization_type=environment.initialization_type,
                runtime_api=environment.api.address,
                endpoint_url=self._endpoint_url(),
                credentials=credentials,
            ),
            tmp_mb=version.ephemeral_storage_mb,
            limits=process_limits(),
        )
        served = (environment.api.listener, *self.door)
        return self._rooms.make(plan, environment.exited, environment.wrote, served)

    async def reported(self) -> None:
        """Returns when every invocation that was answered has its report in the journal too."""
        waiting = [environment.reported for environment in self._all if environment.state is State.FINISHING]
        if unfinished := [report for report in waiting if report is not None]:
            await asyncio.wait(unfinished, timeout=REPORT_LIMIT_S)

    # -- what environments say

    def _freed(self, environment: Environment) -> None:
        key = environment.version.key
        if self._finishing[key]:
            self._finishing[key] -= 1
        waiting = self._waiting[key]
        while waiting:
            promised = waiting.popleft()
            if not promised.done():
                promised.set_result(environment)
                return
        self._idle[key].append(environment)
        if self._reaper is None:
            self._reaper = self._clock.call_later(IDLE_LIMIT_S, self._reap)

    def _gone(self, environment: Environment) -> None:
        key = environment.version.key
        self._all.discard(environment)
        if environment in self._idle[key]:
            self._idle[key].remove(environment)
        if self._finishing[key]:
            self._finishing[key] -= 1
        for promised in self._waiting[key]:  # whoever waited for it looks again
            if not promised.done():
                promised.set_result(None)
        self._waiting[key].clear()

    def _reap(self) -> None:
        """Stops what has been idle for too long on the sandbox's clock."""
        self._reaper = None
        now = self._clock.now()
        idle = [environment for environments in self._idle.values() for environment in environments]
        for environment in idle:
            if now - environment.idle_since >= IDLE_LIMIT_S and environment.initialization_type != PROVISIONED:
                environment.stop("idle")
        left = [environment.idle_since for environment in idle if environment.initialization_type != PROVISIONED]
        left = [since for since in left if now - since < IDLE_LIMIT_S]
        if left:
            self._reaper = self._clock.call_at(min(left) + IDLE_LIMIT_S, self._reap)

    # -- ending

    def discard(self, region: str, name: str, reason: str) -> None:
        """Stops the environments of a function: idle ones now, busy ones when they are done."""
        for environment in list(self._all):
            if (environment.version.region, environment.version.name) == (region, name):
                environment.doom(reason)

    def reset(self) -> None:
        self._resets += 1
        for environment in list(self._all):
            environment.stop("sandbox")
        for table in (self._idle, self._finishing, self._waiting):
            table.clear()

    async def close(self) -> None:
        self.reset()
        for watch in self._watches:
            watch.close()
        if self._reaper is not None:
            self._reaper.cancel()
        await self._rooms.close()
