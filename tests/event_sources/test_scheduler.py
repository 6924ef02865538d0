"""EventBridge Scheduler: once and again, time zones, the role that must allow it, dead letters."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambda_sandbox import Sandbox

SHOWS = "import json\ndef handler(event, context):\n    print(json.dumps(event))\n"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock="virtual", seed=1) as sandbox:
        yield sandbox


def role(sandbox: Sandbox, name: str, *actions: str) -> str:
    iam = sandbox.client("iam")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    if actions:
        statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document)
    return str(arn)


def schedule(sandbox: Sandbox, name: str, expression: str, target: dict[str, Any], **more: Any) -> None:
    sandbox.client("scheduler").create_schedule(
        Name=name, ScheduleExpression=expression, FlexibleTimeWindow={"Mode": "OFF"}, Target=target, **more
    )


def seen(sandbox: Sandbox, name: str) -> list[Any]:
    return [json.loads(record.data["message"]) for record in sandbox.journal(function=name, kind="invocation.log")]


def seen_now(sandbox: Sandbox, name: str) -> list[Any]:
    sandbox.settle()
    return seen(sandbox, name)


def test_a_schedule_fires_once_or_again_and_says_what_it_was_told_to_say(sandbox: Sandbox) -> None:
    arn = sandbox.deploy(SHOWS, name="told").arn
    target = {"Arn": arn, "RoleArn": role(sandbox, "may", "lambda:InvokeFunction")}
    schedule(sandbox, "again", "rate(6 hours)", {**target, "Input": '{"say": "again"}'})
    once = {"ScheduleExpressionTimezone": "Europe/Paris", "ActionAfterCompletion": "DELETE"}
    schedule(sandbox, "once", "at(2031-01-01T09:00:00)", target, **once)
    assert seen_now(sandbox, "told") == [{"say": "again"}]  # a rate without a start begins at once
    sandbox.clock.advance(days=1)
    said = seen_now(sandbox, "told")
    assert [event for event in said if "say" in event] == [{"say": "again"}] * 5
    (envelope,) = [event for event in said if "say" not in event]
    assert (envelope["source"], envelope["time"], envelope["detail"]) == ("aws.scheduler", "2031-01-01T08:00:00Z", "{}")
    left = [one["Name"] for one in sandbox.client("scheduler").list_schedules()["Schedules"]]
    assert left == ["again"]
    sandbox.client("scheduler").delete_schedule(Name="again")
    sandbox.clock.advance(days=1)
    assert len(seen(sandbox, "told")) == 6
    drawn = {row[0]: row[1] for row in sandbox.timeline("told", of="schedules").rows()}
    assert drawn == {"again": "5", "once": "1"}


def test_a_rate_that_has_a_start_counts_from_it(sandbox: Sandbox) -> None:
    target = {
        "Arn": sandbox.deploy(SHOWS, name="later").arn,
        "RoleArn": role(sandbox, "may-2", "lambda:InvokeFunction"),
    }
    start = sandbox.clock.now() + 86_400
    schedule(sandbox, "later", "rate(2 hours)", {**target, "Input": "1"}, StartDate=start, EndDate=start + 5 * 3600)
    sandbox.clock.advance(hours=23)
    assert seen_now(sandbox, "later") == []
    sandbox.clock.advance(days=1)
    assert seen_now(sandbox, "later") == [1, 1, 1]


def test_a_role_that_may_not_and_a_target_that_is_unknown_end_in_the_dead_letter_queue(sandbox: Sandbox) -> None:
    sqs = sandbox.client("sqs")
    url = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = sandbox.deploy(SHOWS, name="untold").arn
    buried = {"DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:123456789012:dead"}}
    schedule(sandbox, "no", "rate(1 hour)", {"Arn": arn, "RoleArn": role(sandbox, "may-not"), "Input": "1", **buried})
    sandbox.clock.advance(hours=1)
    sandbox.settle()
    assert seen(sandbox, "untold") == []
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "1"
    because = sandbox.journal(kind="delivery.refused")[-1].data["because"]
    assert "lambda:InvokeFunction" in because


@pytest.mark.parametrize(
    ("expression", "zone"), [("rate(5 minute)", "UTC"), ("every day", "UTC"), ("rate(1 day)", "Europe/Atlantis")]
)
def test_a_schedule_that_says_nothing_is_refused(sandbox: Sandbox, expression: str, zone: str) -> None:
    target = {
        "Arn": "arn:aws:lambda:us-east-1:123456789012:function:f",
        "RoleArn": role(sandbox, f"of-{len(expression)}-{zone[:3]}"),
    }
    with pytest.raises(ClientError) as raised:
        schedule(sandbox, "bad", expression, target, ScheduleExpressionTimezone=zone)
    assert raised.value.response["Error"]["Code"] == "ValidationException"


def test_a_schedule_in_nobodys_name_in_no_group_or_in_no_window_is_refused(sandbox: Sandbox) -> None:
    scheduler, roles = sandbox.client("scheduler"), "arn:aws:iam::123456789012:role/"
    target = {"Arn": "arn:aws:lambda:us-east-1:123456789012:function:f", "RoleArn": role(sandbox, "trusts")}
    good = {"Name": "n", "ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target}
    for change, because in (
        ({"Target": target | {"RoleArn": roles + "nobody"}}, "must allow AWS EventBridge Scheduler to assume the role"),
        ({"GroupName": "none"}, "Schedule group none does not exist"),
        ({"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}}, "MaximumWindowInMinutes must be given"),
    ):
        with pytest.raises(ClientError, match=because):
            scheduler.create_schedule(**good | change)
