"""One execution environment: its life from Init to the end, and the invocations it runs one at a time (facts §3.1).

    environment = Environment(version, room=…, …)
    await environment.open()
    outcome = await environment.run(work)       # the first run also runs Init
    …
    environment.stop("idle")

    NEW → STARTING → IDLE ⇄ BUSY → FINISHING → IDLE          answered; waiting for the runtime to ask for more
                   ↘ RESET ↙                                 the runtime is gone; Init runs again at the next invocation
                     any → STOPPED

Everything happens on the event loop. The runtime drives the life through its Runtime API (`next`, `respond`, `fail`,
`init_failed`), the room reports exits and log output, timers cut what takes too long.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from lambda_sandbox.clock import Clock, stopwatch, wall_clock
from lambda_sandbox.environments.log_reader import Framed, LogReader
from lambda_sandbox.environments.outcome import (
    Answered,
    Exited,
    Failed,
    Outcome,
    TimedOut,
    exited,
    named_type,
    not_started,
    out_of_memory,
    reported_type,
    response_too_large,
    timed_out,
)
from lambda_sandbox.environments.room import Room
from lambda_sandbox.environments.running import MB, Running, Work
from lambda_sandbox.environments.runtime_api import RESPONSE_LIMIT, Event, Refusal, RuntimeApi
from lambda_sandbox.environments.states import ALLOWED, IllegalTransition, State
from lambda_sandbox.journal import Journal, Kind
from lambda_sandbox.state import FunctionVersion

INIT_LIMIT_S = 10.0  # facts §3.1, on demand
PROVISIONED_INIT_LIMIT_S = 130.0
FREEZE_AFTER_S = 0.005
SHORT_S, LOOK_EVERY_S = 0.005, 0.1  # in 5 ms nobody touches more than a few megabytes


class Environment:
    """One environment of one function version."""

    def __init__(
        self,
        version: FunctionVersion,
        *,
        name: str,
        log_stream: str,
        journal: Journal,
        clock: Clock,
        new_uuid: Callable[[], str],
        initialization_type: str = "on-demand",
    ) -> None:
        self.version, self.name, self.log_stream = version, name, log_stream
        self.initialization_type = initialization_type
        self.state = State.NEW
        self.idle_since = 0.0
        self.on_idle: Callable[[Environment], None] = lambda environment: None
        self.on_stopped: Callable[[Environment], None] = lambda environment: None
        self.doomed = ""  # a reason to stop as soon as it is not busy
        self._journal, self._clock, self._new_uuid = journal, clock, new_uuid
        self.api = RuntimeApi(self)
        self._room: Room | None = None
        self._reader = LogReader()
        self._log_cut = False  # whether this invocation was told that its log is cut
        self._reply: Callable[[Event], None] | None = None  # set while the runtime waits for an event
        self._ready: asyncio.Future[Outcome | None] | None = None  # ends Init: None, or what went wrong
        self._init_payload: tuple[bytes, str | None] | None = None
        self._running: Running | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._init_ms: float | None = None  # of the cold start, until it is reported
        self._max_memory = 0
        self._looked = 0.0  # stopwatch: when memory was last sampled
        self._outgrown = False  # at the last look
        self._still = False  # really stopped, by a signal
        self.reported: asyncio.Future[None] | None = None  # of the invocation that was answered last

    # -- life

    async def open(self, make_room: Callable[[Environment], Room], runtime_api: str = "") -> None:
        """Opens the Runtime API, or knows it at `runtime_api` in the room; the runtime starts with the first run."""
        await self.api.open(runtime_api)
        self._room = make_room(self)

    @property
    def busy(self) -> bool:
        return self.state is State.BUSY

    @property
    def room(self) -> Room:
        assert self._room is not None
        return self._room

    async def run(self, work: Work) -> Outcome:
        """Runs one invocation: Init before it if the environment is new, inside it if the last one broke it."""
        counted = self._clock.busy()
        counted.__enter__()
        limit = float(self.version.timeout)
        cold = self.state is State.NEW
        if cold:
            try:
                await self.initialize()
            except asyncio.CancelledError:
                counted.__exit__(None, None, None)  # all else is in flight until it is reported
                raise
        elif self.state is State.IDLE:
            self._thaw()
        began = stopwatch()
        running = self._running = Running(
            work,
            asyncio.get_running_loop().create_future(),
            counted,
            began,
            began + limit,
            cold,
            self._new_uuid(),
        )
        if self.state is State.RESET:  # "suppressed init": it counts as the invocation's time
            problem = await self._start("invoke", limit)
            if problem is not None:
                if self._running is running:  # else it was stopped meanwhile, and all is said
                    self._record(Kind.STARTED, cold=False, log_stream=self.log_stream, log_group=self.version.log_group)
                    self._conclude(problem)
                    self._finish()
                    self._rest()
                return problem
        if self.state is State.STOPPED:
            stopped = exited(work.request_id, self.version.version, -9)
            self._conclude(stopped)
            self._finish()
            return stopped
        self._record(Kind.STARTED, cold=cold, log_stream=self.log_stream, log_group=self.version.log_group)
        self._to(State.BUSY)
        left = running.deadline - stopwatch()
        self._timer = asyncio.get_running_loop().call_later(left, self._time_out)
        reply, self._reply = self._reply, None
        assert reply is not None
        reply(running.event(wall_clock() + left))
        return await running.outcome

    async def initialize(self) -> Outcome | None:
        """Init ahead of an invocation, of at most 10 s. A failure is not final: the invocation tries again."""
        began = stopwatch()
        limit = INIT_LIMIT_S
        if self.initialization_type != "on-demand":
            limit = max(PROVISIONED_INIT_LIMIT_S, float(self.version.timeout))
        problem = await self._start("init", limit)
        if problem is None:
            self._init_ms = (stopwatch() - began) * 1000
        return problem

    def stop(self, reason: str) -> None:
        """Ends the environment and all its processes now."""
        if self.state is State.STOPPED:
            return
        running = self._running
        self._drain()
        self._to(State.STOPPED)
        self._cancel_timer()
        if running is not None and running.result is None:
            self._conclude(exited(running.work.request_id, self.version.version, -9))
        if running is not None:
            self._finish()
        if self._room is not None:
            self._room.close()
            self._room = None
        self.api.close()
        if self._ready is not None and not self._ready.done():
            self._ready.set_result(exited("", self.version.version, -9))
        self._record(Kind.STOPPED, reason=reason)
        self.on_stopped(self)

    def doom(self, reason: str) -> None:
        """Stops it as soon as it is not busy: its function was updated or deleted."""
        if self.state in (State.IDLE, State.RESET, State.NEW):
            self.stop(reason)
        else:
            self.doomed = self.doomed or reason

    # -- what the runtime asks (Runtime API)

    def next(self, reply: Callable[[Event], None]) -> Refusal | None:
        if self.state is State.STARTING:
            self._reply = reply
            self._end_init(None)
        elif self.state is State.FINISHING:
            self._reply = reply
            self._become_idle()
        else:
            return _illegal(self.state)
        return None

    def respond(self, request_id: str, invocation_id: str | None, body: bytes, size: int) -> Refusal | None:
        if refusal := self._refuse_unless_running(request_id, invocation_id):
            return refusal
        if size > RESPONSE_LIMIT:
            self._answer(response_too_large(self.version.version))
            text = f"Exceeded maximum allowed payload size ({RESPONSE_LIMIT} bytes)."
            return Refusal(413, "RequestEntityTooLarge", text)
        self._answer(Answered(body, self.version.version))
        return None

    def stream(self, request_id: str) -> Callable[[bytes], None] | None:
        return self._running.tap(request_id, self.version.version) if self._running else None

    def fail(self, request_id: str, invocation_id: str | None, body: bytes, error_type: str | None) -> Refusal | None:
        if refusal := self._refuse_unless_running(request_id, invocation_id):
            return refusal
        self._answer(Failed(body, self.version.version, named_type(body) or error_type))
        return None

    def init_failed(self, body: bytes, error_type: str | None) -> Refusal | None:
        if self.state is not State.STARTING:
            return _illegal(self.state)
        self._init_payload = (body, error_type)  # the runtime ends itself now; its exit ends Init
        return None

    # -- what the room says

    def exited(self, status: int) -> None:
        """The runtime's process ended."""
        if self.state is State.STOPPED:
            return
        self._drain()
        if self.room.refusal:
            self._record(Kind.LOG, message=f"[sandbox] no environment could be made: {self.room.refusal}\n")
        self._reply = None
        if self.state is State.STARTING:
            if self._init_payload is not None:
                body, error_type = self._init_payload
                named = named_type(body) or error_type
                self._end_init(Failed(body, self.version.version, named, category=error_type))
            else:
                self._end_init(self._ended(status))
        elif self.state is State.BUSY:
            self._break(self._ended(status))
        elif self.state is State.FINISHING:
            self._end()
        elif self.state is State.IDLE:
            self._to(State.RESET)

    def wrote(self) -> None:
        """The room has log output."""
        if self._room is not None:
            self._keep(self._reader.feed(self._room.read_log()))

    def look(self) -> None:
        """Looks at what runs: notes what it has logged, and ends it if it has outgrown the function's memory."""
        if self.state not in (State.BUSY, State.STARTING):
            return
        self.wrote()
        used, limit = self.room.memory()[0], self.version.memory_mb * MB
        self._max_memory = max(self._max_memory, min(used, limit))
        before, self._outgrown = self._outgrown, used > limit
        if before and self._outgrown:  # once may be a mistake: a page that the kernel moves counts as unshared
            self.room.kill()
            end = self._end_init if self.state is State.STARTING else self._break
            end(out_of_memory(self._request_id(), self.version.version))

    # -- Init

    async def _start(self, phase: str, limit: float) -> Outcome | None:
        self._to(State.STARTING)
        self._init_payload = None
        self._record(
            Kind.STARTING,
            phase=phase,
            region=self.version.region,
            runtime=self.version.runtime or "",
            role=self.version.role,
            log_group=self.version.log_group,
            log_stream=self.log_stream,
            initialization_type=self.initialization_type,
            architecture=self.version.architecture,
            memory_mb=self.version.memory_mb,
            tmp_mb=self.version.ephemeral_storage_mb,
            **self.version.logging,
        )
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[Outcome | None] = loop.create_future()
        self._ready = ready
        began = stopwatch()
        self._timer = loop.call_later(limit, self._init_too_long)
        self.room.run()
        problem = await ready
        self._ready = None
        self._cancel_timer()
        took_ms = (stopwatch() - began) * 1000
        if self.state is State.STOPPED:
            return problem
        if problem is None:
            self._to(State.IDLE)
            self._record(Kind.READY, init_ms=took_ms, phase=phase)
            return None
        self._to(State.RESET)
        status = "timeout" if isinstance(problem, TimedOut) else "error"
        self._record(Kind.INIT_FAILED, init_ms=took_ms, phase=phase, status=status, error_type=reported_type(problem))
        return problem

    def _end_init(self, problem: Outcome | None) -> None:
        if self._ready is not None and not self._ready.done():
            self._drain()
            self._ready.set_result(problem)

    def _init_too_long(self) -> None:
        self.room.kill()
        self._end_init(timed_out(self._request_id(), self.version.version, self.version.timeout))

    # -- the end of an invocation: an outcome, then a report

    def _answer(self, outcome: Outcome) -> None:
        """The runtime has answered; the caller goes on while the runtime asks for the next event, until the timeout."""
        self.reported = asyncio.get_running_loop().create_future()
        self._to(State.FINISHING)
        self._conclude(outcome)

    def _break(self, outcome: Outcome) -> None:
        """The platform ended the invocation: the runtime is gone or must go."""
        self._conclude(outcome)
        self._end()

    def _end(self) -> None:
        """The runtime is gone or must go; all is said but the report."""
        self._cancel_timer()
        self._to(State.RESET)
        self._finish()
        self._rest()

    def _time_out(self) -> None:
        self._drain()
        self._sample_memory()
        self.room.kill()
        if self.state is State.FINISHING:  # answered, but it never asked for more
            self._end()
            return
        self._break(timed_out(self._request_id(), self.version.version, self.version.timeout))

    def _conclude(self, outcome: Outcome) -> None:
        """Records the outcome once and gives it to the caller."""
        self._drain()
        running = self._running
        assert running is not None
        running.result = outcome
        match outcome:
            case Answered(payload=payload):
                self._record(Kind.ANSWERED, bytes=len(payload))
            case Failed(error_type=error_type, message=message):
                self._record(Kind.FAILED, error_type=error_type, message=message)
            case TimedOut():
                self._record(Kind.TIMED_OUT, after_s=float(self.version.timeout))
            case Exited(error_type=error_type, message=message):
                self._record(Kind.EXITED, error_type=error_type, message=message)
        if not running.outcome.done():
            running.outcome.set_result(outcome)

    def _finish(self) -> None:
        """END and REPORT: the invocation is over."""
        running, self._running = self._running, None
        if running is None or running.result is None:
            return
        self._look_at_memory(stopwatch() - running.began)
        init_ms, self._init_ms = (self._init_ms, None) if running.cold else (None, self._init_ms)
        broken = self.state is State.RESET
        report = running.report(self.version, init_ms=init_ms, max_memory=self._max_memory, broken=broken)
        self._append(Kind.REPORTED, running.work.request_id, report)
        self._reader.renew()
        self._log_cut = False
        running.counted.__exit__(None, None, None)
        if self.reported is not None and not self.reported.done():
            self.reported.set_result(None)

    def rest(self) -> None:
        """Nothing to do for now: frozen, and free for whoever comes."""
        self._freeze()
        self._rest()

    def _become_idle(self) -> None:
        self._cancel_timer()
        self._drain()
        self._to(State.IDLE)
        self._finish()
        self.rest()

    def _rest(self) -> None:
        """It is free again, or must go."""
        self.idle_since = self._clock.now()
        if self.doomed:
            self.stop(self.doomed)
        else:
            self.on_idle(self)

    # -- freezing

    def _freeze(self) -> None:
        """Freezes it, a moment from now: invocations in close order then pay for no signals."""
        self._record(Kind.FROZEN)
        self._timer = asyncio.get_running_loop().call_later(FREEZE_AFTER_S, self._stop_still)

    def _stop_still(self) -> None:
        self._timer = None
        self._still = True
        self.room.freeze()

    def _thaw(self) -> None:
        self._record(Kind.THAWED)
        self._cancel_timer()
        if self._still:
            self._still = False
            self.room.thaw()

    # -- small things

    def _to(self, new: State) -> None:
        """The only writer of `state`."""
        if new not in ALLOWED[self.state]:
            raise IllegalTransition(self.state, new)
        self.state = new

    def _refuse_unless_running(self, request_id: str, invocation_id: str | None) -> Refusal | None:
        running = self._running
        if running is None or running.work.request_id != request_id:
            return Refusal(400, "InvalidRequestID", "Invalid request ID")
        if invocation_id is not None and invocation_id != running.invocation_id:
            return Refusal(400, "InvalidInvocationId", "Invalid invocation ID")
        return None if self.state is State.BUSY else _illegal(self.state)

    def _drain(self) -> None:
        """Reads the log up to now, so that what was written before an answer is recorded before it."""
        if self._room is not None and self.state is not State.NEW:
            self._keep(self._reader.feed(self._room.read_log()))  # once: a pipe holds no more than one read takes
            self._keep(self._reader.flush())

    def _keep(self, events: list[str]) -> None:
        for event in events:
            by_logger = {"by_logger": True} if isinstance(event, Framed) and self.version.log_format == "JSON" else {}
            self._record(Kind.LOG, message=event, **by_logger)
        if self._reader.dropped and not self._log_cut:
            self._log_cut = True
            text = "[sandbox] this invocation logs more than the sandbox keeps; AWS would keep, and bill, all of it\n"
            self._record(Kind.LOG, message=text, cut=True)

    def _look_at_memory(self, duration_s: float) -> None:
        """Samples, unless the invocation was too short to touch much memory and the last look was a moment ago."""
        if duration_s >= SHORT_S or stopwatch() - self._looked >= LOOK_EVERY_S:
            self._sample_memory()

    def _sample_memory(self) -> None:
        self._looked = stopwatch()
        used, highest = self.room.memory() if self._room is not None else (0, 0)
        self._max_memory = min(max(self._max_memory, used, highest), self.version.memory_mb * MB)

    def _ended(self, status: int) -> Outcome:
        """How the runtime's process ended: it exited, or was never started."""
        wrapped = "AWS_LAMBDA_EXEC_WRAPPER" in (self.version.environment or {})  # on AWS a shell starts that, and exits
        if (why := self.room.not_started) and not wrapped:
            return not_started(self._request_id(), self.version.version, why)
        return exited(self._request_id(), self.version.version, status)

    def _request_id(self) -> str:
        return self._running.work.request_id if self._running is not None else ""

    def _record(self, kind: Kind, **data: Any) -> None:
        running = self._running
        self._append(kind, running.work.request_id if running is not None else "", data)

    def _append(self, kind: Kind, request_id: str, data: dict[str, Any]) -> None:
        version = self.version
        self._journal.append(
            kind,
            function=version.name,
            version=version.version,
            environment=self.name,
            request_id=request_id,
            **data,
        )

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _illegal(state: State) -> Refusal:
    return Refusal(
        403, "InvalidStateTransition", f"State transition is not allowed while the environment is {state.name}"
    )
