"""Notes in a table."""

import os

import boto3
from answers import answer  # from the layer

table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


def write(event, context):
    table.put_item(Item={"id": event["pathParameters"]["id"], "text": event["body"]})
    return answer(201, {"greeting": os.environ["GREETING"]})


def read(event, context):
    item = table.get_item(Key={"id": event["pathParameters"]["id"]}).get("Item")
    return answer(200, item) if item else answer(404, {"message": "no such note"})


def audit(event, context):
    return len(event)
