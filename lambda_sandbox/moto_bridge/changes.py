"""What S3 says when an object changes: a value of ours, with all that an event record needs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LambdaConfiguration:
    """One LambdaFunctionConfiguration of a bucket's notification configuration."""

    id: str
    function_arn: str
    events: tuple[str, ...]  # e.g. "s3:ObjectCreated:*"
    prefix: str = ""
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class S3Change:
    """One change of one object, or the test event of a new configuration (then `key` is empty).

    `event_name` has no "s3:" prefix, e.g. "ObjectCreated:Put"; a test event is "TestEvent". `key` is not encoded. `size` and `etag`
    are None where S3 sends none (removals). `at` is seconds since 1970 on the sandbox's clock.
    """

    event_name: str
    bucket: str
    region: str
    account: str
    at: float
    configurations: tuple[LambdaConfiguration, ...]
    request_id: str
    host_id: str
    key: str = ""
    size: int | None = None
    etag: str | None = None
    version_id: str | None = None
    sequencer: str = ""
    principal_id: str = ""
    source_ip: str = "127.0.0.1"
