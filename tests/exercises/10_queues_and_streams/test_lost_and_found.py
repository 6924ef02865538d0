"""The checks of 10/lost_and_found: a stream whose reader gives records up, and the function that gets the letters."""

import json

import pytest

from lambda_sandbox.workbook.checks import expect, require, task

ARN = "arn:aws:{}:us-east-1:123456789012:{}"
READER = """
import base64

def lambda_handler(event, context):
    for record in event["Records"]:
        assert b"mouldy" not in base64.b64decode(record["kinesis"]["data"])
"""


class Stream:
    """`lose` puts orders on the stream, lets the reader give some up, and returns what the function has found then."""

    def __init__(self, function, sandbox):
        self.function, self.sandbox, self.sqs = function, sandbox, sandbox.client("sqs")

    def lose(self, *orders, **settings):
        kinesis, lambda_ = self.sandbox.client("kinesis"), self.sandbox.client("lambda")
        redrive = json.dumps({"deadLetterTargetArn": ARN.format("sqs", "dead"), "maxReceiveCount": 2})
        for queue, attributes in (("dead", {}), ("given-up", {"RedrivePolicy": redrive}), ("found", {})):
            self.url = self.sqs.create_queue(QueueName=queue, Attributes=attributes)["QueueUrl"]
        kinesis.create_stream(StreamName="orders", ShardCount=1)
        for order in orders:
            kinesis.put_record(StreamName="orders", PartitionKey="shop", Data=json.dumps(order))
        self.sandbox.deploy(READER, name="reader")
        lambda_.create_event_source_mapping(
            FunctionName=self.function.name, EventSourceArn=ARN.format("sqs", "given-up"), BatchSize=1
        )
        lambda_.create_event_source_mapping(
            FunctionName="reader",
            EventSourceArn=ARN.format("kinesis", "stream/orders"),
            StartingPosition="TRIM_HORIZON",
            MaximumRetryAttempts=1,
            DestinationConfig={"OnFailure": {"Destination": ARN.format("sqs", "given-up")}},
            **settings,
        )
        self.function.settle(says="found.fails")
        self.function.called = "lambda_handler, by a message of the queue given-up"
        answer = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10)
        return sorted(message["Body"] for message in answer.get("Messages", []))

    def judge(self, got, orders, lost):
        texts = [json.dumps(order) for order in orders]
        wanted = sorted(json.dumps(order) for order in lost)
        require(got, says="found.nothing", expected="the data of what was given up", got=got)
        require("KinesisBatchInfo" not in got[0], says="found.letter", expected=", ".join(wanted), got=got)
        recognise = {"found.neighbour": [text for text in texts if text not in wanted and text in got]}
        facts = {"says": "found.too-few" if set(got) < set(wanted) else "found.other", "batch": len(lost)}
        require(not set(got) > set(wanted), says="found.too-many", expected=", ".join(wanted), got=got)
        expect(got, wanted, recognise=recognise, **facts)


@pytest.fixture
def stream(function, sandbox):
    return Stream(function, sandbox)


@task(1)
def test_finds_the_record_that_was_given_up(stream, rng):
    orders = [{"tea": "black", "cups": 1}, {"tea": "mouldy", "cups": rng.randrange(2, 90)}, {"tea": "mint", "cups": 2}]
    got = stream.lose(*orders, BisectBatchOnFunctionError=True)
    stream.judge(got, orders, [orders[1]])


@task(2)
def test_finds_a_batch_that_was_given_up(stream, rng):
    teas = ["black", "green", "mouldy", "mint", "white", "rose"]
    orders = [{"tea": tea, "cups": rng.randrange(1, 90)} for tea in teas]
    got = stream.lose(*orders, BatchSize=4)
    stream.judge(got, orders, orders[:4])
