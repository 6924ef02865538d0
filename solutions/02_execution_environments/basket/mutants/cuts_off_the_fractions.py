# fails task 3: basket.whole-seconds
import time


def load_prices():
    """Stands for reading a long list. Nothing to change here."""
    print("loading the prices")
    return {"assam": 4, "chai": 3, "mint": 2, "sencha": 6}


PRICES = load_prices()  # the same for all calls: this is what globals are for


def with_gifts(items):
    """The items, and a sticker if there are three or more."""
    return items + (["sticker"] if len(items) >= 3 else [])  # a new list each time


def lambda_handler(event, context):
    """Answers with the customer's basket: {"customer": ..., "items": [...], "total": ..., "at": ...}."""
    items = event["items"]  # belongs to this call alone
    total = sum(PRICES[item] for item in items)
    return {"customer": event["customer"], "items": with_gifts(items), "total": total, "at": int(time.time())}
