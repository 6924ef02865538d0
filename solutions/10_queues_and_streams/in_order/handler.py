import json


class BankIsBusy(Exception):
    """Try again later."""


def lambda_handler(event, context):
    """Books the changes of a batch; those of one customer in their order."""
    failed, waiting = [], set()  # customers with a change that has failed: not a global, the next batch begins afresh
    for record in event["Records"]:
        customer = record["attributes"]["MessageGroupId"]
        if customer not in waiting:
            try:
                book(record)
                continue
            except BankIsBusy as error:
                print("not booked:", repr(error))
                waiting.add(customer)
        failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def book(record):
    """Books a change, or raises BankIsBusy. Nothing to change here."""
    change = json.loads(record["body"])
    if int(record["attributes"]["ApproximateReceiveCount"]) <= change.get("busy_attempts", 0):
        raise BankIsBusy(change["customer"])
    print("booked", change["customer"], change["change"])
