"""The checks of 17/template: the template is made into stacks, used, and deleted."""

from botocore.exceptions import ClientError

from lambda_sandbox.workbook.checks import require, task


def make(sandbox, template, name, says="template.rolled-back"):
    """A stack that is complete."""
    client = sandbox.client("cloudformation")
    try:
        client.create_stack(StackName=name, TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"])
    except ClientError as error:
        text = error.response["Error"]["Message"]
        require(False, says="template.refused", expected="a stack", got=text, text=text)
    events = client.describe_stack_events(StackName=name)["StackEvents"]
    failed = [event for event in reversed(events) if event["ResourceStatus"] == "CREATE_FAILED"]
    if failed:
        why, resource = failed[0].get("ResourceStatusReason", "").partition(" (Service")[0], failed[0]["LogicalResourceId"]
        require(False, says=says, expected="CREATE_COMPLETE", got=why, resource=resource, reason=why)


def copied(sandbox, s3, name, key):
    """Puts a file into the inbox of a stack, and looks into its outbox."""
    s3.put_object(Bucket=f"{name}-inbox", Key=key, Body=b"words")
    sandbox.settle()
    there = [entry["Key"] for entry in s3.list_objects_v2(Bucket=f"{name}-outbox").get("Contents", [])]
    require(key in there, says="template.no-copy", expected=key, got=there)


@task(1)
def test_makes_a_copier(function, sandbox, s3, rng):
    name = rng.choice(["letters", "papers", "forms"])
    make(sandbox, function.invoke({}), name)
    copied(sandbox, s3, name, "one.txt")


@task(2)
def test_makes_two(function, sandbox, s3):
    template = function.invoke({})
    make(sandbox, template, "first")
    make(sandbox, template, "second", says="template.no-second")
    copied(sandbox, s3, "second", "two.txt")


@task(3)
def test_keeps_the_copies(function, sandbox, s3):
    make(sandbox, function.invoke({}), "archive")
    copied(sandbox, s3, "archive", "three.txt")
    s3.delete_object(Bucket="archive-inbox", Key="three.txt")
    client = sandbox.client("cloudformation")
    client.delete_stack(StackName="archive")
    (stack,) = client.list_stacks()["StackSummaries"]
    reason = stack.get("StackStatusReason", "")
    kept = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    require(stack["StackStatus"] == "DELETE_COMPLETE", says="template.not-deleted", expected="deleted", got=reason, reason=reason)
    require("archive-outbox" in kept, says="template.copies-gone", expected="archive-outbox", got=kept)
