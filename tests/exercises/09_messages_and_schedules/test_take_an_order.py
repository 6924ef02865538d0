"""The checks of 09/take_an_order: the events that Lex V2 would send, by a plain invoke, as Lex waits for the answer."""

from lambda_sandbox.workbook.checks import expect, require, task

MENU = ["assam", "oolong", "sencha"]


def talk(sample, tea, cups, name="unknown_tea", **attributes):
    """An event of Lex in which the customer has said so much."""
    event = sample(f"{name}.json")
    state = event["sessionState"]
    state["intent"]["slots"] = {"Tea": slot(tea), "Cups": slot(cups)}
    state["sessionAttributes"] = attributes
    event["interpretations"] = [{"intent": state["intent"], "nluConfidence": 0.9}]
    return event


def slot(said):
    if said is None:
        return None
    value = {"originalValue": f"{said.title()}, please", "interpretedValue": said, "resolvedValues": []}
    return {"shape": "Scalar", "value": value}


def asked(function, event):
    """The function's answer, which must be one that Lex could read."""
    answer = function.invoke(event)
    state = answer.get("sessionState") if isinstance(answer, dict) else None
    good = isinstance(state, dict) and isinstance(state.get("dialogAction"), dict)
    require(good, says="order.no-state", expected="a dict with sessionState and dialogAction", got=answer)
    return answer


def words(answer):
    return [message.get("content") for message in answer.get("messages", [])]


@task(1)
def test_goes_on_with_a_tea_of_the_menu(function, sample, rng):
    event = talk(sample, rng.choice(MENU), None)
    state = asked(function, event)["sessionState"]
    expect(state["dialogAction"], {"type": "Delegate"}, says="order.asks-for-no-reason")
    expect(state.get("intent"), event["sessionState"]["intent"], says="order.intent-changed")


@task(1)
def test_asks_again_for_a_tea_that_is_not_on_the_menu(function, sample, rng):
    event = talk(sample, rng.choice(["coffee", "lemonade", "nettle"]), "2")
    answer = asked(function, event)
    action = {"type": "ElicitSlot", "slotToElicit": "Tea"}
    expect(answer["sessionState"]["dialogAction"], action, says="order.not-asked-again")
    slots = (answer["sessionState"].get("intent") or {}).get("slots", {})
    expect(slots.get("Tea"), None, says="order.slot-kept")
    expect(slots.get("Cups"), slot("2"), says="order.intent-changed")
    expect(words(answer), ["We have assam, oolong and sencha."], says="order.wrong-words")


@task(1, hidden=True)
def test_leaves_the_first_question_to_lex(function, sample):
    answer = asked(function, talk(sample, None, None))
    expect(answer["sessionState"]["dialogAction"], {"type": "Delegate"}, says="order.asks-too-early")


@task(2)
def test_takes_the_order_and_says_so(function, sample, rng):
    tea, cups = rng.choice(MENU), str(rng.randrange(2, 9))
    answer = asked(function, talk(sample, tea, cups, "all_said"))
    expect(answer["sessionState"]["dialogAction"], {"type": "Close"}, says="order.not-closed")
    intent = answer["sessionState"].get("intent") or {}
    expect(intent.get("state"), "Fulfilled", says="order.not-fulfilled")
    expect(words(answer), [f"{cups} cups of {tea} are on their way."], says="order.wrong-words")


@task(2, hidden=True)
def test_keeps_what_the_bot_knows_of_the_customer(function, sample, rng):
    table = str(rng.randrange(50))
    for name in ("unknown_tea", "all_said"):
        answer = asked(function, talk(sample, "oolong", "2", name, table=table))
        kept = answer["sessionState"].get("sessionAttributes")
        expect(kept, {"table": table}, says="order.forgets-the-session")
