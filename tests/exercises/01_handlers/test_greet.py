"""The checks of 01/greet."""

from lambda_sandbox.workbook.checks import expect, require, task

NAMES = ["Ada", "Grace", "Edsger", "Barbara", "Alan", "Radia"]
STRANGER = {"message": "Hello, stranger"}
NEEDS = {"KeyError": "greet.needs-a-name"}


def message_in(answer):
    require(answer is not None, says="greet.nothing-returned", expected='a dict with the key "message"', got=answer)
    is_dict = isinstance(answer, dict) and "message" in answer
    require(is_dict, says="greet.bare-text", expected='a dict with the key "message"', got=answer)
    return answer


def refused(function, name):
    """The error that comes of a name which is none."""
    outcome = function.outcome({"name": name})
    if outcome.error is None:
        says = "greet.error-as-response"
        if isinstance(outcome.payload, dict) and str(outcome.payload.get("message", "")).startswith("Hello"):
            says = "greet.greets-a-number"
        require(False, says=says, expected="an error of type ValueError", got=outcome.payload)
    if outcome.error_type == "NotImplementedError" or outcome.status.value in ("timeout", "crash"):
        raise outcome.failure(None)
    expect(outcome.error_type, "ValueError", says="greet.fell-into-an-error")
    return outcome


@task(1)
def test_greets_by_name(function, rng):
    first, second = rng.sample(NAMES, 2)
    message_in(function.invoke({"name": first}))
    for name in (first, second):
        answer = function.invoke({"name": name})
        says = "greet.wrong-message" if name in str(answer) else "greet.ignores-the-name"
        expect(answer, {"message": f"Hello, {name}"}, says=says)


@task(2)
def test_greets_a_stranger_when_there_is_no_name(function):
    answer = function.invoke({}, says=NEEDS)
    expect(answer, STRANGER, says="greet.wrong-message", recognise={"greet.greets-none": {"message": "Hello, None"}})


@task(2, hidden=True)
def test_takes_an_empty_name_for_none(function):
    answer = function.invoke({"name": ""})
    expect(answer, STRANGER, says="greet.greets-nobody")


@task(3)
def test_refuses_a_number(function, rng):
    number = rng.randrange(100, 999)
    outcome = refused(function, number)
    told = str(number) in outcome.error_message
    require(told, says="greet.says-nothing", expected=f"a message with {number} in it", got=outcome.error_message)


@task(3, hidden=True)
def test_refuses_everything_else_that_is_not_text(function):
    for name in (0, False, ["Ada"], {"first": "Ada"}):
        refused(function, name)
