"""Functions: created, read, listed, updated and deleted as AWS was recorded to do it."""

from __future__ import annotations

import io
import zipfile
from typing import Any
from urllib.parse import urlsplit

import pytest

from .conftest import ROLE, TRUST, Served, zipped

ARN = "arn:aws:lambda:us-east-1:123456789012:function:hello"


def new(**more: Any) -> dict[str, Any]:
    wanted = {
        "FunctionName": "hello",
        "Runtime": "python3.12",
        "Role": ROLE,
        "Handler": "index.handler",
        "Code": {"ZipFile": zipped()},
        **more,
    }
    return {key: value for key, value in wanted.items() if value is not None}


# -- create


def test_a_new_function_is_pending_with_the_defaults_of_aws(lambda_: Any) -> None:
    made = lambda_.create_function(**new())
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert made["FunctionArn"] == ARN
    assert (made["Version"], made["Timeout"], made["MemorySize"]) == ("$LATEST", 3, 128)
    assert (made["State"], made["StateReasonCode"]) == ("Pending", "Creating")
    assert made["StateReason"] == "The function is being created."
    assert made["LoggingConfig"] == {"LogFormat": "Text", "LogGroup": "/aws/lambda/hello"}
    assert made["LastModified"].startswith("2031-01-01T") and made["LastModified"].endswith("+0000")
    assert not {"Environment", "LastUpdateStatus", "VpcConfig", "Layers"} & made.keys()


def test_a_new_function_becomes_active_and_changes_its_revision(lambda_: Any, served: Served) -> None:
    made = lambda_.create_function(**new())
    served.settle()
    now = lambda_.get_function_configuration(FunctionName="hello")
    assert (now["State"], now["LastUpdateStatus"]) == ("Active", "Successful")
    assert "StateReason" not in now
    assert now["RevisionId"] != made["RevisionId"]


def test_the_environments_of_a_function_do_not_end_when_only_its_state_changes(create: Any, served: Served) -> None:
    create()
    assert served.invoker.discarded == []


def test_what_was_sent_is_kept(create: Any) -> None:
    made = create(
        Description="says hello",
        Timeout=10,
        MemorySize=256,
        Environment={"Variables": {"STAGE": "test"}},
        EphemeralStorage={"Size": 1024},
        TracingConfig={"Mode": "Active"},
        Architectures=["arm64"],
        DeadLetterConfig={"TargetArn": "arn:aws:sqs:us-east-1:123456789012:dead"},
        LoggingConfig={"LogFormat": "JSON", "SystemLogLevel": "WARN"},
    )
    assert made["Description"] == "says hello"
    assert (made["Timeout"], made["MemorySize"]) == (10, 256)
    assert made["Environment"] == {"Variables": {"STAGE": "test"}}
    assert made["EphemeralStorage"] == {"Size": 1024}
    assert made["TracingConfig"] == {"Mode": "Active"}
    assert made["Architectures"] == ["arm64"]
    assert made["DeadLetterConfig"] == {"TargetArn": "arn:aws:sqs:us-east-1:123456789012:dead"}
    assert made["LoggingConfig"]["ApplicationLogLevel"] == "INFO"
    assert made["LoggingConfig"]["SystemLogLevel"] == "WARN"


def test_a_package_can_come_from_s3(create: Any, served: Served) -> None:
    served.services.objects["code", "hello.zip"] = zipped()
    from_s3 = create("one", Code={"S3Bucket": "code", "S3Key": "hello.zip"})
    assert from_s3["CodeSha256"] == create("two")["CodeSha256"]


def test_publish_answers_with_version_one(create: Any) -> None:
    made = create(Publish=True)
    assert (made["Version"], made["FunctionArn"], made["State"]) == ("1", ARN, "Pending")  # recorded: no `:1` here


REFUSED_CREATES: dict[str, tuple[dict[str, Any], int, str, str]] = {
    "a role that is no ARN": (
        {"Role": "r1"},
        400,
        "ValidationException",
        "1 validation error detected: Value 'r1' at 'role' failed to satisfy constraint: Member must satisfy regular "
        r"expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+",
    ),
    "a role that is not there": (
        {"Role": "arn:aws:iam::123456789012:role/nobody"},
        400,
        "InvalidParameterValueException",
        "The role defined for the function cannot be assumed by Lambda.",
    ),
    "an unknown architecture": (
        {"Architectures": ["X86_64"]},
        400,
        "ValidationException",
        "1 validation error detected: Value '[X86_64]' at 'architectures' failed to satisfy "
        "constraint: Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], "
        "Member must not be null]",
    ),
    "a runtime that is gone": (
        {"Runtime": "python3.7"},
        400,
        "InvalidParameterValueException",
        "The runtime parameter of python3.7 is no longer supported for creating or updating AWS Lambda functions. "
        "We recommend you use a supported runtime while creating or updating functions.",
    ),
    "no handler": (
        {"Handler": None},
        400,
        "InvalidParameterValueException",
        "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
    ),
    "a long name": (
        {"FunctionName": "n" * 65},
        400,
        "InvalidParameterValueException",
        f"1 validation error detected: Value '{'n' * 65}' at 'functionName' failed to satisfy constraint: "
        "Member must have length less than or equal to 64",
    ),
    "a long name in a partial ARN": (
        {"FunctionName": f"123456789012:function:{'n' * 65}"},
        400,
        "InvalidParameterValueException",
        f"1 validation error detected: Value '{'n' * 65}' at 'functionName' failed to satisfy constraint: "
        "Member must have length less than or equal to 64",
    ),
    "too much memory": (
        {"MemorySize": 10241},
        400,
        "InvalidParameterValueException",
        "'MemorySize' value failed to satisfy constraint: Member must have value less than or equal to 10240",
    ),
    "too little memory": (
        {"MemorySize": 64},
        400,
        "ValidationException",
        "1 validation error detected: Value '64' at 'memorySize' failed to satisfy constraint: "
        "Member must have value greater than or equal to 128",
    ),
    "a variable that starts with an underscore": (
        {"Environment": {"Variables": {"OK": "y", "_HANDLER": "z"}}},
        400,
        "ValidationException",
        "1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: "
        "Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]",
    ),
    "a layer that is not there": (
        {"Layers": ["arn:aws:lambda:us-east-1:123456789012:layer:tools:1"]},
        400,
        "InvalidParameterValueException",
        "Layer version arn:aws:lambda:us-east-1:123456789012:layer:tools:1 does not exist.",
    ),
    "an object that is not there": (
        {"Code": {"S3Bucket": "code", "S3Key": "missing.zip"}},
        400,
        "InvalidParameterValueException",
        "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.",
    ),
    "something that is not a zip": (
        {"Code": {"ZipFile": b"not a zip"}},
        400,
        "InvalidParameterValueException",
        "Could not unzip uploaded file. Please check your file, then try to upload again.",
    ),
    "no code": (
        {"Code": {}},
        400,
        "InvalidParameterValueException",
        "Please provide a source for function code.",
    ),
    "another region": (
        {"FunctionName": "arn:aws:lambda:eu-west-1:123456789012:function:hello"},
        404,
        "ResourceNotFoundException",
        "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
    ),
    "a log level in text": (
        {"LoggingConfig": {"LogFormat": "Text", "SystemLogLevel": "WARN"}},
        400,
        "InvalidParameterValueException",
        "SystemLogLevel is only supported when LogFormat is JSON",
    ),
}


@pytest.mark.parametrize("case", REFUSED_CREATES.values(), ids=REFUSED_CREATES)
def test_create_refuses(refused: Any, served: Served, case: tuple[dict[str, Any], int, str, str]) -> None:
    wrong, status, code, message = case
    found = refused("create_function", **new(**wrong))
    assert found[:3] == (status, code, message)
    assert not served.state.functions


def test_an_unknown_runtime_is_answered_with_those_that_can_be_created(refused: Any) -> None:
    *_, message, more = refused("create_function", **new(Runtime="non-existent-runtime"))
    assert message.startswith(
        "Value non-existent-runtime at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: "
        "[nodejs20.x, python3.14, "
    )
    assert message.endswith("] or be a valid ARN")
    assert "python3.7," not in message
    assert more == {"Type": "User"}


def test_a_reserved_variable_is_named(refused: Any) -> None:
    *_, message, _ = refused("create_function", **new(Environment={"Variables": {"AWS_REGION": "x", "OK": "y"}}))
    assert message.endswith("Reserved keys used in this request: AWS_REGION")


def test_a_variable_that_no_process_can_be_given_is_refused(refused: Any) -> None:
    *_, message, _ = refused("create_function", **new(Environment={"Variables": {"KEY": "a\0b"}}))
    assert message.endswith("contains the character U+0000.")


def test_variables_are_measured_as_compact_json(refused: Any, create: Any) -> None:
    create("fits", Environment={"Variables": {"KEY": "x" * 4086}})  # {"KEY":"…"} is ten bytes more than the value
    *_, message, _ = refused("create_function", **new(Environment={"Variables": {"KEY": "x" * 4087}}))
    assert message.endswith('exceeded the 4KB limit. String measured: {"KEY":"' + "x" * 4087 + '"}')


def test_a_second_function_of_the_same_name_is_a_conflict(create: Any, refused: Any) -> None:
    create()
    status, code, message, _ = refused("create_function", **new())
    assert (status, code, message) == (409, "ResourceConflictException", "Function already exist: hello")


def test_several_broken_constraints_are_joined(refused: Any) -> None:
    *_, message, _ = refused("create_function", **new(Role="r1", Timeout=0, Description="d" * 257))
    assert message.startswith("3 validation errors detected: Value 'r1' at 'role'")
    assert message.count("; Value '") == 2


def test_a_role_that_trusts_another_service_cannot_be_assumed(refused: Any, served: Served) -> None:
    principal = {"Service": "ec2.amazonaws.com"}
    served.services.roles[ROLE] = {"Statement": {**TRUST["Statement"][0], "Principal": principal}}  # type: ignore[index]
    assert refused("create_function", **new())[2] == "The role defined for the function cannot be assumed by Lambda."


def test_a_zip_over_50_mb_is_refused_before_the_request_is_measured(refused: Any) -> None:
    big = {"ZipFile": b"\0" * 52_428_801}
    status, code, message, _ = refused("create_function", **new(Code=big, Description="x" * 1000))
    assert (status, code) == (413, "RequestEntityTooLargeException")
    assert message == "Zipped size must be smaller than 52428800 bytes"


# -- read


def test_get_function_leads_to_the_package(create: Any, lambda_: Any, served: Served) -> None:
    create()
    code = lambda_.get_function(FunctionName="hello")["Code"]
    assert code["RepositoryType"] == "S3"
    place = urlsplit(code["Location"])
    assert (place.scheme, place.netloc) == ("http", "127.0.0.1:4566")
    archive = served.api.code_archive(place.path.rpartition("/")[2])
    assert archive
    assert zipfile.ZipFile(io.BytesIO(archive.read_bytes())).namelist() == ["index.py"]


def test_a_code_that_nobody_has_leads_nowhere(served: Served) -> None:
    assert served.api.code_archive("0" * 64) is None
    assert served.api.code_archive("../../etc/passwd") is None


def test_get_function_has_tags_and_concurrency_only_if_there_are_any(create: Any, lambda_: Any) -> None:
    create("plain")
    create("more", Tags={"team": "a"})
    lambda_.put_function_concurrency(FunctionName="more", ReservedConcurrentExecutions=3)
    plain, more = (lambda_.get_function(FunctionName=name) for name in ("plain", "more"))
    assert not {"Tags", "Concurrency"} & plain.keys()
    assert more["Tags"] == {"team": "a"}
    assert more["Concurrency"] == {"ReservedConcurrentExecutions": 3}


def test_lists_leave_states_out(create: Any, lambda_: Any) -> None:
    create()
    (listed,) = lambda_.list_functions()["Functions"]
    assert listed["FunctionArn"] == ARN
    assert not {"State", "LastUpdateStatus"} & listed.keys()


def test_a_list_of_all_versions_has_qualified_arns(create: Any, lambda_: Any) -> None:
    create(Publish=True)
    listed = lambda_.list_functions(FunctionVersion="ALL")["Functions"]
    assert [function["FunctionArn"] for function in listed] == [f"{ARN}:$LATEST", f"{ARN}:1"]


def test_a_list_comes_in_pages(create: Any, lambda_: Any) -> None:
    for name in "abcde":
        create(name)
    seen = [
        [function["FunctionName"] for function in page["Functions"]]
        for page in lambda_.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2})
    ]
    assert seen == [["a", "b"], ["c", "d"], ["e"]]


def test_a_page_goes_on_after_the_last_name_was_deleted(create: Any, lambda_: Any) -> None:
    for name in "abc":
        create(name)
    first = lambda_.list_functions(MaxItems=1)
    lambda_.delete_function(FunctionName="a")
    assert lambda_.list_functions(Marker=first["NextMarker"])["Functions"][0]["FunctionName"] == "b"


def test_a_marker_of_ones_own_is_refused(refused: Any) -> None:
    assert refused("list_functions", Marker="§")[:2] == (400, "InvalidParameterValueException")


def test_regions_do_not_see_each_other(create: Any, served: Served) -> None:
    create()
    assert served.client("eu-west-1").list_functions()["Functions"] == []


# -- update


def test_an_update_of_code_is_in_progress_and_then_successful(create: Any, lambda_: Any, served: Served) -> None:
    before = create()
    updated = lambda_.update_function_code(FunctionName="hello", ZipFile=zipped("x = 1"))
    assert (updated["State"], updated["LastUpdateStatus"]) == ("Active", "InProgress")
    assert updated["LastUpdateStatusReasonCode"] == "Creating"
    assert updated["CodeSha256"] != before["CodeSha256"]
    assert served.invoker.discarded == [("us-east-1", "hello", "updated")]
    served.settle()
    now = lambda_.get_function_configuration(FunctionName="hello")
    assert now["LastUpdateStatus"] == "Successful"
    assert "LastUpdateStatusReason" not in now
    assert len({before["RevisionId"], updated["RevisionId"], now["RevisionId"]}) == 3


def test_a_dry_run_changes_nothing(create: Any, lambda_: Any, served: Served) -> None:
    create()
    before = lambda_.get_function_configuration(FunctionName="hello")
    shown = lambda_.update_function_code(FunctionName="hello", ZipFile=zipped("x = 1"), DryRun=True)
    now = lambda_.get_function_configuration(FunctionName="hello")
    assert shown["CodeSha256"] != now["CodeSha256"] == before["CodeSha256"]
    assert now["RevisionId"] == before["RevisionId"]
    assert served.invoker.discarded == []


def test_an_update_changes_what_is_sent_and_keeps_the_rest(create: Any, lambda_: Any, served: Served) -> None:
    create(Timeout=10, Environment={"Variables": {"AA": "1", "BB": "2"}})
    updated = lambda_.update_function_configuration(FunctionName="hello", Environment={"Variables": {"CC": "3"}})
    assert updated["Timeout"] == 10
    assert updated["Environment"] == {"Variables": {"CC": "3"}}
    assert served.state.functions["us-east-1", "hello"].latest.environment == {"CC": "3"}


def test_a_function_leaves_its_vpc_by_empty_lists(create: Any, lambda_: Any, served: Served) -> None:
    create(VpcConfig={"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]})
    empty = {"SubnetIds": [], "SecurityGroupIds": []}
    assert lambda_.update_function_configuration(FunctionName="hello", VpcConfig=empty)["VpcConfig"] == {
        **empty,
        "VpcId": "",
        "Ipv6AllowedForDualStack": False,
    }


def test_a_second_update_at_once_is_a_conflict(create: Any, lambda_: Any, refused: Any) -> None:
    create()
    lambda_.update_function_configuration(FunctionName="hello", Timeout=5)
    status, code, message, more = refused("update_function_configuration", FunctionName="hello", Timeout=6)
    assert (status, code, more) == (409, "ResourceConflictException", {"Type": "User"})
    assert message == f"The operation cannot be performed at this time. An update is in progress for resource: {ARN}"


def test_an_update_of_a_pending_function_is_a_conflict(lambda_: Any, refused: Any) -> None:
    lambda_.create_function(**new())
    status, _, message, _ = refused("update_function_code", FunctionName="hello", ZipFile=zipped())
    assert status == 409
    assert message.endswith("The function is currently in the following state: Pending")


@pytest.mark.parametrize("operation", ["update_function_code", "update_function_configuration", "publish_version"])
def test_a_stale_revision_is_refused(create: Any, refused: Any, operation: str) -> None:
    create()
    status, code, message, more = refused(operation, FunctionName="hello", RevisionId="wrong")
    assert (status, code, more) == (412, "PreconditionFailedException", {"Type": "User"})
    assert message == (
        "The Revision Id provided does not match the latest Revision Id. "
        "Call the GetFunction/GetAlias API to retrieve the latest Revision Id"
    )


def test_an_update_of_configuration_over_5_kb_is_refused(create: Any, refused: Any) -> None:
    create()
    status, code, message, _ = refused(
        "update_function_configuration", FunctionName="hello", Environment={"Variables": {"KEY": "x" * 6000}}
    )
    assert (status, code) == (413, "RequestEntityTooLargeException")
    assert message == "Request must be smaller than 5120 bytes for the UpdateFunctionConfiguration operation"


def test_going_back_to_text_forgets_the_log_levels(create: Any, lambda_: Any) -> None:
    create(LoggingConfig={"LogFormat": "JSON", "ApplicationLogLevel": "DEBUG"})
    updated = lambda_.update_function_configuration(FunctionName="hello", LoggingConfig={"LogFormat": "Text"})
    assert updated["LoggingConfig"] == {"LogFormat": "Text", "LogGroup": "/aws/lambda/hello"}


# -- delete


def test_a_deleted_function_is_gone_with_its_environments(
    create: Any, lambda_: Any, refused: Any, served: Served
) -> None:
    create()
    assert lambda_.delete_function(FunctionName="hello")["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert served.invoker.discarded == [("us-east-1", "hello", "deleted")]
    assert refused("get_function", FunctionName="hello")[:3] == (
        404,
        "ResourceNotFoundException",
        f"Function not found: {ARN}",
    )


def test_a_version_of_no_function_is_told_by_the_function_alone(refused: Any) -> None:
    assert refused("delete_function", FunctionName="hello", Qualifier="1")[2] == f"Function not found: {ARN}"


def test_a_function_deleted_while_pending_stays_away(lambda_: Any, served: Served) -> None:
    lambda_.create_function(**new())
    lambda_.delete_function(FunctionName="hello")
    served.settle()
    assert lambda_.list_functions()["Functions"] == []


@pytest.mark.parametrize(
    ("qualifier", "message"),
    [
        ("$LATEST", "$LATEST version cannot be deleted without deleting the function."),
        ("live", "Deletion of aliases is not currently supported."),
    ],
)
def test_delete_refuses_by_the_form_of_the_qualifier(refused: Any, qualifier: str, message: str) -> None:
    found = refused("delete_function", FunctionName="nobody", Qualifier=qualifier)
    assert found[:3] == (400, "InvalidParameterValueException", message)


# -- what AWS refuses, and what the sandbox does not model


@pytest.mark.parametrize(
    ("member", "value", "what"),
    [
        ("TenancyConfig", {"TenantIsolationMode": "PER_TENANT"}, "tenant isolation"),
        ("DurableConfig", {"ExecutionTimeout": 60}, "durable functions"),
        ("Runtime", "custom", "the runtime custom"),
    ],
)
def test_products_that_are_not_modelled_are_refused_and_not_ignored(
    refused: Any, member: str, value: Any, what: str
) -> None:
    status, code, message, _ = refused("create_function", **new(**{member: value}))
    assert (status, code) == (501, "NotModelledBySandbox")
    assert message.startswith(f"The sandbox does not model {what}.")


def test_calls_for_a_tenant_or_a_durable_execution_are_refused(create: Any, refused: Any) -> None:
    create()
    for given in ({"TenantId": "blue"}, {"DurableExecutionName": "t"}):
        assert refused("invoke", FunctionName="hello", **given)[:2] == (501, "NotModelledBySandbox")


@pytest.mark.parametrize("target", ["lambda:us-east-1:123456789012:function:f", "sqs:us-east-1:123456789012:dead.fifo"])
def test_dead_letters_go_to_a_standard_queue_or_topic(create: Any, refused: Any, target: str) -> None:
    arn = f"arn:aws:{target}"
    status, code, message, _ = refused("create_function", **new(DeadLetterConfig={"TargetArn": arn}))
    assert (status, code) == (400, "InvalidParameterValueException")
    assert arn in message
    create(DeadLetterConfig={"TargetArn": ""})


def test_dead_letters_end_with_an_empty_arn_and_not_with_an_empty_configuration(
    served: Any, create: Any, lambda_: Any
) -> None:
    kept = {"TargetArn": "arn:aws:sqs:us-east-1:123456789012:dead"}
    create(DeadLetterConfig=kept)
    for given, left in (({}, kept), ({"TargetArn": ""}, None)):
        got = lambda_.update_function_configuration(FunctionName="hello", DeadLetterConfig=given)
        assert got.get("DeadLetterConfig") == left
        served.settle()


def test_only_the_function_itself_is_created_and_changed(create: Any, refused: Any) -> None:
    create(Publish=True)
    for operation, given in (
        ("update_function_configuration", {"FunctionName": "hello:1", "Timeout": 5}),
        ("update_function_code", {"FunctionName": "hello:1", "ZipFile": zipped()}),
        ("create_function", new(FunctionName="foo:bar")),
    ):
        status, code, message, _ = refused(operation, **given)
        assert (status, code) == (400, "InvalidParameterValueException")
        assert message.startswith("This operation is permitted on Lambda functions only.")


def test_code_has_one_source(create: Any, refused: Any) -> None:
    create("zipped")
    assert refused("update_function_code", FunctionName="zipped", ImageUri="123456789012.dkr.ecr/x:latest")[1:3] == (
        "InvalidParameterValueException",
        "Please don't provide ImageUri when updating a function with packageType Zip.",
    )
    create()
    both = {"ZipFile": zipped(), "S3Bucket": "bucket", "S3Key": "k"}
    message = "Please do not provide other FunctionCode parameters when providing a ZipFile."
    for operation, given in (
        ("create_function", new(FunctionName="other", Code=both)),
        ("update_function_code", {"FunctionName": "hello", **both}),
    ):
        assert refused(operation, **given)[:3] == (400, "InvalidParameterValueException", message)


def test_tags_of_aws_are_its_own(create: Any, refused: Any) -> None:
    create()
    tags = {"aws:owner": "me"}
    message = "aws: prefixed tag key names are not allowed for external use."
    assert refused("create_function", **new(FunctionName="other", Tags=tags))[2] == message
    assert refused("tag_resource", Resource=ARN, Tags=tags)[2] == message
