"""Stacks, by boto3: templates of the usual kinds run as they are; updates, failures, deletions."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambda_sandbox import Sandbox
from lambda_sandbox.__main__ import main
from lambda_sandbox.deploying import CannotDeploy, deploy
from lambda_sandbox.workbook.fixtures import empty_sandbox

SAMPLES = Path(__file__).parent / "samples"
ALL = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock="virtual", seed=5) as sandbox:
        yield sandbox


def deployed(sandbox: Sandbox, sample: str, **parameters: str) -> tuple[dict[str, str], list[str]]:
    """The outputs of a sample's stack, and what was said."""
    said: list[str] = []
    path = next((SAMPLES / sample).glob("template.*"))
    name = sample.replace("_", "-")
    assert deploy(path, sandbox.client, stack_name=name, parameters=parameters, say=said.append), said
    return outputs(sandbox, name), said


def outputs(sandbox: Sandbox, name: str) -> dict[str, str]:
    stack = sandbox.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    return {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])}


def create(sandbox: Sandbox, name: str, template: str, **more: Any) -> dict[str, Any]:
    """The stack after CreateStack."""
    client = sandbox.client("cloudformation")
    client.create_stack(StackName=name, TemplateBody=template, **{"Capabilities": ALL, **more})
    return dict(client.describe_stacks(StackName=name)["Stacks"][0])


def story(sandbox: Sandbox, name: str) -> list[tuple[str, str]]:
    events = sandbox.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    return [(event["LogicalResourceId"], event["ResourceStatus"]) for event in reversed(events)]


def ask(sandbox: Sandbox, url: str, method: str = "GET", body: bytes | None = None) -> tuple[int, Any]:
    """Asks an API of the sandbox by the name that AWS gives it."""
    host = url.removeprefix("https://").partition("/")[0]
    there = url.replace(f"https://{host}", sandbox.endpoint_url)
    request = urllib.request.Request(there, body, {"host": host, "content-type": "text/plain"}, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def test_an_upload_starts_the_function_that_a_sam_template_describes(sandbox: Sandbox) -> None:
    out, said = deployed(sandbox, "thumbnails", Width="16")
    s3 = sandbox.client("s3")
    s3.put_object(Bucket=out["PicturesBucket"], Key="a cat.jpg", Body=b"x" * 100)
    s3.put_object(Bucket=out["PicturesBucket"], Key="notes.txt", Body=b"x")
    sandbox.settle()
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=out["ThumbnailsBucket"])["Contents"]] == ["a cat.jpg"]
    assert s3.get_object(Bucket=out["ThumbnailsBucket"], Key="a cat.jpg")["Body"].read() == b"x" * 16
    assert said[0].startswith("src/: ") and said[-1] == "thumbnails: CREATE_COMPLETE"
    assert any(line.startswith("CREATE_COMPLETE      Resize (Lambda::Function)") for line in said)
    exports = sandbox.client("cloudformation").list_exports()["Exports"]
    assert [(one["Name"], one["Value"]) for one in exports] == [("thumbnails-resize", out["ResizeArn"])]

    out, said = deployed(sandbox, "thumbnails", Width="32")  # an update of one variable
    s3.put_object(Bucket=out["PicturesBucket"], Key="dog.jpg", Body=b"y" * 100)
    sandbox.settle()
    assert len(s3.get_object(Bucket=out["ThumbnailsBucket"], Key="dog.jpg")["Body"].read()) == 32
    assert deployed(sandbox, "thumbnails")[1][1] == "No changes to deploy."

    stacks = sandbox.client("cloudformation")
    stacks.delete_stack(StackName="thumbnails")  # CloudFormation deletes no bucket that holds objects
    stack = stacks.describe_stacks(StackName="thumbnails")["Stacks"][0]
    assert stack["StackStatus"] == "DELETE_FAILED"
    for bucket in (out["PicturesBucket"], out["ThumbnailsBucket"]):
        for one in s3.list_objects_v2(Bucket=bucket)["Contents"]:
            s3.delete_object(Bucket=bucket, Key=one["Key"])
    stacks.delete_stack(StackName="thumbnails")
    with pytest.raises(ClientError, match="Stack with id thumbnails does not exist"):
        stacks.describe_stacks(StackName="thumbnails")
    assert stacks.describe_stacks(StackName=stack["StackId"])["Stacks"][0]["StackStatus"] == "DELETE_COMPLETE"


def test_both_kinds_of_api_reach_the_functions_of_a_sam_template(sandbox: Sandbox) -> None:
    out, _ = deployed(sandbox, "notes")
    assert ask(sandbox, f"{out['HttpUrl']}/notes/1", "PUT", b"milk") == (201, {"greeting": "hello"})
    assert ask(sandbox, f"{out['HttpUrl']}/notes/1") == (200, {"id": "1", "text": "milk"})
    assert ask(sandbox, f"{out['RestUrl']}/notes/1") == (200, {"id": "1", "text": "milk"})
    assert ask(sandbox, f"{out['HttpUrl']}/notes/2")[0] == 404
    assert out["Reader"].endswith(":live") and "Auditor" not in out
    lambda_ = sandbox.client("lambda")
    function, _, alias = out["Reader"].rpartition(":")
    assert lambda_.get_alias(FunctionName=function, Name=alias)["FunctionVersion"] == "1"
    assert lambda_.get_function(FunctionName=function)["Configuration"]["MemorySize"] == 128

    out, said = deployed(sandbox, "notes", Stage="prod", Greeting="good day")
    assert ask(sandbox, f"{out['HttpUrl']}/notes/1", "PUT", b"tea") == (201, {"greeting": "good day"})
    assert lambda_.get_function(FunctionName=function)["Configuration"]["MemorySize"] == 512
    assert "Auditor" in out and any("Audit" in line for line in said)
    assert sandbox.client("events").list_rule_names_by_target(TargetArn=arn_of(sandbox, out["Auditor"]))["RuleNames"]
    sandbox.client("cloudformation").delete_stack(StackName="notes")
    assert ("Write", "DELETE_COMPLETE") in story_of_deleted(sandbox, "notes")
    assert lambda_.list_functions()["Functions"] == []


def arn_of(sandbox: Sandbox, function: str) -> str:
    return str(sandbox.client("lambda").get_function(FunctionName=function)["Configuration"]["FunctionArn"])


def story_of_deleted(sandbox: Sandbox, name: str) -> list[tuple[str, str]]:
    stacks = sandbox.client("cloudformation").list_stacks()["StackSummaries"]
    return story(sandbox, next(stack["StackId"] for stack in stacks if stack["StackName"] == name))


def test_plain_cloudformation_makes_a_worker_with_a_version_and_an_alias(sandbox: Sandbox) -> None:
    out, _ = deployed(sandbox, "queue_worker")
    sqs, lambda_ = sandbox.client("sqs"), sandbox.client("lambda")
    assert out["SeedsPlanted"] == "3"  # a custom resource answered, with its numbers as text
    for body in ("one", "bad"):
        sqs.send_message(QueueUrl=out["QueueUrl"], MessageBody=body)
    sandbox.settle()
    dead = sqs.receive_message(QueueUrl=out["DeadLetterUrl"])["Messages"]
    assert [message["Body"] for message in dead] == ["bad"]
    items = sandbox.client("dynamodb").scan(TableName=out["Table"])["Items"]
    assert items == [{"id": {"S": "one"}, "by": {"S": "done"}}]
    assert ask(sandbox, out["Address"]) == (200, {"batchItemFailures": [], "word": "done"})

    out, said = deployed(sandbox, "queue_worker", Word="finished", BatchSize="2")
    assert any(line.startswith("UPDATE_COMPLETE      Mapping") for line in said)
    mapping = lambda_.list_event_source_mappings(FunctionName=out["LiveArn"])["EventSourceMappings"][0]
    assert mapping["BatchSize"] == 2
    live = json.load(lambda_.invoke(FunctionName=out["LiveArn"], Payload="{}")["Payload"])
    latest = json.load(lambda_.invoke(FunctionName=out["LiveArn"].rpartition(":")[0], Payload="{}")["Payload"])
    assert (live["word"], latest["word"]) == ("done", "finished")  # a version is what it was
    sandbox.client("cloudformation").delete_stack(StackName="queue-worker")
    sandbox.settle()  # a mapping is Deleting for a while
    assert lambda_.list_event_source_mappings()["EventSourceMappings"] == []
    assert sandbox.client("s3").list_buckets()["Buckets"][1:] == []  # what custom resources wrote to is gone


def test_a_queue_with_filters_alarms_and_destinations_runs_as_it_is(sandbox: Sandbox) -> None:
    out, _ = deployed(sandbox, "order_queue", StageName="test")
    sqs, lambda_, stacks = sandbox.client("sqs"), sandbox.client("lambda"), sandbox.client("cloudformation")
    for body in ({"kind": "order"}, {"kind": "order", "bad": 1}, {"kind": "other"}):
        sqs.send_message(QueueUrl=out["Queue"], MessageBody=json.dumps(body))
    lambda_.invoke(FunctionName=out["Function"], InvocationType="Event", Payload=b'{"fail": 1}')
    sandbox.settle()
    sandbox.clock.advance(minutes=10)
    sandbox.settle()
    (dead,) = sqs.receive_message(QueueUrl=out["DLQ"])["Messages"]
    assert json.loads(dead["Body"]) == {"kind": "order", "bad": 1}
    (told,) = sqs.receive_message(QueueUrl=out["FailureQueueUrl"])["Messages"]
    assert json.loads(told["Body"])["requestContext"]["condition"] == "RetriesExhausted"
    group = f"/aws/lambda/{out['Function'].rpartition(':')[2]}"
    said = [
        json.loads(one["message"]) for one in sandbox.client("logs").filter_log_events(logGroupName=group)["events"]
    ]
    assert {one["level"] for one in said} == {"INFO", "ERROR"}  # SystemLogLevel is WARN: no start, no report
    assert sandbox.client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]["retentionInDays"] == 7
    assert (
        lambda_.get_function_configuration(FunctionName=out["Function"])["Description"] == "Orders of test in us-east-1"
    )

    reader = (
        "Resources: {T: {Type: AWS::SNS::Topic, Properties: {DisplayName: !ImportValue 'order-queue:OrdersQueue'}}}"
    )
    create(sandbox, "reader", reader)
    with pytest.raises(ClientError, match="Export order-queue:OrdersQueue cannot be deleted as it is in use by reader"):
        stacks.delete_stack(StackName="order-queue")
    other = (
        "Resources: {T: {Type: AWS::SNS::Topic}}\nOutputs: {A: {Value: x, Export: {Name: 'order-queue:OrdersQueue'}}}"
    )
    assert create(sandbox, "second", other)["StackStatus"] == "ROLLBACK_COMPLETE"
    events = stacks.describe_stack_events(StackName="second")["StackEvents"]
    why = (
        "Export with name order-queue:OrdersQueue is already exported by stack order-queue. Rollback requested by user."
    )
    assert why in [one.get("ResourceStatusReason") for one in events]
    for name in ("reader", "second", "order-queue"):
        stacks.delete_stack(StackName=name)
    assert story_of_deleted(sandbox, "order-queue")[-1][1] == "DELETE_COMPLETE"


def test_an_http_api_with_a_stage_of_its_own_and_cors_runs_as_it_is(sandbox: Sandbox) -> None:
    out, _ = deployed(sandbox, "items_api")
    sandbox.settle()  # the schedule sweeps for the first time
    item = {"id": "7"}
    assert ask(sandbox, f"{out['Url']}/items", "PUT", json.dumps(item).encode())[0] == 201
    assert ask(sandbox, f"{out['Url']}/items/7") == (200, item)
    assert ask(sandbox, f"{out['Url']}/items") == (200, {"items": [item]})
    apis = sandbox.client("apigatewayv2")
    (api,) = apis.get_apis()["Items"]
    assert api["CorsConfiguration"]["AllowMethods"] == ["GET", "PUT", "DELETE"]
    limits = {one["TimeoutInMillis"] for one in apis.get_integrations(ApiId=api["ApiId"])["Items"]}
    assert 10_000 in limits
    (schedule,) = sandbox.client("scheduler").list_schedules()["Schedules"]
    assert schedule["Target"]["Arn"].endswith(":live")
    ready = sandbox.client("lambda").list_provisioned_concurrency_configs(
        FunctionName=out["PutAlias"].rpartition(":")[0]
    )
    assert len(ready["ProvisionedConcurrencyConfigs"]) == 1
    sandbox.clock.advance(days=1)
    sandbox.settle()
    assert sandbox.client("dynamodb").scan(TableName="items-api-items")["Items"] == []  # the connector lets it sweep
    sandbox.client("cloudformation").delete_stack(StackName="items-api")


def test_plain_cloudformation_with_every_function_runs_as_it_is(sandbox: Sandbox) -> None:
    out, _ = deployed(sandbox, "plain_functions")
    assert {key: out[key] for key in ("Zone", "Cidr", "NoValue")} == {
        "Zone": "us-east-1a",
        "Cidr": "10.0.1.0/24",
        "NoValue": "yes",
    }
    stream = sandbox.client("kinesis").list_streams()["StreamNames"][0]
    told = json.load(sandbox.client("lambda").invoke(FunctionName=out["Arn"], Payload=b"{}")["Payload"])
    secret = json.loads(told.pop("s"))
    assert secret["user"] == "me" and len(secret["password"]) == 20
    arn = f"arn:aws:kinesis:us-east-1:123456789012:stream/{stream}"
    assert told == {
        "SUB": f"us-east-1-virginia-${{Literal}}-{arn}",
        "SPLIT": "c",
        "B64": "aGVsbG8gcHJvZA==",
        "MAYBE": None,
        "p": "b/virginia",
    }
    with pytest.raises(CannotDeploy, match="the assertion of rule Check failed: dev or prod"):
        deployed(sandbox, "plain_functions", Environment="test")
    sandbox.client("cloudformation").delete_stack(StackName="plain-functions")
    assert ("Stream", "DELETE_SKIPPED") in story_of_deleted(sandbox, "plain-functions")
    assert sandbox.client("kinesis").list_streams()["StreamNames"] == [stream]


NAMED = {
    "AWS::Scheduler::Schedule": [
        {
            "Name": "daily",
            "ScheduleExpression": f"rate({days} days)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {"Arn": "arn:aws:sqs:us-east-1:123456789012:q", "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}},
        }
        for days in (2, 3)
    ],
    "AWS::SecretsManager::Secret": [{"Name": "word", "SecretString": one} for one in "ab"],
    "AWS::SSM::Parameter": [{"Name": "/a", "Type": "String", "Value": one, "Tags": {"b": "c"}} for one in "ab"],
    "AWS::SNS::Topic": [{"TopicName": "news", "DisplayName": one} for one in "ab"],
    "AWS::Kinesis::Stream": [{"Name": "clicks", "ShardCount": one} for one in (1, 2)],
    "AWS::IAM::ManagedPolicy": [
        {
            "ManagedPolicyName": "reads",
            "Roles": [{"Ref": "Role"}],
            "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": one, "Resource": "*"}]},
        }
        for one in ("s3:*", "sqs:*")
    ],
    "AWS::Logs::MetricFilter": [
        {
            "LogGroupName": {"Ref": "Group"},
            "FilterPattern": one,
            "MetricTransformations": [{"MetricName": "m", "MetricNamespace": "n", "MetricValue": "1"}],
        }
        for one in ("ERROR", "WARN")
    ],
}
TRUST = {
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": ["lambda.amazonaws.com", "scheduler.amazonaws.com"]},
            "Action": "sts:AssumeRole",
        }
    ]
}


def test_what_has_a_name_of_its_own_is_changed_where_it_is(sandbox: Sandbox) -> None:
    stacks = sandbox.client("cloudformation")
    beside = {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", **TRUST}},
        }
    }
    beside |= {"Group": {"Type": "AWS::Logs::LogGroup"}}

    def template(turn: int) -> str:
        made = {kind.replace(":", ""): {"Type": kind, "Properties": both[turn]} for kind, both in NAMED.items()}
        return json.dumps({"Resources": {**beside, **made}})

    def ids() -> dict[str, str]:
        listed = stacks.list_stack_resources(StackName="named")["StackResourceSummaries"]
        return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in listed}

    assert create(sandbox, "named", template(0))["StackStatus"] == "CREATE_COMPLETE"
    before = ids()
    stacks.update_stack(StackName="named", TemplateBody=template(1), Capabilities=ALL)
    assert stacks.describe_stacks(StackName="named")["Stacks"][0]["StackStatus"] == "UPDATE_COMPLETE"
    assert ids() == before
    assert sandbox.client("scheduler").get_schedule(Name="daily")["ScheduleExpression"] == "rate(3 days)"
    assert sandbox.client("secretsmanager").get_secret_value(SecretId="word")["SecretString"] == "b"
    assert sandbox.client("ssm").get_parameter(Name="/a")["Parameter"]["Value"] == "b"
    topic = sandbox.client("sns").get_topic_attributes(TopicArn=before["AWSSNSTopic"])["Attributes"]
    assert topic["DisplayName"] == "b"
    assert (
        sandbox.client("kinesis").describe_stream_summary(StreamName="clicks")["StreamDescriptionSummary"][
            "OpenShardCount"
        ]
        == 2
    )
    iam, arn = sandbox.client("iam"), before["AWSIAMManagedPolicy"]
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    assert "sqs:*" in str(iam.get_policy_version(PolicyArn=arn, VersionId=version))
    assert sandbox.client("logs").describe_metric_filters()["metricFilters"][0]["filterPattern"] == "WARN"
    stacks.delete_stack(StackName="named")


def test_an_integration_of_an_openapi_body_keeps_its_timeout(sandbox: Sandbox) -> None:
    function = "arn:aws:lambda:us-east-1:123456789012:function:f"
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations"
    integration = {"type": "aws_proxy", "httpMethod": "POST", "timeoutInMillis": 5000, "uri": uri}
    body = {"paths": {"/": {"get": {"x-amazon-apigateway-integration": integration}}}}
    api = {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "slow", "Body": body}}
    create(sandbox, "slow", json.dumps({"Resources": {"Api": api}, "Outputs": {"Root": {"Value": {"Ref": "Api"}}}}))
    rest, (out,) = sandbox.client("apigateway"), outputs(sandbox, "slow").values()
    (root,) = rest.get_resources(restApiId=out)["items"]
    assert rest.get_integration(restApiId=out, resourceId=root["id"], httpMethod="GET")["timeoutInMillis"] == 5000


def test_what_takes_the_place_of_another_leaves_it_if_it_must(sandbox: Sandbox) -> None:
    """DeletionPolicy is about resources that a template no longer has, UpdateReplacePolicy about those replaced."""
    stacks, sqs = sandbox.client("cloudformation"), sandbox.client("sqs")

    def template(number: int) -> str:
        policies = {"a": "DeletionPolicy: Retain", "b": "UpdateReplacePolicy: Retain"}
        return "Resources:\n" + "".join(
            f"  {name.upper()}: {{Type: AWS::SQS::Queue, {policy}, Properties: {{QueueName: policy-{name}{number}}}}}\n"
            for name, policy in policies.items()
        )

    create(sandbox, "policies", template(1))
    stacks.update_stack(StackName="policies", TemplateBody=template(2))

    def left() -> list[str]:
        urls = sqs.list_queues(QueueNamePrefix="policy-").get("QueueUrls", [])
        return sorted(url.rpartition("/")[2] for url in urls)

    assert left() == ["policy-a2", "policy-b1", "policy-b2"]
    stacks.delete_stack(StackName="policies")
    assert left() == ["policy-a2", "policy-b1"]


def test_a_dynamic_reference_is_looked_up(sandbox: Sandbox) -> None:
    sandbox.client("ssm").put_parameter(Name="/queue/name", Value="from-ssm", Type="String")
    sandbox.client("secretsmanager").create_secret(Name="shop", SecretString='{"key": "from-secret"}')
    queue = "{Type: AWS::SQS::Queue, Properties: {QueueName: '{{resolve:%s}}'}}"
    template = f"Resources: {{A: {queue}, B: {queue}}}"
    create(sandbox, "dynamic", template % ("ssm:/queue/name:1", "secretsmanager:shop:SecretString:key"))
    assert {"from-ssm", "from-secret"} <= {
        url.rpartition("/")[2] for url in sandbox.client("sqs").list_queues()["QueueUrls"]
    }
    stack = create(sandbox, "lost", template % ("ssm:/nowhere", "secretsmanager:shop:SecretString:nothing"))
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"


def test_what_fails_takes_the_rest_back(sandbox: Sandbox) -> None:
    template = """
    Resources:
      Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: kept-apart}}
      Mapping:
        Type: AWS::Lambda::EventSourceMapping
        Properties: {FunctionName: nobody, EventSourceArn: !GetAtt Queue.Arn}
    """
    stack = create(sandbox, "broken", template)
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert story(sandbox, "broken") == [
        ("broken", "CREATE_IN_PROGRESS"),
        ("Queue", "CREATE_IN_PROGRESS"),
        ("Queue", "CREATE_COMPLETE"),
        ("Mapping", "CREATE_IN_PROGRESS"),
        ("Mapping", "CREATE_FAILED"),
        ("broken", "ROLLBACK_IN_PROGRESS"),
        ("Queue", "DELETE_IN_PROGRESS"),
        ("Queue", "DELETE_COMPLETE"),
        ("broken", "ROLLBACK_COMPLETE"),
    ]
    events = sandbox.client("cloudformation").describe_stack_events(StackName="broken")["StackEvents"]
    why = next(one["ResourceStatusReason"] for one in events if one["ResourceStatus"] == "CREATE_FAILED")
    assert why.startswith(
        'Resource handler returned message: "Function does not exist (Service: Lambda, Status Code: 400'
    )
    assert "kept-apart" not in json.dumps(sandbox.client("sqs").list_queues())
    with pytest.raises(ClientError, match="is in ROLLBACK_COMPLETE state and can not be updated"):
        sandbox.client("cloudformation").update_stack(StackName="broken", TemplateBody=template)


def test_an_update_that_fails_leaves_all_as_it_was(sandbox: Sandbox) -> None:
    before = """
    Resources:
      Queue: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 40}}
      Old: {Type: AWS::SNS::Topic, Properties: {TopicName: old}}
    """
    after = """
    Resources:
      Queue: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 50}}
      Url: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: nobody, AuthType: NONE}, DependsOn: Queue}
    """
    create(sandbox, "steady", before)
    stacks, sqs = sandbox.client("cloudformation"), sandbox.client("sqs")
    stacks.update_stack(StackName="steady", TemplateBody=after)
    assert stacks.describe_stacks(StackName="steady")["Stacks"][0]["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    resources = stacks.describe_stack_resources(StackName="steady")["StackResources"]
    assert {one["LogicalResourceId"] for one in resources} == {"Queue", "Old"}
    url = next(one["PhysicalResourceId"] for one in resources if one["LogicalResourceId"] == "Queue")
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
    assert attributes == {"VisibilityTimeout": "40"}
    assert stacks.get_template(StackName="steady")["TemplateBody"] == before
    stacks.delete_stack(StackName="steady")


@pytest.mark.parametrize(
    ("template", "more", "said"),
    [
        (
            "Resources: {R: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {}}}}",
            {"Capabilities": []},
            "InsufficientCapabilitiesException.*Requires capabilities : \\[CAPABILITY_IAM\\]",
        ),
        (
            "Resources: {R: {Type: AWS::IAM::Role, Properties: {RoleName: a, AssumeRolePolicyDocument: {}}}}",
            {"Capabilities": ["CAPABILITY_IAM"]},
            "Requires capabilities : \\[CAPABILITY_NAMED_IAM\\]",
        ),
        (
            "{Transform: AWS::Serverless-2016-10-31, Resources: {T: {Type: AWS::Serverless::SimpleTable}}}",
            {"Capabilities": ["CAPABILITY_IAM"]},
            "Requires capabilities : \\[CAPABILITY_AUTO_EXPAND\\]",
        ),
        (
            "{Transform: AWS::Serverless-2016-10-31, Resources: {F: {Type: AWS::Serverless::Function,"
            " Properties: {InlineCode: x, Handler: index.h}}}}",
            {},
            "Transform AWS::Serverless-2016-10-31 failed with: Invalid Serverless Application Specification document. "
            "Number of errors found: 1. Resource with id \\[F\\] is invalid",
        ),
        ("Parameters: {P: 5}\nResources: {A: {Type: AWS::SQS::Queue}}", {}, "Template format error: a section"),
        (
            "{Transform: AWS::Serverless-2016-10-31, Resources: {F: {Type: AWS::Serverless::Function, Properties: 5}}}",
            {},
            "Transform AWS::Serverless-2016-10-31 failed with",
        ),
        ("#" * 60_000, {}, "templateBody"),
        (
            "{Transform: My::Macro, Resources: {T: {Type: AWS::SQS::Queue}}}",
            {},
            "The sandbox does not model the transform My::Macro",
        ),
        (
            "Resources: {A: {Type: AWS::SQS::Queue}}",
            {"Parameters": [{"ParameterKey": "X", "ParameterValue": "1"}]},
            "do not exist",
        ),
        (
            "Conditions: {C: !Equals [a, b]}\nResources: {Q: {Type: AWS::SQS::Queue}, P: {Type: AWS::SQS::Queue,"
            " Condition: C}}\nOutputs: {A: {Value: !Ref P}, B: {Value: !If [C, !Ref P, x]}}",
            {},
            "Unresolved resource dependencies \\[P\\] in the Outputs block of the template",
        ),
        (
            "Conditions: {C: !Equals [!Ref Q, b]}\nResources: {Q: {Type: AWS::SQS::Queue}}",
            {},
            "Cannot reference resources in the Conditions block of the template",
        ),
    ],
    ids=[
        "IAM",
        "named IAM",
        "SAM",
        "SAM's own words",
        "garbage",
        "garbage for SAM",
        "too long",
        "macros",
        "unknown parameter",
        "what is not made",
        "conditions",
    ],
)
def test_a_stack_that_cannot_be_is_refused_before_anything_is_made(
    sandbox: Sandbox, template: str, more: dict[str, Any], said: str
) -> None:
    with pytest.raises(ClientError, match=said):
        create(sandbox, "refused", template, **more)
    assert "refused" not in json.dumps(sandbox.client("cloudformation").list_stacks(), default=str)


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        (
            "{Type: AWS::Lambda::Function, Properties: {Kode: 1, Role: r, Code: {}}}",
            "#: extraneous key [Kode] is not permitted",
        ),
        (
            "{Type: AWS::Lambda::Function, Properties: {Code: {ZipFile: x}, Runtime: python3.13}}",
            "#: required key [Role]",
        ),
        ("{Type: AWS::SQS::Queue, Properties: {Colour: red}}", "The sandbox does not model Colour of AWS::SQS::Queue."),
        (
            "{Type: AWS::SNS::Topic, Properties: {TopicName: !GetAtt Other.Nope}}",
            "does not support attribute type Nope",
        ),
        ("{Type: AWS::S3::Bucket, Properties: {BucketName: x}}", "The specified bucket is not valid."),
    ],
    ids=["extraneous", "missing", "not modelled", "attribute", "the service's own"],
)
def test_a_resource_that_cannot_be_says_why(sandbox: Sandbox, resource: str, said: str) -> None:
    stack = create(sandbox, "wrong", f"Resources: {{One: {resource}, Other: {{Type: AWS::SQS::Queue}}}}")
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    events = sandbox.client("cloudformation").describe_stack_events(StackName="wrong")["StackEvents"]
    assert said in next(one["ResourceStatusReason"] for one in events if one["ResourceStatus"] == "CREATE_FAILED")
    sandbox.client("cloudformation").delete_stack(StackName="wrong")


def test_a_change_set_shows_what_it_would_do_and_does_it(sandbox: Sandbox) -> None:
    stacks = sandbox.client("cloudformation")
    one, two = "Resources: {Q: {Type: AWS::SQS::Queue}}", "Resources: {T: {Type: AWS::SNS::Topic}}"
    stacks.create_change_set(StackName="seen", ChangeSetName="first", ChangeSetType="CREATE", TemplateBody=one)
    shown = stacks.describe_change_set(StackName="seen", ChangeSetName="first")
    assert (shown["Status"], shown["ExecutionStatus"]) == ("CREATE_COMPLETE", "AVAILABLE")
    assert stacks.describe_stacks(StackName="seen")["Stacks"][0]["StackStatus"] == "REVIEW_IN_PROGRESS"
    stacks.execute_change_set(StackName="seen", ChangeSetName="first")
    stacks.create_change_set(StackName="seen", ChangeSetName="second", TemplateBody=two)
    changes = stacks.describe_change_set(StackName="seen", ChangeSetName="second")["Changes"]
    told = [(change["ResourceChange"]["Action"], change["ResourceChange"]["LogicalResourceId"]) for change in changes]
    assert told == [("Add", "T"), ("Remove", "Q")]
    stacks.execute_change_set(StackName="seen", ChangeSetName="second")
    assert [
        one["LogicalResourceId"] for one in stacks.list_stack_resources(StackName="seen")["StackResourceSummaries"]
    ] == ["T"]
    with pytest.raises(ClientError, match="cannot be executed in its current status"):
        stacks.execute_change_set(StackName="seen", ChangeSetName="second")
    stacks.create_change_set(StackName="seen", ChangeSetName="third", TemplateBody=two)
    third = stacks.describe_change_set(StackName="seen", ChangeSetName="third")
    assert third["Status"] == "FAILED" and "didn't contain changes" in third["StatusReason"]


def test_a_custom_resource_that_does_not_answer_fails_its_stack(sandbox: Sandbox) -> None:
    sandbox.deploy("def handler(event, context):\n    return 'nothing sent'\n", name="silent")
    arn = arn_of(sandbox, "silent")
    stack = create(
        sandbox, "waiting", f"Resources: {{C: {{Type: 'Custom::X', Properties: {{ServiceToken: '{arn}'}}}}}}"
    )
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    events = sandbox.client("cloudformation").describe_stack_events(StackName="waiting")["StackEvents"]
    assert any(
        "did not receive a response from your Custom Resource" in one.get("ResourceStatusReason", "") for one in events
    )


def test_the_command_says_what_it_did(sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    template = tmp_path / "hello-there" / "template.yaml"
    template.parent.mkdir()
    template.write_text(
        "Parameters: {T: {Type: String}}\nResources: {Q: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref T}}}"
    )
    at = ["--endpoint", sandbox.endpoint_url]
    assert main(["deploy", str(template), *at]) == 1
    assert capsys.readouterr().err == "Parameters: [T] must have values\n"
    assert main(["deploy", str(template), "--parameter", "T=jobs", *at]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "CREATE_IN_PROGRESS   hello-there (CloudFormation::Stack)",
        "CREATE_IN_PROGRESS   Q (SQS::Queue)",
        "CREATE_COMPLETE      Q (SQS::Queue)",
        "CREATE_COMPLETE      hello-there (CloudFormation::Stack)",
        "hello-there: CREATE_COMPLETE",
    ]
    assert main(["deploy", str(template), *at]) == 0  # parameters stay what they were
    assert "No changes to deploy." in capsys.readouterr().out
    template.write_text("Resources: {Q: {Type: AWS::Lambda::Version, Properties: {FunctionName: nobody}}}")
    assert main(["deploy", str(template), "--stack-name", "late", *at]) == 1
    said = capsys.readouterr().out
    assert "CREATE_FAILED        Q (Lambda::Version)\n    Resource handler returned message" in said
    assert max(map(len, said.splitlines())) <= 80 and said.endswith("late: ROLLBACK_COMPLETE\n")
    assert main(["deploy", str(template), "--endpoint", "http://127.0.0.1:9"]) == 1
    assert "Start a sandbox" in capsys.readouterr().err
    assert main(["deploy", str(template), "--endpoint", "https://example.com"]) == 1
    assert "is not on this machine" in capsys.readouterr().err
    assert main(["deploy", str(tmp_path / "nothing.yaml")]) == 2


def test_every_other_event_of_sam_is_made_and_unmade(sandbox: Sandbox) -> None:
    deployed(sandbox, "every_event")
    resources = sandbox.client("cloudformation").describe_stack_resources(StackName="every-event")["StackResources"]
    ids = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in resources}
    group = ids["G"]
    sandbox.client("logs").create_log_stream(logGroupName=group, logStreamName="s")
    moment = {"timestamp": round(sandbox.clock.now() * 1000), "message": "ERROR here"}
    sandbox.client("logs").put_log_events(logGroupName=group, logStreamName="s", logEvents=[moment])
    sandbox.client("kinesis").put_record(StreamName=ids["K"], Data=b"x", PartitionKey="p")
    sandbox.client("dynamodb").put_item(TableName=ids["T"], Item={"id": {"S": "1"}})
    sandbox.client("events").put_events(Entries=[{"Source": "my.app", "DetailType": "d", "Detail": "{}"}])
    run = sandbox.client("stepfunctions").start_execution(stateMachineArn=ids["M"], input="{}")["executionArn"]
    sandbox.settle()
    assert sandbox.client("stepfunctions").describe_execution(executionArn=run)["output"] == '"hi"'
    assert len(sandbox.journal(function=ids["F"], kind="invocation.answered")) == 6  # a schedule's rate begins at once
    sandbox.client("cloudformation").delete_stack(StackName="every-event")
    assert story_of_deleted(sandbox, "every-event")[-1] == ("every-event", "DELETE_COMPLETE")


def test_where_exercises_are_judged_nobody_learns_the_owners_key() -> None:
    """The address that a custom resource is given is signed: whoever reads it could sign as well."""
    sealed = empty_sandbox()
    arn = sealed.deploy("def handler(event, context): pass\n", name="curious").arn
    stack = create(sealed, "c", f"Resources: {{C: {{Type: 'Custom::X', Properties: {{ServiceToken: '{arn}'}}}}}}")
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert len(sealed.journal(function="curious", kind="invocation.started")) == 0
