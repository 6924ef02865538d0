"""The checks of 06/charge_once: a bank that counts, that is closed or slow for once, or that makes the customer click again."""

import json

import pytest

from lambda_sandbox.workbook.checks import expect, require, task

BANK = """
import json, os, time
asked = 0

def lambda_handler(order, context):
    global asked
    asked += 1
    if asked == 1 and os.environ["FIRST"] == "closed":
        raise RuntimeError("closed")
    if asked == 1 and os.environ["FIRST"] == "hangs":
        time.sleep(1.5)
    if asked == 1 and os.environ["FIRST"] == "calls":
        import boto3
        boto3.client("lambda").invoke(FunctionName="exercise", Payload=json.dumps(order))
    return {"receipt": "for " + order["id"], "number": asked}
"""


@pytest.fixture(autouse=True)
def table(sandbox):
    sandbox.client("dynamodb").create_table(
        TableName="payments",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


class Bank:
    """`first`: what the bank does when it is asked for the first time. It serves one order at a time."""

    def __init__(self, sandbox, first="is fine"):
        self.sandbox = sandbox
        sandbox.deploy(BANK, name="bank", Timeout=9, Environment={"Variables": {"FIRST": first}})
        sandbox.client("lambda").put_function_concurrency(FunctionName="bank", ReservedConcurrentExecutions=1)

    def asked(self):
        return len(self.sandbox.journal(function="bank", kind="invocation.requested"))


def order(rng):
    return {"id": f"order-{rng.randrange(100, 1000)}", "customer": "Ada", "amount": rng.randrange(1, 50)}


def receipt(order, number):
    return {"receipt": f"for {order['id']}", "number": number}


def hand_over(function, sandbox, order):
    """Sends an order as an event."""
    function.called = f"an event: {json.dumps(order)}"
    sandbox.client("lambda").invoke(FunctionName=function.name, InvocationType="Event", Payload=json.dumps(order))


def settle(function, sandbox):
    """Waits for the end of all events; whether an attempt has answered."""
    sandbox.settle()
    return bool(sandbox.journal(function=function.name, kind="invocation.answered"))


def give_time(function, sandbox, seconds):
    sandbox.client("lambda").update_function_configuration(FunctionName=function.name, Timeout=seconds)
    sandbox.clock.advance(seconds=1)


@task(1)
def test_charges_an_order_once_when_it_comes_twice(function, sandbox, rng):
    bank, one = Bank(sandbox), order(rng)
    expect(function.invoke(one), receipt(one, 1), says="once.wrong-answer")
    again = function.invoke(one)
    expect(bank.asked(), 1, says="once.charges-again")
    expect(again, receipt(one, 1), says="once.other-answer")


@task(1)
def test_charges_two_orders_of_one_customer(function, sandbox, rng):
    bank, one, other = Bank(sandbox), order(rng), {"id": "order-42", "customer": "Ada", "amount": 3}
    function.invoke(one)
    function.invoke(other)
    expect(bank.asked(), 2, says="once.forgets-an-order")


@task(2)
def test_charges_once_when_the_order_comes_again_while_the_bank_is_busy(function, sandbox, rng):
    bank, one = Bank(sandbox, first="calls"), order(rng)
    function.invoke(one)  # the bank does not answer before it has invoked the function with the same order
    function.called = "an order that came again while the bank was busy with it"
    expect(bank.asked(), 1, says="twice.both-charge")
    answers = len(sandbox.journal(function=function.name, kind="invocation.answered"))
    require(answers == 1, says="twice.says-done-too-early", expected="one answer", got=f"{answers} answers")
    expect(function.invoke(one), receipt(one, 1), says="once.other-answer")


@task(3)
def test_charges_at_the_second_attempt_when_the_bank_was_closed(function, sandbox, rng):
    bank, one = Bank(sandbox, first="closed"), order(rng)
    hand_over(function, sandbox, one)
    answered = settle(function, sandbox)
    require(answered and bank.asked() == 2, says="again.not-charged", expected="a receipt", got="none")


@task(3, hidden=True)
def test_charges_at_the_second_attempt_when_the_first_was_killed(function, sandbox, rng):
    one = order(rng)
    Bank(sandbox, first="hangs")
    give_time(function, sandbox, 1)  # less than the bank takes
    hand_over(function, sandbox, one)
    sandbox.clock.advance(seconds=30)  # that attempt is over, and the next one is not yet due
    give_time(function, sandbox, 9)
    answered = settle(function, sandbox)
    require(answered, says="again.killed-run-blocks", expected="a receipt", got="none")
