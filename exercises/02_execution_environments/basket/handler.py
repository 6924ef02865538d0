import time


def load_prices():
    """Stands for reading a long list. Nothing to change here."""
    print("loading the prices")
    return {"assam": 4, "chai": 3, "mint": 2, "sencha": 6}


PRICES = load_prices()

# task 1: whose basket is this?
BASKET = []

# task 3: when is this line run?
NOW = time.time()


# task 2: when is the list in the next line made?
def with_gifts(items, gifts=[]):
    """The items, and a sticker if there are three or more."""
    if len(items) >= 3:
        gifts.append("sticker")
    return items + gifts


def lambda_handler(event, context):
    """Answers with the customer's basket: {"customer": ..., "items": [...], "total": ..., "at": ...}."""
    BASKET.extend(event["items"])
    total = sum(PRICES[item] for item in BASKET)
    return {"customer": event["customer"], "items": with_gifts(BASKET), "total": total, "at": NOW}
