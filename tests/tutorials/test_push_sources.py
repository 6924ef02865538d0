"""AWS's tutorials of S3, SNS, SQS and EventBridge schedules, with unmodified boto3 and each with a role of its own.

https://docs.aws.amazon.com/lambda/latest/dg/with-s3-example.html, with-sns-example.html, with-sqs-example.html and
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html; and of S3's own guide
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ways-to-add-notification-config-to-bucket.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from lambda_sandbox import Sandbox

TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
MANAGED = "arn:aws:iam::aws:policy/"
S3 = """
import boto3, json, urllib.parse

s3 = boto3.client("s3")

def lambda_handler(event, context):
    bucket = event["Records"][0]["s3"]["bucket"]["name"]
    key = urllib.parse.unquote_plus(event["Records"][0]["s3"]["object"]["key"], encoding="utf-8")
    response = s3.get_object(Bucket=bucket, Key=key)
    print("CONTENT TYPE: " + response["ContentType"])
    return response["ContentType"]
"""
SNS = """
def lambda_handler(event, context):
    for record in event["Records"]:
        print(f"Processed message {record['Sns']['Message']}")
    print("done")
"""
SQS = """
def lambda_handler(event, context):
    for message in event["Records"]:
        print(f"Processed message {message['body']}")
    print("done")
"""
SCHEDULED = """
import json

def lambda_handler(event, context):
    print("ScheduledEvent " + json.dumps({"rule": event["resources"][0].rpartition("/")[2]}))
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock="virtual", seed=1) as sandbox:
        yield sandbox


def deployed(sandbox: Sandbox, name: str, source: str, *policies: str) -> str:
    """A function with a role that has these AWS-managed policies."""
    iam = sandbox.client("iam")
    document = json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
    role = iam.create_role(RoleName=f"{name}-role", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    for policy in policies:
        iam.attach_role_policy(RoleName=f"{name}-role", PolicyArn=MANAGED + policy)
    return sandbox.deploy(source, name=name, Role=role).arn


def allow(sandbox: Sandbox, name: str, principal: str, source_arn: str) -> None:
    sandbox.client("lambda").add_permission(
        FunctionName=name,
        StatementId="trigger",
        Action="lambda:InvokeFunction",
        Principal=principal,
        SourceArn=source_arn,
    )


def logged(sandbox: Sandbox, name: str) -> list[str]:
    events = sandbox.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    return [event["message"].strip() for event in events]


def test_an_s3_trigger_reads_the_object_that_was_put(sandbox: Sandbox) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="amzn-s3-demo-bucket")
    policies = ("AmazonS3ReadOnlyAccess", "service-role/AWSLambdaBasicExecutionRole")
    arn = deployed(sandbox, "s3-trigger-tutorial", S3, *policies)
    allow(sandbox, "s3-trigger-tutorial", "s3.amazonaws.com", "arn:aws:s3:::amzn-s3-demo-bucket")
    configuration = {"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}
    s3.put_bucket_notification_configuration(
        Bucket="amzn-s3-demo-bucket", NotificationConfiguration={"LambdaFunctionConfigurations": [configuration]}
    )
    s3.put_object(Bucket="amzn-s3-demo-bucket", Key="HappyFace.jpg", Body=b"x", ContentType="image/jpeg")
    sandbox.settle()
    assert "CONTENT TYPE: image/jpeg" in logged(sandbox, "s3-trigger-tutorial")


def test_a_bucket_tells_a_queue_and_a_topic_that_let_it_in(sandbox: Sandbox) -> None:
    s3, sqs, sns = (sandbox.client(name) for name in ("s3", "sqs", "sns"))
    s3.create_bucket(Bucket="example-bucket")
    topic = sns.create_topic(Name="s3-notification-topic")["TopicArn"]
    base = "arn:aws:sqs:us-east-1:123456789012:"
    urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("s3-notification-queue", "of-topic")}
    queue = base + "s3-notification-queue"
    raw = {"RawMessageDelivery": "false"}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=base + "of-topic", Attributes=raw)
    removed, created = {"Events": ["s3:ObjectRemoved:*"]}, {"Events": ["s3:ObjectCreated:*"]}
    images = {"Key": {"FilterRules": [{"Name": "prefix", "Value": "images/"}]}}
    wanted = {
        "QueueConfigurations": [
            {"QueueArn": queue, "Filter": images, **created},
            {"QueueArn": base + "gone", **removed},
        ],
        "TopicConfigurations": [{"TopicArn": topic, "Events": ["s3:ObjectTagging:*"]}],
    }

    def store() -> None:
        s3.put_bucket_notification_configuration(Bucket="example-bucket", NotificationConfiguration=wanted)

    def policy(action: str, resource: str) -> str:
        who = {"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:example-bucket"}}
        who["StringEquals"] = {"aws:SourceAccount": "123456789012"}
        allow = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": action}
        return json.dumps({"Version": "2012-10-17", "Statement": [allow | {"Resource": resource, "Condition": who}]})

    def said(name: str) -> list[Any]:
        sandbox.settle()
        got = sqs.receive_message(QueueUrl=urls[name], MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in got]

    with pytest.raises(s3.exceptions.ClientError) as refusal:
        store()
    error = refusal.value.response["Error"]
    assert error["Message"] == "Unable to validate the following destination configurations"
    assert [error[f"ArgumentValue{number}"] for number in (1, 2, 3)] == [
        "Permissions on the destination topic do not allow S3 to publish notifications from this bucket",
        "Permissions on the destination queue do not allow S3 to publish notifications from this bucket",
        "The destination queue does not exist",
    ]
    assert error["ArgumentName2"] == queue

    wanted["QueueConfigurations"].pop()
    let_in = {"Policy": policy("sqs:SendMessage", queue)}
    sqs.set_queue_attributes(QueueUrl=urls["s3-notification-queue"], Attributes=let_in)
    topic_policy = policy("SNS:Publish", topic)
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=topic_policy)
    store()
    [test] = said("s3-notification-queue")
    assert list(test) == ["Service", "Event", "Time", "Bucket", "RequestId", "HostId"]
    [enveloped] = said("of-topic")
    assert (enveloped["Subject"], json.loads(enveloped["Message"])["Event"]) == (
        "Amazon S3 Notification",
        "s3:TestEvent",
    )

    s3.put_object(Bucket="example-bucket", Key="images/a cat.jpg", Body=b"123")
    s3.put_object(Bucket="example-bucket", Key="other")
    s3.put_object_tagging(Bucket="example-bucket", Key="other", Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
    [event] = said("s3-notification-queue")
    [record] = event["Records"]
    assert (record["eventName"], record["s3"]["object"]["key"]) == ("ObjectCreated:Put", "images/a+cat.jpg")
    assert {"userIdentity", "requestParameters", "responseElements"} < set(record)
    [enveloped] = said("of-topic")
    assert json.loads(enveloped["Message"])["Records"][0]["eventName"] == "ObjectTagging:Put"

    sqs.set_queue_attributes(QueueUrl=urls["s3-notification-queue"], Attributes={"Policy": ""})
    s3.put_object(Bucket="example-bucket", Key="images/late.jpg")
    assert said("s3-notification-queue") == []
    assert "Permissions on the destination queue" in sandbox.journal(kind="delivery.refused")[-1].data["because"]


def test_a_message_to_a_topic_is_processed(sandbox: Sandbox) -> None:
    sns = sandbox.client("sns")
    topic = sns.create_topic(Name="sns-topic-for-lambda")["TopicArn"]
    arn = deployed(sandbox, "Function-with-SNS", SNS, "service-role/AWSLambdaBasicExecutionRole")
    allow(sandbox, "Function-with-SNS", "sns.amazonaws.com", topic)
    sns.subscribe(Protocol="lambda", TopicArn=topic, Endpoint=arn)
    sns.publish(Message="Hello", Subject="Test", TopicArn=topic)
    sandbox.settle()
    assert "Processed message Hello" in logged(sandbox, "Function-with-SNS")


def test_a_message_in_a_queue_is_processed_and_gone(sandbox: Sandbox) -> None:
    sqs, lambda_ = sandbox.client("sqs"), sandbox.client("lambda")
    url = sqs.create_queue(QueueName="my-queue")["QueueUrl"]
    deployed(sandbox, "ProcessSQSRecord", SQS, "service-role/AWSLambdaSQSQueueExecutionRole")
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    lambda_.create_event_source_mapping(FunctionName="ProcessSQSRecord", BatchSize=10, EventSourceArn=queue)
    sandbox.settle()
    sqs.send_message(QueueUrl=url, MessageBody="this is a test")
    sandbox.settle()
    assert "Processed message this is a test" in logged(sandbox, "ProcessSQSRecord")
    left = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
    assert left == {"ApproximateNumberOfMessages": "0"}


def test_a_schedule_runs_a_function_every_minute(sandbox: Sandbox) -> None:
    events = sandbox.client("events")
    arn = deployed(sandbox, "LogScheduledEvent", SCHEDULED, "service-role/AWSLambdaBasicExecutionRole")
    rule = events.put_rule(Name="my-scheduled-rule", ScheduleExpression="rate(1 minute)")["RuleArn"]
    allow(sandbox, "LogScheduledEvent", "events.amazonaws.com", rule)
    events.put_targets(Rule="my-scheduled-rule", Targets=[{"Id": "1", "Arn": arn}])
    sandbox.clock.advance(minutes=5)
    assert logged(sandbox, "LogScheduledEvent").count('ScheduledEvent {"rule": "my-scheduled-rule"}') == 5
