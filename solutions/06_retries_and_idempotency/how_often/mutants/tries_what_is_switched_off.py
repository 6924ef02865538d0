# fails task 1: often.switched-off
# task 1: how many times the handler runs
RUNS = {
    "fail, synchronous": 1,
    "fail, asynchronous": 3,
    "fail once, asynchronous": 2,
    "fail, asynchronous, MaximumRetryAttempts 0": 1,
    "fail, asynchronous, MaximumEventAgeInSeconds 60": 1,
    "fail, asynchronous, reserved concurrency 0": 3,
}

# task 2: how many messages are in the dead-letter queue afterwards
LETTERS = {
    "fail, asynchronous": 1,
    "fail, synchronous": 0,
    "catch, asynchronous": 0,
    "fail, asynchronous, reserved concurrency 0": 1,
}


def lambda_handler(event, context):
    """Answers {"scene": "...", "ask": "runs" or "letters"} with what stands in the tables. Nothing to change here."""
    table = {"runs": RUNS, "letters": LETTERS}.get(event.get("ask"), {})
    return table.get(event["scene"], "?")
