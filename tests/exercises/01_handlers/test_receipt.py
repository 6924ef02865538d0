"""The checks of 01/receipt."""

from datetime import UTC, datetime
from decimal import Decimal

from lambda_sandbox.workbook.checks import expect, require, task

NAMES = ["assam", "chai", "darjeeling", "earl grey", "genmaicha", "hojicha", "keemun", "lapsang", "rooibos", "sencha"]
NOT_JSON = {"Runtime.MarshalError": "receipt.not-json"}


def receipt(rng, prices=("1.25", "2.50", "3.75", "0.50")):
    """An event with doubles, in no order."""
    names = rng.sample(NAMES, len(prices) - 1)
    names.append(names[0])
    items = [{"name": name, "price": price} for name, price in zip(names, prices, strict=True)]
    return {"items": items, "paid_at": rng.randrange(1_700_000_000, 1_900_000_000)}


def printed(function, event):
    """The receipt that comes of an event, with all of its keys."""
    answer = function.invoke(event, says=NOT_JSON)
    says = "receipt.json-in-json"
    require(not isinstance(answer, str), says=says, expected="a dict with names, paid_at and total", got=answer)
    complete = isinstance(answer, dict) and {"names", "paid_at", "total"} <= answer.keys()
    require(complete, says="receipt.no-receipt", expected="a dict with names, paid_at and total", got=answer)
    return answer


@task(1)
def test_lists_each_name_once_in_order(function, rng):
    for _ in range(3):  # one set may happen to be in order
        event = receipt(rng)
        names = printed(function, event)["names"]
        in_order = sorted({item["name"] for item in event["items"]})
        texts = isinstance(names, list) and all(isinstance(name, str) for name in names)
        require(texts, says="receipt.not-a-list", expected=str(in_order), got=names)
        require(len(names) == len(set(names)), says="receipt.names-twice", expected=str(in_order), got=names)
        expect(names, in_order, says="receipt.names-out-of-order")


@task(2)
def test_writes_the_time_as_iso_text(function, rng):
    event = receipt(rng)
    paid_at = datetime.fromtimestamp(event["paid_at"], UTC)
    no_zone = {"receipt.time-forgets-its-zone": paid_at.replace(tzinfo=None).isoformat()}
    expect(printed(function, event)["paid_at"], paid_at.isoformat(), says="receipt.time-not-iso", recognise=no_zone)


@task(3)
def test_adds_up_exactly(function, rng):
    prices = rng.choice([("0.10", "0.20"), ("1.10", "2.20"), ("0.70", "0.10"), ("2.30", "4.60", "0.10")])
    total = float(sum(map(Decimal, prices)))
    recognise = {
        "receipt.binary-fractions": sum(map(float, prices)),
        "receipt.total-is-text": str(sum(map(Decimal, prices))),
    }
    expect(printed(function, receipt(rng, prices))["total"], total, says="receipt.wrong-total", recognise=recognise)


@task(3, hidden=True)
def test_adds_up_a_long_receipt(function, rng):
    prices = [f"{rng.randrange(1, 999)}.{rng.randrange(100):02}" for _ in range(9)]
    total = float(sum(map(Decimal, prices)))
    expect(printed(function, receipt(rng, prices))["total"], total, says="receipt.wrong-total")
