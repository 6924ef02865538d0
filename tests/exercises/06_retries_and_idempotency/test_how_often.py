"""The checks of 06/how_often: each scene is played with a courier and a queue, and what really happens is compared."""

import json
from uuid import uuid4

from lambda_sandbox.workbook.checks import expect, require, task

SOURCE = """
runs = 0

def lambda_handler(event, context):
    global runs
    runs += 1
    if event == "fail" or (event == "fail once" and runs == 1):
        raise LookupError("no such house")
    if event == "catch":
        try:
            raise LookupError("no such house")
        except LookupError:
            print("no such house")
"""


class Scene:
    """A courier that nobody has called yet, with an empty dead-letter queue; then one call of it, and the end of that."""

    def __init__(self, sandbox, event, *, synchronous=False, reserved=None, **config):
        lambda_, sqs, name = sandbox.client("lambda"), sandbox.client("sqs"), f"courier-{uuid4().hex}"
        queue = sqs.create_queue(QueueName=name)["QueueUrl"]
        letters = {"TargetArn": f"arn:aws:sqs:us-east-1:123456789012:{name}"}
        sandbox.deploy(SOURCE, name=name, DeadLetterConfig=letters)
        if reserved is not None:
            lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=reserved)
        if config:
            lambda_.put_function_event_invoke_config(FunctionName=name, **config)
        kind = "RequestResponse" if synchronous else "Event"
        lambda_.invoke(FunctionName=name, InvocationType=kind, Payload=json.dumps(event))
        sandbox.settle()
        self.runs = len(sandbox.journal(function=name, kind="invocation.started"))
        self.letters = len(sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []))


def compare(function, ask, scene, really, says):
    answer = function.invoke({"scene": scene, "ask": ask})
    require(answer != "?", says="often.open", expected="a prediction", got=answer, scene=scene)
    expect(answer, really, says=says)


@task(1)
def test_counts_the_attempts_when_somebody_waits(function, sandbox):
    really = Scene(sandbox, "fail", synchronous=True).runs
    compare(function, "runs", "fail, synchronous", really, "often.nobody-retries")


@task(1)
def test_counts_the_attempts_when_nobody_waits(function, sandbox):
    really = Scene(sandbox, "fail").runs
    compare(function, "runs", "fail, asynchronous", really, "often.first-attempt-counts")
    really = Scene(sandbox, "fail once").runs
    compare(function, "runs", "fail once, asynchronous", really, "often.stops-at-success")


@task(1)
def test_counts_the_attempts_that_the_settings_allow(function, sandbox):
    for setting, value, says in (
        ("MaximumRetryAttempts", 0, "often.retries-are-set"),
        ("MaximumEventAgeInSeconds", 60, "often.too-old-to-wait"),
    ):
        really = Scene(sandbox, "fail", **{setting: value}).runs
        compare(function, "runs", f"fail, asynchronous, {setting} {value}", really, says)


@task(1)
def test_counts_the_attempts_of_a_function_that_is_switched_off(function, sandbox):
    really = Scene(sandbox, "fail", reserved=0).runs
    compare(function, "runs", "fail, asynchronous, reserved concurrency 0", really, "often.switched-off")


@task(2)
def test_counts_the_letters_of_a_failure(function, sandbox):
    really = Scene(sandbox, "fail").letters
    compare(function, "letters", "fail, asynchronous", really, "letters.one-an-event")
    really = Scene(sandbox, "fail", synchronous=True).letters
    compare(function, "letters", "fail, synchronous", really, "letters.asynchronous-only")


@task(2)
def test_counts_the_letters_when_the_handler_catches_its_error(function, sandbox):
    really = Scene(sandbox, "catch").letters
    compare(function, "letters", "catch, asynchronous", really, "letters.success-is-no-failure")


@task(2)
def test_counts_the_letters_of_a_function_that_is_switched_off(function, sandbox):
    really = Scene(sandbox, "fail", reserved=0).letters
    compare(function, "letters", "fail, asynchronous, reserved concurrency 0", really, "letters.never-ran")
