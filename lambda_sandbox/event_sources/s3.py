"""S3 → Lambda, SQS, SNS: a change of an object becomes an asynchronous invocation, or a message.

    bridge.check_notification = source.check            # when a configuration is stored (in a worker thread)
    bridge.on_object_event = lambda change: loop.call_soon_threadsafe(source.on, change)

The target's own policy must let S3 in, when it is configured and each time that it is told. A bucket with an
EventBridgeConfiguration tells the default event bus too. The record's shape is facts §6.6, compared in the tests with
what AWS sent (localstack's snapshots of 2023-08-05).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import quote_plus

from lambda_sandbox.clock import Clock, iso8601
from lambda_sandbox.event_sources.push import By, Push
from lambda_sandbox.event_sources.to_services import message, notification, parts
from lambda_sandbox.iam import Decision
from lambda_sandbox.journal import Journal, Kind
from lambda_sandbox.moto_bridge import S3Change, S3Test, TargetConfiguration
from lambda_sandbox.wire import AwsError, Request, Response

BY = By("s3", "s3.amazonaws.com")


def asks_for(config: TargetConfiguration, change: S3Change) -> bool:
    """Whether the configuration is about this kind of event: `s3:ObjectCreated:*` is about `ObjectCreated:Put`."""
    name = f"s3:{change.event_name}"
    return any(event == name or (event.endswith("*") and name.startswith(event[:-1])) for event in config.events)


def matches(config: TargetConfiguration, change: S3Change) -> bool:
    """Whether the function is to be told: the kind of event, and the key's prefix and suffix."""
    return asks_for(config, change) and change.key.startswith(config.prefix) and change.key.endswith(config.suffix)


def event(change: S3Change, config: TargetConfiguration) -> dict[str, Any]:
    """The event that the function gets: one record. Its key is encoded like a form: `unquote_plus` reads it."""
    thing: dict[str, Any] = {
        "key": quote_plus(change.key, safe="/"),
        "size": change.size,
        "eTag": change.etag,
        "versionId": change.version_id,
        "sequencer": change.sequencer,
    }
    record = {
        "eventVersion": "2.3" if change.event_name.startswith(("ObjectTagging", "ObjectAcl")) else "2.1",
        "eventSource": "aws:s3",
        "awsRegion": change.region,
        "eventTime": iso8601(change.at),
        "eventName": change.event_name,
        "userIdentity": {"principalId": change.principal_id},
        "requestParameters": {"sourceIPAddress": change.source_ip},
        "responseElements": {"x-amz-request-id": change.request_id, "x-amz-id-2": change.host_id},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": config.id,
            "bucket": {
                "name": change.bucket,
                "ownerIdentity": {"principalId": _owner(change.account)},
                "arn": f"arn:aws:s3:::{change.bucket}",
            },
            "object": {name: value for name, value in thing.items() if value is not None},
        },
    }
    return {"Records": [record]}


_DETAIL_TYPES = {
    "ObjectCreated": "Object Created",
    "ObjectRemoved": "Object Deleted",
    "ObjectTagging:Put": "Object Tags Added",
    "ObjectTagging:Delete": "Object Tags Deleted",
    "ObjectAcl": "Object ACL Updated",
}
_REASONS = {
    "ObjectCreated:Put": "PutObject",
    "ObjectCreated:Post": "POST Object",
    "ObjectCreated:Copy": "CopyObject",
    "ObjectCreated:CompleteMultipartUpload": "CompleteMultipartUpload",
}


def detail(change: S3Change) -> tuple[str, dict[str, Any]]:
    """What EventBridge gets: a detail-type and a detail, whose key is not encoded."""
    kind, _, _ = change.event_name.partition(":")
    thing: dict[str, Any] = {
        "key": change.key,
        "size": change.size,
        "etag": change.etag,
        "version-id": change.version_id,
        "sequencer": change.sequencer,
    }
    said: dict[str, Any] = {
        "version": "0",
        "bucket": {"name": change.bucket},
        "object": {name: value for name, value in thing.items() if value is not None},
        "request-id": change.request_id,
        "requester": change.account,
        "source-ip-address": change.source_ip,
    }
    if kind == "ObjectCreated":
        said["reason"] = _REASONS[change.event_name]
    elif kind == "ObjectRemoved":
        said["reason"] = "DeleteObject"
        marker = change.event_name.endswith("DeleteMarkerCreated")
        said["deletion-type"] = "Delete Marker Created" if marker else "Permanently Deleted"
    return _DETAIL_TYPES.get(kind) or _DETAIL_TYPES[change.event_name], said


_SUBJECT = "Amazon S3 Notification"
_SENDS = {"sqs": ("sqs:SendMessage", "queue"), "sns": ("sns:Publish", "topic")}  # what S3 must be allowed, and to what


class S3Source:
    """Tells functions, queues and topics of changes of objects. `on` runs on the event loop.

    `check` only reads, and may run anywhere. `lets_in(principal, action, arn, context)` asks a queue's or a topic's
    own policy, and is None if there is no such thing; it blocks.
    """

    def __init__(
        self,
        push: Push,
        to_event_bus: Callable[[str, str, str, str, dict[str, Any], float], None],
        *,
        account: str,
        journal: Journal,
        clock: Clock,
        send: Callable[[Request], Awaitable[Response]],
        lets_in: Callable[[str, str, str, dict[str, str]], Decision | None],
    ) -> None:
        self._push, self._to_event_bus, self._account = push, to_event_bus, account
        self._journal, self._clock, self._send, self._lets_in = journal, clock, send, lets_in
        self._line: asyncio.Future[None] | None = None  # what is sent last; messages go out in the order of changes

    def on(self, change: S3Change | S3Test) -> None:
        """Tells every target whose configuration matches, if its policy lets S3 do so now."""
        if isinstance(change, S3Test):
            self._queue_up(change.arn, change.bucket, tested(change), {"event_name": "s3:TestEvent"})
            return
        for config in change.configurations:
            if asks_for(config, change):
                self._deliver(change, config)
        if change.to_event_bus:
            bucket = f"arn:aws:s3:::{change.bucket}"
            self._to_event_bus("aws.s3", change.region, detail(change)[0], bucket, detail(change)[1], change.at)

    def check(self, bucket: str, region: str, configurations: Sequence[TargetConfiguration]) -> None:
        """Raises AwsError, in S3's words, if S3 may not tell one of the targets or there is none."""
        members: dict[str, str] = {}
        for arn in dict.fromkeys(config.arn for config in configurations):
            if refused := self._refused(arn, bucket):
                number = len(members) // 2 + 1
                members[f"ArgumentName{number}"] = f"{arn}, null" if parts(arn)[0] == "lambda" else arn
                members[f"ArgumentValue{number}"] = refused
        if members:
            text = "Unable to validate the following destination configurations"
            raise AwsError("InvalidArgument", 400, text, members=members)

    def _refused(self, arn: str, bucket: str) -> str:
        """Why S3 may not tell a target of a bucket, in S3's words; "" if it may."""
        source_arn, service = f"arn:aws:s3:::{bucket}", parts(arn)[0]
        if service == "lambda":
            may = self._push.may_invoke(arn, BY.principal, source_arn)
            return "" if may else f"Not authorized to invoke function [{arn}]"
        action, kind = _SENDS[service]
        context = {"aws:SourceArn": source_arn, "aws:SourceAccount": self._account}
        decision = self._lets_in(BY.principal, action, arn, context)
        if decision is None:
            return f"The destination {kind} does not exist"
        if not decision:
            return f"Permissions on the destination {kind} do not allow S3 to publish notifications from this bucket"
        return ""

    def _deliver(self, change: S3Change, config: TargetConfiguration) -> None:
        about = {"event_name": change.event_name, "bucket": change.bucket, "key": change.key}
        if parts(config.arn)[0] != "lambda":
            if matches(config, change):
                self._queue_up(config.arn, change.bucket, event(change, config), about)
        elif matches(config, change):
            source_arn = f"arn:aws:s3:::{change.bucket}"
            made = event(change, config)
            self._push.deliver(config.arn, made, by=BY, source_arn=source_arn, trace=change.trace, **about)
        else:
            self._push.filtered(config.arn, by=BY, **about)

    def _queue_up(self, arn: str, bucket: str, said: dict[str, Any], about: dict[str, str]) -> None:
        self._line = self._clock.spawn(self._tell(self._line, arn, bucket, json.dumps(said), about))

    async def _tell(
        self, before: asyncio.Future[None] | None, arn: str, bucket: str, body: str, about: dict[str, str]
    ) -> None:
        """Sends one message, after the one before it."""
        if before is not None:
            await asyncio.wait([before])
        refused = await asyncio.to_thread(self._refused, arn, bucket)
        if not refused:
            is_queue = parts(arn)[0] == "sqs"
            asked = message(arn, body, {}) if is_queue else notification(arn, body, {}, subject=_SUBJECT)
            answer = await self._send(asked)
            refused = "" if answer.status < 300 else answer.body.decode(errors="replace")[:300]
        if refused:
            self._journal.append(Kind.REFUSED, source=BY.name, **about, because=f"{arn}: {refused}")
        else:
            self._journal.append(Kind.DELIVERED, source=BY.name, **about, to=arn, condition="Matched")


def tested(test: S3Test) -> dict[str, str]:
    """What a new queue or topic gets first: no record at all (facts §6.6)."""
    return {
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Time": iso8601(test.at),
        "Bucket": test.bucket,
        "RequestId": test.request_id,
        "HostId": test.host_id,
    }


def _owner(account: str) -> str:
    """The bucket owner's id as S3 writes it: 14 capital letters and digits, the same for an account."""
    return "A" + hashlib.sha256(account.encode()).hexdigest()[:13].upper()
