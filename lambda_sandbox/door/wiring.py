"""Builds every object once, in order, and takes them down again. The only module that knows them all.

async with sandbox(Options(port=0)) as built:
    print(built.endpoint_url)           # accepts calls until the block ends
"""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from lambda_sandbox.aws_variables import owner_key
from lambda_sandbox.clock import Clock, Unsettled, stopwatch
from lambda_sandbox.cloudwatch import embedded_metrics, insights, log_patterns
from lambda_sandbox.cloudwatch.alarms import Alarms
from lambda_sandbox.cloudwatch.logs import Logs
from lambda_sandbox.cloudwatch.metrics import MANY, Metrics
from lambda_sandbox.door.apis import Apis
from lambda_sandbox.door.authorise import Authorise
from lambda_sandbox.door.control import Control
from lambda_sandbox.door.door import Door
from lambda_sandbox.door.gateway import Gateway
from lambda_sandbox.door.options import Options
from lambda_sandbox.door.server import Server
from lambda_sandbox.door.urls import FunctionUrls
from lambda_sandbox.environments.package import Packages
from lambda_sandbox.environments.pool import Pool
from lambda_sandbox.environments.rooms import open_rooms
from lambda_sandbox.environments.runtime import RuntimeFolder
from lambda_sandbox.environments.variables import Credentials
from lambda_sandbox.event_sources import dynamodb, kinesis, patterns
from lambda_sandbox.event_sources.alarms import AlarmActions
from lambda_sandbox.event_sources.destinations import Destinations
from lambda_sandbox.event_sources.eventbridge import EventBridgeSource, fits
from lambda_sandbox.event_sources.eventbridge import check as check_rule
from lambda_sandbox.event_sources.function_url import Caller
from lambda_sandbox.event_sources.iot import IotSource
from lambda_sandbox.event_sources.iot import check as check_topic_rule
from lambda_sandbox.event_sources.log_subscriptions import LogSubscriptions
from lambda_sandbox.event_sources.mapping import Delivery, Mappings
from lambda_sandbox.event_sources.push import Push
from lambda_sandbox.event_sources.s3 import S3Source
from lambda_sandbox.event_sources.scheduler import SchedulerSource
from lambda_sandbox.event_sources.scheduler import check as check_schedule
from lambda_sandbox.event_sources.secrets import SecretsSource
from lambda_sandbox.event_sources.sns import SnsSource
from lambda_sandbox.event_sources.sqs import SqsPoller
from lambda_sandbox.event_sources.step_functions import check as check_state_machine
from lambda_sandbox.event_sources.stream import StreamPoller
from lambda_sandbox.event_sources.stream_event import Source
from lambda_sandbox.invocation.admission import Admission
from lambda_sandbox.invocation.invoker import Invoker
from lambda_sandbox.invocation.provisioning import Provisioning
from lambda_sandbox.journal import Journal, Kind
from lambda_sandbox.lambda_api import LambdaApi
from lambda_sandbox.listener import LOOPBACK, listen
from lambda_sandbox.moto_bridge import ApiStage, Bridge, Received, S3Change, S3Test, StreamOf, Waiting
from lambda_sandbox.state import FunctionVersion, State
from lambda_sandbox.templates import CloudFormation

SCRATCH = "lambda-sandbox-"
MOST_IN_A_SEALED_ONE = 100  # environments: what is judged may call itself, and shall not take the whole machine
LOGS_EVERY_S = 1.0  # real seconds; who reads the logs through the API never waits for it


@dataclass(frozen=True, slots=True)
class Built:
    endpoint_url: str
    about: str  # what kind of environments this machine offers


@asynccontextmanager
async def sandbox(options: Options) -> AsyncIterator[Built]:
    """A whole sandbox, serving. Raises PortTaken. Leaves no process and no file behind."""
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        listening = stack.enter_context(listen(options.port))
        endpoint_url = f"http://{LOOPBACK}:{listening.getsockname()[1]}"
        scratch = Path(stack.enter_context(scratch_folder()))

        clock = Clock(virtual=options.virtual)
        journal = Journal(clock.now)
        clock.on_advance = lambda now: journal.append(Kind.ADVANCED, now=now)
        state = State(options.seed, concurrency_quota=options.account_concurrency)

        bridge = Bridge(now=clock.now, account=state.account, endpoint_url=endpoint_url, seed=options.seed)
        stack.callback(bridge.close)

        async def credentials(version: FunctionVersion) -> Credentials:
            made = await loop.run_in_executor(None, bridge.session, version.role, version.name)
            return Credentials(made.access_key, made.secret_key, made.token)

        packages = Packages(scratch / "packages")

        async def opt(version: FunctionVersion) -> str:
            return await loop.run_in_executor(None, packages.merged, [layer.code for layer in version.layers])

        door_inside = listening.getsockname()[1] if options.sealed else 0
        rooms = await open_rooms(scratch, private=False if options.plain else None, door=door_inside)
        pool = Pool(
            rooms=rooms,
            runtime=RuntimeFolder(scratch / "runtime"),
            journal=journal,
            clock=clock,
            state=state,
            credentials=credentials,
            endpoint_url=lambda: endpoint_url,
            opt=opt,
            cpu_share=options.cpu_share,
        )
        stack.push_async_callback(pool.close)
        provisioning = Provisioning(state=state, clock=clock, pool=pool)
        admission = Admission(
            state,
            provisioning.ready,
            now=clock.now,
            has_room=lambda: not options.sealed or len(pool) < MOST_IN_A_SEALED_ONE,
        )
        invoker = Invoker(
            state=state, journal=journal, clock=clock, pool=pool, admission=admission, provisioning=provisioning
        )
        only = owner_key(options.token) if options.sealed and options.token else None
        authorise = Authorise(state=state, bridge=bridge, now=clock.now, only=only)
        destinations = Destinations(
            state=state,
            journal=journal,
            now=clock.now,
            send=bridge.serve_async,
            invoke=invoker.enqueue,
            may=authorise.may,
        )
        invoker.on_ended = destinations.on
        push = Push(state=state, journal=journal, invoker=invoker)
        s3 = S3Source(
            push,
            lambda *told: eventbridge.told(*told),
            account=state.account,
            journal=journal,
            clock=clock,
            send=bridge.serve_async,
            lets_in=authorise.lets_in,
        )
        bridge.check_notification = s3.check

        def object_event(change: S3Change | S3Test) -> None:  # in a worker thread
            loop.call_soon_threadsafe(s3.on, change)

        bridge.on_object_event = object_event

        mappings = Mappings(state=state, journal=journal, clock=clock, invoker=invoker, may=authorise.may)

        async def receive(arn: str, most: int) -> Received | None:
            return await loop.run_in_executor(None, bridge.receive, arn, most)

        async def delete(arn: str, handles: Sequence[str]) -> None:
            await loop.run_in_executor(None, bridge.delete_messages, arn, handles)

        async def hide(arn: str, handles: Sequence[str], seconds: float) -> None:
            await loop.run_in_executor(None, bridge.hide_longer, arn, handles, seconds)

        async def read(arn: str, after: Mapping[str, int]) -> StreamOf | None:
            return await loop.run_in_executor(None, bridge.read_stream, arn, dict(after))

        def stream(source: Source) -> Callable[[Delivery], StreamPoller]:
            return lambda delivery: StreamPoller(source, delivery, read=read, on_failure=destinations.on_batch)

        mappings.pollers = {
            "sqs": lambda delivery: SqsPoller(delivery, receive=receive, delete=delete, hide=hide),
            "kinesis": stream(kinesis),
            "dynamodb": stream(dynamodb),
        }

        async def put_log_events(*about: Any) -> None:
            await loop.run_in_executor(None, bridge.put_log_events, *about)

        eventbridge = EventBridgeSource(
            push=push,
            state=state,
            journal=journal,
            clock=clock,
            send=bridge.serve_async,
            put_log_events=put_log_events,
            scheduled=bridge.scheduled_rules,
            of_default_bus=bridge.rules_of_default_bus,
            may=authorise.may,
        )
        subscriptions = LogSubscriptions(push)
        bridge.check_subscription = subscriptions.check
        bridge.on_log_events = lambda written: _tell(loop, subscriptions.on, written)
        scheduler = SchedulerSource(
            state=state,
            journal=journal,
            clock=clock,
            invoke=invoker.enqueue,
            send=bridge.serve_async,
            may=authorise.may,
            all_there_is=bridge.schedules,
        )
        bridge.check_schedule = lambda expression, zone, role: check_schedule(
            expression, zone, role, bridge.trust_policy(role)
        )
        bridge.on_schedules_changed = lambda: _tell(loop, scheduler.reschedule)
        bridge.waiting = Waiting(clock, loop.call_soon_threadsafe)
        bridge.check_state_machine = lambda role, definition, kind: check_state_machine(
            bridge.trust_policy(role), role, definition, kind, state.account
        )
        bridge.check_rule, bridge.fits = check_rule, fits
        bridge.on_event = lambda rule, event: _tell(loop, eventbridge.on, rule, event)
        bridge.on_rules_changed = lambda: _tell(loop, eventbridge.reschedule)
        bridge.check_filter_policy = patterns.parse
        notifications = SnsSource(push, clock, bridge.serve_async)
        bridge.on_notification = lambda notification: _tell(loop, notifications.on, notification)
        iot = IotSource(push, journal, clock)
        bridge.check_topic_rule = check_topic_rule
        bridge.on_message = lambda *told: _tell(loop, iot.on, *told)

        async def rotated(secret_arn: str) -> None:
            await loop.run_in_executor(None, bridge.secret_rotated, secret_arn)

        secrets = SecretsSource(push=push, state=state, journal=journal, clock=clock, invoker=invoker, rotated=rotated)
        bridge.check_rotation = secrets.check
        bridge.on_rotation = lambda rotation: _tell(loop, secrets.on, rotation)
        bridge.on_queue_event = lambda arn: _tell(loop, queue_changed, arn)  # in a worker thread, all three
        bridge.on_stream_event = lambda arn: _tell(loop, mappings.changed, arn)
        bridge.on_role_event = lambda: _tell(loop, mappings.roles_changed)

        bridge.log_pattern = log_patterns.filter_of
        bridge.ask_logs = insights.run
        bridge.log_number = log_patterns.number_at
        bridge.metrics_in = embedded_metrics.points
        logs = Logs(journal, bridge, authorise.may)
        metrics = Metrics(journal, bridge, state)
        lambda_api = LambdaApi(
            state, journal, clock, invoker, packages, bridge, mappings, default_region=options.region
        )

        async def caller(access_key: str) -> Caller:
            user_id, arn, account = await loop.run_in_executor(None, bridge.identity, access_key)
            return Caller(access_key, account, user_id, arn)

        urls = FunctionUrls(
            state=state, journal=journal, clock=clock, invoker=invoker, caller=caller, may=authorise.decide
        )

        async def stages(api: str) -> list[ApiStage]:
            return await loop.run_in_executor(None, bridge.api_stages, api)

        cloudformation = CloudFormation(
            endpoint_url=endpoint_url, account=state.account, now=clock.now, new_id=state.new_passing_uuid, only=only
        )
        stack.callback(cloudformation.close)
        gateway = Gateway(state=state, journal=journal, clock=clock, invoker=invoker)
        apis = Apis(state=state, clock=clock, gateway=gateway, caller=caller, stages=stages)

        async def reset() -> None:
            pool.reset()
            mappings.reset()
            eventbridge.reset()
            scheduler.reset()
            await clock.forget()
            pool.reset()  # a request that had been sent before may have started more
            provisioning.reset()
            gateway.reset()
            state.reset()
            logs.reset()
            metrics.reset()
            await cloudformation.reset()
            alarms.reset()
            await loop.run_in_executor(None, bridge.reset)
            authorise.asked.clear()
            apis.asked.clear()
            journal.reset()

        def about() -> dict[str, Any]:
            return {"environments": pool.about, "region": options.region, "account": state.account}

        async def flush_logs() -> None:
            await pool.reported()
            await logs.flush()

        async def flush_metrics() -> None:
            await flush_logs()  # which may say metrics, too
            await metrics.flush()
            await loop.run_in_executor(None, bridge.measure_queues)

        alarms = Alarms(clock, bridge, flush=flush_metrics)
        alarm_actions = AlarmActions(push=push, journal=journal, clock=clock, send=bridge.serve_async)
        journal.subscribe(alarms.wake, Kind.REQUESTED, Kind.REPORTED, Kind.REFUSED, Kind.DROPPED)

        def queue_changed(arn: str) -> None:
            mappings.changed(arn)
            alarms.wake()

        bridge.on_alarm = lambda change: _tell(loop, alarm_actions.on, change)
        bridge.on_measured = lambda: _tell(loop, alarms.changed)

        async def settled(timeout: float) -> None:
            """Log events that somebody subscribed to are work too: they are written before all is said to be done."""
            give_up = stopwatch() + timeout
            while True:
                await clock.settle(max(give_up - stopwatch(), 0.0))
                await pool.reported()
                if not logs.pending or not bridge.has_log_subscriptions():
                    return
                if stopwatch() > give_up:
                    raise Unsettled(0, 1, None)
                await logs.flush()

        control = Control(
            clock=clock,
            settled=settled,
            journal=journal,
            token=options.token,
            reset=reset,
            reported=pool.reported,
            about=about,
            asked=lambda: [[*what, times] for what, times in (*authorise.asked.items(), *apis.asked.items())],
        )
        door = Door(
            state=state,
            clock=clock,
            lambda_api=lambda_api,
            urls=urls,
            apis=apis,
            bridge=bridge,
            cloudformation=cloudformation,
            authorise=authorise,
            flush_logs=flush_logs,
            flush_metrics=flush_metrics,
            control=control,
        )
        writing = asyncio.ensure_future(_write(logs, metrics))
        stack.callback(writing.cancel)
        warming = loop.run_in_executor(None, bridge.warm_up)  # its imports take a while and nobody has asked yet
        warming.add_done_callback(lambda _: gc.freeze())  # what is there by then stays: to look it over takes 0.1 s
        gc.set_threshold(20_000)  # a call makes 200 objects, and hardly ever a cycle
        server = Server(listening, door.answer)
        pool.door = (server.listener,)
        await server.open()
        stack.push_async_callback(server.close)
        yield Built(endpoint_url, pool.about)


def _tell(loop: asyncio.AbstractEventLoop, what: Callable[..., object], *about: object) -> None:
    """Calls on the loop, from any thread."""
    loop.call_soon_threadsafe(what, *about)


async def _write(logs: Logs, metrics: Metrics) -> None:
    """Writes what is pending now and then, for whoever looks at the services without asking."""
    while True:
        await asyncio.sleep(LOGS_EVERY_S)
        if logs.pending:
            await logs.flush()
        if len(metrics.pending) > MANY:
            await metrics.flush()


def scratch_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder of this process, gone when it ends; what a killed sandbox could not remove goes now."""
    for left in Path(tempfile.gettempdir()).glob(f"{SCRATCH}[0-9]*-*"):
        owner = left.name.removeprefix(SCRATCH).partition("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(left, ignore_errors=True)
    return tempfile.TemporaryDirectory(prefix=f"{SCRATCH}{os.getpid()}-", ignore_cleanup_errors=True)
