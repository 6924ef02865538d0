"""Change sets, and how stacks look in CloudFormation's answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lambda_sandbox.templates import template as templates
from lambda_sandbox.templates.stacks import Stack
from lambda_sandbox.templates.template import Template


@dataclass
class ChangeSet:
    id: str
    name: str
    type: str  # CREATE or UPDATE
    stack: Stack
    text: str
    template: Template | None
    parameters: dict[str, str]
    values: Mapping[str, Any]
    capabilities: list[str]
    tags: dict[str, str]
    created: float
    status: str
    execution: str
    reason: str | None
    changes: list[dict[str, Any]]


def described(stack: Stack) -> dict[str, Any]:
    hidden = {name for name, about in (stack.template.get("Parameters") or {}).items() if about.get("NoEcho")}
    shown = {name: stack.values[name] for name in stack.template.get("Parameters") or {}}
    return {
        "StackId": stack.id,
        "StackName": stack.name,
        "Description": stack.template.get("Description"),
        "TemplateDescription": stack.template.get("Description"),
        "CreationTime": stack.created,
        "LastUpdatedTime": stack.updated,
        "DeletionTime": stack.deleted,
        "StackStatus": stack.status,
        "StackStatusReason": stack.reason,
        "Capabilities": stack.capabilities,
        "EnableTerminationProtection": stack.protected,
        "Outputs": stack.outputs,
        "Parameters": [
            {
                "ParameterKey": name,
                "ParameterValue": "****" if name in hidden else ",".join(value) if isinstance(value, list) else value,
            }
            for name, value in shown.items()
        ],
        "Tags": [{"Key": key, "Value": value} for key, value in stack.tags.items()],
        "DisableRollback": False,
    }


def resources(stack: Stack) -> Iterator[dict[str, Any]]:
    for one in stack.resources.values():
        yield {
            "StackId": stack.id,
            "StackName": stack.name,
            "LogicalResourceId": one.logical,
            "PhysicalResourceId": one.made.ref,
            "ResourceType": one.type,
            "ResourceStatus": one.status,
            "Timestamp": one.at,
            "LastUpdatedTimestamp": one.at,
        }


def summary(one: ChangeSet) -> dict[str, Any]:
    return {
        "ChangeSetName": one.name,
        "ChangeSetId": one.id,
        "StackId": one.stack.id,
        "StackName": one.stack.name,
        "CreationTime": one.created,
        "Status": one.status,
        "ExecutionStatus": one.execution,
        "StatusReason": one.reason,
    }


def changes(stack: Stack, template: Template, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What would be added, modified and removed, by what the templates say."""
    now, then = stack.template["Resources"], template["Resources"]
    changed = {name for name in values if values[name] != stack.values.get(name)}

    def action(name: str) -> str | None:
        if name not in now:
            return "Add"
        if name not in then:
            return "Remove"
        touched = any(ref in changed for ref, _ in templates.references(then[name]))
        return "Modify" if now[name] != then[name] or touched else None

    return [
        {
            "Type": "Resource",
            "ResourceChange": {
                "Action": action(name),
                "LogicalResourceId": name,
                "ResourceType": (then.get(name) or now[name])["Type"],
                **({"PhysicalResourceId": stack.resources[name].made.ref} if name in stack.resources else {}),
            },
        }
        for name in [*then, *(name for name in now if name not in then)]
        if action(name)
    ]
