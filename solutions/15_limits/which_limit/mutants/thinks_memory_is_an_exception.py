# fails task 2: limit.memory-ends-it
# task 1: "fine", "refused" (the function is not even started) or "failed" (it was started, and its answer is an error)
WHAT = {
    "an event of 2 MB, and the caller waits": "fine",
    "an event of 2 MB, and the caller does not wait": "refused",
    "an event of 7 MB, and the caller waits": "refused",
    "an answer of 7 MB": "failed",
    "a setting of 5,000 letters in the environment variables": "refused",
    "200 MB in the memory of a function with 128 MB": "failed",
}

# task 2: the count in the last answer: one call that counts, one that breaks a limit, one more that counts
COUNT = {
    "it took too much memory": 3,
    "it opened too many files": 3,
    "its answer was too large": 1,
}


def lambda_handler(event, context):
    """Answers {"scene": "..."} with what stands in the tables. Nothing to change here."""
    return {**WHAT, **COUNT}.get(event["scene"], "?")
