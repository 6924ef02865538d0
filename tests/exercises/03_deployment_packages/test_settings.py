"""The checks of 03/settings: the configuration is changed, and the till is asked again."""

from lambda_sandbox.workbook.checks import expect, require, task


def till(function, sandbox, says=None, **settings):
    """What three cups cost with these settings."""
    configure(function, sandbox, settings)
    return function.invoke({"cups": 3}, says=says, called=called(settings))


def configure(function, sandbox, settings):
    client = sandbox.client("lambda")
    client.update_function_configuration(FunctionName=function.name, Environment={"Variables": settings})
    sandbox.clock.advance(seconds=1)


def called(settings):
    return f'lambda_handler({{"cups": 3}}) with {settings}'


@task(1)
def test_multiplies_a_price(function, sandbox, rng):
    price = f"{rng.randrange(2, 9)}.50"
    answer = till(function, sandbox, says={"ValueError": "settings.whole-prices"}, PRICE=price, CURRENCY="NOK")
    wrong = {"settings.text-times": price * 3}
    expect(answer["pay"], float(price) * 3, says="settings.wrong-sum", recognise=wrong, price=price, switch="missing")
    expect(answer["currency"], "NOK", says="settings.wrong-currency")


@task(1)
def test_knows_what_may_be_missing(function, sandbox):
    answer = till(function, sandbox, says={"KeyError": "settings.needs-everything"}, PRICE="4")
    expect(answer["currency"], "EUR", says="settings.wrong-currency")


@task(1, hidden=True)
def test_knows_what_must_be_there(function, sandbox):
    configure(function, sandbox, {"CURRENCY": "EUR"})
    outcome = function.outcome({"cups": 3}, called=called({"CURRENCY": "EUR"}))
    require(outcome.error is not None, says="settings.free-tea", expected="an error", got=outcome.payload)


@task(2)
def test_knows_the_happy_hour(function, sandbox):
    for switch, pay, wrong in (
        ("off", 12, {"settings.every-text-is-true": 6}),
        ("on", 6, {"settings.no-happy-hour": 12}),
    ):
        answer = till(function, sandbox, PRICE="4", CURRENCY="EUR", HAPPY_HOUR=switch)
        expect(answer["pay"], pay, says="settings.wrong-sum", recognise=wrong, price="4", switch=switch)
