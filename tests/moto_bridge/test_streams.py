"""Streams of Kinesis and of tables: told of when they change, read after a number, and as AWS would have them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from lambda_sandbox.moto_bridge import Bridge, ShardOf

from .conftest import ACCOUNT, Time

STREAM = f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/s"


@pytest.fixture
def told(bridge: Bridge) -> list[str]:
    arns: list[str] = []
    bridge.on_stream_event = arns.append
    return arns


def read(bridge: Bridge, arn: str, **after: int) -> tuple[ShardOf, ...]:
    stream = bridge.read_stream(arn, after)
    assert stream is not None
    return stream.shards


@pytest.fixture
def kinesis(client: Callable[..., Any]) -> Any:
    kinesis = client("kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=1)
    return kinesis


def test_records_are_read_in_order_after_a_number(bridge: Bridge, kinesis: Any, told: list[str], time: Time) -> None:
    kinesis.put_records(StreamName="s", Records=[{"Data": bytes([n, 255]), "PartitionKey": f"k{n}"} for n in range(3)])
    assert set(told) == {STREAM}
    [shard] = read(bridge, STREAM)
    assert (shard.id, shard.parents) == ("shardId-000000000000", ())
    assert [one.key for one in shard.records] == ["k0", "k1", "k2"]
    assert [one.members["Data"] for one in shard.records] == ["AP8=", "Af8=", "Av8="]
    assert len(str(shard.records[0].number)) == 56
    assert shard.records[0].at == pytest.approx(time(), abs=1)
    [rest] = read(bridge, STREAM, **{shard.id: shard.records[1].number})
    assert rest.records == shard.records[2:]


def test_a_split_shard_keeps_its_records_and_takes_no_more(bridge: Bridge, kinesis: Any, told: list[str]) -> None:
    kinesis.put_record(StreamName="s", Data=b"before", PartitionKey="k")
    kinesis.split_shard(StreamName="s", ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**127))
    kinesis.put_record(StreamName="s", Data=b"after", PartitionKey="k")
    parent, *children = read(bridge, STREAM)
    assert len(parent.records) == 1
    assert [child.parents for child in children] == [(parent.id,), (parent.id,)]
    [record] = [record for child in children for record in child.records]
    assert record.number > parent.records[0].number


def test_users_read_the_same_records_by_arn(kinesis: Any) -> None:
    number = kinesis.put_record(StreamName="s", Data=b"hello", PartitionKey="k")["SequenceNumber"]
    iterator = kinesis.get_shard_iterator(
        StreamARN=STREAM, ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    [record] = kinesis.get_records(ShardIterator=iterator)["Records"]
    assert (record["SequenceNumber"], record["Data"]) == (number, b"hello")


def test_a_deleted_stream_is_told_of_and_gone(bridge: Bridge, kinesis: Any, told: list[str]) -> None:
    kinesis.delete_stream(StreamName="s")
    assert told == [STREAM]
    assert bridge.read_stream(STREAM, {}) is None


@pytest.fixture
def dynamodb(client: Callable[..., Any]) -> Any:
    return client("dynamodb", region="eu-west-1")


def table(dynamodb: Any, view: str = "NEW_AND_OLD_IMAGES") -> str:
    made = dynamodb.create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": view},
    )
    return str(made["TableDescription"]["LatestStreamArn"])


def test_a_table_tells_of_each_change_once(bridge: Bridge, dynamodb: Any, told: list[str]) -> None:
    arn, key = table(dynamodb), {"id": {"S": "id_value"}}
    dynamodb.put_item(TableName="t", Item=key)
    dynamodb.put_item(TableName="t", Item={**key, "id2": {"S": "id2_new_value"}})
    dynamodb.put_item(TableName="t", Item={**key, "id2": {"S": "id2_new_value"}})
    dynamodb.delete_item(TableName="t", Key=key)
    assert set(told) == {arn}
    assert re.fullmatch(r".+:table/t/stream/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}", arn)
    [shard] = read(bridge, arn)
    said = [(one.members["eventName"], one.members["dynamodb"]["SizeBytes"]) for one in shard.records]
    assert said == [("INSERT", 20), ("MODIFY", 46), ("REMOVE", 36)]  # the first two as recorded
    assert {one.members["awsRegion"] for one in shard.records} == {"eu-west-1"}
    [rest] = read(bridge, arn, **{shard.id: shard.records[0].number})
    assert rest.records == shard.records[1:]


def test_an_update_that_creates_the_item_is_one_insert(bridge: Bridge, dynamodb: Any) -> None:
    arn = table(dynamodb, "NEW_IMAGE")
    for value in ("1", "2"):
        dynamodb.update_item(
            TableName="t",
            Key={"id": {"S": "a"}},
            UpdateExpression="SET n = :n",
            ExpressionAttributeValues={":n": {"N": value}},
        )
    [shard] = read(bridge, arn)
    assert [one.members["eventName"] for one in shard.records] == ["INSERT", "MODIFY"]
    assert [one.members["dynamodb"]["NewImage"]["n"] for one in shard.records] == [{"N": "1"}, {"N": "2"}]
    assert shard.records[1].number == shard.records[0].number + 1


def test_binary_values_are_base64(bridge: Bridge, dynamodb: Any) -> None:
    arn = table(dynamodb)
    deep = {"L": [{"B": b"\xff"}, {"M": {"x": {"B": b"\x00\x01"}}}]}
    dynamodb.put_item(TableName="t", Item={"id": {"S": "a"}, "raw": {"B": b"\x00\xff"}, "deep": deep})
    [shard] = read(bridge, arn)
    image = shard.records[0].members["dynamodb"]["NewImage"]
    assert image["raw"] == {"B": "AP8="}
    assert image["deep"] == {"L": [{"B": "/w=="}, {"M": {"x": {"B": "AAE="}}}]}


def test_numbers_sets_and_flags_have_dynamodbs_sizes(bridge: Bridge, dynamodb: Any) -> None:
    arn = table(dynamodb, "NEW_IMAGE")
    item = {"id": {"S": "a"}, "n": {"N": "101"}, "on": {"BOOL": True}, "of": {"SS": ["ab", "c"]}, "no": {"NULL": True}}
    dynamodb.put_item(TableName="t", Item=item)
    [shard] = read(bridge, arn)
    assert shard.records[0].members["dynamodb"]["SizeBytes"] == 3 + 3 + (1 + 3) + (2 + 1) + (2 + 3) + (2 + 1)


def test_a_stream_that_is_switched_off_takes_no_record_and_a_deleted_table_has_none(
    bridge: Bridge, dynamodb: Any, told: list[str]
) -> None:
    arn = table(dynamodb)
    dynamodb.update_table(TableName="t", StreamSpecification={"StreamEnabled": False})
    dynamodb.put_item(TableName="t", Item={"id": {"S": "a"}})
    assert read(bridge, arn)[0].records == ()
    dynamodb.delete_table(TableName="t")
    assert bridge.read_stream(arn, {}) is None
    assert told == [arn]
