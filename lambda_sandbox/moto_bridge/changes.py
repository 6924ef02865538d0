"""What S3 says when an object changes: values of ours, with all that an event record needs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TargetConfiguration:
    """One entry of a bucket's notification configuration: whom to tell (a function, a queue or a topic) of what."""

    id: str
    arn: str
    events: tuple[str, ...]  # e.g. "s3:ObjectCreated:*"
    prefix: str = ""
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class S3Change:
    """One change of one object. `event_name` has no "s3:" before it, e.g. "ObjectCreated:Put"; `key` is not encoded.

    What S3 does not say is None: removals have no size and no ETag, tagging and ACL events no size and no sequencer.
    """

    event_name: str
    bucket: str
    region: str
    account: str
    at: float  # seconds since 1970 on the sandbox's clock
    configurations: tuple[TargetConfiguration, ...]  # all that the bucket has, matching or not
    key: str
    request_id: str
    host_id: str
    principal_id: str
    source_ip: str
    size: int | None = None
    etag: str | None = None
    version_id: str | None = None
    sequencer: str | None = None
    to_event_bus: bool = False  # the bucket has an EventBridgeConfiguration
    trace: str = ""  # the trace header of the request that did it


@dataclass(frozen=True, slots=True)
class S3Test:
    """A queue or a topic has become a bucket's target: S3 says so to it, once for each configuration stored."""

    bucket: str
    arn: str
    at: float
    request_id: str
    host_id: str
