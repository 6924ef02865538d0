# fails task 2: cup.one-kind
import json


class NoCups(Exception):
    """Somebody ordered less than one cup."""


def lambda_handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            brew(record)
        except NoCups as error:
            print("not brewed:", repr(error))
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def brew(record):
    """Brews what a message asks for, or raises an exception. Nothing to change here."""
    order = json.loads(record["body"])
    if order["cups"] < 1:
        raise NoCups(order)
    print("brewed", order["tea"], order["cups"])
