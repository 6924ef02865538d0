"""CloudFormation's operations: stacks, change sets, templates, exports.

    cloudformation = CloudFormation(endpoint_url="http://127.0.0.1:4566", account=…, now=…, new_id=…)
    response = await cloudformation.answer(request)

Stacks have a thread to themselves: one at a time, and none of the loop's, to which all they ask goes back as requests.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import unquote, urlsplit

from botocore.config import Config

from lambda_sandbox.aws_variables import NOBODY, own_session
from lambda_sandbox.templates import protocol, sam
from lambda_sandbox.templates import template as templates
from lambda_sandbox.templates.kinds import Known, unmodelled
from lambda_sandbox.templates.resource import Aws, CannotMake
from lambda_sandbox.templates.shown import ChangeSet, changes, described, resources, summary
from lambda_sandbox.templates.stacks import Stack, Work
from lambda_sandbox.templates.template import Template, refused
from lambda_sandbox.wire import AwsError, Request, Response

Given = Mapping[str, Any]
LONGEST_BODY = 51_200  # bytes of a template in the request itself (CloudFormation User Guide, quotas)

_REGION = re.compile(r"Credential=[^/]*/\d+/([a-z0-9-]+)/")
_NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")


class CloudFormation:
    """All stacks of all Regions."""

    def __init__(
        self,
        *,
        endpoint_url: str,
        account: str,
        now: Callable[[], float],
        new_id: Callable[[], str],
        only: str | None = None,
    ) -> None:
        """only: the key of a sealed sandbox's owner, in whose name all stacks are made."""
        self._sealed = only is not None
        self._endpoint_url, self._account, self._now, self._new_id = endpoint_url, account, now, new_id
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="stacks")
        self._session = own_session(only or NOBODY)
        self._clients: dict[tuple[str, str], Any] = {}
        self._forget()

    async def answer(self, request: Request) -> Response:
        """Answers a request; refusals speak its protocol."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._answer, request)

    async def reset(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._forget)

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _forget(self) -> None:
        self._stacks: dict[str, Stack] = {}  # by id, deleted ones too, oldest first
        self._change_sets: dict[str, ChangeSet] = {}

    def _answer(self, request: Request) -> Response:
        request_id = self._new_id()
        try:
            operation, given = protocol.read(request)
            handler = _OPERATIONS.get(operation.name)
            if handler is None:
                text = f"The sandbox does not model {operation.name} of CloudFormation."
                raise AwsError("NotModelledBySandbox", 501, text)
            signed = _REGION.search(request.headers.get("authorization", ""))
            made = handler(self, signed[1] if signed else "us-east-1", given)
            return protocol.answer(operation, made or {}, request_id)
        except AwsError as error:
            return protocol.error(error, request_id)

    # -- stacks

    def create_stack(self, region: str, given: Given) -> Given:
        name = given["StackName"]
        if not _NAME.fullmatch(name):
            raise refused(
                f"1 validation error detected: Value '{name}' at 'stackName' failed to satisfy constraint: "
                "Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
            )
        if (there := self._find(region, name)) and there.status != "REVIEW_IN_PROGRESS":
            raise AwsError("AlreadyExistsException", 400, f"Stack [{name}] already exists")
        parameters = _pairs(given.get("Parameters"), {})
        stack = self._new_stack(region, name)
        text, template, values = self._prepared(region, stack, given, parameters)
        self._stacks[stack.id] = stack
        stack.parameters, stack.tags = parameters, _tags(given)
        stack.capabilities, stack.protected = (
            list(given.get("Capabilities", [])),
            _flag(given, "EnableTerminationProtection"),
        )
        on_failure = "DO_NOTHING" if _flag(given, "DisableRollback") else given.get("OnFailure", "ROLLBACK")
        self._work(region, stack).create(text, template, values, on_failure)
        return {"StackId": stack.id}

    def update_stack(self, region: str, given: Given) -> Given:
        stack = self._stack(region, given["StackName"])
        if stack.status.startswith("ROLLBACK") or stack.status in ("CREATE_FAILED", "REVIEW_IN_PROGRESS"):
            raise refused(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")
        parameters = _pairs(given.get("Parameters"), stack.parameters)
        text, template, values = self._prepared(region, stack, given, parameters)
        if template == stack.template and values == stack.values and _tags(given) in ({}, stack.tags):
            raise refused("No updates are to be performed.")
        stack.parameters, stack.tags = parameters, _tags(given) or stack.tags
        stack.capabilities = list(given.get("Capabilities", []))
        self._work(region, stack).update(text, template, values)
        return {"StackId": stack.id}

    def delete_stack(self, region: str, given: Given) -> None:
        stack = self._find(region, given["StackName"])
        if stack is None or stack.deleted:
            return
        if stack.protected:
            raise refused(f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled")
        for output in stack.outputs:
            if users := [other.name for other in self._users(region, output.get("ExportName"), stack)]:
                raise refused(f"Export {output['ExportName']} cannot be deleted as it is in use by {', '.join(users)}")
        self._work(region, stack).delete()

    def describe_stacks(self, region: str, given: Given) -> Given:
        if "StackName" in given:
            return {"Stacks": [described(self._stack(region, given["StackName"]))]}
        return {"Stacks": [described(stack) for stack in self._of(region)]}

    def list_stacks(self, region: str, given: Given) -> Given:
        wanted = given.get("StackStatusFilter", [])
        stacks = [stack for stack in self._of(region, deleted=True) if not wanted or stack.status in wanted]
        return {"StackSummaries": [described(stack) for stack in stacks]}

    def describe_stack_events(self, region: str, given: Given) -> Given:
        return {"StackEvents": self._stack(region, given["StackName"]).events[::-1]}

    def describe_stack_resources(self, region: str, given: Given) -> Given:
        stack = self._stack(region, given["StackName"])
        wanted = given.get("LogicalResourceId")
        return {"StackResources": [one for one in resources(stack) if wanted in (None, one["LogicalResourceId"])]}

    def describe_stack_resource(self, region: str, given: Given) -> Given:
        stack, name = self._stack(region, given["StackName"]), given["LogicalResourceId"]
        for one in resources(stack):
            if one["LogicalResourceId"] == name:
                return {"StackResourceDetail": one}
        raise refused(f"Resource {name} does not exist for stack {stack.name}")

    def list_stack_resources(self, region: str, given: Given) -> Given:
        return {"StackResourceSummaries": list(resources(self._stack(region, given["StackName"])))}

    # -- templates

    def get_template(self, region: str, given: Given) -> Given:
        stack = self._stack(region, given["StackName"])
        processed = given.get("TemplateStage") == "Processed"
        return {
            "TemplateBody": json.dumps(stack.template) if processed else stack.text,
            "StagesAvailable": ["Original", "Processed"],
        }

    def validate_template(self, region: str, given: Given) -> Given:
        template = templates.parse(self._text(region, given))
        if not sam.transforms(template):
            templates.check(template, Known(), unmodelled)
        declared = template.get("Parameters") or {}
        return {
            **({"Description": template["Description"]} if "Description" in template else {}),
            "Parameters": [
                {
                    "ParameterKey": name,
                    "DefaultValue": about.get("Default"),
                    "NoEcho": bool(about.get("NoEcho")),
                    "Description": about.get("Description"),
                }
                for name, about in declared.items()
            ],
            "Capabilities": _capabilities(template),
            "DeclaredTransforms": sam.transforms(template),
        }

    def get_template_summary(self, region: str, given: Given) -> Given:
        if "StackName" in given:
            given = {**given, "TemplateBody": self._stack(region, given["StackName"]).text}
        template = templates.parse(self._text(region, given))
        about = self.validate_template(region, given)
        types = sorted({resource["Type"] for resource in template["Resources"].values()})
        kinds = {name: one.get("Type", "String") for name, one in (template.get("Parameters") or {}).items()}
        listed = [{**one, "ParameterType": kinds[one["ParameterKey"]]} for one in about["Parameters"]]
        return {**about, "Parameters": listed, "ResourceTypes": types}

    def list_exports(self, region: str, given: Given) -> Given:
        return {
            "Exports": [
                {"ExportingStackId": stack.id, "Name": output["ExportName"], "Value": output["OutputValue"]}
                for stack in self._of(region)
                for output in stack.outputs
                if "ExportName" in output
            ]
        }

    # -- change sets

    def create_change_set(self, region: str, given: Given) -> Given:
        name, kind = given["StackName"], given.get("ChangeSetType", "UPDATE")
        if not _NAME.fullmatch(given["ChangeSetName"]):
            raise refused(f"Invalid change set name: {given['ChangeSetName']}")
        stack = self._find(region, name)
        if kind == "CREATE" and stack and stack.status != "REVIEW_IN_PROGRESS":
            again = f"already exists and cannot be created again with the changeSet [{given['ChangeSetName']}]."
            raise refused(f"Stack [{name}] {again}")
        if kind == "UPDATE" and not stack:
            raise refused(f"Stack [{name}] does not exist")
        stack = stack or self._new_stack(region, name)
        parameters = _pairs(given.get("Parameters"), stack.parameters)
        capabilities = [*given.get("Capabilities", []), "CAPABILITY_AUTO_EXPAND"]
        values: dict[str, Any] = {}
        template, text, reason = None, "", None
        try:
            text, template, values = self._prepared(region, stack, {**given, "Capabilities": capabilities}, parameters)
        except AwsError as error:
            if not error.message.startswith("Transform "):
                raise
            reason = error.message  # a transform that fails is told by the change set itself
        told = changes(stack, template or {"Resources": {}}, values) if template else []
        if template and kind == "UPDATE" and template == stack.template and values == stack.values:
            reason = (
                "The submitted information didn't contain changes. Submit different information to create a change set."
            )
        self._stacks.setdefault(stack.id, stack)
        arn = f"arn:aws:cloudformation:{region}:{self._account}:changeSet/{given['ChangeSetName']}/{self._new_id()}"
        self._change_sets[arn] = ChangeSet(
            id=arn,
            name=given["ChangeSetName"],
            type=kind,
            stack=stack,
            text=text,
            template=template,
            parameters=parameters,
            values=values,
            capabilities=list(given.get("Capabilities", [])),
            tags=_tags(given),
            created=self._now(),
            status="FAILED" if reason else "CREATE_COMPLETE",
            execution="UNAVAILABLE" if reason else "AVAILABLE",
            reason=reason,
            changes=told,
        )
        return {"Id": arn, "StackId": stack.id}

    def describe_change_set(self, region: str, given: Given) -> Given:
        one = self._change_set(region, given)
        return {
            **summary(one),
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in one.parameters.items()],
            "Capabilities": one.capabilities,
            "Tags": [{"Key": key, "Value": value} for key, value in one.tags.items()],
            "Changes": one.changes,
        }

    def list_change_sets(self, region: str, given: Given) -> Given:
        stack = self._stack(region, given["StackName"])
        return {"Summaries": [summary(one) for one in self._change_sets.values() if one.stack is stack]}

    def execute_change_set(self, region: str, given: Given) -> None:
        one = self._change_set(region, given)
        if one.execution != "AVAILABLE" or one.template is None:
            raise AwsError(
                "InvalidChangeSetStatus",
                400,
                f"ChangeSet [{one.id}] cannot be executed in its current status of [{one.status}]",
            )
        stack, one.execution = one.stack, "EXECUTE_COMPLETE"
        stack.parameters, stack.tags, stack.capabilities = one.parameters, one.tags or stack.tags, one.capabilities
        work = self._work(region, stack)
        if one.type == "CREATE":
            work.create(one.text, one.template, one.values, given.get("OnStackFailure", "ROLLBACK"))
        else:
            work.update(one.text, one.template, one.values)

    def delete_change_set(self, region: str, given: Given) -> None:
        del self._change_sets[self._change_set(region, given).id]

    # -- what they share

    def _prepared(
        self, region: str, stack: Stack, given: Given, parameters: Mapping[str, str]
    ) -> tuple[str, Template, dict[str, Any]]:
        """The text that was given, the template it comes to, and the values that its functions may name."""
        text = stack.text if _flag(given, "UsePreviousTemplate") else self._text(region, given)
        template = templates.parse(text)
        try:
            return text, *self._checked(region, stack, template, set(given.get("Capabilities", [])), parameters)
        except (TypeError, AttributeError, ValueError, LookupError, RecursionError) as error:
            raise refused(f"Template format error: a section of the template has the wrong form ({error}).") from None

    def _checked(
        self, region: str, stack: Stack, template: Template, capabilities: set[str], parameters: Mapping[str, str]
    ) -> tuple[Template, dict[str, Any]]:
        values = self._values(region, stack, template, templates.parameters(template, parameters))
        if sam.transforms(template) and "CAPABILITY_AUTO_EXPAND" not in capabilities:
            raise _insufficient("CAPABILITY_AUTO_EXPAND")
        templates.check_rules(template, values)
        only = {name: values[name] for name in template.get("Parameters") or {}}
        made = sam.transformed(template, only, region, lambda: self._managed_policies(region))
        templates.check(made, Known(), unmodelled)
        templates.check_conditions(made, values)
        if (needed := _capabilities(made)) and not capabilities & {*needed, "CAPABILITY_NAMED_IAM"}:
            raise _insufficient(needed[0])
        return made, values

    def _values(self, region: str, stack: Stack, template: Template, parameters: dict[str, Any]) -> dict[str, Any]:
        for name, about in (template.get("Parameters") or {}).items():
            if about.get("Type", "").startswith("AWS::SSM::Parameter::Value"):
                try:
                    found = self._aws(region)("ssm", "GetParameter", Name=parameters[name])["Parameter"]["Value"]
                except CannotMake:
                    what = f"Unable to fetch parameters [{parameters[name]}] from parameter store for this account."
                    raise refused(what) from None
                parameters[name] = found.split(",") if "List<" in about["Type"] else found
        pseudo = {
            "AWS::AccountId": self._account,
            "AWS::NotificationARNs": [],
            "AWS::Partition": "aws",
            "AWS::Region": region,
            "AWS::StackId": stack.id,
            "AWS::StackName": stack.name,
            "AWS::URLSuffix": "amazonaws.com",
        }
        return {**pseudo, **parameters}

    def _text(self, region: str, given: Given) -> str:
        if "TemplateBody" in given:
            body = str(given["TemplateBody"])
            if len(body.encode()) > LONGEST_BODY:
                what = f"failed to satisfy constraint: Member must have length less than or equal to {LONGEST_BODY}"
                raise refused(f"1 validation error detected: Value at 'templateBody' {what}")
            return body
        if "TemplateURL" not in given:
            raise refused("Either Template URL or Template Body must be specified.")
        url = urlsplit(given["TemplateURL"])
        bucket, key = unquote(url.path).lstrip("/").partition("/")[::2]
        if named := re.match(r"(.+)\.s3[.-]", url.netloc):
            bucket, key = named[1], unquote(url.path).lstrip("/")
        try:
            found: bytes = self._aws(region)("s3", "GetObject", Bucket=bucket, Key=key)["Body"].read()
        except CannotMake as error:
            raise refused(f"S3 error: {error.message}") from None
        return found.decode("utf-8", "replace")

    def _new_stack(self, region: str, name: str) -> Stack:
        arn = f"arn:aws:cloudformation:{region}:{self._account}:stack/{name}/{self._new_id()}"
        return Stack(arn, name, self._now())

    def _find(self, region: str, name: str) -> Stack | None:
        """A stack by its name, or by its id, also when it is deleted."""
        found = self._stacks.get(name)
        return found or next((stack for stack in self._of(region) if stack.name == name), None)

    def _stack(self, region: str, name: str) -> Stack:
        stack = self._find(region, name)
        if stack is None:
            raise refused(f"Stack with id {name} does not exist")
        return stack

    def _of(self, region: str, deleted: bool = False) -> Iterator[Stack]:
        """Newest first."""
        for stack in reversed(self._stacks.values()):
            if stack.id.split(":")[3] == region and (deleted or not stack.deleted):
                yield stack

    def _change_set(self, region: str, given: Given) -> ChangeSet:
        name = given["ChangeSetName"]
        stack = self._find(region, given["StackName"]) if "StackName" in given else None
        for one in reversed(self._change_sets.values()):
            if name == one.id or (name == one.name and one.stack is stack):
                return one
        raise AwsError("ChangeSetNotFound", 404, f"ChangeSet [{name}] does not exist")

    def _exported(self, region: str, name: str) -> tuple[str, str] | None:
        """Which stack exports it, and its value."""
        for stack in self._of(region):
            for output in stack.outputs:
                if output.get("ExportName") == name:
                    return stack.name, str(output["OutputValue"])
        return None

    def _users(self, region: str, export: str | None, of: Stack) -> Iterator[Stack]:
        for stack in self._of(region):
            if export and stack is not of and json.dumps({"Fn::ImportValue": export}) in json.dumps(stack.template):
                yield stack

    def _managed_policies(self, region: str) -> dict[str, str]:
        listed = self._aws(region)("iam", "ListPolicies", Scope="AWS", MaxItems=1000)["Policies"]
        return {policy["PolicyName"]: policy["Arn"] for policy in listed}

    def _work(self, region: str, stack: Stack) -> Work:
        return Work(stack, self._aws(region, stack), self._now, lambda name: self._exported(region, name))

    def _aws(self, region: str, stack: Stack | None = None) -> Aws:
        def client(service: str) -> Any:
            if (service, region) not in self._clients:
                path, nothing = {"addressing_style": "path"}, {"max_attempts": 0}
                config = Config(proxies={}, retries=nothing, read_timeout=930, s3=path)
                made = self._session.create_client(service, region, endpoint_url=self._endpoint_url, config=config)
                self._clients[service, region] = made
            return self._clients[service, region]

        name, arn = (stack.name, stack.id) if stack else ("", "")
        return Aws(client, region, self._account, name, arn, self._new_id, sealed=self._sealed)


_OPERATIONS: dict[str, Callable[[CloudFormation, str, Given], Given | None]] = {
    "CreateStack": CloudFormation.create_stack,
    "UpdateStack": CloudFormation.update_stack,
    "DeleteStack": CloudFormation.delete_stack,
    "DescribeStacks": CloudFormation.describe_stacks,
    "ListStacks": CloudFormation.list_stacks,
    "DescribeStackEvents": CloudFormation.describe_stack_events,
    "DescribeStackResources": CloudFormation.describe_stack_resources,
    "DescribeStackResource": CloudFormation.describe_stack_resource,
    "ListStackResources": CloudFormation.list_stack_resources,
    "GetTemplate": CloudFormation.get_template,
    "ValidateTemplate": CloudFormation.validate_template,
    "GetTemplateSummary": CloudFormation.get_template_summary,
    "ListExports": CloudFormation.list_exports,
    "CreateChangeSet": CloudFormation.create_change_set,
    "DescribeChangeSet": CloudFormation.describe_change_set,
    "ListChangeSets": CloudFormation.list_change_sets,
    "ExecuteChangeSet": CloudFormation.execute_change_set,
    "DeleteChangeSet": CloudFormation.delete_change_set,
}


def _insufficient(capability: str) -> AwsError:
    return refused(f"Requires capabilities : [{capability}]", "InsufficientCapabilitiesException")


def _capabilities(template: Template) -> list[str]:
    """What a template's roles and policies ask the caller to have seen."""
    iam = [one for one in template["Resources"].values() if one["Type"].startswith("AWS::IAM::")]
    serverless = any(one["Type"] == "AWS::Serverless::Function" for one in template["Resources"].values())
    names = {"RoleName", "ManagedPolicyName", "UserName", "GroupName"}
    named = any(names & set(one.get("Properties") or {}) for one in iam)
    return ["CAPABILITY_NAMED_IAM"] if named else ["CAPABILITY_IAM"] if iam or serverless else []


def _pairs(given: Any, before: Mapping[str, str]) -> dict[str, str]:
    pairs = {}
    for one in given or []:
        key = one["ParameterKey"]
        if one.get("UsePreviousValue") and key in before:
            pairs[key] = before[key]
        elif "ParameterValue" in one:
            pairs[key] = one["ParameterValue"]
    return pairs


def _tags(given: Given) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in given.get("Tags", [])}


def _flag(given: Given, name: str) -> bool:
    return bool(given.get(name, False))
