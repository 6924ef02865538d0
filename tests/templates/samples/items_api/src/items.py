import json
import os

import boto3

table = boto3.resource("dynamodb").Table(os.environ["SAMPLE_TABLE"])


def all(event, context):
    return {"items": table.scan()["Items"]}


def get(event, context):
    item = table.get_item(Key={"id": event["pathParameters"]["id"]}).get("Item")
    return {"statusCode": 200 if item else 404, "body": json.dumps(item)}


def put(event, context):
    table.put_item(Item=json.loads(event["body"]))
    return {"statusCode": 201, "body": event["body"]}


def sweep(event, context):
    for item in table.scan()["Items"]:
        table.delete_item(Key={"id": item["id"]})
    return event
