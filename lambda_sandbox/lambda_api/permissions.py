"""Resource policies: who may invoke a function, a version or an alias; each has a policy of its own (facts §7.3)."""

from __future__ import annotations

import json
import re
from typing import Any

from lambda_sandbox.facts import fact
from lambda_sandbox.lambda_api import errors, lifecycle
from lambda_sandbox.lambda_api.context import Answer, Context, Given
from lambda_sandbox.lambda_api.names import Target, alias, find, is_alias, locate, published
from lambda_sandbox.state import LATEST, Function, Policy
from lambda_sandbox.wire import AwsError

_CONDITIONS = {  # member -> operator and key of the statement's condition, as recorded
    "SourceArn": ("ArnLike", "AWS:SourceArn"),
    "SourceAccount": ("StringEquals", "AWS:SourceAccount"),
    "PrincipalOrgID": ("StringEquals", "aws:PrincipalOrgID"),
    "EventSourceToken": ("StringEquals", "lambda:EventSourceToken"),
    "FunctionUrlAuthType": ("StringEquals", "lambda:FunctionUrlAuthType"),
    "InvokedViaFunctionUrl": ("Bool", "lambda:InvokedViaFunctionUrl"),
}


def add_permission(context: Context, given: Given) -> Answer:
    target = locate(context, given)
    if target.qualifier == LATEST:
        raise errors.invalid("We currently do not support adding policies for $LATEST.")
    function = find(context, Target(target.name))
    _check_qualifier(context, function, target.qualifier)
    lifecycle.check_revision(given.get("RevisionId"), _revision(function, target), "GetPolicy")
    policy = function.policies.get(target.qualifier or "") or Policy("")
    if any(statement["Sid"] == given["StatementId"] for statement in policy.statements):
        raise errors.conflict(
            f"The statement id ({given['StatementId']}) provided already exists. "
            "Please provide a new statement id, or remove the existing statement."
        )
    statement = _statement(context, target, given)
    _check_length([*policy.statements, statement])
    policy.statements.append(statement)
    function.policies[target.qualifier or ""] = policy
    _changed(context, function, target)
    return {"Statement": _compact(statement)}


def get_policy(context: Context, given: Given) -> Answer:
    target = locate(context, given)
    function = find(context, Target(target.name))
    policy = function.policies.get(_key(target))
    if policy is None:  # of a version that is not there, too (recorded)
        raise errors.no_resource()
    return {"Policy": _document(policy.statements), "RevisionId": policy.revision_id}


def remove_permission(context: Context, given: Given) -> None:
    target = locate(context, given)
    function = context.state.function(context.region, target.name)
    if function is None:
        raise errors.not_found(f"No policy found for: {context.arn(target.name, target.qualifier)}")
    _check_qualifier(context, function, target.qualifier)
    policy = function.policies.get(_key(target))
    if policy is None:
        raise errors.not_found("No policy is associated with the given resource.")
    sid = given["StatementId"]
    kept = [statement for statement in policy.statements if statement["Sid"] != sid]
    if len(kept) == len(policy.statements):
        raise errors.not_found(f"Statement {sid} is not found in resource policy.")
    lifecycle.check_revision(given.get("RevisionId"), _revision(function, target), "GetPolicy")
    policy.statements = kept
    if not kept:
        del function.policies[_key(target)]
    _changed(context, function, target)


def _key(target: Target) -> str:
    return "" if target.qualifier in (None, LATEST) else str(target.qualifier)


def _check_qualifier(context: Context, function: Function, qualifier: str | None) -> None:
    if is_alias(qualifier):
        alias(context, function, str(qualifier))
    elif qualifier:
        published(context, function, qualifier)


def _revision(function: Function, target: Target) -> str:
    """A policy shares the RevisionId of what it is attached to."""
    if is_alias(target.qualifier):
        return function.aliases[str(target.qualifier)].revision_id
    return lifecycle.revision(function, target.qualifier or LATEST)


def _changed(context: Context, function: Function, target: Target) -> None:
    if is_alias(target.qualifier):
        function.aliases[str(target.qualifier)].revision_id = context.state.new_uuid()
    else:
        lifecycle.touch(function, target.qualifier or LATEST)
    if policy := function.policies.get(_key(target)):
        policy.revision_id = _revision(function, target)


def _statement(context: Context, target: Target, given: Given) -> dict[str, Any]:
    statement: dict[str, Any] = {
        "Sid": given["StatementId"],
        "Effect": "Allow",
        "Principal": _principal(given["Principal"]),
        "Action": given["Action"],
        "Resource": context.arn(target.name, target.qualifier),
    }
    condition: dict[str, dict[str, str]] = {}
    for member, (operator, key) in _CONDITIONS.items():
        if member in given:
            value = given[member]
            condition.setdefault(operator, {})[key] = str(value).lower() if isinstance(value, bool) else value
    if condition:
        statement["Condition"] = condition
    return statement


def _principal(principal: str) -> Any:
    """A service, an account, an ARN of IAM, or everybody. Raises for anything else."""
    if principal == "*":
        return "*"
    if re.fullmatch(r"[a-z0-9.-]+\.(amazonaws\.com(\.cn)?|amazon\.com)", principal):
        return {"Service": principal}
    if re.fullmatch(r"\d{12}", principal, re.ASCII):
        return {"AWS": f"arn:aws:iam::{principal}:root"}
    if re.fullmatch(r"arn:aws[a-z-]*:(iam|sts)::\d{12}:\S+", principal, re.ASCII):
        return {"AWS": principal}
    raise errors.invalid("The provided principal was invalid. Please check the principal and try again.")


def _check_length(statements: list[dict[str, Any]]) -> None:
    size, most = len(_document(statements).encode()), fact("limits.resource_policy_bytes")
    if size > most:
        text = f"The final policy size ({size}) is bigger than the limit ({most})."
        raise AwsError("PolicyLengthExceededException", 400, text)


def _document(statements: list[dict[str, Any]]) -> str:
    return _compact({"Version": "2012-10-17", "Id": "default", "Statement": statements})


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
