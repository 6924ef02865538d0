"""The checks of 04/supplier_key: a supplier that knows its key, a role that may just enough, and a key that changes."""

import json

import pytest

from lambda_sandbox.workbook.checks import expect, require, task

SUPPLIER = """
import os
def lambda_handler(event, context):
    print("asked for", event["order"]["grams"])
    if event["key"] == os.environ["KEY"]:
        return {"accepted": True}
    return {"accepted": False, "reason": f"the key {event['key']} is wrong"}
"""
NAME = "tea/supplier"


class Supplier:
    """A supplier and the secret, with the same key at first; the function may read the one and invoke the other."""

    def __init__(self, function, sandbox, role, rng):
        self.function, self.sandbox, self.role, self.rng = function, sandbox, role, rng
        self.key = self._new()
        made = sandbox.client("secretsmanager").create_secret(Name=NAME, SecretString=self.key)
        self.read = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": made["ARN"]}
        self._deploy(self.key)
        self.may_read(True)
        function.works_as(role)

    def _new(self):
        return f"key-{self.rng.randrange(10**9, 10**10)}"

    def _deploy(self, key):
        self.arn = self.sandbox.deploy(SUPPLIER, name="supplier", Environment={"Variables": {"KEY": key}}).arn

    def may_read(self, allowed):
        invoke = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": self.arn}
        logs = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}
        statements = [invoke, logs, self.read] if allowed else [invoke, logs]
        self.role.holds({"Version": "2012-10-17", "Statement": statements})

    def change_key(self, secret_too):
        key = self._new()
        self._deploy(key)
        if secret_too:
            self.sandbox.client("secretsmanager").put_secret_value(SecretId=NAME, SecretString=key)

    def order(self, says="key.not-allowed"):
        event = {"tea": "mint", "grams": self.rng.randrange(1, 900)}
        seen = self.function.outcome(event)
        denied = "not authorized" in (seen.error_message or "")
        require(not denied, says=says, expected='{"accepted": true}', got=seen.error_message)
        return self.function.invoke(event) if seen.error else seen.payload

    def times_asked(self):
        return len(self.sandbox.journal(function="supplier", kind="invocation.started"))


@pytest.fixture
def supplier(function, sandbox, role, rng):
    return Supplier(function, sandbox, role, rng)


@task(1)
def test_orders_with_the_key_in_the_secret(supplier):
    expect(supplier.order().get("accepted"), True, says="key.not-accepted")


@task(2)
def test_keeps_the_key_until_there_is_a_new_one(supplier):
    supplier.order()
    for change in (False, True):
        if change:
            supplier.may_read(True)
            supplier.change_key(secret_too=True)
            expect(supplier.order().get("accepted"), True, says="key.keeps-the-old")
        supplier.may_read(False)
        expect(supplier.order(says="key.reads-each-time").get("accepted"), True, says="key.not-accepted")


@task(2, hidden=True)
def test_gives_up_after_the_second_refusal(supplier):
    supplier.change_key(secret_too=False)
    expect(supplier.order().get("accepted"), False, says="key.wrong-answer")
    expect(supplier.times_asked(), 2, says="key.wrong-times", times=supplier.times_asked())


@task(3)
def test_tells_nobody(supplier, function):
    supplier.order()
    supplier.change_key(secret_too=False)
    answer = supplier.order()
    require(
        supplier.key not in json.dumps(answer), says="key.in-the-answer", expected='{"accepted": false}', got=answer
    )
    expect(answer, {"accepted": False}, says="key.wrong-answer")
    printed = function.log()
    require(supplier.key not in printed, says="key.in-the-log", expected="no key in the log", got=printed)
