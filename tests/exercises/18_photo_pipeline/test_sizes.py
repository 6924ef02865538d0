"""The checks of 18/sizes: pipelines of several sizes; how many environments is asked of the model, too."""

from math import ceil

from lambda_sandbox.simulate import Function, constant, simulate
from lambda_sandbox.workbook.checks import expect, require, task

SMALL = {
    "photos_per_second": 4, "seconds_each": 1.5, "longest": 6, "batch_size": 5, "window": 10,
    "rest_bytes": 2000, "down": 3600, "at_most": 10,
}  # fmt: skip


def ask(function, key, **known):
    """One of the answers, for a pipeline that differs from the small one."""
    answer = function.invoke({**SMALL, **known})
    value = answer.get(key, "") if isinstance(answer, dict) else ""
    whole = value is None or (isinstance(value, int | float) and value == int(value))
    require(whole, says="sizes.shape", expected=f'{{"{key}": …}}', got=answer, key=key)
    return value


@task(1)
def test_has_as_many_environments_as_are_busy(function, rng):
    rate, each, batch = rng.randrange(6, 20), rng.choice([1.5, 2.5]), rng.randrange(4, 9)
    right = ceil(rate * each)
    got = ask(function, "environments", photos_per_second=rate, seconds_each=each, batch_size=batch)
    if got != right:
        recognise = {"sizes.batch-as-one": ceil(rate * each / batch)}
        expect(got, right, says="sizes.environments", recognise=recognise)
    modelled = simulate(Function(constant(rate), duration=each, reserved=got), seconds=120)
    require(not modelled.throttled, says="sizes.environments", expected=right, got=got)


@task(1, hidden=True)
def test_rounds_environments_up(function):
    got = ask(function, "environments", photos_per_second=3, seconds_each=1.1)
    expect(got, 4, says="sizes.environments", recognise={"sizes.rounded-down": 3})


@task(1)
def test_gives_a_batch_the_time_it_needs(function, rng):
    longest, batch, window = rng.randrange(10, 20), rng.randrange(2, 9), rng.randrange(5, 60)
    known = {"longest": longest, "batch_size": batch, "window": window}
    timeout = longest * batch
    got = ask(function, "timeout", **known)
    expect(got, timeout, says="sizes.timeout", recognise={"sizes.timeout-of-one": longest}, batch=batch)
    seen = {"sizes.no-window": 6 * timeout, "sizes.window-six-times": 6 * (timeout + window)}
    got = ask(function, "visibility_timeout", **known)
    expect(got, 6 * timeout + window, says="sizes.visibility", recognise=seen)


@task(1, hidden=True)
def test_knows_how_long_a_function_may_run(function):
    for longest, timeout in ((90, 900), (91, None)):
        got = ask(function, "timeout", longest=longest, batch_size=10)
        expect(got, timeout, says="sizes.timeout-too-long" if timeout is None else "sizes.timeout", batch=10)
    got = ask(function, "visibility_timeout", longest=91, batch_size=10)
    expect(got, None, says="sizes.timeout-too-long")


@task(2)
def test_knows_the_largest_photo(function, rng):
    rest = rng.randrange(1000, 9000)
    groups = (6_291_456 - rest) // 4
    plain = {"sizes.photo-not-encoded": 6_291_456 - rest}
    expect(ask(function, "largest_photo", rest_bytes=rest), 3 * groups, says="sizes.photo", recognise=plain)


@task(2)
def test_knows_how_long_it_takes_to_catch_up(function, rng):
    rate, down = rng.randrange(2, 6), 60 * rng.randrange(10, 90)
    known = {"photos_per_second": rate, "seconds_each": 2, "down": down, "at_most": 2 * (rate + 3)}
    alone = {"sizes.forgets-new-photos": ceil(rate * down / (rate + 3))}
    expect(ask(function, "catch_up", **known), ceil(rate * down / 3), says="sizes.catch-up", recognise=alone)


@task(2, hidden=True)
def test_knows_when_it_will_never_catch_up(function):
    for at_most in (6, 5):
        expect(ask(function, "catch_up", at_most=at_most), None, says="sizes.never")
