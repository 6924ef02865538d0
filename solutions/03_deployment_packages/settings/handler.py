import os

PRICE = float(os.environ["PRICE"])  # without a price there is no shop: better no start than free tea
CURRENCY = os.environ.get("CURRENCY", "EUR")
HAPPY_HOUR = os.environ.get("HAPPY_HOUR", "off") == "on"  # any text is true, "off" as well


def lambda_handler(event, context):
    """Answers {"pay": number, "currency": text} for {"cups": number}."""
    price = PRICE / 2 if HAPPY_HOUR else PRICE
    return {"pay": price * event["cups"], "currency": CURRENCY}
