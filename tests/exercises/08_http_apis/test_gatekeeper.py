"""The checks of 08/gatekeeper: the function guards a REST API, and requests try to pass."""

from lambda_sandbox.workbook import web
from lambda_sandbox.workbook.checks import expect, require, task

SHOP = """
import json

def lambda_handler(event, context):
    return {"statusCode": 200, "body": json.dumps(event["requestContext"]["authorizer"])}
"""


class Gate:
    """A REST API of a shop that the learner's function guards."""

    def __init__(self, function, sandbox):
        self.function = function
        self.base = web.rest_api(sandbox, sandbox.deploy(SHOP, name="shop").arn, function.arn)

    def ask(self, method, path, authorization):
        self.function.called = f"{method} {path}, Authorization: {authorization}"
        return web.ask(method, self.base + path, "", {"Authorization": authorization})


@task(1)
def test_sends_a_stranger_away(function, sandbox, rng):
    gate = Gate(function, sandbox)
    for sent in (f"Bearer t-{rng.randrange(10**6)}", "t-ann"):
        reply = gate.ask("GET", "/teas", sent)
        require(reply.status != 200, says="gate.lets-a-stranger-in", expected="401", got=reply.status, sent=sent)
        expect(reply.status, 401, says="gate.not-401")


@task(1, hidden=True)
def test_knows_no_other_word_than_bearer(function, sandbox):
    sent = "Basic t-ann"
    reply = Gate(function, sandbox).ask("GET", "/teas", sent)
    require(reply.status != 200, says="gate.lets-a-stranger-in", expected="401", got=reply.status, sent=sent)


@task(1)
def test_lets_staff_in_and_says_who_it_is(function, sandbox):
    reply = Gate(function, sandbox).ask("POST", "/orders", "Bearer t-ann")
    expect(reply.status, 200, says="gate.token-not-found")
    told = {name: (reply.json or {}).get(name) for name in ("principalId", "name", "role")}
    expect(told, {"principalId": "ann", "name": "ann", "role": "staff"}, says="gate.nobody-told-the-shop")


@task(2)
def test_lets_the_same_person_ask_twice(function, sandbox, rng):
    gate = Gate(function, sandbox)
    reply = gate.ask("GET", "/teas", "Bearer t-ann")
    expect(reply.status, 200, says="gate.token-not-found")
    expect(gate.ask("POST", f"/orders/{rng.randrange(100)}", "Bearer t-ann").status, 200, says="gate.only-the-first")


@task(2)
def test_lets_a_guest_read_and_not_order(function, sandbox, rng):
    gate = Gate(function, sandbox)
    expect(gate.ask("GET", "/teas", "Bearer t-bob").status, 200, says="gate.guest-cannot-read")
    path = f"/teas/{rng.randrange(100)}"
    expect(gate.ask("GET", path, "Bearer t-bob").status, 200, says="gate.only-the-first")
    expect(gate.ask("POST", "/orders", "Bearer t-bob").status, 403, says="gate.guest-orders")


@task(2, hidden=True)
def test_decides_as_well_when_a_guest_orders_first(function, sandbox):
    gate = Gate(function, sandbox)
    expect(gate.ask("DELETE", "/orders/1", "Bearer t-bob").status, 403, says="gate.guest-orders")
    expect(gate.ask("GET", "/orders/1", "Bearer t-bob").status, 200, says="gate.guest-cannot-read")
