"""The checks of 14/three_shops. The waits are real, and the bounds are far from them: computers are busy at times."""

from lambda_sandbox.workbook.checks import InWords, expect, require, task

PRICES = {"Alder": 4.20, "Birch": 3.90, "Cedar": 4.50, "Dogwood": 1.00}


def duration_ms(function):
    return function.reports()[-1]["duration_ms"]


def within(function, bound_ms, says):
    quick = duration_ms(function) < bound_ms
    require(quick, says=says, expected=f"less than {bound_ms} ms", got=InWords(f"more than {bound_ms} ms"))


def prices(*shops, **known):
    return {"prices": {shop: known.get(shop, PRICES[shop]) for shop in shops}}


@task(1)
def test_asks_three_shops_at_the_same_time(function, rng):
    shops = rng.sample(["Alder", "Birch", "Cedar"], 3)
    slow = {"Sandbox.Timedout": "shops.one-after-the-other"}
    expect(function.invoke({"shops": shops}, says=slow), prices(*shops), says="shops.wrong-prices")
    within(function, 1000, "shops.one-after-the-other")


@task(1, hidden=True)
def test_asks_a_dozen_at_the_same_time(function):
    shops = ["Alder", "Birch", "Cedar"] * 4
    answer = function.invoke({"shops": shops}, says={"Sandbox.Timedout": "shops.few-at-a-time"})
    expect(answer, prices(*shops), says="shops.wrong-prices")
    within(function, 1400, "shops.few-at-a-time")


@task(2)
def test_does_not_wait_for_a_silent_shop(function, rng):
    shops = rng.sample(["Dogwood", rng.choice(["Alder", "Birch", "Cedar"])], 2)
    says = {"Sandbox.Timedout": "shops.waits-for-ever", "TimeoutError": "shops.loses-the-others"}
    answer = function.invoke({"shops": shops}, says=says)
    got = answer.get("prices") if isinstance(answer, dict) else None
    full = isinstance(got, dict) and got.keys() == set(shops)
    require(full, says="shops.loses-the-others", expected=f"prices for {shops}", got=answer)
    impatient = {"shops.gives-up-too-soon": {"prices": dict.fromkeys(shops)}}
    expect(answer, prices(*shops, Dogwood=None), says="shops.wrong-prices", recognise=impatient)
    within(function, 1800, "shops.too-patient")
