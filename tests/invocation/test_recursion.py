"""A function that starts itself is stopped after 16 runs, unless it is allowed to go on (facts §4.4)."""

import json
from collections.abc import Iterator

import pytest

from lambda_sandbox import Sandbox
from lambda_sandbox.invocation.recursion import field, follow

ME, OTHER = "arn:aws:lambda:us-east-1:123456789012:function:me", "arn:aws:lambda:us-east-1:123456789012:function:other"
CALLS_ITSELF = """
import json
import boto3

lambda_ = boto3.client("lambda")

def handler(event, context):
    try:
        answer = lambda_.invoke(
            FunctionName=event.get("other", context.function_name),
            InvocationType=event["type"],
            Payload=json.dumps(event | ({"other": context.function_name} if "other" in event else {})),
        )
    except lambda_.exceptions.RecursiveInvocationException as stopped:
        return str(stopped)
    return answer["Payload"].read().decode()
"""
COPIES_ITS_COPIES = """
import boto3

s3 = boto3.client("s3")

def handler(event, context):
    key = event["Records"][0]["s3"]["object"]["key"]
    if len(key) < 30:
        s3.put_object(Bucket="loop", Key=key + "x")
"""


def test_a_lineage_counts_each_function_for_itself_and_ignores_what_it_cannot_read() -> None:
    first, times = follow("", ME)
    assert times == 1
    second, times = follow(f"Root=1-0-0;Lineage={first}", OTHER)
    assert times == 1
    assert follow(f"Root=1-0-0;Parent=1;Lineage={second}", ME)[1] == 2
    assert follow(f"Root=1-0-0;Parent=1;Lineage={second.replace('|', '%7C')}", ME)[1] == 2
    assert follow("Lineage=nonsense|a:b|:|¹:²", ME)[1] == 1
    assert field("Root=1-0-0;Parent=2", "Parent") == "2"
    assert field("Root=1-0-0", "Parent") == ""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock="virtual") as sandbox:
        yield sandbox


def runs(sandbox: Sandbox, name: str) -> int:
    return len(sandbox.journal(function=name, kind="invocation.started"))


def test_a_function_that_queues_events_for_itself_ends_in_its_dead_letter_queue(sandbox: Sandbox) -> None:
    sqs, lambda_ = sandbox.client("sqs"), sandbox.client("lambda")
    url = sqs.create_queue(QueueName="dead")["QueueUrl"]
    target = {"TargetArn": "arn:aws:sqs:us-east-1:123456789012:dead"}
    sandbox.deploy(CALLS_ITSELF, name="events", DeadLetterConfig=target, Timeout=30)
    lambda_.invoke(FunctionName="events", InvocationType="Event", Payload='{"type": "Event"}')
    sandbox.settle()
    assert runs(sandbox, "events") == 16
    dropped = sandbox.journal(function="events", kind="delivery.dropped")
    assert [record.data["because"] for record in dropped] == ["RecursiveInvocation"]
    assert json.loads(sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"]) == {"type": "Event"}


def test_a_function_that_calls_itself_is_told_so_the_17th_time(sandbox: Sandbox) -> None:
    sandbox.deploy(CALLS_ITSELF, name="calls", Timeout=60)
    answer = sandbox.client("lambda").invoke(FunctionName="calls", Payload='{"type": "RequestResponse"}')
    assert b"RecursiveInvocationException" in answer["Payload"].read()
    assert runs(sandbox, "calls") == 16


def test_two_functions_that_queue_events_for_each_other_are_stopped(sandbox: Sandbox) -> None:
    for name in ("ping", "pong"):
        sandbox.deploy(CALLS_ITSELF, name=name, Timeout=30)
    event = '{"type": "Event", "other": "pong"}'
    sandbox.client("lambda").invoke(FunctionName="ping", InvocationType="Event", Payload=event)
    sandbox.settle()
    assert (runs(sandbox, "ping"), runs(sandbox, "pong")) == (16, 16)


def test_a_loop_through_s3_is_stopped_and_one_that_is_allowed_goes_on(sandbox: Sandbox) -> None:
    s3, lambda_ = sandbox.client("s3"), sandbox.client("lambda")
    s3.create_bucket(Bucket="loop")
    arn = sandbox.deploy(COPIES_ITS_COPIES, name="copies").arn
    lambda_.add_permission(
        FunctionName="copies", StatementId="s3", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com"
    )
    configuration = {"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}
    s3.put_bucket_notification_configuration(
        Bucket="loop", NotificationConfiguration={"LambdaFunctionConfigurations": [configuration]}
    )
    s3.put_object(Bucket="loop", Key="x")
    sandbox.settle()
    assert runs(sandbox, "copies") == 16
    lambda_.put_function_recursion_config(FunctionName="copies", RecursiveLoop="Allow")
    s3.put_object(Bucket="loop", Key="x")
    sandbox.settle()
    assert runs(sandbox, "copies") == 16 + 30
