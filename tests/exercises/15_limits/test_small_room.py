"""The checks of 15/small_room: a long ledger in little memory, and a /tmp that stays empty."""

from lambda_sandbox.workbook.checks import expect, require, task

TEAS = ["assam", "black", "chai", "green", "mint"]


def cups(pages, tea):
    """What the ledger of so many pages says, worked out from how it is made."""
    total = 0
    for number in range(pages):
        line = " ".join(TEAS[: number % len(TEAS) + 1] * 40) + "\n"
        total += line.count(tea) * (1_000_000 // len(line))
    return total


def count(function, pages, tea):
    answer = function.invoke({"pages": pages, "tea": tea}, says={"Runtime.OutOfMemory": "room.killed"})
    got, right = answer["cups"], cups(pages, tea)
    nearly = right * 0.99 < got < right
    expect(got, right, says="room.cuts-words" if nearly else "room.wrong-count")
    return answer["left"]


@task(1)
def test_counts_a_long_ledger(function, rng):
    count(function, 200 + rng.randrange(10), rng.choice(TEAS))


@task(2)
def test_leaves_nothing_behind(function, rng):
    for pages in (3, 7):
        found = count(function, pages, rng.choice(TEAS))
        require(found == 0, says="room.leaves-files", expected=0, got=found)


@task(2, hidden=True)
def test_leaves_nothing_behind_when_a_call_fails(function, rng):
    function.outcome({"pages": 4, "tea": None})
    found = count(function, 2, rng.choice(TEAS))
    require(found == 0, says="room.leaves-files-after-errors", expected=0, got=found)
