"""Stacks, by boto3: updates, failures, refusals, deletions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambda_sandbox import Sandbox
from lambda_sandbox.__main__ import main
from lambda_sandbox.deploying import CannotDeploy, packaged
from lambda_sandbox.workbook.fixtures import empty_sandbox
from tests.templates.deploying import ALL, arn_of, create, outputs, story

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


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock="virtual", seed=5) as sandbox:
        yield sandbox


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


def test_a_function_of_an_image_is_made_and_changed(sandbox: Sandbox, tmp_path: Path) -> None:
    recipe = "FROM public.ecr.aws/lambda/python:3.13\nCOPY app.py ./\n"
    source = "def a(event, context):\n    return 'a'\n\ndef b(event, context):\n    return 'b'\n"
    for tag in "ab":
        sandbox.push_image({"Dockerfile": f'{recipe}CMD ["app.{tag}"]\n', "app.py": source}, f"letters:{tag}")
    uri = "123456789012.dkr.ecr.us-east-1.amazonaws.com/letters"

    def template(tag: str, **more: object) -> str:
        sam = {"Type": "AWS::Serverless::Function", "Properties": {"PackageType": "Image", "FunctionName": "letter"}}
        sam["Properties"] |= {"ImageUri": f"{uri}:{tag}", **more}  # type: ignore[operator]
        return json.dumps({"Transform": "AWS::Serverless-2016-10-31", "Resources": {"Letter": sam}})

    def said() -> object:
        return json.load(sandbox.client("lambda").invoke(FunctionName="letter")["Payload"])

    stacks = sandbox.client("cloudformation")
    assert create(sandbox, "letters", template("a"))["StackStatus"] == "CREATE_COMPLETE"
    assert said() == "a"
    for changed, answer in ((template("b"), "b"), (template("b", ImageConfig={"Command": ["app.a"]}), "a")):
        stacks.update_stack(StackName="letters", TemplateBody=changed, Capabilities=ALL)
        assert said() == answer
    stacks.update_stack(StackName="letters", TemplateBody=template("b"), Capabilities=ALL)
    assert said() == "b"
    (tmp_path / "template.json").write_text(template("a").replace("ImageUri", "Description"))
    with pytest.raises(CannotDeploy, match=r"Letter has no ImageUri\. No image is built here"):
        packaged(tmp_path / "template.json", sandbox.client("s3"))


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


def test_where_exercises_are_judged_nobody_learns_the_owners_key() -> None:
    """The address that a custom resource is given is signed: whoever reads it could sign as well."""
    sealed = empty_sandbox()
    arn = sealed.deploy("def handler(event, context): pass\n", name="curious").arn
    stack = create(sealed, "c", f"Resources: {{C: {{Type: 'Custom::X', Properties: {{ServiceToken: '{arn}'}}}}}}")
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert len(sealed.journal(function="curious", kind="invocation.started")) == 0
