# fails task 3: totals.fails
import boto3
from boto3.dynamodb.types import TypeDeserializer

totals = boto3.resource("dynamodb").Table("totals")
typed = TypeDeserializer()


def lambda_handler(event, context):
    for record in event["Records"]:
        old, new = (plain(record["dynamodb"].get(name)) for name in ("OldImage", "NewImage"))
        if old:
            add(old["city"], -old["cups"])
        if new:
            add(new["city"], new["cups"])


def add(city, cups):
    totals.update_item(
        Key={"city": city}, UpdateExpression="ADD cups :cups", ExpressionAttributeValues={":cups": cups}
    )

def plain(image):
    """An image as an ordinary dict; {} for None. Nothing to change here."""
    return {name: typed.deserialize(value) for name, value in (image or {}).items()}
