"""The checks of 11/totals: a table of orders with a stream, a mapping that gives up early, and the totals then."""

import pytest

from lambda_sandbox.workbook.checks import expect, require, task

IMAGES = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}


class Shop:
    """Orders, written first; `read` then lets the function have their stream from its beginning, in one batch."""

    def __init__(self, function, sandbox):
        self.function, self.sandbox, self.db = function, sandbox, sandbox.client("dynamodb")
        for table, key, more in (("orders", "id", {"StreamSpecification": IMAGES}), ("totals", "city", {})):
            made = self.db.create_table(
                TableName=table,
                KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
                **more,
            )
            self.stream = made["TableDescription"].get("LatestStreamArn") or self.stream
        self.queue = sandbox.client("sqs").create_queue(QueueName="given-up")["QueueUrl"]

    def order(self, id, city, cups=None):
        item = {"id": {"S": id}, "city": {"S": city}} | ({} if cups is None else {"cups": {"N": str(cups)}})
        self.db.put_item(TableName="orders", Item=item)

    def delete(self, id):
        self.db.delete_item(TableName="orders", Key={"id": {"S": id}})

    def read(self, what, says=None):
        """The totals that are not 0, when all is over; `says`: what to say if an invocation failed."""
        self.function.called = f"the stream's records of {what}"
        self.sandbox.client("lambda").create_event_source_mapping(
            FunctionName=self.function.name,
            EventSourceArn=self.stream,
            StartingPosition="TRIM_HORIZON",
            FunctionResponseTypes=["ReportBatchItemFailures"],
            BisectBatchOnFunctionError=True,  # else what follows a bad record would be given up with it
            MaximumRetryAttempts=1,
            DestinationConfig={"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:123456789012:given-up"}},
        )
        self.function.settle(says=says)
        totals = {item["city"]["S"]: int(item["cups"]["N"]) for item in self.db.scan(TableName="totals")["Items"]}
        return {city: cups for city, cups in totals.items() if cups}

    def told(self):
        return len(self.sandbox.client("sqs").receive_message(QueueUrl=self.queue).get("Messages", []))


@pytest.fixture
def shop(function, sandbox):
    return Shop(function, sandbox)


@task(1)
def test_adds_new_orders(function, shop, rng):
    one, two, three = (rng.randrange(2, 50) for _ in range(3))
    shop.order("1", "Oslo", one)
    shop.order("2", "Rome", two)
    shop.order("3", "Oslo", three)
    totals = shop.read("three new orders")
    first = {"totals.one-record-only": {"Oslo": one}}
    expect(totals, {"Oslo": one + three, "Rome": two}, says="totals.not-added", recognise=first)


@task(2)
def test_follows_an_order_with_another_number_of_cups(function, shop):
    shop.order("1", "Oslo", 20)
    shop.order("1", "Oslo", 3)
    totals = shop.read("a new order, and its change from 20 cups to 3")
    expect(totals, {"Oslo": 3}, says="totals.change-adds")


@task(2)
def test_follows_an_order_that_moves(function, shop, rng):
    cups = rng.randrange(2, 50)
    shop.order("1", "Oslo", 9)
    shop.order("1", "Rome", cups)
    totals = shop.read("a new order, and its change from Oslo to Rome")
    expect(totals, {"Rome": cups}, says="totals.city-stays")


@task(2)
def test_forgets_a_deleted_order(function, shop):
    shop.order("1", "Oslo", 9)
    shop.order("2", "Rome", 4)
    shop.delete("1")
    totals = shop.read("two new orders, and the deletion of one")
    expect(totals, {"Rome": 4}, says="totals.deleted-counts")


@task(3)
def test_counts_what_lies_around_a_bad_order_once(function, shop, rng):
    before, after = rng.randrange(2, 50), rng.randrange(50, 99)
    shop.order("1", "Oslo", before)
    shop.order("2", "Oslo")
    shop.order("3", "Oslo", after)
    totals = shop.read("three new orders, the second without cups", says="totals.fails")
    got = totals.get("Oslo", 0)
    require(got <= before + after, says="totals.counts-twice", expected=before + after, got=got)
    require(got == before + after, says="totals.leaves-out", expected=before + after, got=got)
    expect(shop.told(), 1, says="totals.silent")
