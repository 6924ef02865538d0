"""Every change of an object is told once, and by whom it was made.

moto delivers notifications inside the request that caused them, some twice (a multipart upload is to it a Put, an
ObjectTagging:Put and a CompleteMultipartUpload) and some never (delete markers, deleted versions). Here a request's
changes are collected while moto's handler runs; when it has succeeded they are sifted and handed on.

    with collecting(source) as changes:
        handler(…)
    for change in changes.told(): …
"""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from moto.iam.access_control import PermissionResult
from moto.s3 import notifications
from moto.s3.models import FakeBucket, FakeDeleteMarker, S3Backend, s3_backends

from lambda_sandbox.moto_bridge.changes import S3Change, S3Test
from lambda_sandbox.moto_bridge.s3_notifications import configurations
from lambda_sandbox.wire import AwsError, Response

_backend_class: Any = S3Backend
_notifications: Any = notifications
_delete_object = S3Backend.delete_object
_create_bucket = S3Backend.create_bucket
_bucket_class: Any = FakeBucket
_get_permission = FakeBucket.get_permission
_request = threading.local()


@dataclass(slots=True)
class Source:
    """Who caused the changes of a request, and when. `request_id` is known once S3 has answered."""

    now: Callable[[], float]
    ip: str
    principal_id: Callable[[], str]
    sequence: Iterator[int]
    trace: str = ""
    anonymous: bool = False  # nobody signed the request
    request_id: str = ""
    host_id: str = ""


@dataclass(slots=True)
class _Seen:
    event_name: str
    bucket: Any
    key: Any


@dataclass(slots=True)
class Changes:
    """What one request changed, in order."""

    source: Source
    seen: list[_Seen] = field(default_factory=list)
    tested: Any = None  # the bucket whose queues and topics get a test event

    def told(self) -> list[S3Change | S3Test]:
        """The changes that functions, queues, topics or event buses may have asked for, each once."""
        changes: list[S3Change | S3Test] = [
            _change(seen, self.source)
            for seen in self._once()
            if configurations(seen.bucket) or _has_event_bus(seen.bucket)
        ]
        return changes + self._tests()

    def _tests(self) -> list[S3Change | S3Test]:
        """What new queues and topics are told: that somebody means to tell them."""
        source, bucket = self.source, self.tested
        if bucket is None:
            return []
        arns = dict.fromkeys(one.arn for one in configurations(bucket) if ":lambda:" not in one.arn)
        return [S3Test(bucket.name, arn, source.now(), source.request_id, source.host_id) for arn in arns]

    def _once(self) -> Iterator[_Seen]:
        """One event for one thing done: a new object's tags and ACL belong to it, a multipart upload is no Put."""
        created = {seen.key.name for seen in self.seen if ":ObjectCreated:" in seen.event_name}
        multipart = {seen.key.name for seen in self.seen if seen.event_name.endswith(":CompleteMultipartUpload")}
        for seen in self.seen:
            kind = seen.event_name.split(":")[1]
            if kind in ("ObjectTagging", "ObjectAcl") and seen.key.name in created:
                continue
            if seen.event_name.endswith(":Put") and kind == "ObjectCreated" and seen.key.name in multipart:
                continue
            yield seen


def finished(method: str, response: Response, source: Source) -> Response:
    """Names the request as S3 does, in `x-amz-request-id` and `x-amz-id-2`: an event carries the same two."""
    if response.status == 403 and not response.body and method != "HEAD":
        raise AwsError("AccessDenied", 403, "Access Denied")  # to an unsigned request moto says it without a word
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
    _notifications.send_test_event = _collect_test
    _backend_class.delete_object = _deleting
    _backend_class.create_bucket = _creating
    _bucket_class.get_permission = _permission


# -- the seams


def _current() -> Changes | None:
    return getattr(_request, "changes", None)


def _collect(account_id: str, event_name: Any, bucket: Any, key: Any) -> None:
    changes = _current()
    if changes is not None and bucket.notification_configuration is not None:
        changes.seen.append(_Seen(str(getattr(event_name, "value", event_name)), bucket, key))


def _collect_test(account_id: str, bucket: Any) -> None:
    if (changes := _current()) is not None:
        changes.tested = bucket


def _permission(self: Any, action: str, resource: str) -> Any:
    """moto asks the policy for nobody in particular: right for who did not sign. Others the door has let in."""
    changes = _current()
    signed = changes is not None and not changes.source.anonymous
    return PermissionResult.NEUTRAL if signed else _get_permission(self, action, resource)


def _creating(self: Any, *args: Any, **settings: Any) -> Any:
    """moto dates buckets by the machine's clock."""
    bucket = _create_bucket(self, *args, **settings)
    if (changes := _current()) is not None:
        bucket.creation_date = datetime.fromtimestamp(changes.source.now(), UTC)
    return bucket


def _deleting(self: Any, bucket_name: str, key_name: str, version_id: str | None = None, bypass: bool = False) -> Any:
    """Tells of delete markers and of single versions too, which moto forgets."""
    bucket = self.get_bucket(bucket_name)
    versions = {str(key.version_id): key for key in bucket.keys.getlist(key_name, [])}
    changes = _current()
    before = len(changes.seen) if changes else 0
    removed, meta = _delete_object(self, bucket_name, key_name, version_id=version_id, bypass=bypass)
    if changes is None or not removed or bucket.notification_configuration is None or not bucket.is_versioned:
        return removed, meta
    del changes.seen[before:]
    if version_id is None:
        marker = bucket.keys.get(key_name)
        changes.seen.append(_Seen("s3:ObjectRemoved:DeleteMarkerCreated", bucket, marker))
    elif str(version_id) in versions:
        changes.seen.append(_Seen("s3:ObjectRemoved:Delete", bucket, versions[str(version_id)]))
    return removed, meta


# -- from moto's objects to values


def _has_event_bus(bucket: Any) -> bool:
    stored = bucket.notification_configuration
    return stored is not None and stored.event_bridge is not None


def _sequencer(now: float, number: int) -> str:
    """18 growing hex digits: of one key's events the one with the larger string is the later (facts §6.6)."""
    return f"{int(now * 1000):012X}{number & 0xFFFFFF:06X}"


def _change(seen: _Seen, source: Source) -> S3Change:
    now = source.now()
    kind = seen.event_name.split(":")[1]
    sequenced = kind not in ("ObjectTagging", "ObjectAcl")  # recorded: those have neither size nor sequencer
    versioned = str(seen.key.version_id) not in ("null", "None")
    return S3Change(
        event_name=seen.event_name.removeprefix("s3:"),
        bucket=seen.bucket.name,
        region=seen.bucket.region_name,
        account=seen.bucket.account_id,
        at=now,
        configurations=configurations(seen.bucket),
        request_id=source.request_id,
        host_id=source.host_id,
        key=seen.key.name,
        size=seen.key.size if kind == "ObjectCreated" else None,
        etag=None if kind == "ObjectRemoved" else str(seen.key.etag).strip('"'),
        version_id=str(seen.key.version_id) if versioned else None,
        sequencer=_sequencer(now, next(source.sequence)) if sequenced else None,
        principal_id=source.principal_id(),
        source_ip=source.ip,
        to_event_bus=_has_event_bus(seen.bucket),
        trace=source.trace,
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


def has_object(account: str, bucket: str, key: str) -> bool:
    backend: Any = s3_backends[account]["aws"]
    if bucket not in backend.buckets:
        return True
    found = backend.get_object(bucket, key)
    return found is not None and not isinstance(found, FakeDeleteMarker)
