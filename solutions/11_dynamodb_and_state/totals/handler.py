import boto3
from boto3.dynamodb.types import TypeDeserializer

totals = boto3.resource("dynamodb").Table("totals")
typed = TypeDeserializer()


def lambda_handler(event, context):
    """Keeps the cups of each city up to date with a stream of orders."""
    for record in event["Records"]:
        change = record["dynamodb"]
        try:
            count(plain(change.get("OldImage")), plain(change.get("NewImage")))
        except KeyError as missing:
            print("cannot count", change["Keys"], "without", missing)
            # what follows comes again with this record: it must not be counted now
            return {"batchItemFailures": [{"itemIdentifier": change["SequenceNumber"]}]}
    return {"batchItemFailures": []}


def count(old, new):
    """Takes the old order away and adds the new one; KeyError before anything is written if something is missing."""
    changes = [(old["city"], -old["cups"])] if old else []
    changes += [(new["city"], new["cups"])] if new else []
    for city, cups in changes:
        totals.update_item(
            Key={"city": city}, UpdateExpression="ADD cups :cups", ExpressionAttributeValues={":cups": cups}
        )


def plain(image):
    """An image as an ordinary dict; {} for None. Nothing to change here."""
    return {name: typed.deserialize(value) for name, value in (image or {}).items()}
