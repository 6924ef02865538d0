"""Provisioned concurrency: what may be asked for, in AWS's words; and that the invoker is asked."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Served

ARN = "arn:aws:lambda:us-east-1:123456789012:function:hello"


@pytest.fixture(autouse=True)
def hello(create: Any, lambda_: Any, served: Served) -> None:
    create(Publish=True)
    lambda_.update_function_configuration(FunctionName="hello", Timeout=9)
    served.settle()
    lambda_.publish_version(FunctionName="hello")
    lambda_.create_alias(FunctionName="hello", Name="live", FunctionVersion="1")


def put(lambda_: Any, qualifier: str, count: int) -> dict[str, Any]:
    return dict(
        lambda_.put_provisioned_concurrency_config(
            FunctionName="hello", Qualifier=qualifier, ProvisionedConcurrentExecutions=count
        )
    )


def asked(served: Served) -> dict[str, int]:
    return {qualifier: ahead.requested for (_, _, qualifier), ahead in served.invoker.ahead.items()}


def test_what_is_put_is_asked_of_the_invoker_and_shown(served: Served, lambda_: Any) -> None:
    made = put(lambda_, "live", 3)
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert (made["RequestedProvisionedConcurrentExecutions"], made["Status"]) == (3, "READY")
    found = lambda_.get_provisioned_concurrency_config(FunctionName="hello", Qualifier="live")
    assert {key: found[key] for key in made if key != "ResponseMetadata"} == {
        key: value for key, value in made.items() if key != "ResponseMetadata"
    }
    put(lambda_, "2", 1)
    put(lambda_, "live", 5)
    assert asked(served) == {"live": 5, "2": 1}
    listed = lambda_.list_provisioned_concurrency_configs(FunctionName="hello", MaxItems=1)
    rest = lambda_.list_provisioned_concurrency_configs(FunctionName="hello", Marker=listed["NextMarker"])
    configs = listed["ProvisionedConcurrencyConfigs"] + rest["ProvisionedConcurrencyConfigs"]
    assert [config["FunctionArn"] for config in configs] == [f"{ARN}:2", f"{ARN}:live"]
    assert lambda_.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"] == 1000 - 6


def test_a_deleted_one_is_gone_and_deleting_it_again_is_no_error(served: Served, lambda_: Any, refused: Any) -> None:
    put(lambda_, "1", 1)
    for _ in range(2):
        lambda_.delete_provisioned_concurrency_config(FunctionName="hello", Qualifier="1")
    assert asked(served) == {}
    status, code, message, _ = refused("get_provisioned_concurrency_config", FunctionName="hello", Qualifier="1")
    assert (status, code) == (404, "ProvisionedConcurrencyConfigNotFoundException")
    assert message == "No Provisioned Concurrency Config found for this function"


def test_it_goes_with_what_it_hangs_on(served: Served, lambda_: Any) -> None:
    put(lambda_, "live", 1)
    put(lambda_, "2", 1)
    lambda_.delete_alias(FunctionName="hello", Name="live")
    assert asked(served) == {"2": 1}
    lambda_.delete_function(FunctionName="hello", Qualifier="2")
    assert asked(served) == {}
    put(lambda_, "1", 1)
    lambda_.delete_function(FunctionName="hello")
    assert asked(served) == {}


def test_an_alias_that_moves_takes_it_along(served: Served, lambda_: Any) -> None:
    put(lambda_, "live", 2)
    served.invoker.ahead.clear()
    lambda_.update_alias(FunctionName="hello", Name="live", Description="still here")
    assert asked(served) == {}
    lambda_.update_alias(FunctionName="hello", Name="live", FunctionVersion="2")
    assert asked(served) == {"live": 2}


def test_one_version_is_provisioned_once(lambda_: Any, refused: Any) -> None:
    more = {"FunctionName": "hello", "ProvisionedConcurrentExecutions": 1}
    put(lambda_, "1", 1)
    status, code, message, _ = refused("put_provisioned_concurrency_config", Qualifier="live", **more)
    assert (status, code) == (409, "ResourceConflictException")
    assert message == "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version"
    lambda_.delete_provisioned_concurrency_config(FunctionName="hello", Qualifier="1")
    put(lambda_, "live", 1)
    assert refused("put_provisioned_concurrency_config", Qualifier="1", **more)[1] == "ResourceConflictException"


def test_no_more_than_the_account_has_left(lambda_: Any, refused: Any) -> None:
    for count, text in (
        (901, "decreases account's UnreservedConcurrentExecution below its minimum value of [100]."),
        (1001, "is greater than account's unreserved concurrency [1000]."),
    ):
        status, code, message, more = refused(
            "put_provisioned_concurrency_config",
            FunctionName="hello",
            Qualifier="1",
            ProvisionedConcurrentExecutions=count,
        )
        assert (status, code, more) == (400, "InvalidParameterValueException", {})  # recorded: without a Type
        assert message == f"Specified ConcurrentExecutions for function {text}"
    put(lambda_, "1", 900)


def test_no_more_than_the_function_has_reserved_and_no_less_reserved_than_provisioned(
    lambda_: Any, refused: Any
) -> None:
    lambda_.put_function_concurrency(FunctionName="hello", ReservedConcurrentExecutions=3)
    put(lambda_, "1", 2)
    assert refused(
        "put_provisioned_concurrency_config", FunctionName="hello", Qualifier="2", ProvisionedConcurrentExecutions=2
    )[2] == (
        "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function"
    )
    _, _, message, more = refused("put_function_concurrency", FunctionName="hello", ReservedConcurrentExecutions=1)
    assert more == {}  # recorded: without a Type
    assert message == (
        " ReservedConcurrentExecutions  1 should not be lower than function's total provisioned concurrency [2]."
    )


@pytest.mark.parametrize("operation", ["get", "delete"])
def test_it_is_of_a_version_or_an_alias(refused: Any, operation: str) -> None:
    call = f"{operation}_provisioned_concurrency_config"
    assert refused(call, FunctionName="hello", Qualifier="$LATEST")[2] == (
        "The function resource provided must be an alias or a published version."
    )
    assert refused(call, FunctionName="hello", Qualifier="noalias")[2] == f"Cannot find alias arn: {ARN}:noalias"
    assert refused(call, FunctionName="hello", Qualifier="9")[2] == f"Function not found: {ARN}:9"
    nobody = ARN.replace("hello", "nobody")
    assert refused(call, FunctionName="nobody", Qualifier="live")[2] == f"Cannot find alias arn: {nobody}:live"
    assert refused(call, FunctionName="nobody", Qualifier="1")[2] == f"Function not found: {nobody}:1"
