"""The checks of 11/all_orders: a few small orders, and large ones that fill several pages."""

import pytest

from lambda_sandbox.workbook.checks import expect, task

NOW = 1_935_600_000
LARGE = "x" * 300_000  # bytes: three of them are more than half of a page, and four are more than one


@pytest.fixture
def store(sandbox):
    """store(customer, cups, note="", **more): one more order, later than those before."""
    sandbox.client("dynamodb").create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "customer", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("customer", "at")],
        BillingMode="PAY_PER_REQUEST",
    )
    at = iter(range(100, 999))

    def store(customer, cups, note="", **more):
        item = {"customer": {"S": customer}, "at": {"S": f"2031-{next(at)}"}, "cups": {"N": str(cups)}}
        item |= {"note": {"S": note}} if note else {}
        item |= {name: {"N": str(value)} for name, value in more.items()}
        sandbox.client("dynamodb").put_item(TableName="orders", Item=item)

    return store


@task(1)
def test_counts_a_few_orders_of_one_customer(function, store, rng):
    cups = [rng.randrange(1, 9) for _ in range(3)]
    for number in cups:
        store("Ada", number)
        store("Grace", 50)
    everybody = {"orders": 6, "cups": sum(cups) + 150}
    expect(
        function.invoke({"customer": "Ada", "now": NOW}),
        {"orders": 3, "cups": sum(cups)},
        says="orders.few",
        recognise={"orders.somebody-elses": everybody, "orders.loses-lasting": {"orders": 0, "cups": 0}},
    )


@task(1)
def test_counts_more_orders_than_a_page_holds(function, store, rng):
    cups = [rng.randrange(1, 9) for _ in range(9)]
    for number in cups:
        store("Ada", number, LARGE)
    answer = function.invoke({"customer": "Ada", "now": NOW})
    expect(answer, {"orders": 9, "cups": sum(cups)}, says="orders.first-page")


@task(2)
def test_leaves_out_what_has_expired(function, store, rng):
    cups = rng.randrange(1, 9)
    store("Ada", cups)
    store("Ada", cups, expires_at=NOW + 1)
    for before in (rng.randrange(1, 9999), 0):
        store("Ada", 100, expires_at=NOW - before)
    expect(
        function.invoke({"customer": "Ada", "now": NOW}),
        {"orders": 2, "cups": 2 * cups},
        says="orders.counts-expired",
        recognise={
            "orders.off-by-one": {"orders": 3, "cups": 2 * cups + 100},
            "orders.loses-lasting": {"orders": 1, "cups": cups},
        },
    )


@task(2, hidden=True)
def test_goes_on_after_a_page_that_has_wholly_expired(function, store):
    for cups, expires_at in [(1, NOW + 9)] * 4 + [(100, NOW - 9)] * 8 + [(1, NOW + 9)] * 2:
        store("Ada", cups, LARGE, expires_at=expires_at)
    answer = function.invoke({"customer": "Ada", "now": NOW})
    expect(answer, {"orders": 6, "cups": 6}, says="orders.stops-early")
