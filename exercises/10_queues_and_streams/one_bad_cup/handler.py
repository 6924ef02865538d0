import json


class NoCups(Exception):
    """Somebody ordered less than one cup."""


def lambda_handler(event, context):
    """Brews each order of a batch from a queue; reports those that failed. About 8 lines when it is mended."""
    # task 1: good orders are brewed more than once
    # task 2: orders without tea spoil the whole batch
    for record in event["Records"]:
        try:
            brew(record)
        except NoCups:
            return {"batchItemFailures": [{"itemIdentifier": record["receiptHandle"]}]}
    return {"batchItemFailures": []}


def brew(record):
    """Brews what a message asks for, or raises an exception. Nothing to change here."""
    order = json.loads(record["body"])
    if order["cups"] < 1:
        raise NoCups(order)
    print("brewed", order["tea"], order["cups"])
