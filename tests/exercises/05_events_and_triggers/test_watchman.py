"""The checks of 05/watchman: a stock, a look, and what the other function was told."""

import json

from lambda_sandbox.workbook.checks import expect, require, task

REORDER = """
import json
def lambda_handler(event, context):
    print(json.dumps(event))
"""


class Shop:
    """A stock to look at, and a function that hears of it."""

    def __init__(self, sandbox, function, s3):
        self.sandbox, self.function, self.s3, self.seen = sandbox, function, s3, 0
        sandbox.deploy(REORDER, name="reorder")
        s3.create_bucket(Bucket="shop")

    def look(self, **stock):
        """Sets the stock, lets the watchman look, and returns the events that the other function got for it."""
        self.s3.put_object(Bucket="shop", Key="stock.json", Body=json.dumps(stock))
        self.function.invoke({}, called=f"lambda_handler({{}}), stock {json.dumps(stock)}")
        self.sandbox.settle()
        log = [record.data["message"] for record in self.sandbox.journal(function="reorder", kind="invocation.log")]
        told, self.seen = log[self.seen :], len(log)
        return sorted((json.loads(line) for line in told), key=json.dumps)

    def teas(self, **stock):
        return [told["detail"]["tea"] for told in self.look(**stock)]


def news(tea, grams):
    return {"source": "shop.stock", "detail-type": "Tea is running low", "detail": {"tea": tea, "grams": grams}}


@task(1)
def test_tells_of_each_tea_that_runs_low(function, sandbox, s3, rng):
    shop = Shop(sandbox, function, s3)
    green, white = rng.randrange(1, 50), rng.randrange(50, 100)
    got = shop.look(green=green, white=white, black=100, oolong=rng.randrange(200, 900))
    require(bool(got), says="watchman.silent", expected="two events", got=got)
    expect(got, sorted([news("green", green), news("white", white)], key=json.dumps), says="watchman.event")
    types = {record.data["type"] for record in sandbox.journal(function="reorder", kind="invocation.requested")}
    expect(sorted(types), ["Event"], says="watchman.waits")


@task(2)
def test_tells_it_once(function, sandbox, s3):
    shop = Shop(sandbox, function, s3)
    expect(shop.teas(green=40, white=900), ["green"], says="watchman.silent")
    expect(shop.teas(green=40, white=900), [], says="watchman.cries-wolf")
    function.restart()
    expect(shop.teas(green=30, white=900), [], says="watchman.forgets-in-sleep")


@task(2, hidden=True)
def test_tells_it_again_when_it_is_news(function, sandbox, s3):
    shop = Shop(sandbox, function, s3)
    expect(shop.teas(green=40, white=900), ["green"], says="watchman.silent")
    expect(shop.teas(green=40, white=20), ["white"], says="watchman.cries-wolf")
    expect(shop.teas(green=500, white=20), [], says="watchman.cries-wolf")
    expect(shop.teas(green=10, white=20), ["green"], says="watchman.never-again")
