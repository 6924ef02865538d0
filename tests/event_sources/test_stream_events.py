"""The records that a function gets of Kinesis and of a table's stream, as AWS sent them; and what a filter sees."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.data_classes import DynamoDBStreamEvent, KinesisStreamEvent

from lambda_sandbox.event_sources import dynamodb, kinesis
from lambda_sandbox.moto_bridge import Written

NUMBER = 49590338271490256608559692538361571095921575989136588898
STREAM = "arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream"
TABLE = "arn:aws:dynamodb:us-west-2:123456789012:table/ExampleTable/stream/2031-01-01T00:00:00.000000"
ROLE = "arn:aws:iam::123456789012:role/lambda-role"


def from_kinesis(data: str) -> dict[str, Any]:
    written = Written(NUMBER, "1", 1545084650.98712, {"Data": data})
    return kinesis.record(written, arn=STREAM, shard="shardId-000000000006", role=ROLE)


def test_a_kinesis_record_is_the_developer_guides() -> None:
    record = from_kinesis("SGVsbG8sIHRoaXMgaXMgYSB0ZXN0Lg==")
    assert record == {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": "1",
            "sequenceNumber": str(NUMBER),
            "data": "SGVsbG8sIHRoaXMgaXMgYSB0ZXN0Lg==",
            "approximateArrivalTimestamp": 1545084650.987,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"shardId-000000000006:{NUMBER}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": ROLE,
        "awsRegion": "us-east-2",
        "eventSourceARN": STREAM,
    }
    [read] = KinesisStreamEvent({"Records": [record]}).records
    assert (read.kinesis.data_as_text(), read.kinesis.sequence_number) == ("Hello, this is a test.", str(NUMBER))


def test_a_filter_sees_the_data_of_a_kinesis_record_decoded() -> None:
    seen = kinesis.filtered_by(from_kinesis("eyJuIjogMX0="))
    assert (seen["data"], seen["partitionKey"], seen["eventSource"]) == ({"n": 1}, "1", "aws:kinesis")
    assert kinesis.filtered_by(from_kinesis("aGVsbG8="))["data"] == "hello"
    assert kinesis.filtered_by(from_kinesis("MTI="))["data"] == "12"
    assert kinesis.filtered_by(from_kinesis("/w=="))["data"] is None


CHANGE = {
    "ApproximateCreationDateTime": 1693997155.0,
    "Keys": {"Id": {"N": "101"}},
    "NewImage": {"Message": {"S": "This item has changed"}, "Id": {"N": "101"}, "raw": {"B": "AP8="}},
    "OldImage": {"Message": {"S": "New item!"}, "Id": {"N": "101"}},
    "SequenceNumber": "222",
    "SizeBytes": 59,
    "StreamViewType": "NEW_AND_OLD_IMAGES",
}


def test_a_change_of_an_item_is_as_recorded() -> None:
    told = {"eventID": "2", "eventName": "MODIFY", "eventVersion": "1.0", "awsRegion": "x", "dynamodb": CHANGE}
    written = Written(222, '{"Id": {"N": "101"}}', 1693997155.0, told)
    record = dynamodb.record(written, arn=TABLE, shard="shardId-1", role=ROLE)
    assert record == {
        "eventID": "2",
        "eventName": "MODIFY",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-west-2",
        "dynamodb": CHANGE,
        "eventSourceARN": TABLE,
    }
    [read] = DynamoDBStreamEvent({"Records": [record]}).records
    assert read.dynamodb is not None
    assert read.dynamodb.new_image == {"Message": "This item has changed", "Id": 101, "raw": "AP8="}
    assert dynamodb.filtered_by(record) is record


def test_a_change_has_the_images_of_its_view_only_and_says_who_deleted() -> None:
    keys = {name: CHANGE[name] for name in ("Keys", "SequenceNumber", "SizeBytes")}
    by = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    written = Written(333, "{}", 0.0, {"eventID": "3", "eventName": "REMOVE", "dynamodb": keys, "userIdentity": by})
    record = dynamodb.record(written, arn=TABLE, shard="shardId-1", role=ROLE)
    assert (record["dynamodb"], record["userIdentity"]) == (keys, by)


def test_times_of_a_failed_batch_are_each_sources_own() -> None:
    written = Written(1, "k", 1573691884.8351, {})
    assert kinesis.arrival(written) == "2019-11-14T00:38:04.835Z"
    assert dynamodb.arrival(written) == "2019-11-14T00:38:04Z"
