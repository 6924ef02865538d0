"""Ten thousand messages through one mapping: none is lost, and each comes as often as it should and no more."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from lambda_sandbox import Sandbox

pytestmark = pytest.mark.survival

MANY = 10_000
AGAIN = range(0, MANY, 100)  # these are reported as failed when they first come
WORKER = """
import json
def handler(event, context):
    numbers = [int(record["body"]) for record in event["Records"]]
    print("GOT " + json.dumps(numbers))
    bad = [record for record, number in zip(event["Records"], numbers)
           if number % 100 == 0 and record["attributes"]["ApproximateReceiveCount"] == "1"]
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in bad]}
"""


def test_of_ten_thousand_messages_none_is_lost_and_only_the_failed_come_twice() -> None:
    with Sandbox(clock="virtual", seed=1) as sandbox:
        sqs = sandbox.client("sqs")
        url = sqs.create_queue(QueueName="many", Attributes={"VisibilityTimeout": "600"})["QueueUrl"]
        sandbox.deploy(WORKER, name="worker")
        sandbox.client("lambda").create_event_source_mapping(
            FunctionName="worker",
            EventSourceArn="arn:aws:sqs:us-east-1:123456789012:many",
            FunctionResponseTypes=["ReportBatchItemFailures"],
        )
        sandbox.settle()
        for start in range(0, MANY, 10):
            entries = [{"Id": str(n), "MessageBody": str(n)} for n in range(start, start + 10)]
            sqs.send_message_batch(QueueUrl=url, Entries=entries)
        sandbox.settle(timeout=120)

        logged = (record.data["message"] for record in sandbox.journal(function="worker", kind="invocation.log"))
        seen = Counter(n for line in logged if line.startswith("GOT ") for n in json.loads(line[4:]))
        assert seen == Counter(range(MANY)) + Counter(AGAIN)
        delivered = sandbox.journal(function="worker", kind="delivery.delivered")
        assert sum(record.data["messages"] for record in delivered) == MANY
