"""The checks of 02/basket. All calls of a check meet the same environment, one after the other."""

from lambda_sandbox.workbook.checks import expect, require, task

PRICES = {"assam": 4, "chai": 3, "mint": 2, "sencha": 6}
KEYS = {"customer", "items", "total", "at"}


def basket(function, items, customer="Ada", says=None):
    """The answer to one order; it has all the keys, and a list of items."""
    answer = function.invoke({"customer": customer, "items": items}, says=says)
    complete = isinstance(answer, dict) and answer.keys() >= KEYS and isinstance(answer["items"], list)
    says = "basket.not-a-basket"
    require(complete, says=says, expected="a dict with customer, items, total and at", got=answer)
    return answer


def teas(rng, count):
    return [rng.choice(list(PRICES)) for _ in range(count)]


@task(1)
def test_keeps_two_customers_apart(function, rng):
    first, second = teas(rng, 1), teas(rng, 1)
    basket(function, first)
    answer = basket(function, second, "Grace")
    mixed = {"basket.other-peoples-tea": first + second}
    expect(answer["items"], second, says="basket.wrong-items", recognise=mixed)
    expect(answer["total"], sum(map(PRICES.get, second)), says="basket.wrong-total")


@task(1, hidden=True)
def test_starts_with_an_empty_basket_after_a_failure(function, rng):
    first, second = teas(rng, 1), teas(rng, 1)
    function.outcome({"customer": "Ada", "items": [*first, "coffee"]})  # there is no price for it
    answer = basket(function, second, "Grace", says={"KeyError": "basket.left-by-a-failure"})
    expect(answer["items"], second, says="basket.left-by-a-failure")


@task(1)
def test_loads_the_prices_only_once(function, rng):
    for _ in range(3):
        basket(function, teas(rng, 1))
    times = function.log().count("loading the prices")
    require(times == 1, says="basket.loads-every-time", expected="once", got=times, times=times)


@task(2)
def test_gives_one_sticker_for_three_items(function, rng):
    for count in (3, 1, 4):
        items = teas(rng, count)
        got = basket(function, items)["items"]
        gift = ["sticker"] if count >= 3 else []
        stickers = got.count("sticker")
        says = "basket.stickers-pile-up" if stickers > len(gift) else "basket.wrong-items"
        says = "basket.no-sticker" if stickers < len(gift) else says
        expect(got, items + gift, says=says)


@task(3)
def test_tells_the_moment_of_the_order(function, rng):
    first, second = (basket(function, teas(rng, 1))["at"] for _ in range(2))
    times = all(isinstance(at, int | float) and 1_500_000_000 < at < 5_000_000_000 for at in (first, second))
    require(times, says="basket.not-a-time", expected="seconds since 1970", got=second)
    whole = isinstance(second, int) or second.is_integer()
    require(not whole, says="basket.whole-seconds", expected="a fraction of a second, too", got=second)
    require(second > first, says="basket.time-stands-still", expected=f"later than {first}", got=second)
