# task 1: numbers
CALLS = {
    "environments after 5 calls, one after the other": "?",
    "count in the answer to the last of the 5": "?",
    "environments after 3 calls at the same moment": "?",
    "largest count in the answers to the 3": "?",
}

# task 2: the last answer, after one call and then...
AFTER = {
    "a call that raises: count": "?",
    "a call that hangs until the timeout: count": "?",
    "a call that hangs until the timeout: letters": "?",
    "a new deployment of the same code: count": "?",
}


def lambda_handler(event, context):
    """Answers {"scene": "..."} with what stands in the tables. Nothing to change here."""
    return {**CALLS, **AFTER}.get(event["scene"], "?")
