"""The checks of 10/one_bad_cup: a queue filled with orders, then the mapping, and what was brewed when all is over."""

import json

import pytest

from lambda_sandbox.workbook.checks import expect, require, task

ARN = "arn:aws:sqs:us-east-1:123456789012:"


class Shop:
    """A queue that gives a message three attempts; `serve` fills it, and lets the function have all in one batch."""

    def __init__(self, function, sandbox):
        self.function, self.sandbox, self.sqs = function, sandbox, sandbox.client("sqs")
        self.dead = self.sqs.create_queue(QueueName="dead-letters")["QueueUrl"]
        redrive = json.dumps({"deadLetterTargetArn": ARN + "dead-letters", "maxReceiveCount": 3})
        self.url = self.sqs.create_queue(QueueName="orders", Attributes={"RedrivePolicy": redrive})["QueueUrl"]

    def serve(self, *orders, says):
        """The lines that were brewed; `says`: what to say if an invocation failed."""
        for order in orders:
            self.sqs.send_message(QueueUrl=self.url, MessageBody=order if isinstance(order, str) else json.dumps(order))
        self.sandbox.client("lambda").create_event_source_mapping(
            FunctionName=self.function.name,
            EventSourceArn=ARN + "orders",
            FunctionResponseTypes=["ReportBatchItemFailures"],
        )
        self.function.settle(says=says)
        self.function.called = f"lambda_handler with a batch of {len(orders)} messages"
        return sorted(line for line in self.function.log().splitlines() if line.startswith("brewed "))

    def judge(self, brewed, good, bad):
        wanted = sorted(f"brewed {order['tea']} {order['cups']}" for order in good)
        require(len(set(brewed)) == len(brewed), says="cup.brewed-again", expected="each of them once", got=brewed)
        require(brewed == wanted, says="cup.left-out", expected=", ".join(wanted), got=brewed)
        answer = self.sqs.receive_message(QueueUrl=self.dead, MaxNumberOfMessages=10)
        letters = sorted(message["Body"] for message in answer.get("Messages", []))
        expect(letters, sorted(bad), says="cup.silent")


@pytest.fixture
def shop(function, sandbox):
    return Shop(function, sandbox)


@task(1)
def test_brews_the_good_ones_of_a_batch_once(shop, rng):
    black, green, white = ({"tea": tea, "cups": rng.randrange(1, 50)} for tea in ("black", "green", "white"))
    brewed = shop.serve(black, {"tea": "none", "cups": 0}, green, white, says="cup.batch-fails")
    shop.judge(brewed, [black, green, white], ['{"tea": "none", "cups": 0}'])


@task(1, hidden=True)
def test_sets_every_bad_order_aside(shop):
    good, bad = {"tea": "rooibos", "cups": 2}, [f'{{"tea": "no {n}", "cups": {-n}}}' for n in range(3)]
    brewed = shop.serve(bad[0], bad[1], good, bad[2], says="cup.batch-fails")
    shop.judge(brewed, [good], bad)


@task(2)
def test_bears_orders_that_make_no_sense(shop, rng):
    good, odd = {"tea": "mint", "cups": rng.randrange(1, 50)}, ['{"cups": 2}', "two cups of tea", "[]"]
    brewed = shop.serve(odd[0], good, *odd[1:], says="cup.one-kind")
    shop.judge(brewed, [good], odd)
