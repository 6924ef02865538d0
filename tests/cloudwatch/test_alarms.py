"""Alarms: what datapoints ask for as a table, and one that wakes a function through a topic as the clock passes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambda_sandbox import Sandbox
from lambda_sandbox.cloudwatch.alarms import decide

OK, ALARM, UNKNOWN, STAYS = "OK", "ALARM", "INSUFFICIENT_DATA", None
POINT = {"0": False, "X": True, "-": None}


@pytest.mark.parametrize(
    ("points", "datapoints", "missing", "ignore", "breaching", "not_breaching"),
    [  # the tables of the CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data"
        ("0-X-X", 3, OK, OK, OK, OK),
        ("0----", 3, OK, OK, OK, OK),
        ("-----", 3, UNKNOWN, STAYS, ALARM, OK),
        ("0XX-X", 3, ALARM, ALARM, ALARM, ALARM),
        ("--X--", 3, ALARM, STAYS, ALARM, OK),
        ("----X", 3, STAYS, STAYS, ALARM, OK),
        ("0-X-X", 2, ALARM, ALARM, ALARM, ALARM),
        ("00X0X", 2, ALARM, ALARM, ALARM, ALARM),
        ("0-X--", 2, OK, OK, ALARM, OK),
        ("----0", 2, OK, OK, ALARM, OK),
        ("---X-", 2, ALARM, STAYS, ALARM, OK),
    ],
)
def test_three_periods_ask_for(
    points: str, datapoints: int, missing: Any, ignore: Any, breaching: Any, not_breaching: Any
) -> None:
    treated = {"missing": missing, "ignore": ignore, "breaching": breaching, "notBreaching": not_breaching}
    seen = [POINT[point] for point in points]
    assert {name: decide(seen, periods=3, datapoints=datapoints, missing=name) for name in treated} == treated


HEARS = "def handler(event, context):\n    print('HEARD', event['Records'][0]['Sns']['Message'])\n"
ACTS = "import json\ndef handler(event, context):\n    print('HEARD', json.dumps(event))\n"
FAILS = "def handler(event, context):\n    if event.get('fail'):\n        raise ValueError\n"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=1, clock="virtual") as sandbox:
        yield sandbox


def heard(sandbox: Sandbox, name: str) -> list[Any]:
    group = f"/aws/lambda/{name}"
    found = sandbox.client("logs").filter_log_events(logGroupName=group, filterPattern="HEARD")["events"]
    return [json.loads(event["message"].removeprefix("HEARD ")) for event in found]


def put(sandbox: Sandbox, name: str, **changes: Any) -> None:
    given = {
        "AlarmName": name,
        "Namespace": "AWS/Lambda",
        "MetricName": "Errors",
        "Dimensions": [{"Name": "FunctionName", "Value": "fails"}],
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        **changes,
    }
    sandbox.client("cloudwatch").put_metric_alarm(**{key: value for key, value in given.items() if value is not None})


def state(sandbox: Sandbox, name: str) -> tuple[str, str]:
    [alarm] = sandbox.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return alarm["StateValue"], alarm["StateReason"]


def test_an_alarm_wakes_a_function_through_a_topic_and_goes_back_to_ok(sandbox: Sandbox) -> None:
    sandbox.deploy(FAILS, name="fails", Runtime="python3.13")
    hears, acts = (sandbox.deploy(code, name=name, Runtime="python3.13").arn for name, code in
                   (("hears", HEARS), ("acts", ACTS)))  # fmt: skip
    sns, lambda_ = sandbox.client("sns"), sandbox.client("lambda")
    topic = sns.create_topic(Name="trouble")["TopicArn"]
    principals = {"hears": "sns.amazonaws.com", "acts": "lambda.alarms.cloudwatch.amazonaws.com"}
    for name, principal in principals.items():
        lambda_.add_permission(
            FunctionName=name, StatementId="1", Action="lambda:InvokeFunction", Principal=principal
        )  # fmt: skip
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=hears)
    put(sandbox, "errors", AlarmActions=[topic, acts], OKActions=[topic], TreatMissingData="notBreaching")
    assert state(sandbox, "errors")[0] == "INSUFFICIENT_DATA"

    lambda_.invoke(FunctionName="fails", Payload=b"{}")
    sandbox.clock.advance(minutes=1)
    value, reason = state(sandbox, "errors")
    assert value == "OK"
    assert reason.startswith("Threshold Crossed: 1 out of the last 1 datapoints [0.0 (")
    assert reason.endswith(
        "was not greater than or equal to the threshold (1.0) (minimum 1 datapoint for ALARM -> OK transition)."
    )
    lambda_.invoke(FunctionName="fails", Payload=b'{"fail": 1}')
    sandbox.clock.advance(minutes=1)
    assert state(sandbox, "errors")[0] == "ALARM"
    sandbox.clock.advance(hours=5)
    sandbox.settle()
    said = (
        "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as "
        "[NonBreaching]."
    )
    assert state(sandbox, "errors") == ("OK", said)

    history = sandbox.client("cloudwatch").describe_alarm_history(AlarmName="errors", ScanBy="TimestampAscending")
    assert [item["HistorySummary"] for item in history["AlarmHistoryItems"]] == [
        "Alarm updated from INSUFFICIENT_DATA to OK",
        "Alarm updated from OK to ALARM",
        "Alarm updated from ALARM to OK",
    ]

    messages = heard(sandbox, "hears")
    assert [(message["OldStateValue"], message["NewStateValue"]) for message in messages] == [
        ("INSUFFICIENT_DATA", "OK"),
        ("OK", "ALARM"),
        ("ALARM", "OK"),
    ]
    assert messages[1]["Region"] == "US East (N. Virginia)"
    assert messages[1]["Trigger"]["Statistic"] == "SUM"
    assert messages[1]["Trigger"]["Dimensions"] == [{"value": "fails", "name": "FunctionName"}]
    [event] = heard(sandbox, "acts")
    assert event["alarmData"]["state"]["value"] == "ALARM"
    assert event["alarmData"]["previousState"]["value"] == "OK"


def test_a_state_that_is_set_acts_and_lasts_until_the_next_look(sandbox: Sandbox) -> None:
    cloudwatch, sns = sandbox.client("cloudwatch"), sandbox.client("sns")
    topic = sns.create_topic(Name="set")["TopicArn"]
    queue = sandbox.client("sqs").create_queue(QueueName="set")["QueueUrl"]
    arn = "arn:aws:sqs:us-east-1:123456789012:set"
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    put(sandbox, "set", AlarmActions=[topic], MetricName="Throttles", ExtendedStatistic="p99", Statistic=None)
    for _ in range(2):  # in a state that it is in already an alarm does nothing
        cloudwatch.set_alarm_state(AlarmName="set", StateValue="ALARM", StateReason="a drill")
    sandbox.settle()
    received = sandbox.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    [message] = [json.loads(one["Body"]) for one in received]
    assert (message["NewStateReason"], message["Trigger"]["ExtendedStatistic"]) == ("a drill", "p99")
    sandbox.clock.advance(minutes=1)
    assert state(sandbox, "set") == ("INSUFFICIENT_DATA", "Insufficient Data: 1 datapoint was unknown.")

    sandbox.client("sqs").purge_queue(QueueUrl=queue)
    cloudwatch.disable_alarm_actions(AlarmNames=["set"])
    cloudwatch.set_alarm_state(AlarmName="set", StateValue="ALARM", StateReason="a drill")
    sandbox.settle()
    assert "Messages" not in sandbox.client("sqs").receive_message(QueueUrl=queue)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Period": 45}, "ValidationError"),
        ({"Period": 3000, "EvaluationPeriods": 30}, "ValidationError"),
        ({"DatapointsToAlarm": 2}, "ValidationError"),
        ({"TreatMissingData": "forget"}, "ValidationError"),
        ({"AlarmActions": ["arn:aws:automate:us-east-1:ec2:stop"]}, "ValidationError"),
        ({"ExtendedStatistic": "p99"}, "InvalidParameterCombination"),
        ({"ComparisonOperator": "GreaterThanUpperThreshold"}, "NotImplemented"),
    ],
    ids=str,
)
def test_an_alarm_is_refused(sandbox: Sandbox, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError) as error:
        put(sandbox, "wrong", **changes)
    assert error.value.response["Error"]["Code"] == code


def test_an_alarm_on_dead_letters_rings_and_calms_down(sandbox: Sandbox) -> None:
    """Nothing happens to the queue between its letters, and its minutes are noted all the same."""
    sqs, cloudwatch = sandbox.client("sqs"), sandbox.client("cloudwatch")
    url = sqs.create_queue(QueueName="dead")["QueueUrl"]
    about = {"Namespace": "AWS/SQS", "Dimensions": [{"Name": "QueueName", "Value": "dead"}], "Statistic": "Maximum"}
    put(sandbox, "letters", MetricName="ApproximateNumberOfMessagesVisible", **about)
    began = sandbox.clock.now()
    for body in ("one", "two"):
        sqs.send_message(QueueUrl=url, MessageBody=body, DelaySeconds=90 if body == "two" else 0)
    sandbox.clock.advance(minutes=3)
    assert state(sandbox, "letters")[0] == "ALARM"
    sandbox.clock.advance(minutes=2)
    [letter, other] = (sqs.receive_message(QueueUrl=url)["Messages"][0] for _ in range(2))
    sqs.delete_message(QueueUrl=url, ReceiptHandle=letter["ReceiptHandle"])
    sqs.delete_message(QueueUrl=url, ReceiptHandle=other["ReceiptHandle"])
    sandbox.clock.advance(minutes=3)
    assert state(sandbox, "letters")[0] == "OK"

    def by_minute(metric: str, statistic: str = "Maximum") -> list[float]:
        asked = {**about, "MetricName": metric, "Statistics": [statistic], "Period": 60}
        del asked["Statistic"]
        end = sandbox.clock.now() + 60
        points = cloudwatch.get_metric_statistics(StartTime=began - 60, EndTime=end, **asked)["Datapoints"]
        return [point[statistic] for point in sorted(points, key=lambda one: one["Timestamp"])]

    assert by_minute("ApproximateNumberOfMessagesVisible") == [1, 2, 2, 2, 2, 0, 0, 0]
    assert by_minute("ApproximateNumberOfMessagesDelayed") == [1, 0, 0, 0, 0, 0, 0, 0]
    assert by_minute("ApproximateAgeOfOldestMessage") == pytest.approx([60, 120, 180, 240, 300], abs=60)
    for metric in ("NumberOfMessagesSent", "NumberOfMessagesReceived", "NumberOfMessagesDeleted"):
        assert by_minute(metric, "Sum") == [2], metric
    sandbox.clock.advance(hours=12)  # of which the queue is active for six
    assert len(by_minute("ApproximateNumberOfMessagesVisible")) in (365, 366)
