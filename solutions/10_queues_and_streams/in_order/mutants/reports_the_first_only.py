# fails task 1: order.lost
import json


class BankIsBusy(Exception):
    """Try again later."""


def lambda_handler(event, context):
    for record in event["Records"]:
        try:
            book(record)
        except BankIsBusy:
            return {"batchItemFailures": [{"itemIdentifier": record["messageId"]}]}
    return {"batchItemFailures": []}


def book(record):
    """Books a change, or raises BankIsBusy. Nothing to change here."""
    change = json.loads(record["body"])
    if int(record["attributes"]["ApproximateReceiveCount"]) <= change.get("busy_attempts", 0):
        raise BankIsBusy(change["customer"])
    print("booked", change["customer"], change["change"])
