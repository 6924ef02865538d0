"""Secrets Manager → Lambda: AWS's rotation template in four steps; permission; what a failure leaves."""

import json
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from lambda_sandbox import Sandbox

ROTATES = """
import boto3, os
service_client = boto3.client("secretsmanager")

def lambda_handler(event, context):  # the outline of AWS's SecretsManagerRotationTemplate
    arn, token, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
    metadata = service_client.describe_secret(SecretId=arn)
    versions = metadata["VersionIdsToStages"]
    if not metadata["RotationEnabled"] or "AWSPENDING" not in versions[token]:
        raise ValueError(f"Secret version {token} not set as AWSPENDING for rotation of secret {arn}.")
    if step == "createSecret":
        service_client.get_secret_value(SecretId=arn, VersionStage="AWSCURRENT")
        try:
            service_client.get_secret_value(SecretId=arn, VersionId=token, VersionStage="AWSPENDING")
        except service_client.exceptions.ResourceNotFoundException:
            new = service_client.get_random_password(PasswordLength=12)["RandomPassword"]
            service_client.put_secret_value(
                SecretId=arn, ClientRequestToken=token, SecretString=new, VersionStages=["AWSPENDING"]
            )
    elif step == "testSecret" and context.function_name == "careful":
        raise ValueError("the new password opens nothing")
    elif step == "finishSecret":
        current = next(version for version, stages in versions.items() if "AWSCURRENT" in stages)
        service_client.update_secret_version_stage(
            SecretId=arn, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=current
        )
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock="virtual", seed=1) as sandbox:
        yield sandbox


def secret_of(sandbox: Sandbox, name: str, *, permit: bool = True) -> tuple[str, str]:
    """A secret and its rotation function, both called `name`: their ARNs."""
    arn = sandbox.client("secretsmanager").create_secret(Name=name, SecretString="old")["ARN"]
    function = sandbox.deploy(ROTATES, name=name).arn
    if permit:
        sandbox.client("lambda").add_permission(
            FunctionName=name,
            StatementId="rotation",
            Action="lambda:InvokeFunction",
            Principal="secretsmanager.amazonaws.com",
            SourceArn=arn,
        )
    return arn, function


def steps(sandbox: Sandbox, name: str) -> list[str]:
    return [str(record.data["event_name"]) for record in sandbox.journal(function=name, kind="delivery.received")]


def test_a_rotation_is_four_calls_and_a_new_value(sandbox: Sandbox) -> None:
    secrets = sandbox.client("secretsmanager")
    arn, function = secret_of(sandbox, "db")
    token = secrets.rotate_secret(SecretId=arn, RotationLambdaARN=function)["VersionId"]
    sandbox.settle()
    assert steps(sandbox, "db") == ["createSecret", "setSecret", "testSecret", "finishSecret"]
    now = secrets.get_secret_value(SecretId="db")
    assert (now["VersionId"], len(now["SecretString"])) == (token, 12)
    assert secrets.get_secret_value(SecretId="db", VersionStage="AWSPREVIOUS")["SecretString"] == "old"
    described = secrets.describe_secret(SecretId="db")
    assert described["RotationEnabled"]
    assert described["LastRotatedDate"].year == 2031
    secrets.rotate_secret(SecretId=arn)  # the function is known by now
    sandbox.settle()
    assert secrets.get_secret_value(SecretId="db")["SecretString"] != now["SecretString"]


def test_a_step_that_fails_leaves_the_old_value_and_the_next_rotation_goes_on(sandbox: Sandbox) -> None:
    secrets = sandbox.client("secretsmanager")
    arn, function = secret_of(sandbox, "careful")
    token = secrets.rotate_secret(SecretId=arn, RotationLambdaARN=function)["VersionId"]
    sandbox.settle()
    assert steps(sandbox, "careful") == ["createSecret", "setSecret", "testSecret"]
    assert secrets.get_secret_value(SecretId=arn)["SecretString"] == "old"
    assert secrets.describe_secret(SecretId=arn)["VersionIdsToStages"][token] == ["AWSPENDING"]
    [ended] = sandbox.journal(function="careful", kind="delivery.refused")
    assert ended.data["because"] == "the rotation has ended early: testSecret failed"
    sandbox.deploy(ROTATES.replace("careful", ""), name="careful")
    with pytest.raises(secrets.exceptions.InvalidRequestException, match="That rotation will be reattempted"):
        secrets.rotate_secret(SecretId=arn)
    sandbox.settle()
    assert secrets.get_secret_value(SecretId=arn)["VersionId"] == token


def test_who_may_not_be_invoked_is_refused_at_once(sandbox: Sandbox) -> None:
    secrets = sandbox.client("secretsmanager")
    arn, function = secret_of(sandbox, "locked", permit=False)
    for target in (function, function.replace("locked", "nobody"), "locked"):
        with pytest.raises(ClientError, match="Secrets Manager cannot invoke the specified Lambda function") as error:
            secrets.rotate_secret(SecretId=arn, RotationLambdaARN=target)
        assert error.value.response["Error"]["Code"] == "AccessDeniedException"
    with pytest.raises(secrets.exceptions.InvalidRequestException, match="No Lambda rotation function ARN"):
        secrets.rotate_secret(SecretId=arn)
    assert json.dumps(secrets.describe_secret(SecretId=arn)["VersionIdsToStages"]).count("AWSCURRENT") == 1
