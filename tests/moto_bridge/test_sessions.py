"""Roles and their sessions: who a function is, and who the learner is."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from lambda_sandbox.moto_bridge import Bridge

from .conftest import Time

ROLE = "arn:aws:iam::123456789012:role/service-role/lambda-role"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


@pytest.mark.parametrize(("function", "session"), [("thumbnail", "thumbnail"), ("a", "a@lambda_function")])
def test_a_function_is_its_role_s_session(
    bridge: Bridge, client: Callable[..., Any], function: str, session: str
) -> None:
    client("iam").create_role(RoleName="lambda-role", Path="/service-role/", AssumeRolePolicyDocument=json.dumps(TRUST))
    keys = bridge.session(ROLE, function)
    assert keys.access_key.startswith("ASIA")
    sts = client(
        "sts", aws_access_key_id=keys.access_key, aws_secret_access_key=keys.secret_key, aws_session_token=keys.token
    )
    identity = sts.get_caller_identity()
    assert identity["Arn"] == f"arn:aws:sts::123456789012:assumed-role/lambda-role/{session}"
    assert identity["Account"] == "123456789012"
    assert identity["UserId"].endswith(f":{session}")


def test_the_learner_is_a_user_of_the_account(client: Callable[..., Any]) -> None:
    identity = client("sts").get_caller_identity()
    assert identity["Arn"] == "arn:aws:iam::123456789012:user/learner"


def test_a_session_is_used_until_its_last_hour(bridge: Bridge, time: Time) -> None:
    first = bridge.session(ROLE, "thumbnail")
    assert first.expires_at == time.now + 12 * 3600
    time.now += 10 * 3600
    assert bridge.session(ROLE, "thumbnail") == first
    assert bridge.session(ROLE, "other") != first
    time.now += 2 * 3600
    assert bridge.session(ROLE, "thumbnail").access_key != first.access_key


def test_a_role_tells_whom_it_trusts(bridge: Bridge, client: Callable[..., Any]) -> None:
    client("iam").create_role(RoleName="lambda-role", Path="/service-role/", AssumeRolePolicyDocument=json.dumps(TRUST))
    assert bridge.trust_policy(ROLE) == TRUST
    assert bridge.trust_policy(ROLE + "2") is None


def test_the_managed_policies_of_lambda_are_there(client: Callable[..., Any]) -> None:
    iam = client("iam")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(TRUST))
    arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    iam.attach_role_policy(RoleName="r", PolicyArn=arn)
    assert iam.list_attached_role_policies(RoleName="r")["AttachedPolicies"] == [
        {"PolicyName": "AWSLambdaBasicExecutionRole", "PolicyArn": arn}
    ]
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    assert document["Statement"][0]["Action"] == ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]


def test_every_managed_policy_was_found(client: Callable[..., Any]) -> None:
    from lambda_sandbox.moto_bridge.policies import MANAGED_POLICIES

    found = client("iam").list_policies(Scope="AWS", MaxItems=1000)["Policies"]
    assert sorted(policy["PolicyName"] for policy in found) == sorted(MANAGED_POLICIES)


def test_a_role_s_policies_are_its_own_and_the_default_versions_of_those_attached(
    bridge: Bridge, client: Callable[..., Any]
) -> None:
    iam = client("iam")
    arn = iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]

    def allowing(action: str) -> str:
        statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
        return json.dumps({"Version": "2012-10-17", "Statement": statement})

    iam.put_role_policy(RoleName="r", PolicyName="own", PolicyDocument=allowing("sqs:SendMessage"))
    made = iam.create_policy(PolicyName="p", PolicyDocument=allowing("s3:GetObject"))["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=made, PolicyDocument=allowing("s3:PutObject"), SetAsDefault=True)
    iam.attach_role_policy(RoleName="r", PolicyArn=made)
    iam.attach_role_policy(RoleName="r", PolicyArn="arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess")
    own, made_here, of_aws = [policy["Statement"] for policy in bridge.role(arn).policies]
    assert (own["Action"], made_here["Action"]) == ("sqs:SendMessage", "s3:PutObject")
    assert "sqs:ListQueues" in of_aws[0]["Action"]
    assert bridge.role(f"{arn}-unknown").policies == ()
