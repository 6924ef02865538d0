"""The checks of 02/head_start. The half second is real, and the bounds are far from it: computers are busy at times."""

from lambda_sandbox.workbook.checks import InWords, Measured, expect, require, task

DEGREES = {"green": 80, "black": 100, "white": 75, "oolong": 90}
KEYS = {"degrees", "cold", "loading_ms"}


def ask(function, rng, count):
    """The answers to `count` calls, one after the other: the first one is cold."""
    return [complete(function.invoke({"tea": tea}), tea) for tea in (rng.choice(list(DEGREES)) for _ in range(count))]


def complete(answer, tea):
    whole = isinstance(answer, dict) and answer.keys() >= KEYS
    require(whole, says="head.not-an-answer", expected="a dict with degrees, cold and loading_ms", got=answer)
    expect(answer["degrees"], DEGREES[tea], says="head.wrong-degrees")
    return answer


@task(1)
def test_loads_the_book_at_init(function, rng):
    ask(function, rng, 3)
    cold, *warm = function.reports()
    quick = all(report["duration_ms"] < 300 for report in warm)
    bound = "less than 300 ms in a second call"
    require(quick, says="head.pays-every-call", expected=bound, got=InWords("more than 300 ms"))
    at_init = cold["init_ms"] > 450
    bound = "more than 450 ms in Init"
    require(at_init, says="head.loads-in-the-first-call", expected=bound, got=InWords("less than 450 ms"))


@task(2)
def test_tells_which_call_was_cold(function, rng):
    first, second, third = ask(function, rng, 3)
    expect(first["cold"], True, says="head.never-cold")
    for answer in (second, third):
        expect(answer["cold"], False, says="head.always-cold")


@task(2)
def test_measures_the_loading(function, rng):
    answers = ask(function, rng, 2)
    init = function.reports()[0]["init_ms"]
    for answer in answers:
        took = answer["loading_ms"]
        number = isinstance(took, int | float) and not isinstance(took, bool)
        seconds = number and 0.45 < took < 5
        says = "head.seconds" if seconds else "head.measures-the-wrong-thing"
        bound = "more than 450 ms, and no more than Init takes"
        require(number and 450 < took <= init, says=says, expected=bound, got=Measured(took))
    first, second = (answer["loading_ms"] for answer in answers)
    says = "head.changes-from-call-to-call"
    require(first == second, says=says, expected="the same in both calls", got=Measured(f"{first}, then {second}"))


@task(2, hidden=True)
def test_tells_it_for_each_environment_anew(function, rng):
    answers = function.concurrently([{"tea": "green"}] * 3)
    cold = sum(report["cold"] for report in function.reports())
    expect(sum(complete(answer, "green")["cold"] is True for answer in answers), cold, says="head.never-cold")
    function.restart()
    (answer,) = ask(function, rng, 1)
    expect(answer["cold"], True, says="head.never-cold")
