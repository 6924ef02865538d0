"""The checks of 16/right_size: the curve is `lambda_sandbox.views.tuning`'s, the prices those of the bill."""

from math import isclose

from lambda_sandbox.facts import fact
from lambda_sandbox.views.tuning import Tuning
from lambda_sandbox.workbook.checks import require, task


def curve(rng, waits_ms):
    """Work that computes and waits, at six sizes; the middle ones are the cheapest."""
    cpu_ms = rng.randrange(80, 120)
    speed = {128: 0.05, 256: 0.13, 512: 0.31, 1024: 0.6, 1769: 1, 3008: 1.1}
    return {mb: round(waits_ms + cpu_ms / share) for mb, share in speed.items()}


def event_of(billed_ms, **more):
    return {"billed_ms": {str(mb): ms for mb, ms in billed_ms.items()}, **more}


def chosen(function, event):
    answer = function.invoke(event)
    got = answer.get("memory_mb", "") if isinstance(answer, dict) else answer
    text = isinstance(got, str) and got.isdigit()
    whole = got is None or (isinstance(got, int) and not isinstance(got, bool))
    says = "size.text" if text else "size.shape"
    require(whole, says=says, expected='{"memory_mb": a whole number or null}', got=answer)
    return got


def demand(got, right, says):
    require(got == right, says=says, expected="another size" if right else "null", got=got)


@task(1)
def test_takes_the_cheapest(function, rng):
    billed_ms = curve(rng, rng.choice([0, 5]))
    tuning = Tuning(billed_ms)
    got = chosen(function, event_of(billed_ms))
    says = {min(billed_ms): "size.smallest", tuning.fastest: "size.fastest"}.get(got, "size.not-cheapest")
    demand(got, tuning.cheapest, says)


@task(1)
def test_takes_the_faster_of_two_that_cost_the_same(function, rng):
    ms = 8 * rng.randrange(10, 40)
    got = chosen(function, event_of({256: 4 * ms, 512: 2 * ms, 1024: ms, 2048: ms}))
    demand(got, 1024, "size.slower-of-two" if got in (256, 512) else "size.not-cheapest")


@task(2)
def test_is_in_time(function, rng):
    billed_ms = curve(rng, 0)
    most = billed_ms[1024] + 1
    got = chosen(function, event_of(billed_ms, most_ms=most))
    demand(got, 1024, "size.too-slow" if got is None or billed_ms.get(got, most) > most - 1 else "size.not-cheapest")


@task(2)
def test_says_when_no_size_is_fast_enough(function, rng):
    billed_ms = curve(rng, 50)
    event = event_of(billed_ms, most_ms=min(billed_ms.values()) - 1)
    answer = function.invoke(event, says="size.none")
    demand(answer.get("memory_mb", "") if isinstance(answer, dict) else answer, None, "size.none")


@task(2, hidden=True)
def test_in_time_is_also_who_takes_just_as_long(function, rng):
    billed_ms = curve(rng, 0)
    demand(chosen(function, event_of(billed_ms, most_ms=billed_ms[1769])), 1769, "size.none")


@task(3)
def test_says_what_it_saves(function, rng):
    billed_ms = curve(rng, 0)
    sizes = {size.memory_mb: size.usd for size in Tuning(billed_ms).sizes}
    requests = rng.choice([3_000_000, 7_000_000])
    more = {"now_mb": 3008, "requests": requests, "gb_second": fact("prices.x86_gb_second", "us-east-1")}
    answer = function.invoke(event_of(billed_ms, **more))
    got = answer.get("saves_usd") if isinstance(answer, dict) else answer
    a_million = sizes[3008] - sizes[Tuning(billed_ms).cheapest]
    number = isinstance(got, int | float)
    says = "size.saves-one" if number and isclose(got, a_million / 1e6, rel_tol=1e-3) else "size.saves"
    right = number and isclose(got, a_million * requests / 1e6, rel_tol=1e-3)
    require(right, says=says, expected=f"about {a_million * requests / 1e6:.2f} USD a month", got=got)
