import os


def lambda_handler(event, context):
    """Answers {"pay": number, "currency": text} for {"cups": number}. Mend some 4 lines."""
    # task 1: what is a setting, to Python?
    price = os.environ["PRICE"]
    currency = os.environ["CURRENCY"]
    # task 2: when is it happy hour?
    if os.environ.get("HAPPY_HOUR"):
        price = price / 2
    return {"pay": event["cups"] * price, "currency": currency}
