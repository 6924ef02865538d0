"""The checks of 05/who_calls: six sources are connected to a function, and what really happened is compared."""

import json

from botocore.exceptions import ClientError

from lambda_sandbox.workbook import web
from lambda_sandbox.workbook.checks import expect, require, task

PROBE = "def lambda_handler(event, context):\n    pass\n"
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
WAYS = {"synchronous": "calls.somebody-waits", "asynchronous": "calls.nobody-waits", "polled": "calls.does-not-call"}
PERMISSIONS = {"resource policy": "calls.comes-from-outside", "execution role": "calls.function-fetches"}


def url(sandbox, arn):
    made = sandbox.client("lambda").create_function_url_config(FunctionName=arn, AuthType="NONE")
    name = made["FunctionUrl"].split("/")[2].partition(".")[0]
    web.ask("GET", f"{sandbox.endpoint_url}/_url/{name}/")


def api(sandbox, arn):
    made = sandbox.client("apigatewayv2").create_api(Name="api", ProtocolType="HTTP", Target=arn)
    web.ask("GET", f"{sandbox.endpoint_url}/restapis/{made['ApiId']}/$default/_user_request_/")


def s3(sandbox, arn):
    bucket = sandbox.client("s3")
    bucket.create_bucket(Bucket="source")
    entry = {"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}
    bucket.put_bucket_notification_configuration(
        Bucket="source", NotificationConfiguration={"LambdaFunctionConfigurations": [entry]}
    )
    bucket.put_object(Bucket="source", Key="tea.txt", Body=b"tea")


def sns(sandbox, arn):
    topic = sandbox.client("sns").create_topic(Name="source")["TopicArn"]
    sandbox.client("sns").subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn)
    sandbox.client("sns").publish(TopicArn=topic, Message="tea")


def sqs(sandbox, arn):
    queue = sandbox.client("sqs").create_queue(QueueName="source")["QueueUrl"]
    source = "arn:aws:sqs:us-east-1:123456789012:source"
    sandbox.client("lambda").create_event_source_mapping(FunctionName=arn, EventSourceArn=source)
    sandbox.client("sqs").send_message(QueueUrl=queue, MessageBody="tea")


def kinesis(sandbox, arn):
    sandbox.client("kinesis").create_stream(StreamName="source", ShardCount=1)
    source = "arn:aws:kinesis:us-east-1:123456789012:stream/source"
    sandbox.client("lambda").create_event_source_mapping(
        FunctionName=arn, EventSourceArn=source, StartingPosition="TRIM_HORIZON"
    )
    sandbox.client("kinesis").put_record(StreamName="source", PartitionKey="a", Data=b"tea")


SOURCES = {"function URL": url, "API Gateway": api, "S3": s3, "SNS": sns, "SQS": sqs, "Kinesis": kinesis}


def told(function, ask, source):
    """What the learner's table says."""
    answer = function.invoke({"ask": ask, "source": source})
    require(answer != "?", says="calls.open", expected="one of the words", got=answer, source=source)
    return answer


@task(1)
def test_foretells_how_each_source_invokes(function, sandbox):
    for source, happens in SOURCES.items():
        probe = sandbox.deploy(PROBE, name=source.replace(" ", "-"))
        allow = {"FunctionName": probe.name, "Principal": "*"}
        sandbox.client("lambda").add_permission(**allow, StatementId="any", Action="lambda:InvokeFunction")
        sandbox.client("lambda").add_permission(
            **allow, StatementId="url", Action="lambda:InvokeFunctionUrl", FunctionUrlAuthType="NONE"
        )
        happens(sandbox, probe.arn)
        sandbox.settle()
        fetched = sandbox.journal(function=probe.name, kind="delivery.batched")
        (call,) = sandbox.journal(function=probe.name, kind="invocation.requested")
        way = "polled" if fetched else "asynchronous" if call.data["type"] == "Event" else "synchronous"
        expect(told(function, "way", source), way, says=WAYS[way], source=source)


@task(2)
def test_foretells_where_the_permission_stands(function, sandbox):
    trust = json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
    role = sandbox.client("iam").create_role(RoleName="no-rights", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    for source, happens in SOURCES.items():
        probe = sandbox.deploy(
            PROBE, name=source.replace(" ", "-"), Role=role
        )  # it may do nothing, and no one may call
        place = "resource policy"
        try:
            happens(sandbox, probe.arn)
        except ClientError as error:
            if "role" in error.response["Error"]["Message"]:
                place = "execution role"
        expect(told(function, "permission", source), place, says=PERMISSIONS[place], source=source)
