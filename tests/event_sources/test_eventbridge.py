"""EventBridge: patterns, what a target gets, schedules on the clock, other targets."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes import EventBridgeEvent, S3EventBridgeNotificationEvent
from botocore.exceptions import ClientError

from lambda_sandbox import Sandbox
from lambda_sandbox.event_sources.eventbridge import shaped

RULE = "arn:aws:events:us-east-1:123456789012:rule/r"
EVENT = {
    "version": "0",
    "id": "e1",
    "detail-type": "Order",
    "source": "shop",
    "account": "123456789012",
    "time": "2031-01-01T00:00:00Z",
    "region": "us-east-1",
    "resources": [],
    "detail": {"id": 7, "who": 'Ada "the first"', "items": [{"sku": "a"}, {"sku": "b"}]},
}


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({}, EVENT),
        ({"Input": '{"constant": true}'}, {"constant": True}),
        ({"InputPath": "$.detail.items[1]"}, {"sku": "b"}),
        ({"InputPath": "$.detail.none"}, None),
        (
            {"InputTransformer": {"InputPathsMap": {"n": "$.detail.id"}, "InputTemplate": '{"order": <n>}'}},
            {"order": 7},
        ),
        (
            {"InputTransformer": {"InputPathsMap": {"who": "$.detail.who"}, "InputTemplate": '"Dear <who>!"'}},
            'Dear Ada "the first"!',
        ),
        (
            {"InputTransformer": {"InputTemplate": '{"rule": <aws.events.rule-name>, "all": <aws.events.event.json>}'}},
            {"rule": "r", "all": EVENT},
        ),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {"all": "$.detail.items[*].sku", "none": "$.detail.none"},
                    "InputTemplate": '{"skus": <all>, "text": "no <none>one"}',
                }
            },
            {"skus": ["a", "b"], "text": "no one"},
        ),
    ],
    ids=[
        "the event",
        "a constant",
        "a part",
        "nothing there",
        "a number",
        "a text in quotes",
        "of the rule itself",
        "of all",
    ],
)
def test_a_target_gets(target: dict[str, Any], expected: Any) -> None:
    assert json.loads(shaped(target, EVENT, RULE)) == expected


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock="virtual", seed=1) as sandbox:
        yield sandbox


SHOWS = "import json\ndef handler(event, context):\n    print(json.dumps(event))\n"


def targeted(sandbox: Sandbox, name: str, *, permit: bool = True, target: Any = None, **rule: Any) -> str:
    """A rule with a function behind it; both are called `name`. Gives the rule's ARN."""
    events = sandbox.client("events")
    arn = events.put_rule(Name=name, **rule)["RuleArn"]
    function = sandbox.deploy(SHOWS, name=name).arn
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": function, **(target or {})}])
    if permit:
        sandbox.client("lambda").add_permission(
            FunctionName=name,
            StatementId="events",
            Action="lambda:InvokeFunction",
            Principal="events.amazonaws.com",
            SourceArn=arn,
        )
    return str(arn)


def seen(sandbox: Sandbox, name: str) -> list[Any]:
    return [json.loads(record.data["message"]) for record in sandbox.journal(function=name, kind="invocation.log")]


def put(sandbox: Sandbox, **detail: Any) -> None:
    entry = {"Source": "shop", "DetailType": "Order", "Detail": json.dumps(detail)}
    assert sandbox.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0
    sandbox.settle()


def test_a_pattern_decides_and_the_event_has_what_powertools_expects(sandbox: Sandbox) -> None:
    pattern = json.dumps({"source": ["shop"], "detail": {"total": [{"numeric": [">", 100]}]}})
    targeted(sandbox, "large-orders", EventPattern=pattern)
    put(sandbox, total=120)
    put(sandbox, total=80)
    (one,) = seen(sandbox, "large-orders")
    event = EventBridgeEvent(one)
    assert (event.source, event.detail_type, event.detail) == ("shop", "Order", {"total": 120})
    assert event.time.startswith("2031-01-01T00:")
    assert sorted(one) == sorted([*EVENT])


def test_a_rule_that_is_disabled_or_not_let_in_does_not_fire(sandbox: Sandbox) -> None:
    pattern = json.dumps({"source": ["shop"]})
    targeted(sandbox, "off", EventPattern=pattern, State="DISABLED")
    targeted(sandbox, "stranger", permit=False, EventPattern=pattern)
    put(sandbox, total=1)
    assert seen(sandbox, "off") == seen(sandbox, "stranger") == []
    (refused,) = sandbox.journal(function="stranger", kind="delivery.refused")
    assert "no statement allows events.amazonaws.com" in refused.data["because"]


def test_what_a_target_may_not_get_goes_to_its_dead_letter_queue(sandbox: Sandbox) -> None:
    events, sqs = sandbox.client("events"), sandbox.client("sqs")
    dead = sqs.create_queue(QueueName="not-let-in")["QueueUrl"]
    rule = events.put_rule(Name="barred", EventPattern=json.dumps({"source": ["shop"], "detail": {"barred": [1]}}))
    buried = {"DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:123456789012:not-let-in"}}
    arn = sandbox.deploy(SHOWS, name="barred").arn
    events.put_targets(Rule="barred", Targets=[{"Id": "1", "Arn": arn, "InputPath": "$.detail", **buried}])
    put(sandbox, barred=1)
    [letter] = sqs.receive_message(QueueUrl=dead, MessageAttributeNames=["All"])["Messages"]
    assert json.loads(letter["Body"])["detail"] == {"barred": 1}
    said = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
    assert (said["RULE_ARN"], said["TARGET_ARN"], said["ERROR_CODE"]) == (rule["RuleArn"], arn, "NO_PERMISSIONS")


def test_targets_and_events_that_make_no_sense_are_refused(sandbox: Sandbox) -> None:
    events = sandbox.client("events")
    events.put_rule(Name="odd", EventPattern='{"source": ["odd"]}')
    one = {"Id": "1", "Arn": "arn:aws:lambda:us-east-1:123456789012:function:f"}
    for targets, because in (
        ([{**one, "Input": "{}", "InputPath": "$"}], "Only one of Input, InputPath, or InputTransformer"),
        ([{**one, "Input": "{x"}], "JSON syntax error in input for target 1"),
        ([{**one, "Id": str(number)} for number in range(6)], "exceeds the maximum number allowed"),
    ):
        with pytest.raises(ClientError, match=because):
            events.put_targets(Rule="odd", Targets=targets)
    entries = [{"Source": source, "DetailType": "t", "Detail": "{}"} for source in ("aws.s3", "odd")]
    refused, taken = events.put_events(Entries=entries)["Entries"]
    assert (refused["ErrorCode"], list(taken)) == ("NotAuthorizedForSource", ["EventId"])


def test_a_pattern_can_be_tried(sandbox: Sandbox) -> None:
    events = sandbox.client("events")
    event = {**EVENT, "detail": {"total": 120}}
    for wanted, fits in ((100, True), (200, False)):
        pattern = json.dumps({"detail": {"total": [{"numeric": [">", wanted]}]}})
        assert events.test_event_pattern(EventPattern=pattern, Event=json.dumps(event))["Result"] is fits
    with pytest.raises(events.exceptions.InvalidEventPatternException):
        events.test_event_pattern(EventPattern='{"a": 1}', Event=json.dumps(event))
    with pytest.raises(events.exceptions.ClientError, match="Parameter Event is not valid"):
        events.test_event_pattern(EventPattern='{"a": [1]}', Event="{}")


def test_queues_topics_log_groups_and_other_buses_are_targets_too(sandbox: Sandbox) -> None:
    events, sqs, logs = sandbox.client("events"), sandbox.client("sqs"), sandbox.client("logs")
    url = sqs.create_queue(QueueName="orders")["QueueUrl"]
    logs.create_log_group(logGroupName="/orders")
    bus = events.create_event_bus(Name="other")["EventBusArn"]
    events.put_rule(Name="many", EventPattern=json.dumps({"source": ["shop"], "detail": {"many": [True]}}))
    arns = ["arn:aws:sqs:us-east-1:123456789012:orders", "arn:aws:logs:us-east-1:123456789012:log-group:/orders", bus]
    arns.append("arn:aws:ecs:us-east-1:123456789012:cluster/c")
    events.put_targets(Rule="many", Targets=[{"Id": f"{n}", "Arn": arn} for n, arn in enumerate(arns)])
    events.put_rule(Name="there", EventBusName="other", EventPattern=json.dumps({"source": ["shop"]}))
    function = sandbox.deploy(SHOWS, name="there").arn
    events.put_targets(Rule="there", EventBusName="other", Targets=[{"Id": "1", "Arn": function}])
    sandbox.client("lambda").add_permission(
        FunctionName="there", StatementId="e", Action="lambda:InvokeFunction", Principal="events.amazonaws.com"
    )
    put(sandbox, many=True)
    assert json.loads(sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"])["detail"] == {"many": True}
    (logged,) = logs.filter_log_events(logGroupName="/orders")["events"]
    assert json.loads(logged["message"])["detail"] == {"many": True}
    assert [event["detail"] for event in seen(sandbox, "there")] == [{"many": True}]
    because = [record.data["because"] for record in sandbox.journal(kind="delivery.refused")][-1]
    assert because.endswith("the sandbox does not model rules with a target of ecs")


def test_a_day_of_schedules_passes_in_a_moment_each_due_time_once_and_in_order(sandbox: Sandbox) -> None:
    arn = targeted(sandbox, "hourly", ScheduleExpression="rate(1 hour)")
    targeted(sandbox, "mornings", ScheduleExpression="cron(0 9 * * ? *)")
    sandbox.settle()  # returns at once: what recurs is not waited for
    assert seen(sandbox, "hourly") == []
    sandbox.clock.advance(days=1)
    hourly, mornings = seen(sandbox, "hourly"), seen(sandbox, "mornings")
    assert len(hourly) == 24
    assert [event["time"] for event in hourly] == sorted({event["time"] for event in hourly})
    assert (hourly[0]["source"], hourly[0]["detail-type"], hourly[0]["resources"], hourly[0]["detail"]) == (
        "aws.events",
        "Scheduled Event",
        [arn],
        {},
    )
    assert [event["time"] for event in mornings] == ["2031-01-01T09:00:00Z"]
    sandbox.client("events").disable_rule(Name="hourly")
    sandbox.client("events").remove_targets(Rule="mornings", Ids=["1"])
    sandbox.clock.advance(days=2)
    assert (len(seen(sandbox, "hourly")), len(seen(sandbox, "mornings"))) == (24, 1)


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"ScheduleExpression": "rate(5 minute)"}, "ValidationException"),
        ({"ScheduleExpression": "cron(0 9 * * * *)"}, "ValidationException"),
        ({"EventPattern": '{"source": "shop"}'}, "InvalidEventPatternException"),
        ({"EventPattern": "no json"}, "InvalidEventPatternException"),
    ],
)
def test_a_rule_that_says_nothing_is_refused(sandbox: Sandbox, rule: dict[str, str], code: str) -> None:
    with pytest.raises(ClientError) as raised:
        sandbox.client("events").put_rule(Name="bad", **rule)
    assert raised.value.response["Error"]["Code"] == code


def test_what_happens_in_a_bucket_comes_to_the_default_bus_alone(sandbox: Sandbox) -> None:
    """The event is that of S3's user guide, "Event message structure for EventBridge"; its key is not encoded."""
    s3, events = sandbox.client("s3"), sandbox.client("events")
    events.create_event_bus(Name="private")
    pattern = json.dumps({"source": ["aws.s3"], "detail": {"bucket": {"name": ["album"]}}})
    targeted(sandbox, "album", EventPattern=pattern)
    events.put_rule(Name="private", EventBusName="private", EventPattern=pattern)
    arn = "arn:aws:lambda:us-east-1:123456789012:function:album"
    events.put_targets(Rule="private", EventBusName="private", Targets=[{"Id": "1", "Arn": arn}])
    for bucket in ("album", "other"):
        s3.create_bucket(Bucket=bucket)
        configuration: Any = {"EventBridgeConfiguration": {}}
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)
    s3.put_bucket_versioning(Bucket="album", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="other", Key="not for it", Body=b"")
    version = s3.put_object(Bucket="album", Key="my cat.jpg", Body=b"meow")["VersionId"]
    s3.put_object_tagging(Bucket="album", Key="my cat.jpg", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    s3.copy_object(Bucket="album", Key="copy", CopySource="album/my cat.jpg")
    s3.delete_object(Bucket="album", Key="my cat.jpg")
    s3.delete_object(Bucket="album", Key="my cat.jpg", VersionId=version)
    sandbox.settle()
    told = seen(sandbox, "album")
    created = S3EventBridgeNotificationEvent(next(one for one in told if one["detail"].get("reason") == "PutObject"))
    assert (created.detail_type, created.source, created.resources) == (
        "Object Created",
        "aws.s3",
        ["arn:aws:s3:::album"],
    )
    thing = created.detail.object
    assert (thing.key, thing.size, thing.version_id, len(thing.sequencer)) == ("my cat.jpg", 4, version, 18)
    assert thing.etag == "4a4be40c96ac6314e91d93f38043a634"
    assert (created.detail.bucket.name, created.detail.requester) == ("album", "123456789012")
    about = {(one["detail-type"], one["detail"].get("reason"), one["detail"].get("deletion-type")) for one in told}
    assert about == {
        ("Object Created", "PutObject", None),
        ("Object Tags Added", None, None),
        ("Object Created", "CopyObject", None),
        ("Object Deleted", "DeleteObject", "Delete Marker Created"),
        ("Object Deleted", "DeleteObject", "Permanently Deleted"),
    }
    assert len(told) == 5
