"""SNS → Lambda: the event, filters, permission, dead letters, loops."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes import SNSEvent

from lambda_sandbox import Sandbox
from lambda_sandbox.event_sources.sns import event
from lambda_sandbox.moto_bridge import Notification

TOPIC = "arn:aws:sns:us-east-1:123456789012:orders"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"


def test_the_event_has_what_powertools_and_the_recording_expect() -> None:
    attributes = {"kind": {"Type": "String", "Value": "cake"}}
    made = event(Notification(TOPIC, f"{TOPIC}:1", FUNCTION, "m1", "Hello", None, attributes), 1_924_992_000.5)
    record = next(SNSEvent(made).records)
    assert (record.event_source, record.event_version, record.event_subscription_arn) == (
        "aws:sns",
        "1.0",
        f"{TOPIC}:1",
    )
    sns = record.sns
    assert (sns.message, sns.message_id, sns.topic_arn, sns.get_type) == ("Hello", "m1", TOPIC, "Notification")
    assert sns.message_attributes["kind"].value == "cake"
    assert sns.timestamp == "2031-01-01T00:00:00.500Z"
    members = "Message MessageAttributes MessageId Signature SignatureVersion SigningCertUrl Subject Timestamp TopicArn"
    assert sorted(made["Records"][0]["Sns"]) == [*members.split(), "Type", "UnsubscribeUrl"]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock="virtual", seed=1) as sandbox:
        yield sandbox


def subscribed(sandbox: Sandbox, name: str, source: str, *, permit: bool = True, **attributes: str) -> str:
    """A topic with a function behind it; both are called `name`."""
    topic = str(sandbox.client("sns").create_topic(Name=name)["TopicArn"])
    arn = sandbox.deploy(source, name=name).arn
    if permit:
        sandbox.client("lambda").add_permission(
            FunctionName=name,
            StatementId="sns",
            Action="lambda:InvokeFunction",
            Principal="sns.amazonaws.com",
            SourceArn=topic,
        )
    sandbox.client("sns").subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn, Attributes=attributes)
    return topic


def seen(sandbox: Sandbox, name: str) -> list[Any]:
    return [json.loads(record.data["message"]) for record in sandbox.journal(function=name, kind="invocation.log")]


SHOWS = """
import json
def handler(event, context):
    print(json.dumps(event["Records"][0]["Sns"]["Message"]))
"""


def test_a_filter_decides_who_hears_of_a_message_and_a_function_without_permission_hears_nothing(
    sandbox: Sandbox,
) -> None:
    sns = sandbox.client("sns")
    topic = subscribed(sandbox, "cakes", SHOWS, FilterPolicy=json.dumps({"kind": ["cake"]}))
    refused = sandbox.deploy(SHOWS, name="stranger").arn
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=refused)
    for kind in ("cake", "bread"):
        attributes = {"kind": {"DataType": "String", "StringValue": kind}}
        sns.publish(TopicArn=topic, Message=kind, MessageAttributes=attributes)
    sandbox.settle()
    assert seen(sandbox, "cakes") == ["cake"]
    assert seen(sandbox, "stranger") == []
    because = {record.data["because"] for record in sandbox.journal(function="stranger", kind="delivery.refused")}
    assert len(because) == 1
    assert "no statement allows sns.amazonaws.com" in because.pop()


@pytest.mark.parametrize(
    ("policy", "because"),
    [
        ('{"a": [{"numeric": 100}]}', "FilterPolicy: Bad value for numeric: 100"),
        ('{"a": [{"numeric": ["=", true]}]}', "FilterPolicy: Bad value for numeric"),
        ('{"a": [{}]}', "FilterPolicy: Only one key allowed in match expression"),
        ('{"a": "x"}', 'FilterPolicy: "a" must be an object or an array'),
        ('{"a": [{"zz": 1}]}', "FilterPolicy: Unrecognized match type zz"),
        ('{"$or": ["x"]}', "FilterPolicy: There must be an array of patterns for $or"),
        ("[]", "FilterPolicy: Filter is not an object"),
        ("a = 1", "FilterPolicy: failed to parse JSON."),
    ],
)
def test_a_filter_policy_that_is_none_is_refused_and_leaves_no_subscription(
    sandbox: Sandbox, policy: str, because: str
) -> None:
    sns = sandbox.client("sns")
    topic = sns.create_topic(Name="strict")["TopicArn"]
    with pytest.raises(
        sns.exceptions.InvalidParameterException, match="Invalid parameter: Attributes Reason: "
    ) as error:
        sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=FUNCTION, Attributes={"FilterPolicy": policy})
    assert because in str(error.value)
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []


@pytest.mark.parametrize(
    ("given", "because"),
    [
        ({"Protocol": "ftp"}, "Amazon SNS does not support this protocol string: ftp"),
        ({"Endpoint": "hello"}, "Lambda endpoint ARN"),
        (
            {"Attributes": {"FilterPolicyScope": "x"}},
            "Attributes Reason: FilterPolicyScope: Invalid value [x]. "
            "Please use either MessageBody or MessageAttributes",
        ),
    ],
)
def test_a_subscription_that_makes_no_sense_is_refused(sandbox: Sandbox, given: Any, because: str) -> None:
    sns = sandbox.client("sns")
    topic = sns.create_topic(Name="strict")["TopicArn"]
    with pytest.raises(sns.exceptions.InvalidParameterException) as error:
        sns.subscribe(**{"TopicArn": topic, "Protocol": "lambda", "Endpoint": FUNCTION, **given})
    assert str(error.value).endswith(f"Invalid parameter: {because}")


def test_a_message_says_something_and_a_subject_is_one_line(sandbox: Sandbox) -> None:
    sns = sandbox.client("sns")
    topic = sns.create_topic(Name="strict")["TopicArn"]
    for said, because in (({"Message": ""}, "Empty message"), ({"Message": "x", "Subject": "a\nb"}, "Subject")):
        with pytest.raises(sns.exceptions.InvalidParameterException, match=f"Invalid parameter: {because}"):
            sns.publish(TopicArn=topic, **said)


def test_what_cannot_be_delivered_goes_to_the_subscriptions_dead_letter_queue(sandbox: Sandbox) -> None:
    sqs = sandbox.client("sqs")
    url = sqs.create_queue(QueueName="buried")["QueueUrl"]
    redrive = json.dumps({"deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:buried"})
    topic = subscribed(sandbox, "gone", SHOWS, permit=False, RedrivePolicy=redrive)
    sandbox.client("sns").publish(TopicArn=topic, Message="nobody hears me")
    sandbox.settle()
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "nobody hears me"


def test_a_function_that_fails_is_tried_three_times(sandbox: Sandbox) -> None:
    topic = subscribed(sandbox, "fails", "def handler(event, context):\n    raise ValueError('no')\n")
    sandbox.client("sns").publish(TopicArn=topic, Message="x")
    sandbox.settle()
    assert len(sandbox.journal(function="fails", kind="invocation.failed")) == 3


def test_a_loop_through_a_topic_is_stopped(sandbox: Sandbox) -> None:
    source = """
import boto3
sns = boto3.client("sns")
def handler(event, context):
    sns.publish(TopicArn=event["Records"][0]["Sns"]["TopicArn"], Message="again")
"""
    topic = subscribed(sandbox, "echo", source)
    sandbox.client("sns").publish(TopicArn=topic, Message="once")
    sandbox.settle()
    assert len(sandbox.journal(function="echo", kind="invocation.started")) == 16


def test_a_batch_and_a_message_for_each_protocol(sandbox: Sandbox) -> None:
    topic = subscribed(sandbox, "batches", SHOWS)
    sns = sandbox.client("sns")
    sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[{"Id": f"{n}", "Message": f"{n}"} for n in range(3)])
    sandbox.settle()
    assert sorted(seen(sandbox, "batches")) == ["0", "1", "2"]
    structured = json.dumps({"default": "all", "lambda": "for functions"})
    sns.publish(TopicArn=topic, MessageStructure="json", Message=structured)
    sandbox.settle()
    assert seen(sandbox, "batches")[-1] == "for functions"
