# task 1: "refused" (the API says no, and there is no function), "fails" (the first call does) or "works"?
WHEN = {
    "half of the zip was sent": "?",
    "the zip holds till/app.py, the handler is app.lambda_handler": "?",
    "the zip holds till/app.py, the handler is till/app.lambda_handler": "?",
    "app.py has a syntax error": "?",
    "app.py imports boto3, which is not in the zip": "?",
    "a setting is called AWS_REGION": "?",
}

# task 2: No module named ...? The name, as the message says it.
MISSING = {
    "app.py imports prices, and prices.py was left out": "?",
    "the file is main.py, the handler is app.lambda_handler": "?",
    "app.py imports prices, that imports taxes, and taxes.py was left out": "?",
    "app.py imports shop.till, and the zip holds till.py": "?",
}


def lambda_handler(event, context):
    """Answers {"scene": "..."} with what stands in the tables. Nothing to change here."""
    return {**WHEN, **MISSING}.get(event["scene"], "?")
