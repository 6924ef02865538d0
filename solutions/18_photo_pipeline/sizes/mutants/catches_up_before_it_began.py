# fails task 2: sizes.never
from math import ceil

LONGEST = 900  # seconds that a function may run
EVENT = 6_291_456  # bytes of an event


def lambda_handler(event, context):
    """Answers how large the parts of a pipeline must be."""
    rate, each = event["photos_per_second"], event["seconds_each"]
    timeout = ceil(event["longest"] * event["batch_size"])
    if timeout > LONGEST:
        timeout = None
    gained = event["at_most"] / each - rate  # photos a second by which the backlog shrinks
    return {
        "environments": ceil(rate * each),  # whatever the batch size: a batch of n is busy for n times as long
        "timeout": timeout,
        "visibility_timeout": timeout and 6 * timeout + event["window"],
        "largest_photo": (EVENT - event["rest_bytes"]) // 4 * 3,  # base64: four letters for each three bytes
        "catch_up": ceil(rate * event["down"] / gained) if gained else None,
    }
