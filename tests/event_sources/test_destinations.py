"""Destinations and dead letters, through the real sandbox: what each service gets, and what if one is gone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from lambda_sandbox import Sandbox

FAILS = "def handler(event, context):\n    raise ValueError('no luck')\n"
ECHO = "def handler(event, context):\n    return event\n"


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(clock="virtual", seed=1) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.reset()
    return running


def queue(sandbox: Sandbox, name: str = "outcomes") -> tuple[str, str]:
    sqs = sandbox.client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def received(sandbox: Sandbox, url: str) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = (
        sandbox.client("sqs")
        .receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
        .get("Messages", [])
    )
    return messages


def send(
    sandbox: Sandbox, source: str, event: Any = None, *, success: str = "", failure: str = "", **options: Any
) -> str:
    """Deploys a function with these destinations, sends it one event, lets the clock run; returns the request id."""
    client = sandbox.client("lambda")
    sandbox.deploy(source, name="f", **options)
    destinations = {"OnSuccess": success, "OnFailure": failure}
    config = {name: {"Destination": arn} for name, arn in destinations.items() if arn}
    if config:
        client.put_function_event_invoke_config(FunctionName="f", DestinationConfig=config)
    answer = client.invoke(FunctionName="f", InvocationType="Event", Payload=json.dumps(event))
    sandbox.settle()
    return str(answer["ResponseMetadata"]["RequestId"])


def test_a_success_brings_request_and_response(sandbox: Sandbox) -> None:
    url, arn = queue(sandbox)
    request_id = send(sandbox, ECHO, {"a": 1}, success=arn, failure=arn)
    (message,) = received(sandbox, url)
    said = json.loads(message["Body"])
    assert said.pop("timestamp").startswith("2031-")
    assert said == {
        "version": "1.0",
        "requestContext": {
            "requestId": request_id,
            "functionArn": "arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST",
            "condition": "Success",
            "approximateInvokeCount": 1,
        },
        "requestPayload": {"a": 1},
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST"},
        "responsePayload": {"a": 1},
    }


def test_a_failure_comes_after_three_attempts(sandbox: Sandbox) -> None:
    url, arn = queue(sandbox)
    send(sandbox, FAILS, failure=arn)
    (message,) = received(sandbox, url)
    said = json.loads(message["Body"])
    assert said["requestContext"]["condition"] == "RetriesExhausted"
    assert said["requestContext"]["approximateInvokeCount"] == 3
    assert said["responseContext"]["functionError"] == "Unhandled"
    assert said["responsePayload"]["errorMessage"] == "no luck"


def test_a_dead_letter_is_the_event_itself(sandbox: Sandbox) -> None:
    url, arn = queue(sandbox)
    request_id = send(sandbox, FAILS, {"order": 7}, DeadLetterConfig={"TargetArn": arn})
    (message,) = received(sandbox, url)
    assert json.loads(message["Body"]) == {"order": 7}
    attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert attributes == {"RequestID": request_id, "ErrorCode": "200", "ErrorMessage": "no luck"}


def test_another_function_as_a_destination(sandbox: Sandbox) -> None:
    sandbox.deploy("def handler(event, context):\n    print(event['responsePayload'])\n", name="next")
    send(sandbox, ECHO, "hello", success="arn:aws:lambda:us-east-1:123456789012:function:next")
    (line,) = [record.data["message"] for record in sandbox.journal(function="next", kind="invocation.log")]
    assert line == "hello\n"


def test_a_bucket_keeps_failures(sandbox: Sandbox) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="failures")
    send(sandbox, FAILS, failure="arn:aws:s3:::failures")
    (entry,) = s3.list_objects_v2(Bucket="failures")["Contents"]
    assert entry["Key"].startswith("aws/lambda/async/f/2031/01/01/2031-01-01T")
    assert json.loads(s3.get_object(Bucket="failures", Key=entry["Key"])["Body"].read())["requestPayload"] is None


def test_a_topic_passes_it_on(sandbox: Sandbox) -> None:
    url, arn = queue(sandbox)
    sns = sandbox.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    send(sandbox, ECHO, 1, success=topic)
    (message,) = received(sandbox, url)
    assert json.loads(message["Body"])["responsePayload"] == 1


def test_switched_off_goes_straight_to_the_destination(sandbox: Sandbox) -> None:
    url, arn = queue(sandbox)
    sandbox.deploy(ECHO, name="f")
    sandbox.client("lambda").put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)
    send(sandbox, ECHO, failure=arn)
    (message,) = received(sandbox, url)
    said = json.loads(message["Body"])
    assert said["requestContext"]["condition"] == "ZeroReservedConcurrency"
    assert said["requestContext"]["approximateInvokeCount"] == 0
    assert "responseContext" not in said and "responsePayload" not in said


def test_a_role_that_may_not_send_sends_nothing(sandbox: Sandbox) -> None:
    iam = sandbox.client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": trust})
    role = iam.create_role(RoleName="bare", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    url, arn = queue(sandbox)
    send(sandbox, ECHO, success=arn, Role=role)
    assert received(sandbox, url) == []
    records = sandbox.journal(kind="delivery.refused", function="f")
    (refused,) = (record for record in records if record.data["source"] != "logs")  # which it may not write either
    assert "no identity-based policy allows the sqs:SendMessage action" in refused.data["because"]
    allowed = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arn}
    iam.put_role_policy(
        RoleName="bare", PolicyName="p", PolicyDocument=json.dumps({**json.loads(document), "Statement": allowed})
    )
    send(sandbox, ECHO, success=arn, Role=role)
    assert len(received(sandbox, url)) == 1


def test_a_destination_that_vanished_is_said_in_the_journal(sandbox: Sandbox) -> None:
    client, sns, s3, events = (sandbox.client(service) for service in ("lambda", "sns", "s3", "events"))
    url, arn = queue(sandbox)
    s3.create_bucket(Bucket="bucket")
    targets = {
        "queue": arn,
        "topic": sns.create_topic(Name="t")["TopicArn"],
        "bucket": "arn:aws:s3:::bucket",
        "function": sandbox.deploy(ECHO, name="next").arn,
        "bus": events.create_event_bus(Name="bus")["EventBusArn"],
    }
    for name, target in targets.items():
        letters = {"DeadLetterConfig": {"TargetArn": target}} if name in ("queue", "topic") else {}
        sandbox.deploy(FAILS, name=name, **letters)
        destinations = {"OnFailure": {"Destination": target}}
        client.put_function_event_invoke_config(
            FunctionName=name, MaximumRetryAttempts=0, DestinationConfig=destinations
        )
    sandbox.client("sqs").delete_queue(QueueUrl=url)
    sns.delete_topic(TopicArn=targets["topic"])
    s3.delete_bucket(Bucket="bucket")
    client.delete_function(FunctionName="next")
    events.delete_event_bus(Name="bus")
    for name in targets:
        client.invoke(FunctionName=name, InvocationType="Event")
    sandbox.settle()
    for name, target in targets.items():
        refused = [record.data["because"] for record in sandbox.journal(function=name, kind="delivery.refused")]
        assert len(refused) == (2 if name in ("queue", "topic") else 1)  # the dead letter too
        assert all(because.startswith(target) and re.search("not (exist|found)", because) for because in refused)
