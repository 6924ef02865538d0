"""S3's two seams: every change of an object is told once, and a notification configuration is checked when it is stored.

moto delivers notifications inside the request that caused them, some twice (a multipart upload is Put, ObjectTagging:Put
and CompleteMultipartUpload to it) and some never (delete markers, deleted versions). Here a request's changes are
collected while moto's handler runs; when it has succeeded they are sifted and handed on: Lambda's to the sandbox, the
ones for queues, topics and event buses back to moto.

    with collecting(source) as changes:
        handler(…)
    for change in changes.told(): …
"""

from __future__ import annotations

import itertools
import threading
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from moto.s3 import notifications
from moto.s3.models import FakeDeleteMarker, S3Backend, s3_backends

from lambda_sandbox.moto_bridge.changes import LambdaConfiguration, S3Change
from lambda_sandbox.wire import AwsError, Response

CheckNotification = Callable[[str, str, list[LambdaConfiguration]], None]

_backend_class: Any = S3Backend
_notifications: Any = notifications
_send_event = notifications.send_event
_delete_object = S3Backend.delete_object
_put_configuration = S3Backend.put_bucket_notification_configuration
_request = threading.local()


@dataclass(slots=True)
class Source:
    """Who caused the changes of a request, and when. `request_id` is known once S3 has answered."""

    now: Callable[[], float]
    ip: str
    principal_id: Callable[[], str]
    check: CheckNotification
    request_id: str = ""
    host_id: str = ""


@dataclass(slots=True)
class _Seen:
    event_name: str
    bucket: Any
    key: Any
    by_moto: bool  # moto would have told its queues and topics of it


@dataclass(slots=True)
class Changes:
    """What one request changed, in order."""

    source: Source
    seen: list[_Seen] = field(default_factory=list)
    tests: list[Any] = field(default_factory=list)  # buckets whose configuration was stored

    def told(self) -> list[S3Change]:
        """The changes that Lambda functions may have asked for, each once."""
        changes = [_change(seen, self.source) for seen in self._once() if _configurations(seen.bucket)]
        return changes + [_test_event(bucket, self.source) for bucket in self.tests if _configurations(bucket)]

    def for_moto(self) -> list[Callable[[], None]]:
        """Deliveries to queues, topics and event buses, as moto makes them; to be run without S3's lock."""
        return [
            lambda seen=seen: _send_event(seen.bucket.account_id, seen.event_name, seen.bucket, seen.key)  # type: ignore[misc]
            for seen in self._once()
            if seen.by_moto and _has_other_targets(seen.bucket)
        ]

    def _once(self) -> Iterator[_Seen]:
        """One event for one thing done: a new object's tags and ACL are part of its creation, a multipart upload is no Put."""
        created = {seen.key.name for seen in self.seen if ":ObjectCreated:" in seen.event_name}
        multipart = {seen.key.name for seen in self.seen if seen.event_name.endswith(":CompleteMultipartUpload")}
        for seen in self.seen:
            kind = seen.event_name.split(":")[1]
            if kind in ("ObjectTagging", "ObjectAcl") and seen.key.name in created:
                continue
            if seen.event_name.endswith(":Put") and kind == "ObjectCreated" and seen.key.name in multipart:
                continue
            yield seen


def with_request_id(response: Response, source: Source) -> Response:
    """S3 names a request in `x-amz-request-id` and `x-amz-id-2`; an event carries the same two. moto has one, spelled otherwise."""
    headers = {name.lower(): value for name, value in response.headers}
    moto_id = headers.pop("x-amzn-requestid", "")
    source.request_id, source.host_id = moto_id[:16].upper(), b64encode(moto_id.encode()).decode()
    headers |= {"x-amz-request-id": source.request_id, "x-amz-id-2": source.host_id}
    return replace(response, headers=tuple(headers.items()))


@contextmanager
def collecting(source: Source) -> Iterator[Changes]:
    """Collects what S3 does in this thread."""
    _request.changes = changes = Changes(source)
    try:
        yield changes
    finally:
        _request.changes = None


def install() -> None:
    """Puts the seams in; doing it twice changes nothing."""
    _notifications.send_event = _collect
    _notifications._invoke_awslambda = lambda *_: None
    _backend_class.delete_object = _deleting
    _backend_class.put_bucket_notification_configuration = _storing


# -- the seams


def _current() -> Changes | None:
    return getattr(_request, "changes", None)


def _collect(account_id: str, event_name: Any, bucket: Any, key: Any) -> None:
    changes = _current()
    if changes is not None and bucket.notification_configuration is not None:
        changes.seen.append(_Seen(str(getattr(event_name, "value", event_name)), bucket, key, by_moto=True))


def _deleting(self: Any, bucket_name: str, key_name: str, version_id: str | None = None, bypass: bool = False) -> Any:
    """Tells of delete markers and of single versions too, which moto forgets."""
    bucket = self.get_bucket(bucket_name)
    versions = {str(key.version_id): key for key in bucket.keys.getlist(key_name, [])}
    changes = _current()
    before = len(changes.seen) if changes else 0
    removed, meta = _delete_object(self, bucket_name, key_name, version_id=version_id, bypass=bypass)
    if changes is None or not removed or bucket.notification_configuration is None or not bucket.is_versioned:
        return removed, meta
    by_moto = len(changes.seen) > before
    del changes.seen[before:]
    if version_id is None:
        marker = bucket.keys.get(key_name)
        changes.seen.append(_Seen("s3:ObjectRemoved:DeleteMarkerCreated", bucket, marker, by_moto=False))
    elif str(version_id) in versions:
        key = versions[str(version_id)]
        by_moto = by_moto and not isinstance(key, FakeDeleteMarker)
        changes.seen.append(_Seen("s3:ObjectRemoved:Delete", bucket, key, by_moto=by_moto))
    return removed, meta


def _storing(self: Any, bucket_name: str, notification_config: dict[str, Any]) -> None:
    """Checks the Lambda destinations before moto stores the configuration; then a test event is due."""
    changes = _current()
    bucket = self.get_bucket(bucket_name)
    entries = [_entry(entry) for entry in (notification_config or {}).get("CloudFunctionConfiguration") or []]
    every = [
        _entry(entry)
        for target in ("CloudFunction", "Queue", "Topic")
        for entry in (notification_config or {}).get(f"{target}Configuration") or []
    ]
    refuse_overlaps(every)
    if changes is not None and entries:
        changes.source.check(bucket_name, bucket.region_name, entries)
    _put_configuration(self, bucket_name, notification_config)
    if changes is not None and entries:
        changes.tests.append(bucket)


# -- from moto's objects to values


def refuse_overlaps(configurations: Iterable[LambdaConfiguration]) -> None:
    """S3 takes no two configurations that one object could match for one event. Raises AwsError, in S3's words."""
    for one, other in itertools.combinations(configurations, 2):
        same_event = any(_covers(a, b) or _covers(b, a) for a in one.events for b in other.events)
        prefixes = one.prefix.startswith(other.prefix) or other.prefix.startswith(one.prefix)
        suffixes = one.suffix.endswith(other.suffix) or other.suffix.endswith(one.suffix)
        if same_event and prefixes and suffixes:
            raise AwsError(
                "InvalidArgument",
                400,
                "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are "
                "overlapping for the same event type.",
            )


def _covers(wide: str, narrow: str) -> bool:
    return wide == narrow or (wide.endswith(":*") and narrow.startswith(wide[:-1]))


def _entry(parsed: dict[str, Any]) -> LambdaConfiguration:
    """One configuration as moto parsed it from the request's XML."""
    rules = ((parsed.get("Filter") or {}).get("S3Key") or {}).get("FilterRule") or []
    values = {str(rule["Name"]).lower(): rule.get("Value") or "" for rule in rules}
    arn = parsed.get("CloudFunction") or parsed.get("Queue") or parsed.get("Topic") or ""
    prefix, suffix = values.get("prefix", ""), values.get("suffix", "")
    return LambdaConfiguration(parsed.get("Id") or "", arn, tuple(parsed["Event"]), prefix, suffix)


def _configurations(bucket: Any) -> tuple[LambdaConfiguration, ...]:
    stored = bucket.notification_configuration
    if stored is None:
        return ()
    return tuple(
        _entry({"Id": one.id, "CloudFunction": one.arn, "Event": one.events, "Filter": one.filters})
        for one in stored.cloud_function
    )


def _has_other_targets(bucket: Any) -> bool:
    stored = bucket.notification_configuration
    return stored is not None and bool(stored.queue or stored.topic or stored.event_bridge is not None)


_sequence = itertools.count(1)


def _sequencer(now: float) -> str:
    """Growing hex digits: S3 documents that for one key the larger string is the later event (facts §6.6)."""
    return f"{int(now * 1000) & 0xFFFFFFFFFF:010X}{next(_sequence) & 0xFFFFFF:06X}"


def _change(seen: _Seen, source: Source) -> S3Change:
    now = source.now()
    removed = "ObjectRemoved" in seen.event_name
    versioned = str(seen.key.version_id) not in ("null", "None")
    return S3Change(
        event_name=seen.event_name.removeprefix("s3:"),
        bucket=seen.bucket.name,
        region=seen.bucket.region_name,
        account=seen.bucket.account_id,
        at=now,
        configurations=_configurations(seen.bucket),
        request_id=source.request_id,
        host_id=source.host_id,
        key=seen.key.name,
        size=None if removed else seen.key.size,
        etag=None if removed else str(seen.key.etag).strip('"'),
        version_id=str(seen.key.version_id) if versioned else None,
        sequencer=_sequencer(now),
        principal_id=source.principal_id(),
        source_ip=source.ip,
    )


def _test_event(bucket: Any, source: Source) -> S3Change:
    return S3Change(
        event_name="TestEvent",
        bucket=bucket.name,
        region=bucket.region_name,
        account=bucket.account_id,
        at=source.now(),
        configurations=_configurations(bucket),
        request_id=source.request_id,
        host_id=source.host_id,
    )


# -- reading without HTTP


def read_object(account: str, bucket: str, key: str, version_id: str | None) -> bytes:
    """The object's bytes. Raises AwsError NoSuchBucket or NoSuchKey, in S3's words."""
    backend: Any = s3_backends[account]["aws"]
    if bucket not in backend.buckets:
        raise AwsError("NoSuchBucket", 404, "The specified bucket does not exist")
    found = backend.get_object(bucket, key, version_id=version_id)
    if found is None or isinstance(found, FakeDeleteMarker):
        if version_id:
            raise AwsError("NoSuchVersion", 404, "The specified version does not exist.")
        raise AwsError("NoSuchKey", 404, "The specified key does not exist.")
    return bytes(found.value)
