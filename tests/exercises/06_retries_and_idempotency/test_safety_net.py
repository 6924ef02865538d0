"""The checks of 06/safety_net: the settings are given to a function that fails or is throttled, and events tell the rest."""

import json

from botocore.exceptions import ClientError, ParamValidationError

from lambda_sandbox.workbook.checks import expect, require, task

QUEUE = "arn:aws:sqs:us-east-1:123456789012:given-up"
SOURCE = """
runs = 0

def lambda_handler(event, context):
    global runs
    runs += 1
    if runs <= event["failures"]:
        raise ConnectionError("nobody answers")
"""


class Target:
    """A function with the learner's settings, that fails as often as its event says."""

    def __init__(self, function, sandbox, name):
        self.sandbox, self.name, self.lambda_ = sandbox, name, sandbox.client("lambda")
        self.queue = sandbox.client("sqs").create_queue(QueueName="given-up")["QueueUrl"]
        settings = function.invoke({"function": name, "queue_arn": QUEUE})
        sandbox.deploy(SOURCE, name=name)
        try:
            self.lambda_.put_function_event_invoke_config(**{**settings, "FunctionName": name})
        except (ClientError, ParamValidationError, TypeError) as error:
            require(False, says="net.refused", expected="settings that Lambda takes", got=str(error))

    def send(self, failures):
        event = json.dumps({"failures": failures})
        self.lambda_.invoke(FunctionName=self.name, InvocationType="Event", Payload=event)

    def throttle(self):
        """Nothing is left of the function's concurrency: all of it is set aside for a version that nobody calls."""
        version = self.lambda_.publish_version(FunctionName=self.name)["Version"]
        self.lambda_.put_function_concurrency(FunctionName=self.name, ReservedConcurrentExecutions=1)
        self.lambda_.put_provisioned_concurrency_config(
            FunctionName=self.name, Qualifier=version, ProvisionedConcurrentExecutions=1
        )
        self.sandbox.settle()

    def free(self, *, after_minutes):
        self.sandbox.clock.advance(minutes=after_minutes)
        self.lambda_.delete_function_concurrency(FunctionName=self.name)
        self.sandbox.settle()

    def runs(self):
        return len(self.sandbox.journal(function=self.name, kind="invocation.started"))

    def messages(self):
        self.sandbox.settle()
        answer = self.sandbox.client("sqs").receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10)
        return [message["Body"] for message in answer.get("Messages", [])]


@task(1)
def test_sends_a_record_of_an_order_that_is_given_up(function, sandbox, rng):
    orders, failures = Target(function, sandbox, "orders"), rng.randrange(20, 90)
    orders.send(failures)
    messages = orders.messages()
    require(len(messages) == 1, says="orders.lost", expected="one message", got=len(messages))
    record = json.loads(messages[0])
    require("requestContext" in record, says="orders.no-reason", expected="a record", got=record)
    expect(record["requestPayload"], {"failures": failures}, says="orders.no-reason")


@task(1)
def test_keeps_quiet_about_an_order_that_went_well(function, sandbox):
    orders = Target(function, sandbox, "orders")
    orders.send(0)
    expect(len(orders.messages()), 0, says="orders.success-is-no-failure")


@task(1, hidden=True)
def test_tries_an_order_as_often_as_lambda_does(function, sandbox):
    orders = Target(function, sandbox, "orders")
    orders.send(2)
    expect(len(orders.messages()), 0, says="orders.tried-less")


@task(2)
def test_tries_a_failing_reminder_once_more(function, sandbox):
    reminders = Target(function, sandbox, "reminders")
    reminders.send(9)
    left = reminders.messages()
    expect(reminders.runs(), 2, says="reminders.nags", recognise={"reminders.gives-up": 1})
    expect(len(left), 0, says="reminders.kept")


@task(2)
def test_waits_while_a_reminder_is_worth_something(function, sandbox):
    reminders = Target(function, sandbox, "reminders")
    reminders.throttle()
    reminders.send(0)
    reminders.free(after_minutes=2)
    expect(reminders.runs(), 1, says="reminders.impatient")


@task(2)
def test_drops_a_reminder_that_is_too_old(function, sandbox):
    reminders = Target(function, sandbox, "reminders")
    reminders.throttle()
    reminders.send(0)
    reminders.free(after_minutes=10)
    expect(reminders.runs(), 0, says="reminders.stale")
