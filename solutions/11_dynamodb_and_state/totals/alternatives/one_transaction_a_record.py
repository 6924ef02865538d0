"""Both cities of a change in one transaction: the one is never without the other. Works with DynamoDB's own types."""

import boto3

dynamodb = boto3.client("dynamodb")


def lambda_handler(event, context):
    for record in event["Records"]:
        try:
            follow(record["dynamodb"])
        except (KeyError, ValueError) as error:
            number = record["dynamodb"]["SequenceNumber"]
            print("cannot be counted:", number, repr(error))
            return {"batchItemFailures": [{"itemIdentifier": number}]}
    return {"batchItemFailures": []}


def follow(change):
    changes = {}
    if new := change.get("NewImage"):
        changes[new["city"]["S"]] = int(new["cups"]["N"])
    if old := change.get("OldImage"):
        city = old["city"]["S"]
        changes[city] = changes.get(city, 0) - int(old["cups"]["N"] if "cups" in old else 0)
    updates = [
        {
            "Update": {
                "TableName": "totals",
                "Key": {"city": {"S": city}},
                "UpdateExpression": "ADD cups :change",
                "ExpressionAttributeValues": {":change": {"N": str(cups)}},
            }
        }
        for city, cups in changes.items()
        if cups
    ]
    if updates:
        dynamodb.transact_write_items(TransactItems=updates)
