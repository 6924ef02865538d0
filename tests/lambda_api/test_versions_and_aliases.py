"""Published versions, and the aliases that name them."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Served, zipped

ARN = "arn:aws:lambda:us-east-1:123456789012:function:hello"


@pytest.fixture
def two(create: Any, lambda_: Any, served: Served) -> None:
    """hello with versions 1 and 2."""
    create(Publish=True)
    lambda_.update_function_configuration(FunctionName="hello", Environment={"Variables": {"STAGE": "prod"}})
    served.settle()
    lambda_.publish_version(FunctionName="hello")
    served.settle()


# -- versions


def test_publishing_again_without_a_change_gives_the_same_version(create: Any, lambda_: Any) -> None:
    create(Publish=True)
    again = lambda_.publish_version(FunctionName="hello", Description="another text")
    assert (again["ResponseMetadata"]["HTTPStatusCode"], again["Version"]) == (201, "1")


def test_publishing_and_tagging_give_the_function_another_revision(create: Any, lambda_: Any, served: Served) -> None:
    create()

    def revision(qualifier: str = "$LATEST") -> str:
        return str(lambda_.get_function_configuration(FunctionName="hello", Qualifier=qualifier)["RevisionId"])

    seen = [revision()]
    lambda_.publish_version(FunctionName="hello")
    served.settle()
    first = revision("1")
    for change in (
        lambda: None,
        lambda: lambda_.tag_resource(Resource=ARN, Tags={"team": "a"}),
        lambda: lambda_.untag_resource(Resource=ARN, TagKeys=["team"]),
    ):
        change()
        seen.append(revision())
    assert len({*seen, first}) == 5 and revision("1") == first  # recorded


def test_a_change_that_is_undone_publishes_nothing_new(two: None, lambda_: Any, served: Served) -> None:
    for seconds in (9, 3):
        lambda_.update_function_configuration(FunctionName="hello", Timeout=seconds)
        served.settle()
    assert lambda_.publish_version(FunctionName="hello")["Version"] == "2"


def test_a_version_keeps_what_it_was_published_with(two: None, lambda_: Any) -> None:
    one, latest = (lambda_.get_function_configuration(FunctionName="hello", Qualifier=q) for q in ("1", "$LATEST"))
    assert "Environment" not in one
    assert latest["Environment"] == {"Variables": {"STAGE": "prod"}}
    assert (one["FunctionArn"], latest["FunctionArn"]) == (f"{ARN}:1", f"{ARN}:$LATEST")


def test_a_version_is_active_at_once_unless_a_snapshot_is_taken(create: Any, lambda_: Any, served: Served) -> None:
    create()
    made = lambda_.publish_version(FunctionName="hello", Description="first")
    assert (made["State"], made["Description"], made["FunctionArn"]) == ("Active", "first", f"{ARN}:1")
    assert made["LastUpdateStatus"] == "Successful"
    assert made["RevisionId"] == lambda_.get_function_configuration(FunctionName="hello:1")["RevisionId"]
    create("snapped", SnapStart={"ApplyOn": "PublishedVersions"})
    made = lambda_.publish_version(FunctionName="snapped")
    assert made["State"] == "Pending" and "LastUpdateStatus" not in made
    served.settle()
    assert lambda_.get_function_configuration(FunctionName="snapped:1")["State"] == "Active"


def test_an_update_of_code_can_publish(create: Any, lambda_: Any) -> None:
    create()
    made = lambda_.update_function_code(FunctionName="hello", ZipFile=zipped("x = 1"), Publish=True)
    assert (made["Version"], made["FunctionArn"], made["State"]) == ("1", f"{ARN}:1", "Pending")


def test_a_number_is_never_used_twice(two: None, lambda_: Any, served: Served) -> None:
    lambda_.delete_function(FunctionName="hello", Qualifier="2")
    lambda_.update_function_configuration(FunctionName="hello", Timeout=9)
    served.settle()
    assert lambda_.publish_version(FunctionName="hello")["Version"] == "3"


def test_a_version_can_be_deleted_twice(two: None, lambda_: Any, refused: Any) -> None:
    for _ in range(2):
        lambda_.delete_function(FunctionName="hello", Qualifier="1")
    assert refused("get_function", FunctionName="hello:1")[2] == f"Function not found: {ARN}:1"


def test_a_version_that_an_alias_needs_stays(two: None, lambda_: Any, refused: Any) -> None:
    lambda_.create_alias(FunctionName="hello", Name="live", FunctionVersion="1")
    weights = {"AdditionalVersionWeights": {"1": 0.5}}
    lambda_.create_alias(FunctionName="hello", Name="canary", FunctionVersion="2", RoutingConfig=weights)
    assert refused("delete_function", FunctionName="hello:1")[:3] == (
        409,
        "ResourceConflictException",
        "Unable to delete version because the following aliases reference it: [canary, live]",
    )


def test_versions_are_listed_from_latest_by_number_without_states(two: None, lambda_: Any) -> None:
    listed = lambda_.list_versions_by_function(FunctionName="hello")["Versions"]
    assert [version["FunctionArn"] for version in listed] == [f"{ARN}:$LATEST", f"{ARN}:1", f"{ARN}:2"]
    assert not any("State" in version for version in listed)
    first = lambda_.list_versions_by_function(FunctionName="hello", MaxItems=2)
    rest = lambda_.list_versions_by_function(FunctionName="hello", Marker=first["NextMarker"])
    assert [version["Version"] for version in rest["Versions"]] == ["2"]


def test_another_sha_than_the_codes_is_refused(create: Any, refused: Any) -> None:
    made = create()
    *_, message, _ = refused("publish_version", FunctionName="hello", CodeSha256="x")
    assert message == (
        f"CodeSHA256 (x) is different from current CodeSHA256 in $LATEST ({made['CodeSha256']}). "
        "Please try again with the CodeSHA256 in $LATEST."
    )


# -- aliases


def test_an_alias_is_described_and_found_again(two: None, lambda_: Any) -> None:
    made = lambda_.create_alias(FunctionName="hello", Name="live", FunctionVersion="1")
    del made["ResponseMetadata"]
    assert made == {
        "AliasArn": f"{ARN}:live",
        "Name": "live",
        "FunctionVersion": "1",
        "Description": "",
        "RevisionId": made["RevisionId"],
    }
    found = lambda_.get_alias(FunctionName="hello", Name="live")
    del found["ResponseMetadata"]
    assert found == made


def test_a_function_read_by_alias_has_the_aliass_arn_and_the_versions_number(two: None, lambda_: Any) -> None:
    lambda_.create_alias(FunctionName="hello", Name="live", FunctionVersion="1")
    found = lambda_.get_function(FunctionName="hello:live")["Configuration"]
    assert (found["FunctionArn"], found["Version"]) == (f"{ARN}:live", "1")


def test_an_alias_moves_with_its_weights_and_changes_its_revision(two: None, lambda_: Any, refused: Any) -> None:
    made = lambda_.create_alias(FunctionName="hello", Name="live", FunctionVersion="1")
    moved = lambda_.update_alias(
        FunctionName="hello",
        Name="live",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.1}},
        RevisionId=made["RevisionId"],
    )
    assert moved["RoutingConfig"] == {"AdditionalVersionWeights": {"2": 0.1}}
    assert moved["FunctionVersion"] == "1"
    assert refused("update_alias", FunctionName="hello", Name="live", RevisionId=made["RevisionId"])[0] == 412
    reset = lambda_.update_alias(FunctionName="hello", Name="live", FunctionVersion="2", RoutingConfig={})
    assert "RoutingConfig" not in reset


def test_an_alias_cannot_move_to_the_version_that_it_gives_a_weight(two: None, lambda_: Any, refused: Any) -> None:
    weights = {"AdditionalVersionWeights": {"2": 0.1}}
    lambda_.create_alias(FunctionName="hello", Name="live", FunctionVersion="1", RoutingConfig=weights)
    for version, message in (
        ("2", "Invalid function version 2. Function version 2 is already included in routing configuration."),
        ("$LATEST", "$LATEST is not supported for an alias pointing to more than 1 version"),
    ):
        assert refused("update_alias", FunctionName="hello", Name="live", FunctionVersion=version)[2] == message
    kept = lambda_.get_alias(FunctionName="hello", Name="live")
    assert (kept["FunctionVersion"], kept["RoutingConfig"]) == ("1", weights)


def test_aliases_are_listed_by_name_and_by_version(two: None, lambda_: Any) -> None:
    for name, number in (("b", "1"), ("a", "2"), ("c", "2")):
        lambda_.create_alias(FunctionName="hello", Name=name, FunctionVersion=number)
    assert [alias["Name"] for alias in lambda_.list_aliases(FunctionName="hello")["Aliases"]] == ["a", "b", "c"]
    only = lambda_.list_aliases(FunctionName="hello", FunctionVersion="2")["Aliases"]
    assert [alias["Name"] for alias in only] == ["a", "c"]


def test_deleting_an_alias_takes_its_policy_along_and_may_be_repeated(two: None, lambda_: Any, served: Served) -> None:
    lambda_.create_alias(FunctionName="hello", Name="live", FunctionVersion="1")
    lambda_.add_permission(
        FunctionName="hello:live", StatementId="s", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com"
    )
    for _ in range(2):
        answer = lambda_.delete_alias(FunctionName="hello", Name="live")
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert served.state.functions["us-east-1", "hello"].policies == {}


INVALID = "InvalidParameterValueException"
REFUSED: dict[str, tuple[str, dict[str, Any], int, str, str]] = {
    "two more versions": (
        "1",
        {"1": 0.8, "2": 0.2},
        400,
        INVALID,
        "Number of items in AdditionalVersionWeights cannot be greater than 1",
    ),
    "the same version": (
        "1",
        {"1": 0.5},
        400,
        INVALID,
        "Invalid function version 1. Function version 1 is already included in routing configuration.",
    ),
    "latest with another": (
        "$LATEST",
        {"1": 0.5},
        400,
        INVALID,
        "$LATEST is not supported for an alias pointing to more than 1 version",
    ),
    "another with latest": (
        "1",
        {"$LATEST": 0.5},
        400,
        "ValidationException",
        "1 validation error detected: Value '{$LATEST=0.5}' at 'routingConfig.additionalVersionWeights' failed to "
        "satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 1024, "
        "Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+]",
    ),
    "a weight of two": (
        "1",
        {"2": 2},
        400,
        "ValidationException",
        "1 validation error detected: Value '{2=2.0}' at 'routingConfig.additionalVersionWeights' failed to "
        "satisfy constraint: Map value must satisfy constraint: [Member must have value less than or equal to 1.0, "
        "Member must have value greater than or equal to 0.0, Member must not be null]",
    ),
    "no such version": ("7", {}, 404, "ResourceNotFoundException", f"Function not found: {ARN}:7"),
    "no such other version": ("1", {"7": 0.5}, 404, "ResourceNotFoundException", f"Function not found: {ARN}:7"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_create_alias_refuses(two: None, refused: Any, case: tuple[str, dict[str, Any], int, str, str]) -> None:
    version, weights, *expected = case
    routing = {"RoutingConfig": {"AdditionalVersionWeights": weights}} if weights else {}
    found = refused("create_alias", FunctionName="hello", Name="live", FunctionVersion=version, **routing)
    assert list(found[:3]) == expected
    assert "Type" not in found[3] or version != "$LATEST"  # recorded: this one has none


def test_an_alias_of_no_function_misses_the_version(refused: Any) -> None:
    found = refused("create_alias", FunctionName="hello", Name="live", FunctionVersion="1")
    assert found[:3] == (404, "ResourceNotFoundException", f"Function not found: {ARN}:1")


def test_an_alias_cannot_be_a_number_or_be_there_twice(two: None, lambda_: Any, refused: Any) -> None:
    assert refused("create_alias", FunctionName="hello", Name="2024", FunctionVersion="1")[2] == (
        "1 validation error detected: Value '2024' at 'name' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)"
    )
    lambda_.create_alias(FunctionName="hello", Name="live", FunctionVersion="1")
    assert refused("create_alias", FunctionName="hello", Name="live", FunctionVersion="1")[:3] == (
        409,
        "ResourceConflictException",
        f"Alias already exists: {ARN}:live",
    )


def test_an_alias_that_is_not_there_is_named(create: Any, refused: Any) -> None:
    create()
    assert refused("get_alias", FunctionName="hello", Name="live")[2] == f"Cannot find alias arn: {ARN}:live"
    assert refused("update_alias", FunctionName="hello", Name="live")[2] == f"Alias not found: {ARN}:live"
