"""Goes by eventName; looks for the first record that cannot be counted before it begins; SET with if_not_exists."""

import boto3
from boto3.dynamodb.types import TypeDeserializer

totals = boto3.resource("dynamodb").Table("totals")
typed = TypeDeserializer()


def lambda_handler(event, context):
    records = event["Records"]
    good = next((i for i, record in enumerate(records) if not countable(record)), len(records))
    for record in records[:good]:
        old, new = plain(record["dynamodb"].get("OldImage")), plain(record["dynamodb"].get("NewImage"))
        if record["eventName"] in ("INSERT", "MODIFY"):
            add(new["city"], int(new["cups"]))
        if record["eventName"] in ("MODIFY", "REMOVE") and "cups" in old:
            add(old["city"], -int(old["cups"]))
    if good == len(records):
        return None
    return {"batchItemFailures": [{"itemIdentifier": records[good]["dynamodb"]["SequenceNumber"]}]}


def countable(record):
    return record["eventName"] == "REMOVE" or {"city", "cups"} <= record["dynamodb"]["NewImage"].keys()


def add(city, cups):
    totals.update_item(
        Key={"city": city},
        UpdateExpression="SET #cups = if_not_exists(#cups, :zero) + :cups",
        ExpressionAttributeNames={"#cups": "cups"},
        ExpressionAttributeValues={":zero": 0, ":cups": cups},
    )


def plain(image):
    return {name: typed.deserialize(value) for name, value in (image or {}).items()}
