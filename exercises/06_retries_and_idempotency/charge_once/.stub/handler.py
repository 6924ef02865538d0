import json

import boto3
from botocore.config import Config

bank = boto3.client("lambda", config=Config(retries={"max_attempts": 0}))  # one level of retries, and it is Lambda's
payments = boto3.resource("dynamodb").Table("payments")
Taken = payments.meta.client.exceptions.ConditionalCheckFailedException


def lambda_handler(order, context):
    """Charges an order once, however often it comes; answers with the bank's receipt. About 15 lines for all tasks."""
    # task 2: two at the same moment
    # task 3: an attempt that did not get to its end
    raise NotImplementedError("task 1: charge an order once")


def charge(order):
    """Asks the bank for the money; returns the bank's receipt, or raises. Nothing to change here."""
    answer = bank.invoke(FunctionName="bank", Payload=json.dumps(order))
    if "FunctionError" in answer:
        raise ConnectionError("the bank is closed")
    return json.load(answer["Payload"])
