"""`deploy template.yaml`: what `aws cloudformation package` and `aws cloudformation deploy` do, in one command.

    deploy("template.yaml", "http://127.0.0.1:4566", stack_name="hello", parameters={"Stage": "dev"})

Folders that the template names go to a bucket as zips, and their places into the template: its file stays as it is, so
that it deploys to AWS unchanged.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lambda_sandbox import aws_variables
from lambda_sandbox.packaging import CannotPackage, read, zip_of
from lambda_sandbox.templates.api import LONGEST_BODY
from lambda_sandbox.templates.template import parse
from lambda_sandbox.wire import AwsError

_FOLDERS = {  # resource type -> property that may name a folder, and whether it becomes a URI or a bucket and a key
    "AWS::Serverless::Function": ("CodeUri", str),
    "AWS::Serverless::LayerVersion": ("ContentUri", str),
    "AWS::Lambda::Function": ("Code", dict),
    "AWS::Lambda::LayerVersion": ("Content", dict),
    "AWS::Serverless::StateMachine": ("DefinitionUri", str),
}
_HAS_CODE = {"CodeUri", "InlineCode", "ImageUri"}  # else it is the template's own folder
_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]


class CannotDeploy(Exception):
    """What is wrong with the template, in a sentence."""


def sandbox_client(endpoint_url: str, region: str) -> Callable[[str], Any]:
    """boto3 clients of a sandbox on this machine, with nobody's keys. Raises CannotDeploy for any other address."""
    host = urlsplit(endpoint_url).hostname or ""
    if host != "localhost" and not host.startswith("127."):
        raise CannotDeploy(f"{endpoint_url} is not on this machine. For AWS, use AWS's own tools.")
    from botocore.config import Config

    session = aws_variables.own_session()
    config = Config(proxies={}, retries={"max_attempts": 0}, read_timeout=900)
    return lambda service: session.create_client(service, region, endpoint_url=endpoint_url, config=config)


def deploy(
    path: str | Path,
    client: Callable[[str], Any],
    *,
    stack_name: str,
    parameters: Mapping[str, str],
    say: Callable[[str], object] = print,
) -> bool:
    """Creates or updates the stack, and says what happened; whether all of it is there. Raises CannotDeploy."""
    from botocore.exceptions import ClientError

    cloudformation = client("cloudformation")
    try:
        template = packaged(Path(path), client("s3"), say)
        before = _there(cloudformation, stack_name)
        if before.get("StackStatus") in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"):
            say(f"{stack_name} came to nothing before ({before['StackStatus']}): what is left of it is deleted.")
            cloudformation.delete_stack(StackName=stack_name)
            before = {}
        seen = {event["EventId"] for event in _events(cloudformation, stack_name)} if before else set()
        declared = template.get("Parameters") or {}
        kept = [name for name in before.get("Parameters", []) if name in declared and name not in parameters]
        values: list[dict[str, Any]] = [
            {"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()
        ]
        given = {
            "StackName": stack_name,
            **_template(json.dumps(template), client("s3")),
            "Capabilities": _CAPABILITIES,
            "Parameters": values + [{"ParameterKey": name, "UsePreviousValue": True} for name in kept],
        }
        try:
            (cloudformation.update_stack if before else cloudformation.create_stack)(**given)
        except ClientError as error:
            if "No updates are to be performed" not in str(error):
                raise
            say("No changes to deploy.")
        else:
            _wait(cloudformation.get_waiter(f"stack_{'update' if before else 'create'}_complete"), stack_name)
    except ClientError as error:
        raise CannotDeploy(error.response["Error"]["Message"]) from None
    for event in _events(cloudformation, stack_name):
        if event["EventId"] not in seen:
            for line in _shown(event):
                say(line)
    stack = cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]
    for output in stack.get("Outputs", []):
        say(f"{output['OutputKey']} = {output['OutputValue']}")
    say(f"{stack_name}: {stack['StackStatus']}")
    return stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE")


def packaged(path: Path, s3: Any, say: Callable[[str], object] = print) -> dict[str, Any]:
    """The template, its local folders replaced by where they are in a bucket. Raises CannotDeploy."""
    try:
        template = parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise CannotDeploy(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'not UTF-8 text'}.") from None
    except AwsError as error:
        raise CannotDeploy(error.message) from None
    function = (template.get("Globals") or {}).get("Function") or {}
    if "CodeUri" in function:
        function["CodeUri"] = _uploaded(path.parent, function["CodeUri"], str, s3, say)
    for logical, resource in template["Resources"].items():
        name, form = _FOLDERS.get(resource["Type"], ("", str))
        properties = resource.get("Properties") or {}
        if name in properties:
            properties[name] = _uploaded(path.parent, properties[name], form, s3, say)
        elif resource["Type"] == "AWS::Serverless::Function" and not _HAS_CODE & {*properties, *function}:
            if "Image" in (properties.get("PackageType"), function.get("PackageType")):
                raise CannotDeploy(
                    f"{logical} has no ImageUri. No image is built here: make one with sandbox.push_image, and give "
                    "the template what that returns."
                )
            resource["Properties"] = {**properties, "CodeUri": _uploaded(path.parent, ".", str, s3, say)}
    return template


def _uploaded(beside: Path, source: Any, form: type, s3: Any, say: Callable[[str], object]) -> Any:
    """Where a folder, a zip or a file is in the bucket; what is no path of this machine stays as it is."""
    if not isinstance(source, str) or source.startswith(("s3://", "https://")):
        return source
    place = beside / source
    try:
        zipped = place.suffix == ".zip" and place.is_file()
        archive = place.read_bytes() if zipped or place.suffix == ".json" else zip_of(read(place)[0])
    except CannotPackage as error:
        raise CannotDeploy(str(error)) from None
    bucket, key = _put(s3, archive)
    say(f"{source}: {len(archive):,} bytes zipped")
    return f"s3://{bucket}/{key}" if form is str else {"S3Bucket": bucket, "S3Key": key}


def _template(text: str, s3: Any) -> dict[str, str]:
    """A long template goes by a bucket too."""
    if len(text) <= LONGEST_BODY:
        return {"TemplateBody": text}
    bucket, key = _put(s3, text.encode())
    return {"TemplateURL": f"{s3.meta.endpoint_url}/{bucket}/{key}"}


def _put(s3: Any, body: bytes) -> tuple[str, str]:
    """Puts an object under the hash of its bytes; answers bucket and key."""
    bucket, key = f"lambda-sandbox-packages-{s3.meta.region_name}", hashlib.sha256(body).hexdigest()[:32]
    where = {"LocationConstraint": s3.meta.region_name}
    s3.create_bucket(
        Bucket=bucket, **({} if s3.meta.region_name == "us-east-1" else {"CreateBucketConfiguration": where})
    )
    s3.put_object(Bucket=bucket, Key=key, Body=body)
    return bucket, key


def _there(cloudformation: Any, name: str) -> dict[str, Any]:
    from botocore.exceptions import ClientError

    try:
        stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError:
        return {}
    return {**stack, "Parameters": {one["ParameterKey"] for one in stack.get("Parameters", [])}}


def _events(cloudformation: Any, name: str) -> list[dict[str, Any]]:
    """Oldest first."""
    pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=name)
    return [event for page in pages for event in page["StackEvents"]][::-1]


def _wait(waiter: Any, name: str) -> None:
    from botocore.exceptions import WaiterError

    try:
        waiter.wait(StackName=name, WaiterConfig={"Delay": 2, "MaxAttempts": 300})
    except WaiterError:
        return  # the events and the status say it


def _shown(event: Mapping[str, Any]) -> Iterator[str]:
    """An event in the terminal's width: status, name, type; its reason below, indented."""
    columns = max(shutil.get_terminal_size((80, 24)).columns, 40)
    kind = event["ResourceType"].removeprefix("AWS::")
    yield f"{event['ResourceStatus']:<20} {event['LogicalResourceId']} ({kind})"[:columns].rstrip()
    reason, rolls_back = event.get("ResourceStatusReason", ""), event["ResourceStatus"].endswith("ROLLBACK_IN_PROGRESS")
    if event["ResourceStatus"].endswith("FAILED") or (rolls_back and not reason.startswith("The following")):
        yield from textwrap.wrap(reason, columns, initial_indent="    ", subsequent_indent="    ")
