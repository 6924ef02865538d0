"""A bucket's notification configuration: read, refused in S3's words, and shown as S3 shows it.

The texts were recorded from AWS (localstack's snapshots of 2023-08-05 and 2025-01-21, `test_s3_notifications_*`).
Queues and topics get a test event, as on AWS; Lambda functions get none: there S3 only asks whether it may invoke them
(API reference, PutBucketNotificationConfiguration).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable
from typing import Any
from xml.parsers.expat import ExpatError

import xmltodict
from moto.s3.models import Notification
from moto.s3.responses import S3Response

from lambda_sandbox.moto_bridge.changes import TargetConfiguration
from lambda_sandbox.wire import AwsError

Check = Callable[[str, str, list[TargetConfiguration]], None]  # (bucket, region, configurations); raises AwsError

_TARGETS = {"Topic": "sns", "Queue": "sqs", "CloudFunction": "lambda"}  # member of the XML -> service in its ARN
_ARN = re.compile(r"arn:aws[a-z-]*:(?P<service>[a-z]+):[a-z0-9-]+:\d{12}:.+")


def install(check: Check) -> None:
    """Reads and checks configurations here; `check` asks whether S3 may tell the targets."""

    def read(self: Any) -> dict[str, Any]:
        parsed = parse(self.body)
        wanted = [configuration(entry) for member in _TARGETS for entry in parsed.get(f"{member}Configuration", [])]
        skip = self.headers.get("x-amz-skip-destination-validation", "").lower() == "true"
        bucket = self.backend.get_bucket(self.bucket_name)
        here = all(one.arn.split(":")[3] == bucket.region_name for one in wanted)  # moto has the words for elsewhere
        if wanted and here and not skip:
            check(bucket.name, bucket.region_name, wanted)
        return parsed

    response: Any = S3Response
    response._notification_config_from_body = read
    notification: Any = Notification
    notification._key_matches = lambda self, key: takes_key(_of_moto(self), key)


def parse(body: bytes) -> dict[str, Any]:
    """The request's XML as moto's backend takes it. Raises AwsError, in S3's words."""
    try:
        found = xmltodict.parse(body).get("NotificationConfiguration") or {}
        parsed: dict[str, Any] = {
            f"{member}Configuration": [_read(member, entry) for entry in _list(found.get(f"{member}Configuration"))]
            for member in _TARGETS
        }
    except (ExpatError, KeyError, AttributeError, TypeError) as error:
        raise AwsError(
            "MalformedXML",
            400,
            "The XML you provided was not well-formed or did not validate against our published schema",
        ) from error
    parsed = {name: entries for name, entries in parsed.items() if entries}
    refuse_overlaps(configuration(entry) for entries in parsed.values() for entry in entries)
    if "EventBridgeConfiguration" in found:
        parsed["EventBridgeConfiguration"] = {}
    return parsed


def refuse_overlaps(wanted: Iterable[TargetConfiguration]) -> None:
    """S3 takes no two configurations that one object could match for one event. Raises AwsError."""
    for one, other in itertools.combinations(wanted, 2):
        same_event = any(_covers(a, b) or _covers(b, a) for a in one.events for b in other.events)
        prefixes = one.prefix.startswith(other.prefix) or other.prefix.startswith(one.prefix)
        suffixes = one.suffix.endswith(other.suffix) or other.suffix.endswith(one.suffix)
        if same_event and prefixes and suffixes:
            raise _invalid(
                "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes "
                "are overlapping for the same event type."
            )


def configuration(entry: dict[str, Any]) -> TargetConfiguration:
    """One entry of the parsed configuration as a value."""
    rules = entry.get("Filter", {}).get("S3Key", {}).get("FilterRule", [])
    values = {str(rule["Name"]).lower(): str(rule.get("Value") or "") for rule in rules}
    arn = next(entry[member] for member in _TARGETS if member in entry)
    prefix, suffix = values.get("prefix", ""), values.get("suffix", "")
    return TargetConfiguration(entry.get("Id") or "", arn, tuple(entry["Event"]), prefix, suffix)


def configurations(bucket: Any) -> tuple[TargetConfiguration, ...]:
    """What a bucket of moto's has for functions, queues and topics."""
    stored = bucket.notification_configuration
    return tuple(map(_of_moto, (*stored.cloud_function, *stored.queue, *stored.topic))) if stored is not None else ()


def takes_key(wanted: TargetConfiguration, key: str) -> bool:
    return key.startswith(wanted.prefix) and key.endswith(wanted.suffix)


def _of_moto(stored: Any) -> TargetConfiguration:
    return configuration(
        {"Id": stored.id, "CloudFunction": stored.arn, "Event": stored.events, "Filter": stored.filters}
    )


def _covers(wide: str, narrow: str) -> bool:
    return wide == narrow or (wide.endswith(":*") and narrow.startswith(wide[:-1]))


def _read(member: str, entry: dict[str, Any]) -> dict[str, Any]:
    arn = entry[member]
    match = _ARN.fullmatch(arn or "")
    if match is None or match["service"] != _TARGETS[member]:
        raise _invalid("The ARN could not be parsed", ArgumentName=member, ArgumentValue=arn)
    read = {member: arn, "Event": _list(entry["Event"])}
    if entry.get("Id"):
        read["Id"] = entry["Id"]
    if entry.get("Filter"):
        rules = _list((entry["Filter"].get("S3Key") or {}).get("FilterRule"))
        read["Filter"] = {"S3Key": {"FilterRule": _one_of_each([_rule(rule) for rule in rules])}}
    return read


def _rule(rule: dict[str, Any]) -> dict[str, str]:
    name = rule["Name"].capitalize()  # recorded: any case is taken, and shown as Prefix and Suffix
    if name not in ("Prefix", "Suffix"):
        wanted = "filter rule name must be either prefix or suffix"
        raise _invalid(wanted, ArgumentName="FilterRule.Name", ArgumentValue=rule["Name"])
    return {"Name": name, "Value": rule.get("Value") or ""}


def _one_of_each(rules: list[dict[str, str]]) -> list[dict[str, str]]:
    names = [rule["Name"] for rule in rules]
    for name in names:
        if names.count(name) > 1:  # the text: github.com/aws/aws-cli/issues/1465, github.com/aws/aws-cdk/issues/3347
            raise _invalid(f"Cannot specify more than one {name.lower()} rule in a filter.")
    return rules


def _invalid(message: str, **members: str) -> AwsError:
    return AwsError("InvalidArgument", 400, message, members=members)


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]
