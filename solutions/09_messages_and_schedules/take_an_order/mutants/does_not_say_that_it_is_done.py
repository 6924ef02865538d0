# fails task 2: order.not-fulfilled
MENU = ["assam", "oolong", "sencha"]


def lambda_handler(event, context):
    """Tells a Lex bot what to do next."""
    state = event["sessionState"]
    intent, slots = state["intent"], state["intent"]["slots"]
    if event["invocationSource"] == "DialogCodeHook":
        tea = slots["Tea"]  # None, as long as the customer has not named one
        if tea and word(tea) not in MENU:
            slots["Tea"] = None  # or Lex takes it for an answer
            text = f"We have {', '.join(MENU[:-1])} and {MENU[-1]}."
            return answer(state, {"type": "ElicitSlot", "slotToElicit": "Tea"}, text)
        return answer(state, {"type": "Delegate"})
    text = f"{word(slots['Cups'])} cups of {word(slots['Tea'])} are on their way."
    return answer(state, {"type": "Close"}, text)


def word(slot):
    """What the customer said, as Lex understood it."""
    return slot["value"]["interpretedValue"]


def answer(state, action, text=None):
    """A response to Lex: the next action, with the session and the intent as they are now."""
    kept = {"sessionAttributes": state.get("sessionAttributes", {}), "intent": state["intent"]}
    response = {"sessionState": {"dialogAction": action, **kept}}
    if text:
        response["messages"] = [{"contentType": "PlainText", "content": text}]
    return response
