"""A function by its name in every form that AWS takes, and the words for those it does not."""

from __future__ import annotations

from typing import Any

import pytest

ARN = "arn:aws:lambda:us-east-1:123456789012:function:hello"
PATTERN = (
    r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?"
    r"([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
)


@pytest.mark.parametrize("form", ["hello", "function:hello", "123456789012:function:hello", ARN])
@pytest.mark.parametrize("suffix", ["", ":$LATEST"])
def test_every_form_of_a_name_is_the_same_function(create: Any, lambda_: Any, form: str, suffix: str) -> None:
    create()
    assert lambda_.get_function(FunctionName=form + suffix)["Configuration"]["FunctionArn"] == ARN + suffix


@pytest.mark.parametrize(
    "name",
    [
        "*",
        "a b",
        "a:b:c",
        "arn:aws:ec2:us-east-1:123456789012:instance:i-1",
        "arn:aws:lambda::123456789012:function:f",
    ],
)
def test_a_name_of_another_form_is_a_validation_error(refused: Any, name: str) -> None:
    status, code, message, more = refused("get_function", FunctionName=name)
    assert (status, code, more) == (400, "ValidationException", {})
    assert message == (
        f"1 validation error detected: Value '{name}' at 'functionName' failed to satisfy constraint: "
        f"Member must satisfy regular expression pattern: {PATTERN}"
    )


NOT_FOUND = {
    "a bare name": ({"FunctionName": "nobody"}, "nobody"),
    "an alias": ({"FunctionName": "nobody:live"}, "nobody:live"),
    "a version": ({"FunctionName": "nobody", "Qualifier": "3"}, "nobody:3"),
    "latest in lower case": ({"FunctionName": "nobody:$latest"}, "nobody:$latest"),
}


@pytest.mark.parametrize("case", NOT_FOUND.values(), ids=NOT_FOUND)
def test_what_was_looked_up_is_what_was_not_found(refused: Any, case: tuple[dict[str, str], str]) -> None:
    given, end = case
    assert refused("get_function_configuration", **given) == (
        404,
        "ResourceNotFoundException",
        f"Function not found: arn:aws:lambda:us-east-1:123456789012:function:{end}",
        {"Type": "User", "Message": f"Function not found: arn:aws:lambda:us-east-1:123456789012:function:{end}"},
    )


def test_a_version_that_is_not_there_is_named(create: Any, refused: Any) -> None:
    create()
    assert refused("get_function", FunctionName="hello", Qualifier="1221")[2] == f"Function not found: {ARN}:1221"


def test_two_qualifiers_must_agree(refused: Any) -> None:
    for operation in ("get_function", "invoke", "delete_function", "add_permission"):
        more = {"Action": "lambda:*", "StatementId": "s", "Principal": "*"} if operation == "add_permission" else {}
        found = refused(operation, FunctionName=f"{ARN}:$LATEST", Qualifier="1", **more)
        assert found[:3] == (
            400,
            "InvalidParameterValueException",
            "The derived qualifier from the function name does not match the specified qualifier.",
        )


def test_another_accounts_function_is_not_ours_to_see(refused: Any) -> None:
    arn = "arn:aws:lambda:us-east-1:210987654321:function:hello"
    status, code, message, _ = refused("get_function", FunctionName=arn)
    assert (status, code) == (403, "AccessDeniedException")
    assert message.endswith(
        f"lambda:GetFunction on resource: {arn} because no resource-based policy allows the lambda:GetFunction action"
    )


def test_operations_on_whole_functions_take_no_qualifier(create: Any, refused: Any) -> None:
    create()
    status, code, message, _ = refused(
        "put_function_concurrency", FunctionName="hello:1", ReservedConcurrentExecutions=1
    )
    assert (status, code) == (400, "InvalidParameterValueException")
    assert message.startswith("This operation is permitted on Lambda functions only.")
