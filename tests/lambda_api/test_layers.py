"""Layers: numbers that never repeat, policies, lists, and what a function may name (facts §1.7, §8.2)."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.lambda_api.conftest import ROLE, zipped

ARN = "arn:aws:lambda:us-east-1:123456789012:layer:tools"
ZIP = {"ZipFile": zipped("x = 1")}


def publish(client: Any, name: str = "tools", **more: Any) -> Any:
    return client.publish_layer_version(LayerName=name, Content=ZIP, **more)


def test_a_version_is_published_found_by_number_and_by_arn_and_listed_newest_first(lambda_: Any) -> None:
    first = publish(lambda_, Description="one", CompatibleRuntimes=["python3.13"], LicenseInfo="MIT")
    assert first["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert (first["LayerArn"], first["LayerVersionArn"], first["Version"]) == (ARN, f"{ARN}:1", 1)
    assert first["Content"]["CodeSize"] == len(ZIP["ZipFile"])
    publish(lambda_, CompatibleArchitectures=["arm64"])
    found = lambda_.get_layer_version(LayerName="tools", VersionNumber=1)
    by_arn = lambda_.get_layer_version_by_arn(Arn=f"{ARN}:1")
    for answer in (first, found, by_arn):
        del answer["ResponseMetadata"]
    assert found == by_arn == first
    versions = lambda_.list_layer_versions(LayerName=ARN)["LayerVersions"]
    assert [version["Version"] for version in versions] == [2, 1]
    (listed,) = lambda_.list_layers(CompatibleRuntime="python3.13")["Layers"]
    assert listed["LatestMatchingVersion"]["LayerVersionArn"] == f"{ARN}:1"
    assert lambda_.list_layers(CompatibleRuntime="python3.12")["Layers"] == []
    assert lambda_.list_layer_versions(LayerName="none")["LayerVersions"] == []


def test_what_a_layer_goes_with_is_checked_and_shown_as_it_was_sent(lambda_: Any) -> None:
    assert not {"CompatibleRuntimes", "CompatibleArchitectures"} & set(publish(lambda_))
    empty = publish(lambda_, CompatibleRuntimes=[], CompatibleArchitectures=[])
    assert (empty["CompatibleRuntimes"], empty["CompatibleArchitectures"]) == ([], [])
    with pytest.raises(ClientError) as refused:
        publish(lambda_, CompatibleRuntimes=["cobol", "python3.13"], CompatibleArchitectures=["z80"])
    message = refused.value.response["Error"]["Message"]
    assert message.startswith(
        "2 validation errors detected: Value '[cobol, python3.13]' at 'compatibleRuntimes' failed to satisfy "
        "constraint: Member must satisfy enum value set: [nodejs20.x, python3.14, "
    )
    assert message.endswith(
        "; Value '[z80]' at 'compatibleArchitectures' failed to satisfy constraint: Member must satisfy constraint: "
        "[Member must satisfy enum value set: [x86_64, arm64]]"
    )


def test_a_number_is_never_used_again_and_a_function_keeps_what_was_deleted(lambda_: Any) -> None:
    arn = publish(lambda_)["LayerVersionArn"]
    lambda_.create_function(
        FunctionName="f", Runtime="python3.13", Role=ROLE, Handler="index.handler", Code=ZIP, Layers=[arn]
    )
    lambda_.delete_layer_version(LayerName="tools", VersionNumber=1)
    lambda_.delete_layer_version(LayerName="tools", VersionNumber=1)  # again: nothing to do, and no error
    shown = lambda_.get_function_configuration(FunctionName="f")["Layers"]
    assert shown == [{"Arn": arn, "CodeSize": len(ZIP["ZipFile"])}]
    assert publish(lambda_)["Version"] == 2


@pytest.mark.parametrize(
    ("call", "code", "message"),
    [
        (lambda c: c.get_layer_version(LayerName="tools", VersionNumber=9), "ResourceNotFound", "The resource you req"),
        (
            lambda c: c.get_layer_version(LayerName="tools", VersionNumber=0),
            "InvalidParameterValue",
            "Layer Version",
        ),
        (lambda c: c.delete_layer_version(LayerName="tools", VersionNumber=0), "InvalidParameterValue", "Layer Versio"),
        (lambda c: c.get_layer_version_by_arn(Arn=f"{ARN}:9"), "ResourceNotFound", "The resource you requested does"),
        (lambda c: c.get_layer_version_by_arn(Arn=ARN), "Validation", "1 validation error detected: Value"),
        (lambda c: c.get_layer_version_policy(LayerName="tools", VersionNumber=1), "ResourceNotFound", "No policy is "),
        (
            lambda c: c.get_layer_version_policy(LayerName="no", VersionNumber=1),
            "ResourceNotFound",
            "Layer version arn",
        ),
    ],
    ids=["no version", "zero", "zero to delete", "no arn", "half an arn", "no policy", "no layer"],
)
def test_what_is_not_there_is_said_in_awss_words(lambda_: Any, call: Any, code: str, message: str) -> None:
    publish(lambda_)
    with pytest.raises(lambda_.exceptions.ClientError) as raised:
        call(lambda_)
    error = raised.value.response["Error"]
    assert error["Code"].removesuffix("Exception") == code
    assert error["Message"].startswith(message)


def test_a_policy_of_a_version_is_kept_and_its_revision_is_checked(lambda_: Any) -> None:
    publish(lambda_)
    about = {"LayerName": "tools", "VersionNumber": 1}
    allow = {**about, "Action": "lambda:GetLayerVersion", "Principal": "111122223333", "StatementId": "s"}
    added = lambda_.add_layer_version_permission(**allow)
    statement = json.loads(added["Statement"])
    assert statement["Principal"] == {"AWS": "arn:aws:iam::111122223333:root"}
    assert statement["Resource"] == f"{ARN}:1"
    with pytest.raises(lambda_.exceptions.ResourceConflictException):
        lambda_.add_layer_version_permission(**allow)
    with pytest.raises(lambda_.exceptions.PreconditionFailedException, match="GetLayerPolicy"):
        lambda_.remove_layer_version_permission(**about, StatementId="s", RevisionId="old")
    shown = lambda_.get_layer_version_policy(**about)
    assert (json.loads(shown["Policy"])["Statement"], shown["RevisionId"]) == ([statement], added["RevisionId"])
    with pytest.raises(lambda_.exceptions.ResourceNotFoundException, match="Statement t is not found"):
        lambda_.remove_layer_version_permission(**about, StatementId="t")
    lambda_.remove_layer_version_permission(**about, StatementId="s")
    with pytest.raises(lambda_.exceptions.ResourceNotFoundException, match="No policy"):
        lambda_.get_layer_version_policy(**about)
