"""The checks of 16/fewer_requests: the queue must be right, and `sandbox.bill()` counts the requests."""

import json

from lambda_sandbox.views.meters import S3_GET, SQS
from lambda_sandbox.workbook.checks import expect, require, task


def desk(sandbox, prices):
    sandbox.client("s3").create_bucket(Bucket="desk")
    price(sandbox, prices)
    return sandbox.client("sqs").create_queue(QueueName="packing")["QueueUrl"]


def price(sandbox, prices):
    sandbox.client("s3").put_object(Bucket="desk", Key="prices.json", Body=json.dumps(prices))


def orders(rng, count):
    items = ["sencha", "mugi", "matcha", "rooibos"]
    return {item: rng.randrange(3, 20) for item in items}, [
        {"item": items[number % 4], "count": rng.randrange(1, 9)} for number in range(count)
    ]


def costs(prices, ordered):
    return sum(prices[one["item"]] * one["count"] for one in ordered)


def asked(sandbox, function, meter):
    return int(sum(line.quantity for line in sandbox.bill(function.name).lines if line.meter == meter))


@task(1)
def test_reads_the_list_once(function, sandbox, rng):
    prices, ordered = orders(rng, 9)
    queue = desk(sandbox, prices)
    answer = function.invoke({"bucket": "desk", "queue": queue, "orders": ordered}, called="nine orders")
    expect(answer, {"total": costs(prices, ordered)}, says="fewer.wrong-total")
    got = asked(sandbox, function, S3_GET)
    says = {len(ordered): "fewer.one-for-each", 4: "fewer.one-for-each-item"}.get(got, "fewer.one-for-each")
    require(got == 1, says=says, expected="one GET request", got=got, orders=len(ordered))
    changed = {item: usd + 1 for item, usd in prices.items()}
    price(sandbox, changed)
    answer = function.invoke({"bucket": "desk", "queue": queue, "orders": ordered}, called="nine orders, new prices")
    old = {"fewer.stale": {"total": costs(prices, ordered)}}
    expect(answer, {"total": costs(changed, ordered)}, says="fewer.wrong-total", recognise=old)


@task(2)
def test_sends_several_at_once(function, sandbox, rng):
    prices, ordered = orders(rng, rng.choice([21, 22, 23]))
    queue = desk(sandbox, prices)
    function.invoke({"bucket": "desk", "queue": queue, "orders": ordered}, called=f"{len(ordered)} orders")
    sent = asked(sandbox, function, SQS)
    bodies, sqs = [], sandbox.client("sqs")
    while found := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        bodies += [json.loads(one["Body"]) for one in found]
    single = all(isinstance(one, dict) and "item" in one for one in bodies)
    require(single, says="fewer.lumps", expected="one order in each message", got=bodies[:1])
    wanted = [{**one, "usd": costs(prices, [one])} for one in ordered]
    complete = sorted(map(str, bodies)) == sorted(map(str, wanted))
    require(complete, says="fewer.lost", expected=f"{len(ordered)} messages", got=len(bodies))
    require(sent < len(ordered), says="fewer.one-by-one", expected="fewer requests", got=sent, orders=len(ordered))
    require(sent == 3, says="fewer.too-many", expected=3, got=sent)


@task(2, hidden=True)
def test_sends_nothing_for_nothing(function, sandbox, rng):
    queue = desk(sandbox, orders(rng, 1)[0])
    expect(function.invoke({"bucket": "desk", "queue": queue, "orders": []}), {"total": 0}, says="fewer.wrong-total")
    got = asked(sandbox, function, SQS)
    require(got == 0, says="fewer.too-many", expected=0, got=got)
