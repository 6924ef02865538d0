"""Stacks as tests make and look at them, by boto3."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

from lambda_sandbox import Sandbox
from lambda_sandbox.deploying import deploy

SAMPLES = Path(__file__).parent / "samples"
ALL = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]


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


def story_of_deleted(sandbox: Sandbox, name: str) -> list[tuple[str, str]]:
    stacks = sandbox.client("cloudformation").list_stacks()["StackSummaries"]
    return story(sandbox, next(stack["StackId"] for stack in stacks if stack["StackName"] == name))


def arn_of(sandbox: Sandbox, function: str) -> str:
    return str(sandbox.client("lambda").get_function(FunctionName=function)["Configuration"]["FunctionArn"])


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
