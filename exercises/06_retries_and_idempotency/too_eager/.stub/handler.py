import json
import time

import boto3

bank = boto3.client("lambda")


def lambda_handler(order, context):
    """Charges an order; answers {"paid": receipt}, or {"rejected": id} if it can never be paid."""
    # task 1: a bank that is closed
    for pause in (0.05, 0.1, 0.2):
        try:
            return {"paid": charge(order)}
        except Exception as error:  # task 2: not every error is of the same kind
            print("trying again:", error)
            time.sleep(pause)
    return {"paid": None}


def charge(order):
    """Asks the bank for the money; returns the bank's receipt. Nothing to change here."""
    if order.get("amount", 0) <= 0:
        raise ValueError(f"order {order['id']} has no amount")  # will be as wrong tomorrow
    answer = bank.invoke(FunctionName="bank", Payload=json.dumps(order))
    if "FunctionError" in answer:
        raise ConnectionError("the bank is closed")  # may be open in a minute
    return json.load(answer["Payload"])
