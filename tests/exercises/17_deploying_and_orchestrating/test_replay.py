"""The checks of 17/replay: the raffle is run from the top until it is over, and once more."""

import re

from lambda_sandbox.workbook.checks import expect, require, task

GUESTS = ["Ada", "Bob", "Cy", "Dot", "Eve"]


def raffled(function, guests, most=4):
    """The result, what is done, and in how many runs."""
    done = {}
    for runs in range(1, most + 1):
        answer = function.invoke({"guests": guests, "done": done})
        done = answer["done"]
        if "result" in answer:
            require(runs > 1, says="replay.no-night", expected="a wait", got=answer["result"])
            return answer["result"], done, runs
    require(False, says="replay.no-end", expected="a result", got=list(done), runs=most)


def letters(function):
    return re.findall(r"LETTER to (\w+): prize (\d+)", function.log())


@task(1)
def test_tells_the_guest_what_was_drawn(function):
    result, _, runs = raffled(function, ["Ada"])
    written = letters(function)
    expect(len(written), 1, says="replay.letters", runs=runs)
    (guest, prize) = written[0]
    told = f"{guest} told of prize {prize}"
    require(result == told, says="replay.another-prize", expected=told, got=result.rpartition(" ")[2], told=prize)


@task(1, hidden=True)
def test_gives_the_same_when_all_is_done(function):
    result, done, runs = raffled(function, GUESTS)
    for _ in range(3):
        again = function.invoke({"guests": GUESTS, "done": done})
        expect(again.get("result"), result, says="replay.another-draw")
    expect(len(letters(function)), 1, says="replay.letters", runs=runs + 3)
