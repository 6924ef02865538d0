"""From a put to the handler's entry, for each source. A new source is a function here and a line in `SOURCES`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from lambda_sandbox import Sandbox

NOTHING = "def handler(event, context):\n    return None\n"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:measured"
Send = Callable[[], Any]


def s3(sandbox: Sandbox) -> Send:
    client = sandbox.client("s3")
    client.create_bucket(Bucket="measured")
    _permit(sandbox, "s3.amazonaws.com")
    asked = {"LambdaFunctionArn": FUNCTION, "Events": ["s3:ObjectCreated:*"]}
    client.put_bucket_notification_configuration(
        Bucket="measured", NotificationConfiguration={"LambdaFunctionConfigurations": [asked]}
    )
    return lambda: client.put_object(Bucket="measured", Key="one", Body=b"x" * 100)


def api_gateway(sandbox: Sandbox) -> Send:
    _permit(sandbox, "apigateway.amazonaws.com")
    api = sandbox.client("apigatewayv2").create_api(Name="measured", ProtocolType="HTTP", Target=FUNCTION)
    connection = HTTPConnection(urlsplit(sandbox.endpoint_url).netloc)
    headers = {"Host": urlsplit(api["ApiEndpoint"]).netloc}

    def ask() -> None:
        connection.request("GET", "/", headers=headers)
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, b"null")

    return ask


def kinesis(sandbox: Sandbox) -> Send:
    client = sandbox.client("kinesis")
    client.create_stream(StreamName="measured", ShardCount=1)
    _map(sandbox, client.describe_stream(StreamName="measured")["StreamDescription"]["StreamARN"])
    return lambda: client.put_record(StreamName="measured", PartitionKey="k", Data=b"x" * 100)


def dynamodb(sandbox: Sandbox) -> Send:
    client = sandbox.client("dynamodb")
    made = client.create_table(
        TableName="measured",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    _map(sandbox, made["TableDescription"]["LatestStreamArn"])
    return lambda: client.put_item(TableName="measured", Item={"id": {"S": str(time.time())}})


def sns(sandbox: Sandbox) -> Send:
    client = sandbox.client("sns")
    topic = client.create_topic(Name="measured")["TopicArn"]
    _permit(sandbox, "sns.amazonaws.com")
    client.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=FUNCTION)
    return lambda: client.publish(TopicArn=topic, Message="x" * 100)


def eventbridge(sandbox: Sandbox) -> Send:
    client = sandbox.client("events")
    client.put_rule(Name="measured", EventPattern='{"source": ["measured"]}')
    client.put_targets(Rule="measured", Targets=[{"Id": "1", "Arn": FUNCTION}])
    _permit(sandbox, "events.amazonaws.com")
    return lambda: client.put_events(Entries=[{"Source": "measured", "DetailType": "one", "Detail": "{}"}])


def sqs(sandbox: Sandbox) -> Send:
    client = sandbox.client("sqs")
    url = client.create_queue(QueueName="measured")["QueueUrl"]
    _map(sandbox, "arn:aws:sqs:us-east-1:123456789012:measured")
    return lambda: client.send_message(QueueUrl=url, MessageBody="x" * 100)


def _permit(sandbox: Sandbox, principal: str) -> None:
    sandbox.client("lambda").add_permission(
        FunctionName="measured",
        StatementId=principal.partition(".")[0],
        Action="lambda:InvokeFunction",
        Principal=principal,
    )


# what is measured, how to set it up, and the bound of its median in milliseconds
SOURCES: tuple[tuple[str, Callable[[Sandbox], Send], float], ...] = (
    ("S3 put_object → handler", s3, 10),
    ("SNS publish → handler", sns, 10),
    ("EventBridge put_events → handler", eventbridge, 10),
    ("API Gateway request → handler", api_gateway, 10),
    ("SQS send_message → handler", sqs, 40),
    ("Kinesis put_record → handler", kinesis, 40),
    ("DynamoDB put_item → handler", dynamodb, 40),
)


def times(sandbox: Sandbox, set_up: Callable[[Sandbox], Send], count: int) -> list[float]:
    """Seconds from each send to the entry of a handler that is warm by then."""
    sandbox.deploy(NOTHING, name="measured")
    send = set_up(sandbox)
    return list(_times(sandbox, send, count + 3))[3:]


def _times(sandbox: Sandbox, send: Send, count: int) -> Iterator[float]:
    for _ in range(count):
        seen = max((record.seq for record in sandbox.journal()), default=0)
        began = time.time()
        send()
        sandbox.settle()
        [started] = sandbox.journal(since=seen, kind="invocation.started", function="measured")
        yield started.at - began


def _map(sandbox: Sandbox, arn: str) -> None:
    position = {} if ":sqs:" in arn else {"StartingPosition": "TRIM_HORIZON"}
    sandbox.client("lambda").create_event_source_mapping(FunctionName="measured", EventSourceArn=arn, **position)
    sandbox.settle()
