# fails task 1: order-log.no-line
import logging

logger = logging.getLogger()
PRICES = {"green": 3, "mint": 4, "assam": 5}


def lambda_handler(event, context):
    """Takes the order event["order"] of event["cups"], a dict of teas, and says what it costs."""
    order = event["order"]
    try:
        price = sum(PRICES[tea] * cups for tea, cups in event["cups"].items())
    except KeyError:
        logger.exception("order refused", extra={"order": order})  # level ERROR, with what was raised
        return {"accepted": False}
    logger.info(f"order {order} accepted, price {price}")
    return {"accepted": True, "price": price}
