import time
from concurrent.futures import ThreadPoolExecutor

SHOPS = {"Alder": (4.20, 0.4), "Birch": (3.90, 0.4), "Cedar": (4.50, 0.4), "Dogwood": (1.00, 3600)}
threads = ThreadPoolExecutor(32)  # made at Init, used by every call of the environment


def ask(shop, patience=60):
    """The price at a shop; TimeoutError after so many seconds. Stands for a request. Nothing to change here."""
    price, takes = SHOPS[shop]
    time.sleep(min(takes, patience))
    if takes > patience:
        raise TimeoutError(f"{shop} did not answer within {patience} s")
    return price


def price_or_none(shop):
    try:
        return ask(shop, patience=1)
    except TimeoutError:
        return None  # of this shop alone: the others are still good


def lambda_handler(event, context):
    """Answers {"prices": {shop: price}} for {"shops": [shop, …]}."""
    return {"prices": dict(zip(event["shops"], threads.map(price_or_none, event["shops"]), strict=True))}
