"""The checks of 02/tmp_cache."""

from lambda_sandbox.workbook.checks import expect, require, task

CITIES = ["Bergen", "Cairo", "Dakar", "Quito", "Lima", "Osaka", "Turku", "Wellington"]
WRITES = {"OSError": "cache.read-only", "PermissionError": "cache.read-only", "FileNotFoundError": "cache.no-folder"}
LONG = {**WRITES, "OSError": "cache.name-too-long"}
READS = dict.fromkeys(
    ("JSONDecodeError", "KeyError", "TypeError", "AttributeError", "ValueError"), "cache.trips-over-damage"
)


def weather(city):
    return {"city": city, "degrees": sum(map(ord, city)) % 41 - 5}


def ask(function, city, says=WRITES, wrong="cache.wrong-answer", other=None):
    mixed = {"cache.mixes-cities": weather(other)} if other else {}
    expect(function.invoke({"city": city}, says=says), weather(city), says=wrong, recognise=mixed)


def asked(function, city):
    """How often the station has been asked about a city in this check."""
    return function.log().splitlines().count(f"asking {city}")


@task(1)
def test_asks_once(function, rng):
    one, other = rng.sample(CITIES, 2)
    ask(function, one)
    ask(function, other, other=one)
    ask(function, one, other=other)
    times = asked(function, one)
    require(times == 1, says="cache.asks-every-time", expected="once", got=times, city=one, times=times)


@task(1)
def test_still_knows_after_a_timeout(function, rng):
    city = rng.choice(CITIES)
    ask(function, city)
    function.outcome({"city": "Atlantis"})  # never answers, so Lambda ends the process
    ask(function, city)
    times = asked(function, city)
    require(times == 1, says="cache.lost-with-the-process", expected="once", got=times, city=city, times=times)


@task(2)
def test_takes_a_name_with_a_slash(function):
    for city in ("Rio/Norte", "Rio/Sul", "Rio/Norte"):
        ask(function, city, other="Rio/Norte" if city == "Rio/Sul" else "Rio/Sul")
    times = asked(function, "Rio/Norte")
    says = "cache.asks-every-time"
    require(times == 1, says=says, expected="once", got=times, city="Rio/Norte", times=times)


@task(2, hidden=True)
def test_takes_a_name_of_three_hundred_letters(function, rng):
    stem = "".join(rng.choice("abcdefgh") for _ in range(300))
    ask(function, stem + "a", says=LONG)
    ask(function, stem + "b", says=LONG, other=stem + "a")
    ask(function, "..", says=LONG)


@task(3)
def test_asks_again_when_the_file_is_broken(function, rng):
    city = rng.choice(CITIES)
    ask(function, city)
    function.invoke({"damage": '{"city": "' + city})
    function.outcome({"city": "Atlantis"})  # a global must not help
    ask(function, city, says=READS, wrong="cache.believes-damage")
    ask(function, city, says=READS, wrong="cache.believes-damage")
    times = asked(function, city)
    says = "cache.asks-every-time" if times > 2 else "cache.elsewhere"
    require(times == 2, says=says, expected="once before the damage, once after", got=times, city=city, times=times)


@task(3, hidden=True)
def test_asks_again_when_the_file_says_something_else(function, rng):
    city = rng.choice(CITIES)
    for damage in ("null", '["rain"]', "{}", '{"city": "Atlantis", "degrees": 99}'):
        ask(function, city)
        function.invoke({"damage": damage})
        ask(function, city, says=READS, wrong="cache.believes-damage")
