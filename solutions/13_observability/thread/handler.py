import logging

logger = logging.getLogger()


def count(cups, thread):
    """How many cups there are in all."""
    logger.info("counting", extra=thread)
    return sum(cups.values())


def lambda_handler(event, context):
    """Takes an order; what it returns is the event of the kitchen."""
    thread = {"correlation_id": event.get("correlation_id") or context.aws_request_id}
    logger.info("order taken", extra=thread)
    order = {"order": event["order"], "cups": count(event["cups"], thread), **thread}
    logger.info("order goes on", extra=thread)
    return order
