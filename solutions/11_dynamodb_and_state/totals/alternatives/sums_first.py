"""Adds the whole batch up, as far as it can be read; then each city is written once."""

from collections import Counter

import boto3
from boto3.dynamodb.types import TypeDeserializer

totals = boto3.resource("dynamodb").Table("totals")
typed = TypeDeserializer()


def lambda_handler(event, context):
    cups, failed = Counter(), []
    for record in event["Records"]:
        old, new = (plain(record["dynamodb"].get(name)) for name in ("OldImage", "NewImage"))
        if "city" in new and "cups" not in new:
            failed.append({"itemIdentifier": record["dynamodb"]["SequenceNumber"]})
            break
        if old:
            cups[old["city"]] -= old.get("cups", 0)
        if new:
            cups[new["city"]] += new["cups"]
    for city, change in cups.items():
        totals.update_item(Key={"city": city}, UpdateExpression="ADD cups :n", ExpressionAttributeValues={":n": change})
    return {"batchItemFailures": failed}


def plain(image):
    return {name: typed.deserialize(value) for name, value in (image or {}).items()}
