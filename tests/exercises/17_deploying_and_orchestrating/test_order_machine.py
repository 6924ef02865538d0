"""The checks of 17/order_machine: the definition is made into a state machine, and orders go through it."""

import json

from botocore.exceptions import ClientError

from lambda_sandbox.workbook.checks import expect, require, task

SHOP = """
class BankBusy(Exception): pass
class CardRefused(Exception): pass
tries = 0

def reserve(event, context):
    return {**event, "reserved": True}

def charge(event, context):
    global tries
    tries += 1
    if tries <= event.get("busy", 0):
        raise BankBusy("please try again")
    if event.get("refused"):
        raise CardRefused("no money")
    return {"charged": event["price"]}

def release(event, context):
    return {"released": event.get("item")}
"""


def ordered(function, sandbox, **order):
    """What became of an order, and the functions that ran: (name, input, when), in order."""
    names = ("reserve", "charge", "release")
    arns = {name: sandbox.deploy(SHOP, name=name, Handler=f"lambda_function.{name}").arn for name in names}
    definition = function.invoke(arns)
    client, iam = sandbox.client("stepfunctions"), sandbox.client("iam")
    allow = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "*"}
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "states.amazonaws.com"}}
    role = iam.create_role(RoleName="machine", AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName="machine", PolicyName="invoke", PolicyDocument=document(allow))
    try:
        machine = client.create_state_machine(name="order", definition=json.dumps(definition), roleArn=role)
    except ClientError as error:
        text = error.response["Error"]["Message"]
        require(False, says="machine.refused", expected="a state machine", got=text, text=text)
    order = {"item": "cake", "price": 4, **order}
    run = client.start_execution(stateMachineArn=machine["stateMachineArn"], input=json.dumps(order))["executionArn"]
    sandbox.settle()
    history = client.get_execution_history(executionArn=run, maxResults=1000)["events"]
    ran = [
        (about["resource"].rpartition(":")[2], json.loads(about["input"]))
        for about in (event.get("lambdaFunctionScheduledEventDetails") for event in history)
        if about
    ]
    return client.describe_execution(executionArn=run), ran


def document(statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@task(1)
def test_reserves_then_charges(function, sandbox, rng):
    price = rng.randint(2, 30)
    run, ran = ordered(function, sandbox, price=price)
    expect([name for name, _ in ran], ["reserve", "charge"], says="machine.order")
    got = json.loads(run.get("output", "null"))
    expect(got, {"charged": price}, says="machine.outcome")


@task(2)
def test_tries_again_when_the_bank_is_busy(function, sandbox, rng):
    run, _ = ordered(function, sandbox, busy=3)
    require(run["status"] == "SUCCEEDED", says="machine.gave-up", expected="SUCCEEDED", got=run["status"], busy=3, status=run["status"])
    at = [record.at for record in sandbox.journal(function="charge", kind="invocation.started")]
    expect([round(later - earlier) for earlier, later in zip(at, at[1:])], [2, 4, 8], says="machine.waits")


@task(2, hidden=True)
def test_tries_nothing_else_again(function, sandbox):
    _, ran = ordered(function, sandbox, refused=True)
    expect(sum(name == "charge" for name, _ in ran), 1, says="machine.too-patient")


@task(3)
def test_puts_the_cake_back(function, sandbox):
    run, ran = ordered(function, sandbox, refused=True)
    released = [given for name, given in ran if name == "release"]
    require(len(released) == 1, says="machine.not-released", expected="once", got=len(released))
    require(released[0].get("item") == "cake", says="machine.lost-order", expected="the order", got=released[0])
    got = run.get("error")
    require(got == "NotCharged", says="machine.looks-fine", expected="NotCharged", got=got, status=run["status"])


@task(3, hidden=True)
def test_puts_the_cake_back_after_a_busy_day(function, sandbox):
    _, ran = ordered(function, sandbox, busy=9)
    expect([name for name, _ in ran], ["reserve", *["charge"] * 4, "release"], says="machine.order")
