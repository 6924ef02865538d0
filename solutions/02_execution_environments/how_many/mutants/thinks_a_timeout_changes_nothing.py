# fails task 2: count.timeout-forgets
# task 1: numbers
CALLS = {
    "environments after 5 calls, one after the other": 1,  # it is free again each time
    "count in the answer to the last of the 5": 5,  # and has kept its globals
    "environments after 3 calls at the same moment": 3,  # one call at a time
    "largest count in the answers to the 3": 1,  # nothing is shared
}

# task 2: the last answer, after one call and then...
AFTER = {
    "a call that raises: count": 3,  # the process goes on, and the failed call was counted
    "a call that hangs until the timeout: count": 3,
    "a call that hangs until the timeout: letters": 3,  # in the old environment
    "a new deployment of the same code: count": 1,  # a new environment
}


def lambda_handler(event, context):
    """Answers {"scene": "..."} with what stands in the tables. Nothing to change here."""
    return {**CALLS, **AFTER}.get(event["scene"], "?")
