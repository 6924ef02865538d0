"""S3 → Lambda: a change of an object becomes an asynchronous invocation.

    bridge.check_notification = source.check            # when a configuration is stored (in a worker thread)
    bridge.on_object_event = lambda change: loop.call_soon_threadsafe(source.on, change)

A bucket with an EventBridgeConfiguration tells the default event bus too. The record's shape is facts §6.6, compared in
the tests with what AWS sent (localstack's snapshots of 2023-08-05).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote_plus

from lambda_sandbox.clock import iso8601
from lambda_sandbox.event_sources.push import By, Push
from lambda_sandbox.moto_bridge import LambdaConfiguration, S3Change
from lambda_sandbox.wire import AwsError

BY = By("s3", "s3.amazonaws.com")


def asks_for(config: LambdaConfiguration, change: S3Change) -> bool:
    """Whether the configuration is about this kind of event: `s3:ObjectCreated:*` is about `ObjectCreated:Put`."""
    name = f"s3:{change.event_name}"
    return any(event == name or (event.endswith("*") and name.startswith(event[:-1])) for event in config.events)


def matches(config: LambdaConfiguration, change: S3Change) -> bool:
    """Whether the function is to be told: the kind of event, and the key's prefix and suffix."""
    return asks_for(config, change) and change.key.startswith(config.prefix) and change.key.endswith(config.suffix)


def event(change: S3Change, config: LambdaConfiguration) -> dict[str, Any]:
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


class S3Source:
    """Tells functions of changes of objects. `on` runs on the event loop; `check` only reads, and may run anywhere."""

    def __init__(self, push: Push, to_event_bus: Callable[[str, str, str, str, dict[str, Any], float], None]) -> None:
        self._push, self._to_event_bus = push, to_event_bus

    def on(self, change: S3Change) -> None:
        """Invokes every function whose configuration matches, if its policy lets S3 do so now."""
        for config in change.configurations:
            if asks_for(config, change):
                self._deliver(change, config)
        if change.to_event_bus:
            bucket = f"arn:aws:s3:::{change.bucket}"
            self._to_event_bus("aws.s3", change.region, detail(change)[0], bucket, detail(change)[1], change.at)

    def check(self, bucket: str, region: str, configurations: Sequence[LambdaConfiguration]) -> None:
        """Raises AwsError, in S3's words, if S3 may not invoke one of the functions or there is none."""
        arns = dict.fromkeys(config.function_arn for config in configurations)
        refused = [arn for arn in arns if not self._push.may_invoke(arn, BY.principal, f"arn:aws:s3:::{bucket}")]
        if refused:
            members = {}
            for number, arn in enumerate(refused, 1):
                members[f"ArgumentName{number}"] = f"{arn}, null"
                members[f"ArgumentValue{number}"] = f"Not authorized to invoke function [{arn}]"
            text = "Unable to validate the following destination configurations"
            raise AwsError("InvalidArgument", 400, text, members=members)

    def _deliver(self, change: S3Change, config: LambdaConfiguration) -> None:
        arn, about = config.function_arn, {"event_name": change.event_name, "bucket": change.bucket, "key": change.key}
        if matches(config, change):
            source_arn = f"arn:aws:s3:::{change.bucket}"
            self._push.deliver(arn, event(change, config), by=BY, source_arn=source_arn, trace=change.trace, **about)
        else:
            self._push.filtered(arn, by=BY, **about)


def _owner(account: str) -> str:
    """The bucket owner's id as S3 writes it: 14 capital letters and digits, the same for an account."""
    return "A" + hashlib.sha256(account.encode()).hexdigest()[:13].upper()
