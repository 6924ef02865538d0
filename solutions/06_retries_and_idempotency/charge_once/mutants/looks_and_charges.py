# fails task 2: twice.both-charge
import json

import boto3
from botocore.config import Config

bank = boto3.client("lambda", config=Config(retries={"max_attempts": 0}))  # one level of retries, and it is Lambda's
payments = boto3.resource("dynamodb").Table("payments")
Taken = payments.meta.client.exceptions.ConditionalCheckFailedException


def lambda_handler(order, context):
    """Charges an order once, however often it comes; answers with the bank's receipt."""
    key, me = order["id"], context.aws_request_id
    known = payments.get_item(Key={"id": key}, ConsistentRead=True).get("Item", {})
    if "receipt" in known:
        return known["receipt"]
    receipt = charge(order)
    payments.put_item(Item={"id": key, "claimed_by": me, "receipt": receipt})
    return receipt


def charge(order):
    """Asks the bank for the money; returns the bank's receipt, or raises. Nothing to change here."""
    answer = bank.invoke(FunctionName="bank", Payload=json.dumps(order))
    if "FunctionError" in answer:
        raise ConnectionError("the bank is closed")
    return json.load(answer["Payload"])
