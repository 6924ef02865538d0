"""Kinesis → Lambda through the real sandbox: each record once, in order; what fails, and where it goes."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import pytest

from lambda_sandbox import Sandbox

PRINTS = """
import json
def handler(event, context):
    for record in event["Records"]:
        print(json.dumps(["got", record["kinesis"]["partitionKey"], record["kinesis"]["data"]]))
        if record["kinesis"]["data"] == "YmFk":
            raise ValueError("poison")
"""
STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/s"


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(clock="virtual", seed=1) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.reset()
    running.client("kinesis").create_stream(StreamName="s", ShardCount=2)
    running.deploy(PRINTS, name="f")
    return running


def mapping(sandbox: Sandbox, **settings: Any) -> str:
    made = sandbox.client("lambda").create_event_source_mapping(
        **{"FunctionName": "f", "EventSourceArn": STREAM, "StartingPosition": "TRIM_HORIZON", **settings}
    )
    sandbox.settle()
    return str(made["UUID"])


def put(sandbox: Sandbox, *records: tuple[str, bytes]) -> None:
    entries = [{"PartitionKey": key, "Data": data} for key, data in records]
    sandbox.client("kinesis").put_records(StreamName="s", Records=entries)


def got(sandbox: Sandbox) -> list[tuple[str, bytes]]:
    """What the function printed of each record that it met."""
    logged = [record.data["message"] for record in sandbox.journal(kind="invocation.log", function="f")]
    met = [json.loads(line) for line in logged if line.startswith('["got"')]
    return [(key, b64decode(data)) for _, key, data in met]


def result(sandbox: Sandbox, uuid: str) -> str:
    return str(sandbox.client("lambda").get_event_source_mapping(UUID=uuid)["LastProcessingResult"])


def test_each_record_comes_once_and_those_of_a_key_in_order(sandbox: Sandbox) -> None:
    mapping(sandbox, BatchSize=3, ParallelizationFactor=2)
    for number in range(5):
        put(sandbox, *((key, bytes([number, 255])) for key in "abcdef"))
    sandbox.settle()
    met = got(sandbox)
    assert len(met) == 30
    for key in "abcdef":
        assert [data for of, data in met if of == key] == [bytes([number, 255]) for number in range(5)]


def test_a_filter_reads_the_decoded_data(sandbox: Sandbox) -> None:
    pattern = json.dumps({"data": {"price": [{"numeric": [">", 100]}]}})
    mapping(sandbox, FilterCriteria={"Filters": [{"Pattern": pattern}]})
    put(sandbox, ("k", b'{"price": 120}'), ("k", b'{"price": 80}'), ("k", b"no json"), ("k", b"\xff"))
    sandbox.settle()
    assert got(sandbox) == [("k", b'{"price": 120}')]
    assert [record.data["records"] for record in sandbox.journal(kind="delivery.filtered")] == [3]


def test_a_poison_record_is_isolated_and_told_to_a_topic_and_a_bucket(sandbox: Sandbox) -> None:
    sqs, sns, s3 = sandbox.client("sqs"), sandbox.client("sns"), sandbox.client("s3")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    topic = sns.create_topic(Name="t")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:q")
    s3.create_bucket(Bucket="failures")
    settings = {"MaximumRetryAttempts": 1, "BisectBatchOnFunctionError": True}
    uuid = mapping(sandbox, **settings, DestinationConfig={"OnFailure": {"Destination": topic}})
    put(sandbox, ("k", b"a"), ("k", b"bad"), ("k", b"b"))
    sandbox.settle()
    assert got(sandbox)[-1] == ("k", b"b")
    [message] = sqs.receive_message(QueueUrl=url)["Messages"]
    said = json.loads(json.loads(message["Body"])["Message"])
    assert said["requestContext"]["approximateInvokeCount"] == 2
    assert said["KinesisBatchInfo"]["streamArn"] == STREAM
    assert result(sandbox, uuid) == "OK"

    sandbox.client("lambda").update_event_source_mapping(
        UUID=uuid, DestinationConfig={"OnFailure": {"Destination": "arn:aws:s3:::failures"}}
    )
    sandbox.settle()
    put(sandbox, ("k", b"bad"))
    sandbox.settle()
    [entry] = s3.list_objects_v2(Bucket="failures")["Contents"]
    shard = said["KinesisBatchInfo"]["shardId"]
    assert entry["Key"].startswith(f"aws/lambda/{uuid}/{shard}/2031/01/01/2031-01-01T")
    stored = json.loads(s3.get_object(Bucket="failures", Key=entry["Key"])["Body"].read())
    [record] = json.loads(stored["payload"])["Records"]
    assert (record["kinesis"]["data"], stored["KinesisBatchInfo"]["batchSize"]) == ("YmFk", 1)


def test_a_mapping_that_is_disabled_or_deleted_delivers_nothing(sandbox: Sandbox) -> None:
    uuid = mapping(sandbox)
    lambda_ = sandbox.client("lambda")
    lambda_.update_event_source_mapping(UUID=uuid, Enabled=False)
    sandbox.settle()
    put(sandbox, ("k", b"kept"))
    sandbox.settle()
    assert got(sandbox) == []
    lambda_.update_event_source_mapping(UUID=uuid, Enabled=True)
    sandbox.settle()
    assert got(sandbox) == [("k", b"kept")]
    lambda_.delete_event_source_mapping(UUID=uuid)
    put(sandbox, ("k", b"unheard"))
    sandbox.settle()
    assert len(got(sandbox)) == 1


def test_a_stream_that_is_deleted_under_its_mapping_is_a_problem(sandbox: Sandbox) -> None:
    uuid = mapping(sandbox)
    sandbox.client("kinesis").delete_stream(StreamName="s")
    sandbox.settle()
    assert result(sandbox, uuid).startswith("PROBLEM")


def test_two_functions_read_one_stream_each_at_its_own_pace(sandbox: Sandbox) -> None:
    sandbox.deploy(PRINTS, name="other")
    mapping(sandbox)
    mapping(sandbox, FunctionName="other", MaximumBatchingWindowInSeconds=30)
    put(sandbox, ("k", b"a"))
    put(sandbox, ("k", b"b"))
    sandbox.settle()
    batched = sandbox.journal(kind="delivery.batched")
    assert sum(record.data["records"] for record in batched if record.function == "f") == 2
    assert [record.data["records"] for record in batched if record.function == "other"] == [2]


def test_a_split_shard_is_read_to_its_end_before_its_children(sandbox: Sandbox) -> None:
    put(sandbox, ("k", b"1"), ("k", b"2"))
    kinesis = sandbox.client("kinesis")
    kinesis.update_shard_count(StreamName="s", TargetShardCount=4, ScalingType="UNIFORM_SCALING")
    put(sandbox, ("k", b"3"), ("k", b"4"))
    mapping(sandbox, BatchSize=1)
    assert [data for _, data in got(sandbox)] == [b"1", b"2", b"3", b"4"]


def test_a_fan_out_consumer_gets_the_records_of_its_stream(sandbox: Sandbox) -> None:
    consumer = sandbox.client("kinesis").register_stream_consumer(StreamARN=STREAM, ConsumerName="c")["Consumer"]
    mapping(sandbox, EventSourceArn=consumer["ConsumerARN"])
    put(sandbox, ("k", b"a"))
    sandbox.settle()
    assert got(sandbox) == [("k", b"a")]


def test_no_record_of_ten_thousand_is_lost_or_comes_twice(sandbox: Sandbox) -> None:
    mapping(sandbox, BatchSize=500, ParallelizationFactor=2)
    for turn in range(20):
        put(sandbox, *((f"{turn}-{number}", b"x") for number in range(500)))
    sandbox.settle()
    met = got(sandbox)
    assert len(met) == len({key for key, _ in met}) == 10_000


def test_records_of_a_function_that_is_gone_expire_with_the_stream(sandbox: Sandbox) -> None:
    mapping(sandbox)
    put(sandbox, ("k", b"bad"))
    while not sandbox.journal(kind="delivery.batched"):
        pass  # the record is on its way
    sandbox.client("lambda").delete_function(FunctionName="f")
    before = sandbox.clock.now()
    sandbox.settle()
    assert sandbox.clock.now() - before > 86_000
    assert sandbox.journal(kind="delivery.dropped")[0].data["because"] == "RecordAgeExceeded"
