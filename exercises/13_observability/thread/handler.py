import logging

logger = logging.getLogger()


def count(cups):
    """How many cups there are in all."""
    logger.info("counting")
    return sum(cups.values())


def lambda_handler(event, context):
    """Takes an order; what it returns is the event of the kitchen. Change about 6 lines."""
    logger.info("order taken")  # task 2: the same id in each line
    order = {"order": event["order"], "cups": count(event["cups"])}  # task 1: the id goes along
    logger.info("order goes on")
    return order
