"""Who else may use a version of a layer: kept and shown. The sandbox has one account: nobody else asks (facts §8.2)."""

from __future__ import annotations

import json
from typing import Any

from lambda_sandbox.lambda_api import errors, lifecycle
from lambda_sandbox.lambda_api.context import Answer, Context, Given
from lambda_sandbox.lambda_api.layers import layer_of
from lambda_sandbox.state import Layer, Policy


def add_layer_version_permission(context: Context, given: Given) -> Answer:
    layer, version = layer_of(context, given)
    policy = layer.policies.get(given["VersionNumber"]) or Policy(context.state.new_uuid())
    if any(statement["Sid"] == given["StatementId"] for statement in policy.statements):
        raise errors.conflict(
            f"The statement id ({given['StatementId']}) provided already exists. "
            "Please provide a new statement id, or remove the existing statement."
        )
    lifecycle.check_revision(given.get("RevisionId"), policy.revision_id, "GetLayerPolicy")
    principal = given["Principal"]
    statement: dict[str, Any] = {
        "Sid": given["StatementId"],
        "Effect": "Allow",
        "Principal": principal if principal == "*" else {"AWS": _root(principal)},
        "Action": given["Action"],
        "Resource": version.arn,
    }
    if "OrganizationId" in given:
        statement["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": given["OrganizationId"]}}
    policy.statements.append(statement)
    policy.revision_id = context.state.new_uuid()
    layer.policies[given["VersionNumber"]] = policy
    return {"Statement": json.dumps(statement, separators=(",", ":")), "RevisionId": policy.revision_id}


def get_layer_version_policy(context: Context, given: Given) -> Answer:
    layer, _ = layer_of(context, given)
    policy = _policy(layer, given)
    document = {"Version": "2012-10-17", "Id": "default", "Statement": policy.statements}
    return {"Policy": json.dumps(document, separators=(",", ":")), "RevisionId": policy.revision_id}


def remove_layer_version_permission(context: Context, given: Given) -> None:
    layer, _ = layer_of(context, given)
    policy = _policy(layer, given)
    lifecycle.check_revision(given.get("RevisionId"), policy.revision_id, "GetLayerPolicy")
    kept = [statement for statement in policy.statements if statement["Sid"] != given["StatementId"]]
    if len(kept) == len(policy.statements):
        raise errors.not_found(f"Statement {given['StatementId']} is not found in resource policy.")
    policy.statements, policy.revision_id = kept, context.state.new_uuid()
    if not kept:
        del layer.policies[given["VersionNumber"]]


def _root(principal: str) -> str:
    return principal if principal.startswith("arn:") else f"arn:aws:iam::{principal}:root"


def _policy(layer: Layer, given: Given) -> Policy:
    policy = layer.policies.get(given["VersionNumber"])
    if policy is None:
        raise errors.not_found("No policy is associated with the given resource.")
    return policy
