"""The story of one call, synchronous or asynchronous.

outcome = await invoker.invoke(call)        # waits; raises AwsError when the call may not run
invoker.enqueue(call)                       # returns at once; retries by itself on the sandbox's clock
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from lambda_sandbox.clock import Clock
from lambda_sandbox.environments.outcome import Outcome
from lambda_sandbox.environments.pool import Pool
from lambda_sandbox.environments.running import Work
from lambda_sandbox.invocation import recursion
from lambda_sandbox.invocation.admission import Admission
from lambda_sandbox.invocation.call import Call, Ended
from lambda_sandbox.invocation.plan import Done, Drop, Retry, Rules, plan
from lambda_sandbox.invocation.provisioning import Provisioned, Provisioning
from lambda_sandbox.invocation.resolve import resolve
from lambda_sandbox.journal import Journal, Kind, Record
from lambda_sandbox.state import LATEST, Function, FunctionVersion, State
from lambda_sandbox.wire import AwsError


class Invoker:
    """Runs calls. Everything that may refuse comes before anything that costs."""

    def __init__(
        self,
        *,
        state: State,
        journal: Journal,
        clock: Clock,
        pool: Pool,
        admission: Admission,
        provisioning: Provisioning,
    ) -> None:
        self._state, self._journal, self._clock, self._pool = state, journal, clock, pool
        self._admission, self._provisioning = admission, provisioning
        self._reported: dict[str, asyncio.Future[None]] = {}
        self.on_ended: Callable[[Ended], Awaitable[None]] = _nobody_cares
        pool.may_start = admission.start
        journal.subscribe(self._notice, Kind.REPORTED)

    async def invoke(self, call: Call, *, queued: bool = False) -> Outcome:
        """Runs a call and returns how it ended. Raises AwsError: 404, 409 while Pending, 429 when throttled."""
        function, version = self.resolve(call.region, call.function, call.qualifier)
        self._refuse_unless_active(function, version)
        lineage, times = recursion.follow(call.trace, version.function_arn)
        if times > recursion.LIMIT and function.settings.get("recursion") != "Allow":
            if not queued:  # else the event is dropped, and that is said
                about = {"function": call.function, "request_id": call.request_id, "because": "RecursiveInvocation"}
                where = {"source": call.source, "region": call.region}
                self._journal.append(Kind.REFUSED, **about, **where, qualifier=call.qualifier)
            raise recursion.stopped()
        self._record(
            Kind.REQUESTED,
            call,
            version,
            source=call.source,
            type="Event" if queued else "RequestResponse",
            bytes=len(call.payload),
            region=call.region,
            qualifier=call.qualifier,
            reserved=function.reserved_concurrency is not None,
        )
        try:
            with self._admission.lease(function, version, synchronous=not queued):
                async with self._pool.environment(version) as environment:
                    return await environment.run(self._work(call, lineage))
        except AwsError as error:
            if error.status == 429:
                self._record(Kind.THROTTLED, call, version, reason=error.members.get("Reason", ""))
            raise

    async def invoke_with_log(self, call: Call) -> tuple[Outcome, list[Record]]:
        """Like `invoke`, and waits for the report: returns the invocation's journal records too, START to REPORT."""
        reported = self._reported[call.request_id] = asyncio.get_running_loop().create_future()
        before = self._journal.last_seq
        try:
            outcome = await self.invoke(call)
            await reported
        finally:
            del self._reported[call.request_id]
        return outcome, self._journal.since(before, request_id=call.request_id)

    def enqueue(self, call: Call) -> None:
        """Takes an event for asynchronous invocation. Raises AwsError 404 if there is no such function now."""
        self.resolve(call.region, call.function, call.qualifier)
        self._clock.spawn(self._deliver(call))

    def resolve(self, region: str, name: str, qualifier: str | None) -> tuple[Function, FunctionVersion]:
        return resolve(self._state, region, name, qualifier)

    def discard(self, region: str, name: str, reason: str) -> None:
        """Stops the environments of a function that was updated or deleted."""
        self._pool.discard(region, name, reason)

    def provision(self, region: str, name: str, qualifier: str, count: int) -> None:
        self._provisioning.provision(region, name, qualifier, count)

    def provisioned(self, region: str, name: str, qualifier: str) -> Provisioned:
        return self._provisioning.provisioned(region, name, qualifier)

    def deprovision(self, region: str, name: str, qualifier: str) -> None:
        self._provisioning.deprovision(region, name, qualifier)

    # -- asynchronous

    async def _deliver(self, call: Call) -> None:
        """One event's life in the queue: attempts, waits, and its end. What runs is looked up at each attempt."""
        accepted = self._clock.now()
        attempts = refusals = 0
        last: Outcome | None = None
        while True:
            result: Outcome | AwsError
            try:
                result = last = await self.invoke(call, queued=True)
                attempts, refusals = attempts + 1, 0
            except AwsError as error:
                if error.status == 404:
                    self._drop(call, "the function is gone")
                    return
                result, refusals = error, refusals + 1
            age = self._clock.now() - accepted
            step = plan(result, attempts=attempts, refusals=refusals, age_s=age, rules=self._rules(call))
            if isinstance(result, AwsError) and self._switched_off(call):
                step = Drop("ZeroReservedConcurrency")
            match step:
                case Done():
                    await self.on_ended(Ended(call, "Success", attempts, last))
                    return
                case Drop(condition=condition):
                    self._drop(call, condition)
                    await self.on_ended(Ended(call, condition, attempts, last))
                    return
                case Retry(after_s=after):
                    attempt = attempts + 1
                    about = {"function": call.function, "request_id": call.request_id}
                    self._journal.append(Kind.RETRIED, **about, attempt=attempt, after_s=after)
                    await self._wait(after)

    async def _wait(self, seconds: float) -> None:
        """Waits on the sandbox's clock, not counted as in flight: the clock may jump."""
        with self._clock.resting():
            await self._clock.sleep(seconds)

    def _rules(self, call: Call) -> Rules:
        function = self._state.function(call.region, call.function)
        config = function.event_invoke_configs.get(call.qualifier or LATEST, {}) if function else {}
        return Rules.of(config)

    def _switched_off(self, call: Call) -> bool:
        function = self._state.function(call.region, call.function)
        return function is not None and function.reserved_concurrency == 0

    def _drop(self, call: Call, because: str) -> None:
        self._journal.append(
            Kind.DROPPED,
            function=call.function,
            request_id=call.request_id,
            because=because,
            region=call.region,
            qualifier=call.qualifier,
        )

    # -- small things

    def _refuse_unless_active(self, function: Function, version: FunctionVersion) -> None:
        lifecycle = function.lifecycle.get(version.version)
        if lifecycle is not None and lifecycle.state == "Pending":
            text = (
                "The operation cannot be performed at this time. "
                "The function is currently in the following state: Pending"
            )
            raise AwsError("ResourceConflictException", 409, text, members={"Type": "User"})

    def _work(self, call: Call, lineage: str) -> Work:
        root = recursion.root(call.trace, self._clock.now(), self._state.new_hex)
        trace = f"{root};Parent={self._state.new_hex(16)};Sampled=0;Lineage={lineage}"
        if call.on_trace:
            call.on_trace(trace)
        return Work(call.request_id, call.payload, call.invoked_arn, trace, call.client_context, call.on_chunk)

    def _record(self, kind: Kind, call: Call, version: FunctionVersion, **data: Any) -> None:
        self._journal.append(kind, function=call.function, version=version.version, request_id=call.request_id, **data)

    def _notice(self, record: Record) -> None:
        """Tells whoever waits for a report that it is there."""
        waiting = self._reported.get(record.request_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(None)


async def _nobody_cares(ended: Ended) -> None:
    return None
