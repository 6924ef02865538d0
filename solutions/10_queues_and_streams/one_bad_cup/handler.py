import json


class NoCups(Exception):
    """Somebody ordered less than one cup."""


def lambda_handler(event, context):
    """Brews each order of a batch from a queue; reports those that failed."""
    failures = []
    for record in event["Records"]:
        try:
            brew(record)
        except Exception as error:  # noqa: BLE001 - whatever it is, this message failed, and no other
            print("not brewed:", repr(error))
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def brew(record):
    """Brews what a message asks for, or raises an exception. Nothing to change here."""
    order = json.loads(record["body"])
    if order["cups"] < 1:
        raise NoCups(order)
    print("brewed", order["tea"], order["cups"])
