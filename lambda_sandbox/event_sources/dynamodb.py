"""DynamoDB streams → Lambda: what a function gets of a change, and what a filter sees of it (facts §6.5, §6.6)."""

from __future__ import annotations

from typing import Any

from lambda_sandbox.clock import iso8601
from lambda_sandbox.moto_bridge import Written

BATCH_INFO = "DDBStreamBatchInfo"
ACTIONS: tuple[str, ...] = ("dynamodb:DescribeStream", "dynamodb:GetShardIterator", "dynamodb:GetRecords")
_CHANGE = (
    "ApproximateCreationDateTime",
    "Keys",
    "NewImage",
    "OldImage",
    "SequenceNumber",
    "SizeBytes",
    "StreamViewType",
)


def record(written: Written, *, arn: str, shard: str, role: str) -> dict[str, Any]:
    """One entry of the event's `Records`; which images it has, the stream's view type says."""
    told, change = written.members, written.members["dynamodb"]
    made = {
        "eventID": told["eventID"],
        "eventName": told["eventName"],
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": arn.split(":")[3],
        "dynamodb": {name: change[name] for name in _CHANGE if name in change},
        "eventSourceARN": arn,
    }
    return made | {name: told[name] for name in ("userIdentity",) if name in told}


def filtered_by(record: dict[str, Any]) -> dict[str, Any]:
    """What a filter's pattern is about: the record as it is, its values typed."""
    return record


def arrival(written: Written) -> str:
    """When a change was made, as the record of a failed batch says it: in whole seconds."""
    return f"{iso8601(written.at)[:19]}Z"
