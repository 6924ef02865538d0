"""The checks of 14/capacity: the model runs the load with as much concurrency as the answer says."""

from math import ceil

from lambda_sandbox.simulate import Function, constant, simulate
from lambda_sandbox.workbook.checks import expect, require, task


def throttled(rate, duration_ms, concurrency):
    """How many requests of how many are turned away in the two seconds after the first calls have ended."""
    load = Function(constant(rate), duration=duration_ms / 1000)
    run = simulate(load, seconds=2 + duration_ms / 1000, account=concurrency)
    return run.throttled, run.requests


def enough(function, rate, duration_ms, too_little, recognise):
    """The answer is enough, and one less would not be. `recognise`: message id -> a wrong answer."""
    answer = function.invoke({"requests_per_second": rate, "duration_ms": duration_ms})
    got = answer.get("concurrency") if isinstance(answer, dict) else None
    whole = isinstance(got, int) and not isinstance(got, bool) and got > 0
    says = {wrong: says for says, wrong in recognise.items()}
    if whole or got in says:  # a wrong answer may be a fraction, too
        lost, requests = throttled(rate, duration_ms, max(int(got), 1)) if got < 100_000 else (0, 0)
        facts = {"throttled": lost, "requests": requests}
        fits = not lost and got not in says
        require(fits, says=says.get(got, too_little), expected="nobody is turned away", got=got, **facts)
    require(whole, says="capacity.not-a-number", expected='{"concurrency": a whole number}', got=answer)
    spare = got > 1 and not throttled(rate, duration_ms, got - 1)[0]
    require(not spare, says="capacity.too-much", expected="no unit more than needed", got=got)


@task(1)
def test_multiplies_rate_and_duration(function, rng):
    rate, duration_ms = rng.choice([(30, 450), (50, 310), (70, 330)])  # no product is a whole number
    needs = rate * duration_ms / 1000
    enough(
        function,
        rate,
        duration_ms,
        "capacity.too-little",
        {
            "capacity.milliseconds": rate * duration_ms,
            "capacity.rate-alone": rate,
            "capacity.rounds-down": int(needs),
        },
    )


@task(1, hidden=True)
def test_never_answers_less_than_one(function):
    answer = function.invoke({"requests_per_second": 1, "duration_ms": 90})
    expect(answer, {"concurrency": 1}, says="capacity.rounds-down", throttled=1, requests=1)


@task(2)
def test_knows_the_limit_of_short_functions(function, rng):
    rate, duration_ms = rng.choice([(615, 21), (835, 33), (955, 17)])
    needs, at_ten = ceil(rate * duration_ms / 1000), ceil(rate / 10)
    both = {"capacity.ten-a-second": needs, "capacity.adds-both": needs + at_ten}
    enough(function, rate, duration_ms, "capacity.ten-a-second", both)


@task(2)
def test_still_knows_long_functions(function, rng):
    rate, duration_ms = rng.choice([(33, 710), (47, 930)])
    enough(function, rate, duration_ms, "capacity.too-little", {"capacity.always-ten-a-second": ceil(rate / 10)})
