"""Function URL configurations, in AWS's words."""

from __future__ import annotations

import re
from typing import Any

import pytest

ARN = "arn:aws:lambda:us-east-1:123456789012:function:hello"


@pytest.fixture
def url(create: Any, lambda_: Any) -> dict[str, Any]:
    create(Publish=True)
    lambda_.create_alias(FunctionName="hello", Name="live", FunctionVersion="1")
    made = lambda_.create_function_url_config(FunctionName="hello", AuthType="NONE")
    return {key: value for key, value in made.items() if key != "ResponseMetadata"}


def test_a_url_has_a_name_of_its_own(url: dict[str, Any], lambda_: Any) -> None:
    assert re.fullmatch(r"https://[a-z0-9]{32}\.lambda-url\.us-east-1\.on\.aws/", url["FunctionUrl"])
    assert (url["FunctionArn"], url["AuthType"]) == (ARN, "NONE")
    assert not {"Cors", "LastModifiedTime", "InvokeMode"} & set(url)  # recorded: the mode only once it was sent
    found = lambda_.get_function_url_config(FunctionName="hello")
    assert found["InvokeMode"] == "BUFFERED"
    assert {key: found[key] for key in url} == url
    assert found["LastModifiedTime"] == url["CreationTime"]


def test_the_function_and_each_alias_have_one_each(url: dict[str, Any], lambda_: Any, refused: Any) -> None:
    other = lambda_.create_function_url_config(FunctionName="hello", Qualifier="live", AuthType="AWS_IAM")
    assert other["FunctionArn"] == f"{ARN}:live" and other["FunctionUrl"] != url["FunctionUrl"]
    listed = lambda_.list_function_url_configs(FunctionName="hello", MaxItems=1)
    rest = lambda_.list_function_url_configs(FunctionName="hello", Marker=listed["NextMarker"])
    assert [one["FunctionArn"] for page in (listed, rest) for one in page["FunctionUrlConfigs"]] == [ARN, f"{ARN}:live"]
    status, code, message, more = refused(
        "create_function_url_config", FunctionName="hello", Qualifier="live", AuthType="NONE"
    )
    assert (status, code, more) == (409, "ResourceConflictException", {"Type": "User"})
    assert message == (
        f"Failed to create function url config for [functionArn = {ARN}:live]. "
        "Error message:  FunctionUrlConfig exists for this Lambda function"
    )


def test_an_update_changes_what_is_sent(url: dict[str, Any], lambda_: Any) -> None:
    streams = {"InvokeMode": "RESPONSE_STREAM"}
    sent = lambda_.update_function_url_config(FunctionName="hello", Cors={"AllowOrigins": ["*"]}, **streams)
    assert sent["InvokeMode"] == "RESPONSE_STREAM"
    again = lambda_.update_function_url_config(FunctionName="hello", AuthType="AWS_IAM")
    assert again["InvokeMode"] == "RESPONSE_STREAM"  # recorded: it was sent once
    found = lambda_.get_function_url_config(FunctionName="hello")
    assert (found["AuthType"], found["InvokeMode"]) == ("AWS_IAM", "RESPONSE_STREAM")
    assert found["Cors"] == {"AllowOrigins": ["*"]} and found["FunctionUrl"] == url["FunctionUrl"]


def test_a_mode_that_is_none_is_told_in_aws_s_order(url: dict[str, Any], refused: Any) -> None:
    message = refused("update_function_url_config", FunctionName="hello", InvokeMode="UNKNOWN")[2]
    assert message == (
        "1 validation error detected: Value 'UNKNOWN' at 'invokeMode' failed to satisfy constraint: "
        "Member must satisfy enum value set: [RESPONSE_STREAM, BUFFERED]"
    )


def test_a_deleted_url_is_gone_and_a_new_one_is_another(url: dict[str, Any], lambda_: Any, refused: Any) -> None:
    lambda_.delete_function_url_config(FunctionName="hello")
    for operation in ("get_function_url_config", "delete_function_url_config", "update_function_url_config"):
        status, code, message, _ = refused(operation, FunctionName="hello")
        assert (status, code) == (404, "ResourceNotFoundException")
        assert message == "The resource you requested does not exist."
    again = lambda_.create_function_url_config(FunctionName="hello", AuthType="NONE")
    assert again["FunctionUrl"] != url["FunctionUrl"]


def test_a_url_outlives_its_alias(url: dict[str, Any], lambda_: Any) -> None:
    made = lambda_.create_function_url_config(FunctionName="hello", Qualifier="live", AuthType="NONE")
    lambda_.delete_alias(FunctionName="hello", Name="live")
    found = lambda_.get_function_url_config(FunctionName="hello", Qualifier="live")
    assert found["FunctionUrl"] == made["FunctionUrl"]


@pytest.mark.parametrize("qualifier", ["$LATEST", "1"])
def test_a_version_has_no_url(refused: Any, qualifier: str) -> None:
    for operation, more in (("create_function_url_config", {"AuthType": "NONE"}), ("get_function_url_config", {})):
        assert refused(operation, FunctionName=f"hello:{qualifier}", **more)[1] == "ValidationException"
        status, code, message, _ = refused(operation, FunctionName="hello", Qualifier=qualifier, **more)
        assert (status, code) == (400, "ValidationException")
        assert message == (
            f"1 validation error detected: Value '{qualifier}' at 'qualifier' failed to satisfy constraint: "
            r"Member must satisfy regular expression pattern: ((?!^\d+$)^[0-9a-zA-Z-_]+$)"
        )


def test_a_url_of_nothing_is_refused(create: Any, refused: Any) -> None:
    create()
    for named in ({"FunctionName": "nobody"}, {"FunctionName": "hello", "Qualifier": "noalias"}):
        assert refused("create_function_url_config", AuthType="NONE", **named)[2] == "Function does not exist"
        assert refused("get_function_url_config", **named)[2] == "The resource you requested does not exist."
