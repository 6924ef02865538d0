"""A bucket's notification configuration: taken, shown, and refused in S3's recorded words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambda_sandbox.moto_bridge import Bridge, TargetConfiguration
from lambda_sandbox.wire import AwsError

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:thumbnail"


def rules(**values: str) -> dict[str, Any]:
    return {"Key": {"FilterRules": [{"Name": name, "Value": value} for name, value in values.items()]}}


def function(**more: Any) -> dict[str, Any]:
    return {"LambdaFunctionArn": FUNCTION, "Events": ["s3:ObjectCreated:*"], **more}


@pytest.fixture
def s3(client: Callable[..., Any]) -> Any:
    s3 = client("s3")
    s3.create_bucket(Bucket="pictures")
    return s3


def store(s3: Any, *functions: dict[str, Any], **more: Any) -> None:
    configuration = {"LambdaFunctionConfigurations": list(functions)}
    s3.put_bucket_notification_configuration(Bucket="pictures", NotificationConfiguration=configuration, **more)


def refusal(s3: Any, *functions: dict[str, Any], **more: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as error:
        store(s3, *functions, **more)
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return dict(error.value.response["Error"])


def test_a_configuration_is_shown_as_it_was_stored(s3: Any) -> None:
    store(s3, function(Id="images", Filter=rules(prefix="in/", SUFFIX=".jpg")))
    shown = s3.get_bucket_notification_configuration(Bucket="pictures")["LambdaFunctionConfigurations"]
    assert shown == [function(Id="images", Filter=rules(Prefix="in/", Suffix=".jpg"))]


def test_an_id_is_made_where_none_is_given(s3: Any) -> None:
    store(s3, function())
    assert s3.get_bucket_notification_configuration(Bucket="pictures")["LambdaFunctionConfigurations"][0]["Id"]


def test_an_empty_configuration_forgets_the_old_one(s3: Any) -> None:
    store(s3, function())
    store(s3)
    assert "LambdaFunctionConfigurations" not in s3.get_bucket_notification_configuration(Bucket="pictures")


def test_the_functions_are_checked_before_anything_is_stored(bridge: Bridge, s3: Any) -> None:
    asked: list[tuple[str, str, list[TargetConfiguration]]] = []

    def check(bucket: str, region: str, configurations: list[TargetConfiguration]) -> None:
        asked.append((bucket, region, configurations))
        raise AwsError(
            "InvalidArgument", 400, "Unable to validate", members={"ArgumentName1": "a", "ArgumentValue1": "b"}
        )

    bridge.check_notification = check
    assert refusal(s3, function(Id="i", Filter=rules(Prefix="in/"))) == {
        "Code": "InvalidArgument",
        "Message": "Unable to validate",
        "ArgumentName1": "a",
        "ArgumentValue1": "b",
        "Resource": "/pictures",
    }
    assert asked == [
        ("pictures", "us-east-1", [TargetConfiguration("i", FUNCTION, ("s3:ObjectCreated:*",), "in/", "")])
    ]
    assert "LambdaFunctionConfigurations" not in s3.get_bucket_notification_configuration(Bucket="pictures")
    store(s3, function(), SkipDestinationValidation=True)


@pytest.mark.parametrize(
    ("one", "other", "fits"),
    [
        ({}, {}, False),
        ({"Prefix": "in/"}, {"Prefix": "out/"}, True),
        ({"Prefix": "in/"}, {"Prefix": "in/a"}, False),
        ({"Suffix": ".jpg"}, {"Suffix": ".png"}, True),
        ({"Suffix": ".jpg"}, {"Suffix": "a.jpg"}, False),
        ({"Prefix": "in/", "Suffix": ".jpg"}, {"Prefix": "in/a", "Suffix": ".png"}, True),
        ({"Prefix": "in/", "Suffix": ".jpg"}, {"Suffix": ".jpg"}, False),
        ({"Prefix": "in/", "Suffix": ".jpg"}, {"Prefix": "out/", "Suffix": ".jpg"}, True),
    ],
)
def test_configurations_that_overlap_are_refused(
    s3: Any, one: dict[str, str], other: dict[str, str], fits: bool
) -> None:
    both = function(Filter=rules(**one)), function(Filter=rules(**other))
    if fits:
        store(s3, *both)
    else:
        message = refusal(s3, *both)["Message"]
        assert message == (
            "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are "
            "overlapping for the same event type."
        )


def test_configurations_of_different_events_may_overlap(s3: Any) -> None:
    store(s3, function(), function(Events=["s3:ObjectRemoved:*"]))
    assert "ambiguously" in refusal(s3, function(), function(Events=["s3:ObjectCreated:Put"]))["Message"]


@pytest.mark.parametrize(
    "arn", ["invalid-queue", "arn:aws:sqs:us-east-1:123456789012:q", "arn:aws:lambda:us-east-1:1:f"]
)
def test_an_arn_of_nothing_is_refused(s3: Any, arn: str) -> None:
    error = refusal(s3, function(LambdaFunctionArn=arn))
    assert (error["Code"], error["Message"]) == ("InvalidArgument", "The ARN could not be parsed")
    assert (error["ArgumentName"], error["ArgumentValue"]) == ("CloudFunction", arn)


def test_a_filter_rule_of_another_name_is_refused(s3: Any) -> None:
    error = refusal(s3, function(Filter=rules(INVALID="x")))
    assert error["Message"] == "filter rule name must be either prefix or suffix"
    assert (error["ArgumentName"], error["ArgumentValue"]) == ("FilterRule.Name", "INVALID")


@pytest.mark.parametrize("name", ["prefix", "suffix"])
def test_a_filter_has_one_rule_of_a_name(s3: Any, name: str) -> None:
    two = [{"Name": name, "Value": "a"}, {"Name": name.upper(), "Value": "b"}]
    error = refusal(s3, function(Filter={"Key": {"FilterRules": two}}))
    assert error["Message"] == f"Cannot specify more than one {name} rule in a filter."


def test_an_event_that_s3_does_not_have_is_refused(s3: Any) -> None:
    assert refusal(s3, function(Events=["s3:ObjectEaten"]))["Code"] == "InvalidArgument"


def test_a_function_in_another_region_is_refused(s3: Any) -> None:
    arn = FUNCTION.replace("us-east-1", "eu-west-1")
    assert refusal(s3, function(LambdaFunctionArn=arn))["Code"] == "InvalidArgument"
