import time

SHOPS = {"Alder": (4.20, 0.4), "Birch": (3.90, 0.4), "Cedar": (4.50, 0.4), "Dogwood": (1.00, 3600)}


def ask(shop, patience=60):
    """The price at a shop; TimeoutError after so many seconds. Stands for a request. Nothing to change here."""
    price, takes = SHOPS[shop]
    time.sleep(min(takes, patience))
    if takes > patience:
        raise TimeoutError(f"{shop} did not answer within {patience} s")
    return price


def lambda_handler(event, context):
    """Answers {"prices": {shop: price}} for {"shops": [shop, …]}. About 12 lines, not all in here."""
    # task 1: the shops are asked one after the other
    # task 2: and each of them may take as long as it likes
    return {"prices": {shop: ask(shop) for shop in event["shops"]}}
