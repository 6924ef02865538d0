"""Code signing configurations: made, changed, listed, attached to functions; nothing is ever checked by them."""

from __future__ import annotations

from typing import Any

import pytest

PROFILE = "arn:aws:signer:us-east-1:123456789012:/signing-profiles/mine/0123456789"
PUBLISHERS = {"SigningProfileVersionArns": [PROFILE]}


@pytest.fixture
def arn(lambda_: Any) -> str:
    made = lambda_.create_code_signing_config(AllowedPublishers=PUBLISHERS, Description="d")["CodeSigningConfig"]
    assert made["CodeSigningPolicies"] == {"UntrustedArtifactOnDeployment": "Warn"}
    assert made["CodeSigningConfigArn"].endswith(f":code-signing-config:{made['CodeSigningConfigId']}")
    return str(made["CodeSigningConfigArn"])


def test_a_configuration_lives_until_it_is_deleted(arn: str, lambda_: Any, refused: Any) -> None:
    lambda_.update_code_signing_config(
        CodeSigningConfigArn=arn, CodeSigningPolicies={"UntrustedArtifactOnDeployment": "Enforce"}
    )
    found = lambda_.get_code_signing_config(CodeSigningConfigArn=arn)["CodeSigningConfig"]
    assert (found["Description"], found["AllowedPublishers"]) == ("d", PUBLISHERS)
    assert found["CodeSigningPolicies"] == {"UntrustedArtifactOnDeployment": "Enforce"}
    assert [one["CodeSigningConfigArn"] for one in lambda_.list_code_signing_configs()["CodeSigningConfigs"]] == [arn]
    lambda_.delete_code_signing_config(CodeSigningConfigArn=arn)
    status, code, message, _ = refused("get_code_signing_config", CodeSigningConfigArn=arn)
    assert (status, code) == (404, "ResourceNotFoundException") and arn in message


def test_a_configuration_is_tagged_as_functions_are(lambda_: Any, refused: Any) -> None:
    made = lambda_.create_code_signing_config(AllowedPublishers=PUBLISHERS, Tags={"team": "a"})["CodeSigningConfig"]
    resource = {"Resource": made["CodeSigningConfigArn"]}
    lambda_.tag_resource(**resource, Tags={"stage": "dev"})
    lambda_.untag_resource(**resource, TagKeys=["team"])
    assert lambda_.list_tags(**resource)["Tags"] == {"stage": "dev"}
    lambda_.delete_code_signing_config(CodeSigningConfigArn=made["CodeSigningConfigArn"])
    assert refused("list_tags", **resource)[:2] == (404, "ResourceNotFoundException")


def test_a_function_names_the_one_it_uses(arn: str, create: Any, lambda_: Any, refused: Any) -> None:
    create("made", CodeSigningConfigArn=arn)
    create("put")
    lambda_.put_function_code_signing_config(FunctionName="put", CodeSigningConfigArn=arn)
    for name in ("made", "put"):
        assert lambda_.get_function_code_signing_config(FunctionName=name)["CodeSigningConfigArn"] == arn
    listed = lambda_.list_functions_by_code_signing_config(CodeSigningConfigArn=arn, MaxItems=1)
    rest = lambda_.list_functions_by_code_signing_config(CodeSigningConfigArn=arn, Marker=listed["NextMarker"])
    assert [one.rpartition(":")[2] for page in (listed, rest) for one in page["FunctionArns"]] == ["made", "put"]
    assert refused("delete_code_signing_config", CodeSigningConfigArn=arn)[1] == "ResourceConflictException"
    for name in ("made", "put"):
        lambda_.delete_function_code_signing_config(FunctionName=name)
        assert set(lambda_.get_function_code_signing_config(FunctionName=name)) == {"ResponseMetadata"}
    lambda_.delete_code_signing_config(CodeSigningConfigArn=arn)


def test_a_function_cannot_use_one_that_is_not_there(create: Any, refused: Any) -> None:
    create("hello")
    nobody = "arn:aws:lambda:us-east-1:123456789012:code-signing-config:csc-00000000000000000"
    for name in ("hello", "nobody"):  # which of the two is missed first was recorded
        found = refused("put_function_code_signing_config", FunctionName=name, CodeSigningConfigArn=nobody)
        assert found[1] == "CodeSigningConfigNotFoundException" and found[3]["Message"] == found[2]
    missed = f"The Lambda code signing configuration {nobody} can not be found."
    assert refused("get_code_signing_config", CodeSigningConfigArn=nobody)[2:] == (missed, {"Message": missed})
