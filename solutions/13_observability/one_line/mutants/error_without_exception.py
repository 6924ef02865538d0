# fails task 2: order-log.no-reason
import logging

logger = logging.getLogger()
PRICES = {"green": 3, "mint": 4, "assam": 5}


def lambda_handler(event, context):
    """Takes the order event["order"] of event["cups"], a dict of teas, and says what it costs."""
    order = event["order"]
    try:
        price = sum(PRICES[tea] * cups for tea, cups in event["cups"].items())
    except KeyError:
        logger.error("order refused", extra={"order": order})  # level ERROR, with what was raised
        return {"accepted": False}
    logger.info("order accepted", extra={"order": order, "price": price})  # chosen fields, not the event: it has a card
    return {"accepted": True, "price": price}
