"""The checks of 10/in_order: a FIFO queue with changes of several customers, delivered as one batch."""

import json

import pytest

from lambda_sandbox.workbook.checks import require, task

FIFO = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
REDRIVE = json.dumps({"deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dead.fifo", "maxReceiveCount": 5})


class Bank:
    """`book` sends changes, lets the function have all in one batch, and returns what it has booked, in order."""

    def __init__(self, function, sandbox):
        self.function, self.sandbox = function, sandbox

    def book(self, *changes):
        sqs = self.sandbox.client("sqs")
        sqs.create_queue(QueueName="dead.fifo", Attributes=FIFO)
        url = sqs.create_queue(QueueName="accounts.fifo", Attributes={**FIFO, "RedrivePolicy": REDRIVE})["QueueUrl"]
        self.sent = {}
        for customer, change, busy in changes:
            body = {"customer": customer, "change": change, "busy_attempts": busy}
            sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body), MessageGroupId=customer)
            self.sent.setdefault(customer, []).append(change)
        self.sandbox.client("lambda").create_event_source_mapping(
            FunctionName=self.function.name,
            EventSourceArn="arn:aws:sqs:us-east-1:123456789012:accounts.fifo",
            FunctionResponseTypes=["ReportBatchItemFailures"],
        )
        self.function.settle(says="order.batch-fails")
        self.function.called = f"lambda_handler with a batch of {len(changes)} messages"
        lines = [line.split() for line in self.function.log().splitlines() if line.startswith("booked ")]
        booked = [(line[1], int(line[2])) for line in lines if len(line) == 3]
        for customer, sent in self.sent.items():
            got = [change for who, change in booked if who == customer]
            facts = {"expected": json.dumps(sent), "got": got, "customer": customer}
            require(set(got) == set(sent), says="order.lost", **facts)
            require(len(got) == len(sent), says="order.twice", **facts)
            require(got == sent, says="order.overtaken", **facts)
        return booked


@pytest.fixture
def bank(function, sandbox):
    return Bank(function, sandbox)


@task(1)
def test_books_the_changes_of_a_customer_in_order(bank, rng):
    first, second, third, fourth = rng.sample(range(1, 100), 4)
    bank.book(("Ada", first, 0), ("Ada", second, 1), ("Ada", -third, 0), ("Ada", fourth, 0))


@task(2)
def test_books_the_changes_of_others_meanwhile(bank, rng):
    ada, grace = rng.sample(range(1, 100), 3), rng.sample(range(1, 100), 2)
    booked = bank.book(("Ada", ada[0], 1), ("Grace", grace[0], 0), ("Ada", -ada[1], 0), ("Grace", grace[1], 0))
    early = booked[: booked.index(("Ada", ada[0]))]
    expected = "Grace's changes, then Ada's"
    require(("Grace", grace[1]) in early, says="order.others-wait", expected=expected, got=booked, customer="Grace")


@task(2, hidden=True)
def test_bears_two_busy_accounts_in_a_batch(bank):
    changes = [("Ada", 5, 1), ("Grace", 6, 2), ("Hedy", 7, 0), ("Ada", -3, 0), ("Hedy", 8, 0), ("Grace", -4, 0)]
    booked = bank.book(*changes)
    early = booked[: booked.index(("Ada", 5))]
    require(("Hedy", 8) in early, says="order.others-wait", expected="Hedy first", got=booked, customer="Hedy")
