# fails task 1: package.top-first
# task 1: "refused" (the API says no, and there is no function), "fails" (the first call does) or "works"?
WHEN = {
    "half of the zip was sent": "refused",
    "the zip holds till/app.py, the handler is app.lambda_handler": "works",
    "the zip holds till/app.py, the handler is till/app.lambda_handler": "works",
    "app.py has a syntax error": "fails",
    "app.py imports boto3, which is not in the zip": "works",
    "a setting is called AWS_REGION": "refused",
}

# task 2: No module named ...? The name, as the message says it.
MISSING = {
    "app.py imports prices, and prices.py was left out": "prices",
    "the file is main.py, the handler is app.lambda_handler": "app",
    "app.py imports prices, that imports taxes, and taxes.py was left out": "taxes",
    "app.py imports shop.till, and the zip holds till.py": "shop",
}


def lambda_handler(event, context):
    """Answers {"scene": "..."} with what stands in the tables. Nothing to change here."""
    return {**WHEN, **MISSING}.get(event["scene"], "?")
