"""The checks of 00/fix_typo."""

from lambda_sandbox.workbook.checks import expect, require, task


def coffee(rng):
    """An event and the number of cups that are left."""
    left, drunk = rng.randrange(3, 40), rng.randrange(1, 60)
    return {"cups": left + drunk, "drunk": drunk}, left


@task(1)
def test_counts_what_is_left(function, rng):
    event, left = coffee(rng)
    answer = function.invoke(event, says={"NameError": "coffee.unknown-name"})
    require(
        isinstance(answer, dict) and "left" in answer,
        says="coffee.no-answer-to-read",
        expected='a dict with the key "left"',
        got=answer,
    )
    expect(answer["left"], left, says="coffee.ignores-the-event", recognise={"coffee.wrong-way-round": -left})


@task(2)
def test_answers_with_the_keys_that_the_screen_reads(function, rng):
    event, left = coffee(rng)
    answer = function.invoke(event, says={"NameError": "coffee.unknown-name"})
    expected = {"left": left, "message": f"{left} cups left"}
    same_keys = isinstance(answer, dict) and answer.keys() == expected.keys()
    expect(answer, expected, says="coffee.wrong-message" if same_keys else "coffee.misspelled-key")


@task(2, hidden=True)
def test_answers_when_nothing_was_drunk(function):
    answer = function.invoke({"cups": 8, "drunk": 0})
    expect(answer, {"left": 8, "message": "8 cups left"}, says="coffee.wrong-message")
