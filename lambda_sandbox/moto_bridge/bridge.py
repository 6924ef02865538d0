"""The bridge to moto: every service but Lambda, behind one object.

Requests run in a few worker threads, one at a time a service (`locks`). What moto would do inside a request, and AWS
does after it (telling functions of a new object), is called out through `on_object_event`; nothing above is imported.

    bridge = Bridge(now=clock.now, account="123456789012", endpoint_url="http://127.0.0.1:4566")
    bridge.on_object_event = lambda change: loop.call_soon_threadsafe(s3_source.on, change)
    response = await bridge.serve_async(request)
"""

from __future__ import annotations

import asyncio
import itertools
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

from botocore.config import Config
from botocore.session import Session
from moto.core.base_backend import AccountSpecificBackend, BackendDict
from moto.moto_api._internal import mock_random

from lambda_sandbox.moto_bridge import (
    alarms,
    apigateway,
    bucket_policies,
    clock,
    cloudwatch,
    dispatch,
    ecr,
    errors,
    events,
    identities,
    insights,
    iot,
    logs,
    message_moves,
    policies,
    queue_metrics,
    s3,
    s3_notifications,
    scheduler,
    secrets,
    sessions,
    sns,
    sqs,
    step_functions,
    streams,
    subscriptions,
)
from lambda_sandbox.moto_bridge.alarms import AlarmChange, AlarmOf
from lambda_sandbox.moto_bridge.apigateway import ApiStage
from lambda_sandbox.moto_bridge.changes import S3Change, S3Test
from lambda_sandbox.moto_bridge.cloudwatch import Point
from lambda_sandbox.moto_bridge.events import RuleOf
from lambda_sandbox.moto_bridge.identities import Principal
from lambda_sandbox.moto_bridge.locks import EVERYTHING, Locks
from lambda_sandbox.moto_bridge.metric_store import Dimensions
from lambda_sandbox.moto_bridge.routing import Route, Scope, bucket_in_host, route, scope_of
from lambda_sandbox.moto_bridge.scheduler import ScheduleOf
from lambda_sandbox.moto_bridge.sessions import Credentials
from lambda_sandbox.moto_bridge.sns import Notification
from lambda_sandbox.moto_bridge.subscriptions import LogEvents
from lambda_sandbox.moto_bridge.threads import Waiting
from lambda_sandbox.moto_bridge.tracing import tracing
from lambda_sandbox.wire import AwsError, Request, Response, StoredImage

T = TypeVar("T")

WORKERS = 6
_HARMLESS = (
    ("s3", "GET", ""),
    ("iam", "POST", "ListRoles"),
    ("sts", "POST", "GetCallerIdentity"),
    ("logs", "POST", "Logs_20140328.DescribeLogGroups"),
    ("sqs", "POST", "AmazonSQS.ListQueues"),
)
_POLL_SECONDS = 0.2  # how often a long poll looks for messages that became visible by time alone


class Bridge:
    """moto, with the sandbox's clock, regions and deliveries. One a process: moto's state is global."""

    def __init__(
        self, *, now: Callable[[], float], account: str, endpoint_url: str | None = None, seed: int | None = None
    ) -> None:
        self._now, self._account, self._seed = now, account, seed
        self.key_mark = identities.key_mark(account)  # in every access key that is made here
        self.endpoint_url = endpoint_url
        self.on_object_event: Callable[[S3Change | S3Test], None] = lambda change: None
        self.on_stream_event: Callable[[str], None] = lambda arn: None
        self.on_queue_event: Callable[[str], None] = lambda arn: None
        self.on_event: events.Told = lambda rule, event: None
        self.on_rules_changed: Callable[[], None] = lambda: None
        self.check_rule: events.Check = lambda pattern, schedule: None
        self.fits: events.Fits = lambda pattern, event: False
        self.on_schedules_changed: Callable[[], None] = lambda: None
        self.check_schedule: scheduler.Check = lambda expression, zone, role_arn: None
        self.on_log_events: Callable[[LogEvents], None] = lambda events: None
        self.on_alarm: Callable[[AlarmChange], None] = lambda change: None
        self.on_measured: Callable[[], None] = lambda: None
        self.log_pattern: Callable[[str], Callable[[str], bool]] = lambda pattern: lambda message: pattern in message
        self.ask_logs: insights.Ask = lambda query, events, limit: insights.Answer([], 0)
        self.log_number: Callable[[str, str], float | None] = lambda path, message: None
        self.metrics_in: Callable[[logs.Written], list[Point]] = lambda written: []
        self.check_subscription: subscriptions.Check = lambda function_arn, group_arn, pattern: None
        self.on_notification: Callable[[Notification], None] = lambda notification: None
        self.check_filter_policy: Callable[[str], object] = lambda policy: None
        self.on_role_event: Callable[[], None] = lambda: None
        self.on_message: iot.Told = lambda rule, topic, payload: None
        self.check_topic_rule: iot.Check = lambda sql, actions, error_action: None
        self.on_rotation: secrets.Told = lambda rotation: None
        self.check_rotation: secrets.Check = lambda function_arn, secret_arn: None
        self.waiting: Waiting | None = None  # of threads that work for a service between requests: state machines
        self.check_state_machine: step_functions.Check = lambda role_arn, definition, kind: None
        self.check_notification: s3_notifications.Check = lambda bucket, region, configurations: None
        self._locks = Locks()
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="moto")
        self._sessions = sessions.Sessions(account, now)
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._session = _nobodys_session()
        self._clients_mutex = threading.Lock()
        self._pollers: set[asyncio.Event] = set()  # long polls, woken by any request that may have brought a message
        _read_no_profile(self._session)
        clock.install(now)
        dispatch.install()
        policies.install()
        sessions.install()
        apigateway.install()
        cloudwatch.install()
        alarms.install(lambda change: self.on_alarm(change))
        insights.install(lambda *asked: self.ask_logs(*asked))
        logs.install(
            lambda pattern: self.log_pattern(pattern),
            lambda written: self.metrics_in(written),
            lambda path, message: self.log_number(path, message),
        )
        s3.install()
        bucket_policies.install()
        s3_notifications.install(lambda *told: self.check_notification(*told))
        message_moves.install()
        sqs.install(lambda arn: self.on_queue_event(arn))
        streams.install(lambda arn: self.on_stream_event(arn))
        events.install(
            lambda *told: self.on_event(*told), lambda *given: self.check_rule(*given), lambda *given: self.fits(*given)
        )
        scheduler.install(lambda *given: self.check_schedule(*given))
        subscriptions.install(
            lambda written: self.on_log_events(written), lambda *given: self.check_subscription(*given)
        )
        secrets.install(lambda rotation: self.on_rotation(rotation), lambda *given: self.check_rotation(*given))
        sns.install(
            lambda notification: self.on_notification(notification), lambda policy: self.check_filter_policy(policy)
        )
        self.reset()

    # -- requests

    async def serve_async(
        self, request: Request, refusal: Callable[[Request], Response | None] = lambda request: None
    ) -> Response:
        """Serves in a worker thread, unless `refusal`, asked there first, has an answer.

        A long poll waits here, on the loop, holding nothing.
        """
        if sqs.may_wait(request):
            return await self._in_worker(refusal, request) or await self._poll(request)
        try:
            return await self._in_worker(lambda asked: refusal(asked) or self.serve(asked), request)
        finally:
            for poller in self._pollers:
                poller.set()

    @staticmethod
    def may_wait(request: Request) -> bool:
        """Whether this is a long poll: it waits for others, and so is no work in flight."""
        return sqs.may_wait(request)

    def serve(self, request: Request) -> Response:
        """Serves any service but Lambda; errors speak its protocol. Blocks: for worker threads."""
        request = sqs.traced(_path_style(request))
        scope = scope_of(request)
        try:
            return self._serve(request, scope, route(request, scope))
        except AwsError as error:
            return errors.render(error, request, scope.service)

    def _serve(self, request: Request, scope: Scope, to: Route) -> Response:
        host = urlsplit(self.endpoint_url).netloc if self.endpoint_url else request.headers.get("host", "127.0.0.1")
        account = self._sessions.account_of(scope.access_key)
        self._install_late(to.service)
        if to.service != "s3":
            with self._locks.holding(to.service), tracing(request):
                if to.service == "logs":
                    logs.expire(account, to.region)
                response = dispatch.dispatch(request, to, host=host, account=account)
            if to.service in ("iam", "cloudformation"):
                self.on_role_event()
            if to.service in ("cloudwatch", "logs", "cloudformation"):
                self.on_measured()
            if to.service in ("events", "cloudformation"):
                self.on_rules_changed()
            if to.service in ("scheduler", "cloudformation"):
                self.on_schedules_changed()
            return response
        principal = partial(self._sessions.principal_id, scope.access_key)
        trace = request.headers.get("x-amzn-trace-id", "")
        source = s3.Source(self._now, request.peer, principal, self._sequence, trace, not scope.access_key)
        with self._locks.holding("s3"), s3.collecting(source) as changes:
            answer = dispatch.dispatch(request, to, host=host, account=account)
            response = s3.finished(request.method, answer, source)
            if response.status < 400:
                for change in changes.told():  # still under the lock: changes of one key are told in order
                    self.on_object_event(change)
        return response

    def _install_late(self, service: str) -> None:
        """The seams of what few ask for, and what takes long to import."""
        if service == "stepfunctions" and self.waiting:
            step_functions.install(self.waiting, self._client, lambda *given: self.check_state_machine(*given))
        elif service in ("iot", "iotdata"):
            iot.install(lambda *told: self.on_message(*told), lambda *given: self.check_topic_rule(*given))
        elif service == "ecr":
            ecr.install()

    async def _poll(self, request: Request) -> Response:
        request, wait = await self._in_worker(self._without_wait, request)
        loop, woken = asyncio.get_running_loop(), asyncio.Event()
        give_up = loop.time() + wait
        self._pollers.add(woken)
        try:
            while True:
                woken.clear()
                response = await self._in_worker(self.serve, request)
                left = give_up - loop.time()
                if left <= 0 or not sqs.is_empty(response):
                    return response
                with suppress(TimeoutError):
                    await asyncio.wait_for(woken.wait(), min(left, _POLL_SECONDS))
        finally:
            self._pollers.discard(woken)

    def _without_wait(self, request: Request) -> tuple[Request, float]:
        scope = scope_of(request)
        if scope.service != "sqs":
            return request, 0.0
        return sqs.without_wait(request, scope.region, self._sessions.account_of(scope.access_key))

    async def _in_worker(self, work: Callable[[Request], T], request: Request) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._workers, work, request)

    # -- what the sandbox itself needs of the services; all of it blocks, and is for worker threads

    def get_object(self, bucket: str, key: str, version_id: str | None = None) -> bytes:
        """An object's bytes. Raises AwsError with S3's code and words: NoSuchBucket, NoSuchKey, NoSuchVersion."""
        with self._locks.holding("s3"):
            return s3.read_object(self._account, bucket, key, version_id)

    def has_object(self, bucket: str, key: str) -> bool:
        """Whether there is an object; yes, if there is no such bucket: that will be said anyway."""
        with self._locks.holding("s3"):
            return s3.has_object(self._account, bucket, key)

    def image(self, region: str, repository: str, reference: str) -> StoredImage | None:
        """The image that a tag or a digest stands for now; None if there is none."""
        with self._locks.holding("ecr"):
            return ecr.image(self._account, region, repository, reference)

    def has_log_group(self, region: str, group: str) -> bool:
        with self._locks.holding("logs"):
            return logs.has_group(self._account, region, group)

    def put_log_events(self, region: str, group: str, stream: str, events: list[tuple[int, str]]) -> None:
        """Writes (milliseconds since 1970, message) pairs to CloudWatch Logs, making the group and the stream."""
        with self._locks.holding("logs"):
            logs.put(self._account, region, group, stream, sorted(events, key=lambda event: event[0]))

    def put_metrics(self, region: str, points: Sequence[Point]) -> None:
        """Adds to CloudWatch's metrics what a function's own PutMetricData may not name: AWS/Lambda."""
        with self._locks.holding("cloudwatch"):
            cloudwatch.put(self._account, region, points)

    def measure_queues(self) -> None:
        """Brings the metrics of SQS up to now."""
        with self._locks.holding("sqs"):
            measured = queue_metrics.measured(self._account)
        for region, points in measured.items():
            self.put_metrics(region, points)

    def alarm_step(self) -> int:
        """How often alarms look, in seconds; 0 if there is none. Reads only, and may be called anywhere."""
        return alarms.step(self._account)

    def alarms(self) -> list[AlarmOf]:
        with self._locks.holding("cloudwatch"):
            return alarms.alarms(self._account)

    def set_alarm(self, alarm: AlarmOf, state: str, reason: str, data: str) -> None:
        """Puts an alarm into another state, which `on_alarm` hears of."""
        with self._locks.holding("cloudwatch"):
            alarms.set_state(self._account, alarm, state, reason, data)

    def metric_periods(
        self,
        region: str,
        namespace: str,
        name: str,
        dimensions: Dimensions,
        unit: str | None,
        start: float,
        end: float,
        period: int,
        statistic: str,
    ) -> dict[int, float]:
        """A statistic of each period that has data, by when it begins."""
        with self._locks.holding("cloudwatch"):
            about = (namespace, name, dimensions, start, end, period)
            return cloudwatch.statistics(self._account, region, *about, unit=unit, statistic=statistic)

    def read_stream(self, arn: str, after: Mapping[str, int]) -> streams.StreamOf | None:
        """A Kinesis or DynamoDB stream's records after a number for each shard; None if there is no such stream."""
        with self._locks.holding(arn.split(":")[2]):
            return streams.read(self._account, arn, after)

    def receive(self, queue_arn: str, most: int) -> sqs.Received | None:
        """Takes messages from a queue, without waiting; None if there is no such queue."""
        with self._locks.holding("sqs"):
            return sqs.receive(self._account, queue_arn, most)

    def delete_messages(self, queue_arn: str, receipt_handles: Sequence[str]) -> None:
        with self._locks.holding("sqs"):
            sqs.delete(self._account, queue_arn, receipt_handles)

    def hide_longer(self, queue_arn: str, receipt_handles: Sequence[str], seconds: float) -> None:
        with self._locks.holding("sqs"):
            sqs.hide_longer(self._account, queue_arn, receipt_handles, seconds)

    def visibility_timeout(self, queue_arn: str) -> int | None:
        """A queue's visibility timeout in seconds; None if there is no such queue."""
        with self._locks.holding("sqs"):
            return sqs.visibility_timeout(self._account, queue_arn)

    def principal(self, access_key: str) -> Principal | None:
        """Who a key that was made here belongs to, and his policies; None if it is good for nothing (any more)."""
        with self._locks.holding("iam"):
            found = identities.principal(self._account, access_key)
            return self._sessions.lasting(access_key, found) if found else None

    def learner(self) -> Principal:
        """The administrator, who has all other keys."""
        return sessions.learner(self._account)

    def role(self, role_arn: str) -> Principal:
        """A role by itself, and its policies: none if there is no such role."""
        with self._locks.holding("iam"):
            return identities.role(self._account, role_arn)

    def resource(self, arn: str) -> tuple[str, identities.Document | None]:
        """A resource's ARN in full, and the document of its own policy, of those services that have one here."""
        service = arn.split(":")[2]
        if service not in identities.HAVE_POLICIES:
            return arn, None
        with self._locks.holding(service):
            return identities.resource(self._account, arn)

    def exists(self, arn: str) -> bool:
        """Whether there is such a queue or topic."""
        with self._locks.holding(arn.split(":")[2]):
            return identities.exists(self._account, arn)

    def scheduled_rules(self) -> Sequence[RuleOf]:
        """EventBridge's rules that have a schedule. Reads only, and may be called anywhere."""
        return events.scheduled(self._account)

    def rules_of_default_bus(self, region: str) -> Sequence[RuleOf]:
        """EventBridge's rules for what AWS's services tell. Reads only, and may be called anywhere."""
        return events.of_default_bus(self._account, region)

    def schedules(self) -> Sequence[ScheduleOf]:
        """EventBridge Scheduler's schedules. Reads only, and may be called anywhere."""
        return scheduler.schedules(self._account)

    def has_log_subscriptions(self) -> bool:
        """Whether anybody is to be told of what is logged. Reads only, and may be called anywhere."""
        return subscriptions.exist(self._account)

    def secret_rotated(self, secret_arn: str) -> None:
        """Notes when a secret was rotated last."""
        with self._locks.holding("secretsmanager"):
            secrets.rotated(self._account, secret_arn)

    def trust_policy(self, role_arn: str) -> dict[str, Any] | None:
        """The role's trust policy document; None if there is no such role."""
        with self._locks.holding("iam"):
            return sessions.trust_policy(self._account, role_arn)

    def session(self, role_arn: str, session_name: str) -> Credentials:
        """Temporary credentials of a role, known to STS. Made once for a role and a name, until their last hour."""
        with self._locks.holding("iam"):
            return self._sessions.session(role_arn, session_name)

    def identity(self, access_key: str) -> tuple[str, str, str]:
        """Whose an access key is: user id, ARN, account. Keys that nobody made here are the learner's."""
        with self._locks.holding("iam"):
            return self._sessions.identity(access_key)

    def api_stages(self, api_id: str) -> list[ApiStage]:
        """The stages of a REST or HTTP API, as they were deployed; none if there is no such API."""
        with self._locks.holding("apigateway"):
            return apigateway.stages(self._account, api_id)

    # -- life

    def warm_up(self) -> None:
        """Asks the usual services something harmless: the first request to each loads its models, for 20-180 ms."""
        for service, method, action in _HARMLESS:
            scope = f"AWS4-HMAC-SHA256 Credential=AKIA/20310101/us-east-1/{service}/aws4_request, Signature=0"
            headers = {"authorization": scope, "host": "127.0.0.1"}
            if "." in action:
                headers |= {"x-amz-target": action, "content-type": "application/x-amz-json-1.0"}
            elif action:
                headers["content-type"] = "application/x-www-form-urlencoded"
            self.serve(Request(method, "/", "", headers, b"{}" if "." in action else f"Action={action}".encode()))

    def _client(self, service: str, region: str, role_arn: str) -> Any:
        """A client of this sandbox with a session of a role, for state machines. Does not try again by itself."""
        role = self.session(role_arn, "StepFunctions")
        with self._clients_mutex:
            if (client := self._clients.get((service, region, role.access_key))) is None:
                client = self._clients[service, region, role.access_key] = self._session.create_client(
                    service,
                    region_name=region,
                    endpoint_url=self.endpoint_url,
                    aws_access_key_id=role.access_key,
                    aws_secret_access_key=role.secret_key,
                    aws_session_token=role.token,
                    config=Config(parameter_validation=False, retries={"total_max_attempts": 1}, read_timeout=1000),
                )
            return client

    def reset(self) -> None:
        """Forgets everything in every service."""
        with self._locks.holding(EVERYTHING):
            step_functions.forget(self._account)
            BackendDict.reset()
            self._sessions.reset()
            self._sequence = itertools.count(1)
            mock_random.seed(self._seed)

    def close(self) -> None:
        """Ends the worker threads; requests that are running end first."""
        self._workers.shutdown(cancel_futures=True)


def _path_style(request: Request) -> Request:
    """Virtual-host style S3 (`http://pictures.localhost:4566/cat.jpg`) as path style (`/pictures/cat.jpg`)."""
    bucket = bucket_in_host(request.headers.get("host", ""))
    return request if bucket is None else replace(request, path=f"/{bucket}{request.path}")


def _read_no_profile(session: Session) -> None:
    """moto asks botocore for its list of regions, in a session that it would make itself."""
    backends: Any = AccountSpecificBackend
    backends.get_session = lambda: session


def _nobodys_session() -> Session:
    """A session that reads none of this machine's AWS files."""
    nothing: dict[str, Any] = {
        "profile": (None, None, None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
    }
    return Session(session_vars=nothing)
