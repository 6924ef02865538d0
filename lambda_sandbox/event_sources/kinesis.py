"""Kinesis data streams → Lambda: what a function gets of a record, and what a filter sees of it (facts §6.5, §6.6)."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any

from lambda_sandbox.clock import iso8601
from lambda_sandbox.moto_bridge import Written

BATCH_INFO = "KinesisBatchInfo"
ACTIONS: tuple[str, ...] = ("kinesis:DescribeStream", "kinesis:GetShardIterator", "kinesis:GetRecords")


def record(written: Written, *, arn: str, shard: str, role: str) -> dict[str, Any]:
    """One entry of the event's `Records`."""
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": written.key,
            "sequenceNumber": str(written.number),
            "data": written.members["Data"],
            "approximateArrivalTimestamp": round(written.at, 3),
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{shard}:{written.number}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": role,
        "awsRegion": arn.split(":")[3],
        "eventSourceARN": arn,
    }


def filtered_by(record: dict[str, Any]) -> dict[str, Any]:
    """What a filter's pattern is about: `data`, decoded, as JSON if it is an object, else as text; None if binary."""
    seen = {**record, **record["kinesis"]}
    data: Any = None
    try:
        data = b64decode(seen["data"]).decode()
        parsed = json.loads(data)
        data = parsed if isinstance(parsed, dict) else data
    except ValueError:  # plain text stays text, and bytes that are none match no pattern
        pass
    return {**seen, "data": data}


def arrival(written: Written) -> str:
    """When a record came, as the record of a failed batch says it: in milliseconds."""
    return iso8601(written.at)
