"""The checks of 16/estimate: the same month, priced as `sandbox.bill()` prices it."""

from lambda_sandbox.facts import fact
from lambda_sandbox.views.meters import REQUESTS, priced
from lambda_sandbox.workbook.checks import require, task

DURATION = "duration, x86_64"
FREE = {"requests": fact("prices.free_requests"), "gb_seconds": fact("prices.free_gb_seconds")}


def month(rng):
    return {
        "requests": rng.choice([6_000_000, 7_000_000, 11_000_000]),
        "duration_ms": rng.choice([130, 170, 190]),
        "memory_mb": rng.choice([1536, 2048, 3008]),
        "prices": {
            "million_requests": fact("prices.requests_per_million", "us-east-1"),
            "gb_second": fact("prices.x86_gb_second", "us-east-1"),
        },
    }


def gb_seconds(event):
    return event["requests"] * event["duration_ms"] / 1000 * event["memory_mb"] / 1024


def usd(event, used, free_tier=False):
    """USD for requests and for duration, as on the bill."""
    lines = priced({REQUESTS: event["requests"], DURATION: used}, "us-east-1", free_tier=free_tier)
    return {"requests": lines[0].usd, "duration": lines[1].usd}


def near(got, expected):
    number = isinstance(got, int | float) and not isinstance(got, bool)
    return number and abs(got - expected) <= 1e-6 + abs(expected) * 1e-4


def compare(answer, expected, meter, says, recognise):
    """`recognise`: message id -> the wrong amount that it is about."""
    shape = isinstance(answer, dict) and meter in answer
    require(shape, says="estimate.shape", expected='{"requests": …, "duration": …}', got=answer)
    got = answer[meter]
    says = next((one for one, wrong in recognise.items() if near(got, wrong)), says)
    require(near(got, expected[meter]), says=says, expected=f"{expected[meter]:.4f} USD for the {meter}", got=got)


@task(1)
def test_prices_both_meters(function, rng):
    event = month(rng)
    answer, right = function.invoke(event), usd(event, gb_seconds(event))
    compare(answer, right, "requests", "estimate.requests", {"estimate.each-request": right["requests"] * 1e6})
    wrong = {
        "estimate.milliseconds": right["duration"] * 1000,
        "estimate.thousand-mb": right["duration"] * 1.024,
        "estimate.no-memory": right["duration"] / event["memory_mb"] * 1024,
    }
    compare(answer, right, "duration", "estimate.duration", wrong)


@task(2)
def test_takes_off_what_is_free(function, rng):
    event = month(rng)
    used = gb_seconds(event)
    right, without = usd(event, used, free_tier=True), usd(event, used)
    answer = function.invoke({**event, "free": FREE})
    compare(answer, right, "requests", "estimate.free-amount", {})
    left = without["duration"] * (1 - FREE["requests"] / event["requests"])
    first = max(left - FREE["gb_seconds"] * event["prices"]["gb_second"], 0)
    wrong = {"estimate.requests-first": first, "estimate.free-amount": left}
    compare(answer, right, "duration", "estimate.free-amount", wrong)


@task(2)
def test_owes_nothing_for_a_small_month(function, rng):
    event = {**month(rng), "requests": 120_000, "duration_ms": 90}
    answer = function.invoke({**event, "free": FREE})
    for meter in ("requests", "duration"):
        compare(answer, {meter: 0.0}, meter, "estimate.negative", {})


@task(2, hidden=True)
def test_pays_for_everything_without_a_free_tier(function, rng):
    event = {**month(rng), "requests": 120_000}
    answer = function.invoke(event, says={"KeyError": "estimate.still-free"})
    for meter in ("requests", "duration"):
        compare(answer, usd(event, gb_seconds(event)), meter, "estimate.still-free", {})


@task(3)
def test_adds_the_init_of_the_cold_starts(function, rng):
    event = month(rng)
    cold = {"share": rng.choice([0.02, 0.04]), "init_ms": rng.choice([700, 900])}
    init = event["requests"] * cold["init_ms"] / 1000 * event["memory_mb"] / 1024
    answer, used = function.invoke({**event, "cold": cold}), gb_seconds(event)
    wrong = {
        "estimate.no-init": usd(event, used)["duration"],
        "estimate.init-for-all": usd(event, used + init)["duration"],
    }
    compare(answer, usd(event, used + init * cold["share"]), "duration", "estimate.no-init", wrong)
