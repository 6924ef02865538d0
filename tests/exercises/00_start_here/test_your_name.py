"""The checks of 00/your_name."""

from lambda_sandbox.workbook.checks import expect, require, task

NEEDS = {"KeyError": "name.needs-shout"}


def name_in(answer):
    """The name in an answer, if it is one."""
    require(answer is not None, says="name.nothing-returned", expected='a dict with the key "name"', got=answer)
    require(isinstance(answer, dict) and "name" in answer, says="name.no-dict", expected='{"name": "…"}', got=answer)
    name = answer["name"]
    is_text = isinstance(name, str) and any(map(str.isalpha, name))
    require(is_text, says="name.not-text", expected="text with at least one letter", got=name)
    return name


@task(1)
def test_returns_a_name(function):
    name_in(function.invoke({}, says=NEEDS))


@task(2)
def test_counts_the_letters_of_the_name(function):
    answer = function.invoke({}, says=NEEDS)
    name = name_in(answer)
    require("letters" in answer, says="name.letters-missing", expected='the keys "name" and "letters"', got=answer)
    letters = sum(map(str.isalpha, name))
    everything = {"name.counts-everything": len(name)} if len(name) != letters else {}
    expect(answer["letters"], letters, says="name.miscounted", recognise=everything)


@task(3)
def test_shouts_when_the_event_says_so(function):
    answer = function.invoke({"shout": True}, says=NEEDS)
    name = name_in(answer)
    expect(name, name.upper(), says="name.does-not-shout")
    expect(answer.get("letters"), sum(map(str.isalpha, name)), says="name.miscounted")


@task(3)
def test_speaks_softly_otherwise(function):
    loud = name_in(function.invoke({"shout": True}, says=NEEDS))
    soft = name_in(function.invoke({}, says=NEEDS))
    softer = soft != loud or soft.upper() == soft.lower()  # some alphabets have no capitals
    require(softer, says="name.always-shouts", expected="the name as you write it", got=soft)


@task(3, hidden=True)
def test_takes_false_for_a_no(function):
    loud = name_in(function.invoke({"shout": True}, says=NEEDS))
    soft = name_in(function.invoke({"shout": False}, says=NEEDS))
    softer = soft != loud or soft.upper() == soft.lower()  # some alphabets have no capitals
    require(softer, says="name.always-shouts", expected="the name as you write it", got=soft)
