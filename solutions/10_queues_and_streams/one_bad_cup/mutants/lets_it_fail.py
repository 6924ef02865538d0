# fails task 1: cup.batch-fails
import json


class NoCups(Exception):
    """Somebody ordered less than one cup."""


def lambda_handler(event, context):
    for record in event["Records"]:
        brew(record)
    return {"batchItemFailures": []}


def brew(record):
    """Brews what a message asks for, or raises an exception. Nothing to change here."""
    order = json.loads(record["body"])
    if order["cups"] < 1:
        raise NoCups(order)
    print("brewed", order["tea"], order["cups"])
