# fails task 2: order.others-wait
import json


class BankIsBusy(Exception):
    """Try again later."""


def lambda_handler(event, context):
    failed = []
    for record in event["Records"]:
        try:
            if not failed:
                book(record)
                continue
        except BankIsBusy:
            pass
        failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def book(record):
    """Books a change, or raises BankIsBusy. Nothing to change here."""
    change = json.loads(record["body"])
    if int(record["attributes"]["ApproximateReceiveCount"]) <= change.get("busy_attempts", 0):
        raise BankIsBusy(change["customer"])
    print("booked", change["customer"], change["change"])
