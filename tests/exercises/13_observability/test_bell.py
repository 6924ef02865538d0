"""The checks of 13/bell: the alarm is made as the function says, then customers wait, minute by minute."""

from botocore.exceptions import ClientError, ParamValidationError

from lambda_sandbox.workbook.checks import require, task

GOOD, BAD, ONE = ([20], [100]), ([20, 3000], [90, 10]), ([20, 90_000], [99, 1])
NOBODY = None
TOPIC = "arn:aws:sns:us-east-1:123456789012:bell"


def states_of(function, sandbox, *minutes):
    """Makes the alarm; its state after each of these minutes."""
    cloudwatch = sandbox.client("cloudwatch")
    answer = function.invoke({"topic": TOPIC})
    try:
        cloudwatch.put_metric_alarm(**answer)
        made = answer["AlarmName"]
    except (ClientError, ParamValidationError, TypeError, KeyError) as error:
        require(False, says="bell.no-alarm", expected="an alarm", got=answer, refused=str(error))
    states = []
    next_minute(sandbox)
    for minute in minutes:
        if minute is not NOBODY:
            data = {"MetricName": "Wait", "Values": minute[0], "Counts": minute[1]}
            cloudwatch.put_metric_data(Namespace="TeaRoom", MetricData=[data])
        next_minute(sandbox)
        states += [alarm["StateValue"] for alarm in cloudwatch.describe_alarms(AlarmNames=[made])["MetricAlarms"]]
    return states


def next_minute(sandbox):
    """Five seconds into it: what comes now belongs to it, however slow this machine is."""
    sandbox.clock.advance(seconds=65 - sandbox.clock.now() % 60)
    sandbox.settle()


@task(1)
def test_rings_if_ten_of_a_hundred_are_slow(function, sandbox):
    state = states_of(function, sandbox, GOOD, BAD, BAD, BAD)[-1]
    require(state == "ALARM", says="bell.deaf", expected="ALARM", got=state)


@task(1)
def test_does_not_ring_for_one_customer(function, sandbox):
    states = states_of(function, sandbox, GOOD, ONE, ONE, ONE)
    require("ALARM" not in states, says="bell.one-customer", expected="no ALARM", got=states)


@task(2)
def test_does_not_ring_for_a_hiccup(function, sandbox):
    states = states_of(function, sandbox, GOOD, BAD, GOOD, GOOD, BAD)
    require("ALARM" not in states, says="bell.hiccup", expected="no ALARM", got=states)


@task(2)
def test_rings_for_two_minutes_of_three(function, sandbox):
    state = states_of(function, sandbox, GOOD, BAD, GOOD, BAD)[-1]
    require(state == "ALARM", says="bell.wants-a-row", expected="ALARM", got=state)


@task(3)
def test_tells_the_owner_and_sleeps_at_night(function, sandbox):
    queue = sandbox.client("sqs").create_queue(QueueName="owner")["QueueUrl"]
    sns = sandbox.client("sns")
    topic = sns.create_topic(Name="bell")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:owner")
    states = states_of(function, sandbox, GOOD, BAD, BAD, BAD, *[NOBODY] * 8)
    heard = sandbox.client("sqs").receive_message(QueueUrl=queue).get("Messages", [])
    require(heard, says="bell.silent", expected="a message", got="none")
    require(states[-1] == "OK", says="bell.night", expected="OK", got=states[-1])
