"""What hangs on a function: permissions, tags, concurrency, asynchronous configuration, and the account."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from .conftest import Served

ARN = "arn:aws:lambda:us-east-1:123456789012:function:hello"
S3 = {
    "FunctionName": "hello",
    "StatementId": "s3",
    "Action": "lambda:InvokeFunction",
    "Principal": "s3.amazonaws.com",
    "SourceArn": "arn:aws:s3:::pictures",
}
NOT_FOUND, INVALID = "ResourceNotFoundException", "InvalidParameterValueException"


@pytest.fixture
def hello(create: Any) -> None:
    create(Publish=True)


# -- permissions


def test_a_permission_is_a_statement_of_the_policy(hello: None, lambda_: Any) -> None:
    added = lambda_.add_permission(**S3, SourceAccount="123456789012")
    statement = {
        "Sid": "s3",
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": ARN,
        "Condition": {
            "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::pictures"},
            "StringEquals": {"AWS:SourceAccount": "123456789012"},
        },
    }
    assert json.loads(added["Statement"]) == statement
    policy = lambda_.get_policy(FunctionName="hello")
    assert json.loads(policy["Policy"]) == {"Version": "2012-10-17", "Id": "default", "Statement": [statement]}
    assert policy["RevisionId"] == lambda_.get_function_configuration(FunctionName="hello")["RevisionId"]


@pytest.mark.parametrize(
    ("principal", "stored"),
    [
        ("*", "*"),
        ("210987654321", {"AWS": "arn:aws:iam::210987654321:root"}),
        ("arn:aws:iam::210987654321:user/ada", {"AWS": "arn:aws:iam::210987654321:user/ada"}),
        ("sns.amazonaws.com", {"Service": "sns.amazonaws.com"}),
    ],
)
def test_a_principal_is_stored_by_its_kind(hello: None, lambda_: Any, principal: str, stored: Any) -> None:
    added = lambda_.add_permission(**{**S3, "Principal": principal})
    assert json.loads(added["Statement"])["Principal"] == stored


def test_a_qualifier_that_can_be_no_alias_names_a_version_and_a_policy_is_only_looked_up(
    hello: None, refused: Any
) -> None:
    assert refused("add_permission", **S3, Qualifier="a-$-b")[2] == f"Function not found: {ARN}:a-$-b"
    for nothing in ("42", "live"):
        found = refused("get_policy", FunctionName="hello", Qualifier=nothing)
        assert found[:3] == (404, NOT_FOUND, "The resource you requested does not exist.")


def test_each_version_and_alias_has_a_policy_of_its_own(hello: None, lambda_: Any, refused: Any) -> None:
    lambda_.add_permission(**S3, Qualifier="1")
    statement = json.loads(lambda_.get_policy(FunctionName="hello:1")["Policy"])["Statement"][0]
    assert statement["Resource"] == f"{ARN}:1"
    assert refused("get_policy", FunctionName="hello")[2] == "The resource you requested does not exist."


def test_removing_the_last_statement_removes_the_policy(hello: None, lambda_: Any, refused: Any) -> None:
    lambda_.add_permission(**S3)
    assert refused("remove_permission", FunctionName="hello", StatementId="sns")[:3] == (
        404,
        NOT_FOUND,
        "Statement sns is not found in resource policy.",
    )
    removed = lambda_.remove_permission(FunctionName="hello", StatementId="s3")
    assert removed["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert refused("remove_permission", FunctionName="hello", StatementId="s3")[:3] == (
        404,
        NOT_FOUND,
        "No policy is associated with the given resource.",
    )


PERMISSIONS: dict[str, tuple[dict[str, Any], int, str, str]] = {
    "latest": ({"Qualifier": "$LATEST"}, 400, INVALID, "We currently do not support adding policies for $LATEST."),
    "no such alias": ({"Qualifier": "live"}, 404, NOT_FOUND, f"Cannot find alias arn: {ARN}:live"),
    "no such version": ({"Qualifier": "42"}, 404, NOT_FOUND, f"Function not found: {ARN}:42"),
    "a strange principal": (
        {"Principal": "invalid.nonaws.com"},
        400,
        INVALID,
        "The provided principal was invalid. Please check the principal and try again.",
    ),
    "a dot in the statement's id": (
        {"StatementId": "example.com"},
        400,
        "ValidationException",
        "1 validation error detected: Value 'example.com' at 'statementId' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: ([a-zA-Z0-9-_]+)",
    ),
    "an old revision": (
        {"RevisionId": "old"},
        412,
        "PreconditionFailedException",
        "The Revision Id provided does not match the latest Revision Id. "
        "Call the GetPolicy API to retrieve the latest Revision Id",
    ),
}


@pytest.mark.parametrize("case", PERMISSIONS.values(), ids=PERMISSIONS)
def test_add_permission_refuses(hello: None, refused: Any, case: tuple[dict[str, Any], int, str, str]) -> None:
    wrong, *expected = case
    assert list(refused("add_permission", **{**S3, **wrong})[:3]) == expected


def test_a_statement_cannot_be_there_twice(hello: None, lambda_: Any, refused: Any) -> None:
    lambda_.add_permission(**S3)
    assert refused("add_permission", **S3)[:3] == (
        409,
        "ResourceConflictException",
        "The statement id (s3) provided already exists. "
        "Please provide a new statement id, or remove the existing statement.",
    )


def test_a_policy_has_at_most_20_kb(hello: None, lambda_: Any, refused: Any) -> None:
    source = "arn:aws:s3:::" + "b" * 6500
    for number in range(3):
        lambda_.add_permission(**{**S3, "SourceArn": source, "StatementId": f"s{number}"})
    assert refused("add_permission", **{**S3, "SourceArn": source})[:2] == (400, "PolicyLengthExceededException")


def test_a_missing_function_has_no_policy_to_remove_from(refused: Any) -> None:
    assert refused("remove_permission", FunctionName="nobody", StatementId="s")[2] == (
        "No policy found for: arn:aws:lambda:us-east-1:123456789012:function:nobody"
    )


# -- tags


def test_tags_are_added_replaced_and_taken_away(create: Any, lambda_: Any) -> None:
    create(Tags={"a": "1", "b": "2"})
    lambda_.tag_resource(Resource=ARN, Tags={"b": "3", "c": "ä ß"})
    lambda_.untag_resource(Resource=ARN, TagKeys=["a", "nothing"])
    assert lambda_.list_tags(Resource=ARN)["Tags"] == {"b": "3", "c": "ä ß"}


TAGS: dict[str, tuple[str, dict[str, Any], int, str, str]] = {
    "the 51st": (
        "tag_resource",
        {"Tags": {f"key{n}": "v" for n in range(51)}},
        400,
        INVALID,
        "Number of tags exceeds resource tag limit.",
    ),
    "none": ("tag_resource", {"Tags": {}}, 400, INVALID, "An error occurred and the request cannot be processed."),
    "no keys": (
        "untag_resource",
        {"TagKeys": []},
        400,
        "ValidationException",
        "1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: Member must not be null",
    ),
    "a version": (
        "list_tags",
        {"Resource": f"{ARN}:1"},
        400,
        INVALID,
        "Tags on function aliases and versions are not supported. Please specify a function ARN.",
    ),
    "nobody": ("list_tags", {"Resource": ARN + "x"}, 404, NOT_FOUND, f"Function not found: {ARN}x"),
}


@pytest.mark.parametrize("case", TAGS.values(), ids=TAGS)
def test_tags_refuse(hello: None, refused: Any, case: tuple[str, dict[str, Any], int, str, str]) -> None:
    operation, given, *expected = case
    assert list(refused(operation, **{"Resource": ARN, **given})[:3]) == expected


# -- concurrency


def test_reserved_concurrency_is_kept_shown_and_forgotten(hello: None, lambda_: Any, served: Served) -> None:
    assert "ReservedConcurrentExecutions" not in lambda_.get_function_concurrency(FunctionName="hello")
    for amount in (0, 5):
        lambda_.put_function_concurrency(FunctionName="hello", ReservedConcurrentExecutions=amount)
        found = lambda_.get_function_concurrency(FunctionName="hello")
        assert found["ReservedConcurrentExecutions"] == amount
        assert served.state.functions["us-east-1", "hello"].reserved_concurrency == amount
    assert lambda_.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"] == 995
    lambda_.delete_function_concurrency(FunctionName="hello")
    assert "ReservedConcurrentExecutions" not in lambda_.get_function_concurrency(FunctionName="hello")


def test_a_hundred_must_stay_unreserved(hello: None, lambda_: Any, refused: Any) -> None:
    lambda_.put_function_concurrency(FunctionName="hello", ReservedConcurrentExecutions=900)
    missing = refused("put_function_concurrency", FunctionName="nobody", ReservedConcurrentExecutions=1)[2]
    assert missing == f"Function not found: {ARN.replace('hello', 'nobody')}:$LATEST"  # recorded: as no other
    assert refused("put_function_concurrency", FunctionName="hello", ReservedConcurrentExecutions=901)[:3] == (
        400,
        INVALID,
        "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
        "below its minimum value of [100].",
    )


@pytest.mark.parametrize("quota", [10, 50])
def test_a_small_account_can_set_nothing_aside(
    hello: None, lambda_: Any, refused: Any, served: Served, quota: int
) -> None:
    """Recorded by users whose account has 10 or 50: https://github.com/aws-samples/one-observability-demo/issues/278"""
    served.state.concurrency_quota = quota
    limit = lambda_.get_account_settings()["AccountLimit"]
    assert limit["ConcurrentExecutions"] == limit["UnreservedConcurrentExecutions"] == quota
    message = refused("put_function_concurrency", FunctionName="hello", ReservedConcurrentExecutions=1)[2]
    assert message.endswith(f"decreases account's UnreservedConcurrentExecution below its minimum value of [{quota}].")
    lambda_.put_function_concurrency(FunctionName="hello", ReservedConcurrentExecutions=0)


PROVISIONED: dict[str, tuple[str, dict[str, Any], int, str, str]] = {
    "get latest": (
        "get",
        {"Qualifier": "$LATEST"},
        400,
        INVALID,
        "The function resource provided must be an alias or a published version.",
    ),
    "get of no alias": ("get", {"Qualifier": "live"}, 404, NOT_FOUND, f"Cannot find alias arn: {ARN}:live"),
    "get of a version": (
        "get",
        {"Qualifier": "1"},
        404,
        "ProvisionedConcurrencyConfigNotFoundException",
        "No Provisioned Concurrency Config found for this function",
    ),
    "put on latest": (
        "put",
        {"Qualifier": "$LATEST", "ProvisionedConcurrentExecutions": 1},
        400,
        INVALID,
        "Provisioned Concurrency Configs cannot be applied to unpublished function versions.",
    ),
    "put of zero": (
        "put",
        {"Qualifier": "1", "ProvisionedConcurrentExecutions": 0},
        400,
        "ValidationException",
        "1 validation error detected: Value '0' at 'provisionedConcurrentExecutions' failed to satisfy constraint: "
        "Member must have value greater than or equal to 1",
    ),
}


@pytest.mark.parametrize("case", PROVISIONED.values(), ids=PROVISIONED)
def test_provisioned_concurrency(hello: None, refused: Any, case: tuple[str, dict[str, Any], int, str, str]) -> None:
    verb, given, *expected = case
    found = refused(f"{verb}_provisioned_concurrency_config", FunctionName="hello", **given)
    assert list(found[:3]) == expected


# -- asynchronous invocation


def test_put_replaces_the_configuration_and_update_adds_to_it(hello: None, lambda_: Any) -> None:
    put = lambda_.put_function_event_invoke_config(FunctionName="hello", MaximumRetryAttempts=0)
    assert put["FunctionArn"] == f"{ARN}:$LATEST"
    assert put["DestinationConfig"] == {"OnSuccess": {}, "OnFailure": {}}
    assert put["LastModified"] >= datetime(2031, 1, 1, tzinfo=UTC) and put["LastModified"].microsecond % 1000 == 0
    assert "MaximumEventAgeInSeconds" not in put
    updated = lambda_.update_function_event_invoke_config(FunctionName="hello", MaximumEventAgeInSeconds=60)
    assert (updated["MaximumRetryAttempts"], updated["MaximumEventAgeInSeconds"]) == (0, 60)
    put = lambda_.put_function_event_invoke_config(FunctionName="hello", MaximumEventAgeInSeconds=90)
    assert "MaximumRetryAttempts" not in put


def test_each_version_has_a_configuration_of_its_own_and_all_are_listed(hello: None, lambda_: Any) -> None:
    for qualifier in ("$LATEST", "1"):
        lambda_.put_function_event_invoke_config(FunctionName="hello", Qualifier=qualifier, MaximumRetryAttempts=1)
    listed = lambda_.list_function_event_invoke_configs(FunctionName="hello")["FunctionEventInvokeConfigs"]
    assert [config["FunctionArn"] for config in listed] == [f"{ARN}:$LATEST", f"{ARN}:1"]
    lambda_.delete_function_event_invoke_config(FunctionName="hello", Qualifier="1")
    assert len(lambda_.list_function_event_invoke_configs(FunctionName="hello")["FunctionEventInvokeConfigs"]) == 1


ASYNC: dict[str, tuple[str, dict[str, Any], int, str, str]] = {
    "nothing sent": (
        "put",
        {},
        400,
        INVALID,
        "You must specify at least one of error handling or destination setting.",
    ),
    "itself": (
        "put",
        {"DestinationConfig": {"OnSuccess": {"Destination": ARN}}},
        400,
        INVALID,
        "You can't specify the function as a destination for itself.",
    ),
    "a function that is not there": (
        "put",
        {"DestinationConfig": {"OnFailure": {"Destination": ARN + "x"}}},
        400,
        INVALID,
        f"The destination ARN {ARN}x is invalid.",
    ),
    "a table": (
        "put",
        {"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:dynamodb:us-east-1:123456789012:table/t"}}},
        400,
        INVALID,
        "The provided destination config DestinationConfig(onSuccess=null, "
        "onFailure=OnFailure(destination=arn:aws:dynamodb:us-east-1:123456789012:table/t)) is invalid.",
    ),
    "a Kafka topic": (
        "put",
        {"DestinationConfig": {"OnFailure": {"Destination": "kafka://topic"}}},
        400,
        INVALID,
        "The provided destination config DestinationConfig(onSuccess=null, "
        "onFailure=OnFailure(destination=kafka://topic)) is invalid.",
    ),
    "a bucket for what succeeds": (
        "put",
        {"DestinationConfig": {"OnSuccess": {"Destination": "arn:aws:s3:::b"}}},
        400,
        INVALID,
        "The provided destination config DestinationConfig(onSuccess=OnSuccess(destination=arn:aws:s3:::b), "
        "onFailure=null) is invalid.",
    ),
    "an alias that is not there": (
        "put",
        {"Qualifier": "live", "MaximumRetryAttempts": 1},
        404,
        NOT_FOUND,
        "The function doesn't exist.",
    ),
    "nothing to get": ("get", {}, 404, NOT_FOUND, f"The function {ARN}:$LATEST doesn't have an EventInvokeConfig"),
    "nothing to delete": (
        "delete",
        {},
        404,
        NOT_FOUND,
        f"The function {ARN}:$LATEST doesn't have an EventInvokeConfig",
    ),
    "nothing to update": (
        "update",
        {"MaximumRetryAttempts": 1},
        404,
        NOT_FOUND,
        f"The function {ARN}:$LATEST doesn't have an EventInvokeConfig",
    ),
}


@pytest.mark.parametrize("case", ASYNC.values(), ids=ASYNC)
def test_asynchronous_configuration_refuses(
    hello: None, refused: Any, case: tuple[str, dict[str, Any], int, str, str]
) -> None:
    verb, given, *expected = case
    assert list(refused(f"{verb}_function_event_invoke_config", FunctionName="hello", **given)[:3]) == expected


# -- the rest


def test_recursion_is_terminated_unless_it_is_allowed(hello: None, lambda_: Any) -> None:
    assert lambda_.get_function_recursion_config(FunctionName="hello")["RecursiveLoop"] == "Terminate"
    lambda_.put_function_recursion_config(FunctionName="hello", RecursiveLoop="Allow")
    assert lambda_.get_function_recursion_config(FunctionName="hello")["RecursiveLoop"] == "Allow"


def test_runtime_updates_are_automatic_unless_they_are_not(hello: None, lambda_: Any) -> None:
    assert lambda_.get_runtime_management_config(FunctionName="hello")["UpdateRuntimeOn"] == "Auto"
    lambda_.put_runtime_management_config(FunctionName="hello", UpdateRuntimeOn="FunctionUpdate")
    assert lambda_.get_runtime_management_config(FunctionName="hello")["UpdateRuntimeOn"] == "FunctionUpdate"


def test_the_account_counts_functions_and_their_code(hello: None, lambda_: Any) -> None:
    found = lambda_.get_account_settings()
    size = lambda_.get_function_configuration(FunctionName="hello")["CodeSize"]
    assert found["AccountUsage"] == {"TotalCodeSize": 2 * size, "FunctionCount": 1}
    assert found["AccountLimit"]["ConcurrentExecutions"] == 1000


def test_what_was_not_made_is_not_there(hello: None, lambda_: Any, refused: Any) -> None:
    for name in ("hello", "nobody"):
        assert refused("get_function_url_config", FunctionName=name)[2] == "The resource you requested does not exist."
    assert lambda_.list_function_url_configs(FunctionName="hello")["FunctionUrlConfigs"] == []
    assert "CodeSigningConfigArn" not in lambda_.get_function_code_signing_config(FunctionName="hello")
