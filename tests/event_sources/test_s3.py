"""S3 → Lambda: which functions are told, what they are sent, and who may refuse."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import unquote_plus

import pytest

from lambda_sandbox.clock import VIRTUAL_EPOCH, Clock
from lambda_sandbox.event_sources.push import Push
from lambda_sandbox.event_sources.s3 import S3Source, event, matches
from lambda_sandbox.invocation.call import Call
from lambda_sandbox.journal import Journal, Kind
from lambda_sandbox.moto_bridge import S3Change, TargetConfiguration
from lambda_sandbox.state import Code, Function, FunctionVersion, Policy, State
from lambda_sandbox.wire import AwsError

ARN = "arn:aws:lambda:us-east-1:123456789012:function:thumbnail"
CONFIG = TargetConfiguration("images", ARN, ("s3:ObjectCreated:*",), "in/", ".jpg")
CHANGE = S3Change(
    event_name="ObjectCreated:Put",
    bucket="pictures",
    region="us-east-1",
    account="123456789012",
    at=VIRTUAL_EPOCH,
    configurations=(CONFIG,),
    key="in/my cat.jpg",
    request_id="C3D13FE58DE4C810",
    host_id="FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S",
    principal_id="AWS:AIDAIOSFODNN7EXAMPLE",
    source_ip="127.0.0.1",
    size=9,
    etag="437b930db84b8079c2dd804a71936b5f",
    sequencer="C03276E000000001",
)


@pytest.mark.parametrize(
    ("config", "change", "expected"),
    [
        ({}, {}, True),
        ({"events": ("s3:ObjectCreated:Put",)}, {}, True),
        ({"events": ("s3:ObjectCreated:Copy",)}, {}, False),
        ({"events": ("s3:ObjectRemoved:*", "s3:ObjectCreated:Put")}, {}, True),
        ({}, {"event_name": "ObjectRemoved:Delete"}, False),
        ({}, {"key": "out/my cat.jpg"}, False),
        ({}, {"key": "in/my cat.JPG"}, False),
        ({}, {"key": "in/.jpg"}, True),
        ({"prefix": "", "suffix": ""}, {"key": "anything"}, True),
    ],
)
def test_a_configuration_matches(config: dict[str, Any], change: dict[str, Any], expected: bool) -> None:
    assert matches(replace(CONFIG, **config), replace(CHANGE, **change)) is expected


def test_the_event_has_every_field_that_s3_sends() -> None:
    assert event(CHANGE, CONFIG) == {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "awsRegion": "us-east-1",
                "eventTime": "2031-01-01T00:00:00.000Z",
                "eventName": "ObjectCreated:Put",
                "userIdentity": {"principalId": "AWS:AIDAIOSFODNN7EXAMPLE"},
                "requestParameters": {"sourceIPAddress": "127.0.0.1"},
                "responseElements": {
                    "x-amz-request-id": "C3D13FE58DE4C810",
                    "x-amz-id-2": "FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S",
                },
                "s3": {
                    "s3SchemaVersion": "1.0",
                    "configurationId": "images",
                    "bucket": {
                        "name": "pictures",
                        "ownerIdentity": {"principalId": "A2A33349E7E606"},
                        "arn": "arn:aws:s3:::pictures",
                    },
                    "object": {
                        "key": "in/my+cat.jpg",
                        "size": 9,
                        "eTag": "437b930db84b8079c2dd804a71936b5f",
                        "sequencer": "C03276E000000001",
                    },
                },
            }
        ]
    }


@pytest.mark.parametrize(
    ("change", "members", "version"),
    [
        ({"version_id": "v1"}, {"key", "size", "eTag", "versionId", "sequencer"}, "2.1"),
        ({"event_name": "ObjectRemoved:Delete", "size": None, "etag": None}, {"key", "sequencer"}, "2.1"),
        ({"event_name": "ObjectTagging:Put", "size": None, "sequencer": None}, {"key", "eTag"}, "2.3"),
        ({"event_name": "ObjectAcl:Put", "size": None, "sequencer": None}, {"key", "eTag"}, "2.3"),
    ],
    ids=["versioned", "removed", "tagged", "acl"],
)
def test_what_s3_does_not_say_is_left_out(change: dict[str, Any], members: set[str], version: str) -> None:
    record = event(replace(CHANGE, **change), CONFIG)["Records"][0]
    assert set(record["s3"]["object"]) == members
    assert record["eventVersion"] == version


@pytest.mark.parametrize(
    ("key", "encoded"),
    [
        ("a@b", "a%40b"),
        ("in/a b+c.jpg", "in/a+b%2Bc.jpg"),
        ("größe/ü.jpg", "gr%C3%B6%C3%9Fe/%C3%BC.jpg"),
        ("a%20b", "a%2520b"),
    ],
)
def test_a_key_is_encoded_like_a_form(key: str, encoded: str) -> None:
    shown = event(replace(CHANGE, key=key), CONFIG)["Records"][0]["s3"]["object"]["key"]
    assert shown == encoded
    assert unquote_plus(shown) == key


# -- deliveries


class Queue:
    def __init__(self) -> None:
        self.calls: list[Call] = []

    def enqueue(self, call: Call) -> None:
        if call.qualifier == "gone":
            raise AwsError("ResourceNotFoundException", 404, "Function not found")
        self.calls.append(call)


class Scene:
    """A function that S3 may call for the bucket `pictures`, and for nothing else."""

    def __init__(self) -> None:
        self.state, self.queue = State(seed=1), Queue()
        self.journal = Journal(lambda: VIRTUAL_EPOCH)
        push = Push(state=self.state, journal=self.journal, invoker=self.queue)
        self.source = S3Source(
            push,
            lambda *told: None,
            account="123456789012",
            journal=self.journal,
            clock=Clock(),
            send=lambda request: pytest.fail("no message is sent here"),
            lets_in=lambda principal, action, arn, context: None,
        )
        self.function = Function(
            FunctionVersion(
                "us-east-1", "thumbnail", "$LATEST", "r", "arn:aws:iam::123456789012:role/r", Code("", 0), 0.0
            )
        )
        self.state.functions["us-east-1", "thumbnail"] = self.function
        self.permit()

    def permit(self, qualifier: str = "") -> None:
        arn = f"{ARN}:{qualifier}" if qualifier else ARN
        statement = {
            "Sid": "s3",
            "Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "lambda:InvokeFunction",
            "Resource": arn,
            "Condition": {
                "StringEquals": {"AWS:SourceAccount": "123456789012"},
                "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::pictures"},
            },
        }
        self.function.policies[qualifier] = Policy("r", [statement])

    def said(self) -> list[tuple[Kind, dict[str, Any]]]:
        return [(record.kind, dict(record.data)) for record in self.journal.since()]


ABOUT = {"source": "s3", "event_name": "ObjectCreated:Put", "bucket": "pictures", "key": "in/my cat.jpg"}


def test_a_change_invokes_the_function_asynchronously() -> None:
    scene = Scene()
    scene.source.on(CHANGE)
    (call,) = scene.queue.calls
    assert (call.region, call.function, call.qualifier, call.source) == ("us-east-1", "thumbnail", None, "s3")
    assert json.loads(call.payload) == event(CHANGE, CONFIG)
    (record,) = scene.journal.since()
    assert (record.kind, record.function, record.request_id) == (Kind.RECEIVED, "thumbnail", call.request_id)
    assert record.data == ABOUT


def test_a_key_that_the_filter_does_not_take_is_recorded_as_filtered() -> None:
    scene = Scene()
    scene.source.on(replace(CHANGE, key="out/x.jpg"))
    assert scene.queue.calls == []
    assert scene.said() == [(Kind.FILTERED, {**ABOUT, "key": "out/x.jpg"})]


def test_an_event_of_another_kind_is_not_worth_a_record() -> None:
    scene = Scene()
    scene.source.on(replace(CHANGE, event_name="ObjectRemoved:Delete"))
    assert (scene.queue.calls, scene.said()) == ([], [])


def test_every_matching_configuration_is_told() -> None:
    scene = Scene()
    scene.permit("live")
    scene.source.on(replace(CHANGE, configurations=(CONFIG, replace(CONFIG, id="live", arn=f"{ARN}:live"))))
    assert [call.qualifier for call in scene.queue.calls] == [None, "live"]
    ids = [json.loads(call.payload)["Records"][0]["s3"]["configurationId"] for call in scene.queue.calls]
    assert ids == ["images", "live"]


def test_a_permission_that_was_removed_since_refuses_the_delivery() -> None:
    scene = Scene()
    scene.function.policies.clear()
    scene.source.on(CHANGE)
    assert scene.queue.calls == []
    because = f"no statement allows s3.amazonaws.com lambda:InvokeFunction on {ARN}"
    assert scene.said() == [(Kind.RECEIVED, ABOUT), (Kind.REFUSED, {**ABOUT, "because": because})]


def test_a_permission_for_another_bucket_does_not_help() -> None:
    scene = Scene()
    scene.source.on(replace(CHANGE, bucket="other"))
    assert scene.queue.calls == []
    assert "wants arn:aws:s3:::pictures, and the request has arn:aws:s3:::other" in scene.said()[1][1]["because"]


def test_a_permission_for_the_function_is_none_for_its_alias() -> None:
    scene = Scene()
    scene.source.on(replace(CHANGE, configurations=(replace(CONFIG, arn=f"{ARN}:live"),)))
    assert scene.queue.calls == []


def test_a_function_that_was_deleted_since_refuses_the_delivery() -> None:
    scene = Scene()
    scene.permit("gone")
    scene.source.on(replace(CHANGE, configurations=(replace(CONFIG, arn=f"{ARN}:gone"),)))
    scene.state.functions.clear()
    scene.source.on(CHANGE)
    assert [said[1]["because"] for said in scene.said()[1::2]] == ["Function not found", f"there is no function {ARN}"]


# -- when a configuration is stored


def test_a_configuration_of_a_function_that_s3_may_invoke_is_taken() -> None:
    Scene().source.check("pictures", "us-east-1", [CONFIG])


@pytest.mark.parametrize(
    ("bucket", "arn"),
    [("other", ARN), ("pictures", ARN + "s"), ("pictures", ARN + ":live")],
    ids=["no permission", "no function", "no permission for the alias"],
)
def test_other_configurations_are_refused_in_the_words_of_s3(bucket: str, arn: str) -> None:
    with pytest.raises(AwsError) as refusal:
        Scene().source.check(bucket, "us-east-1", [replace(CONFIG, arn=arn), replace(CONFIG, arn=arn)])
    error = refusal.value
    assert (error.code, error.status) == ("InvalidArgument", 400)
    assert error.message == "Unable to validate the following destination configurations"
    assert error.members == {
        "ArgumentName1": f"{arn}, null",
        "ArgumentValue1": f"Not authorized to invoke function [{arn}]",
    }
