"""The checks of 01/watering. Running time is real here: wide margins, so that a busy computer changes nothing."""

import re

from lambda_sandbox.workbook.checks import Measured, expect, require, task

PLANTS = ["aloe", "basil", "clover", "daisy", "elder", "fig", "ginger", "hazel", "iris", "jasmine"]
TIMES = {"Sandbox.Timedout": "watering.time-ran-out"}


def records(log, level):
    """The messages of one level: the runtime writes `[LEVEL]`, time, request id and message with tabs between."""
    return [match[1] for match in re.finditer(rf"^\[{level}\]\t[^\t]*\t[^\t]*\t(.*)$", log, re.MULTILINE)]


def watered(function, event):
    """The answer to an event, which must hold two lists."""
    answer = function.invoke(event, says=TIMES)
    lists = isinstance(answer, dict) and all(isinstance(answer.get(key), list) for key in ("watered", "thirsty"))
    require(lists, says="watering.no-lists", expected='{"watered": […], "thirsty": […]}', got=answer)
    return answer


@task(1)
def test_tells_each_plant_in_the_log(function, rng):
    plants = rng.sample(PLANTS, 3)
    watered(function, {"plants": plants, "seconds": 0.01})
    told = records(function.log(), "INFO")
    printed = not told and all(plant in function.log() for plant in plants)
    says = "watering.printed" if printed else "watering.no-info"
    says = "watering.other-handler" if "INFO:root:" in function.log() else says
    require(told, says=says, expected="lines that begin with [INFO]", got=function.log().strip())
    each = all(sum(plant in line for line in told) == 1 for plant in plants)
    require(each, says="watering.one-line-a-plant", expected=f"one line each for {', '.join(plants)}", got=told)


@task(1)
def test_warns_of_nothing_when_there_is_time(function, rng):
    plants = rng.sample(PLANTS, 4)
    answer = watered(function, {"plants": plants, "seconds": 0.01})
    expect(answer, {"watered": plants, "thirsty": []}, says="watering.stopped-without-need")
    warned = records(function.log(), "WARNING")
    require(not warned, says="watering.warned-for-nothing", expected="no warning", got=warned)
    told = len(records(function.log(), "INFO"))
    require(told == 4, says="watering.no-info", expected="4 lines that begin with [INFO]", got=told)


@task(2)
def test_stops_in_time_and_says_so(function, rng):
    plants = rng.sample(PLANTS, 10)
    answer = watered(function, {"plants": plants, "seconds": 0.3})
    done, thirsty = answer["watered"], answer["thirsty"]
    expect(done + thirsty, plants, says="watering.lost-a-plant")
    require(done, says="watering.gave-up-at-once", expected="a few plants watered", got=done)
    log = function.log()
    warned = records(log, "WARNING")
    says = "watering.no-warning"
    require(warned, says=says, expected="one line that begins with [WARNING]", got=log.strip())
    number = re.search(rf"\b{len(thirsty)}\b", warned[0])
    says = "watering.warning-without-number"
    require(number, says=says, expected=f"a warning with the number {len(thirsty)}", got=warned[0])


@task(2, hidden=True)
def test_uses_the_time_there_is(function, rng):
    plants = rng.sample(PLANTS, 10)
    answer = watered(function, {"plants": plants, "seconds": 0.25})
    used = function.reports()[-1]["duration_ms"]
    expect(answer["watered"] + answer["thirsty"], plants, says="watering.lost-a-plant")
    require(used > 1000, says="watering.stopped-too-early", expected="more than 1000 ms of 2000 used", got=Measured(f"{used:.0f} ms"))
