"""The checks of 06/too_eager: a bank that is closed for a while, and the journal tells who asked it how often."""

import json

from lambda_sandbox.workbook.checks import expect, require, task

BANK = """
asked = 0

def lambda_handler(order, context):
    global asked
    asked += 1
    if asked <= CLOSED:
        raise RuntimeError("closed")
    return {"receipt": "for " + order["id"]}
"""


def open_bank(sandbox, closed=0):
    """Deploys a bank that refuses the first `closed` orders."""
    sandbox.deploy(BANK.replace("CLOSED", str(closed)), name="bank")


def send(function, sandbox, order):
    """Sends an order as an event, and waits for its end."""
    function.called = f"an event: {json.dumps(order)}"
    sandbox.client("lambda").invoke(FunctionName=function.name, InvocationType="Event", Payload=json.dumps(order))
    sandbox.settle()


def count(sandbox, name, kind="invocation.started"):
    return len(sandbox.journal(function=name, kind=kind))


def order(rng):
    return {"id": f"order-{rng.randrange(100, 1000)}", "amount": rng.randrange(1, 50)}


@task(1)
def test_asks_a_closed_bank_once_an_attempt(function, sandbox, rng):
    open_bank(sandbox, closed=99)
    send(function, sandbox, order(rng))
    given_up = count(sandbox, function.name, "delivery.dropped")
    require(given_up == 1, says="eager.hides-the-failure", expected="an event that fails", got="an event that succeeds")
    expect(count(sandbox, "bank"), 3, says="eager.knocks-too-often")


@task(1)
def test_is_paid_when_the_bank_is_open_again(function, sandbox, rng):
    open_bank(sandbox, closed=1)
    send(function, sandbox, order(rng))
    expect(count(sandbox, "bank", "invocation.answered"), 1, says="eager.not-paid")
    one = order(rng)
    expect(function.invoke(one), {"paid": {"receipt": f"for {one['id']}"}}, says="eager.wrong-answer")


@task(2)
def test_rejects_an_order_without_an_amount(function, sandbox, rng):
    open_bank(sandbox)
    bad = {"id": order(rng)["id"]}
    send(function, sandbox, bad)
    runs = count(sandbox, function.name)
    require(runs == 1, says="bad.tried-again", expected="one attempt", got=f"{runs} attempts", runs=runs)
    expect(function.invoke(bad), {"rejected": bad["id"]}, says="bad.counts-as-paid")
