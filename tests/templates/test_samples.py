"""Templates of the usual kinds, as strangers write them, run as they are."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from lambda_sandbox import Sandbox
from lambda_sandbox.deploying import CannotDeploy
from tests.templates.deploying import arn_of, ask, create, deployed, story_of_deleted


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock="virtual", seed=6) as sandbox:
        yield sandbox


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
