import json


class BankIsBusy(Exception):
    """Try again later."""


def lambda_handler(event, context):
    """Books the changes of a batch; those of one customer in their order. About 12 lines."""
    failed = []
    for record in event["Records"]:
        # task 1: what if this fails? And what of the changes that come after it?
        # task 2: which of them need not wait?
        book(record)
    return {"batchItemFailures": failed}


def book(record):
    """Books a change, or raises BankIsBusy. Nothing to change here."""
    change = json.loads(record["body"])
    if int(record["attributes"]["ApproximateReceiveCount"]) <= change.get("busy_attempts", 0):
        raise BankIsBusy(change["customer"])
    print("booked", change["customer"], change["change"])
