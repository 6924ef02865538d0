# task 1: "fine", "refused" (the function is not even started) or "failed" (it was started, and its answer is an error)
WHAT = {
    "an event of 2 MB, and the caller waits": "?",
    "an event of 2 MB, and the caller does not wait": "?",
    "an event of 7 MB, and the caller waits": "?",
    "an answer of 7 MB": "?",
    "a setting of 5,000 letters in the environment variables": "?",
    "200 MB in the memory of a function with 128 MB": "?",
}

# task 2: the count in the last answer: one call that counts, one that breaks a limit, one more that counts
COUNT = {
    "it took too much memory": "?",
    "it opened too many files": "?",
    "its answer was too large": "?",
}


def lambda_handler(event, context):
    """Answers {"scene": "..."} with what stands in the tables. Nothing to change here."""
    return {**WHAT, **COUNT}.get(event["scene"], "?")
