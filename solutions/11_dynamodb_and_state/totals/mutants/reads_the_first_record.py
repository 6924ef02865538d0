# fails task 1: totals.one-record-only
import boto3
from boto3.dynamodb.types import TypeDeserializer

totals = boto3.resource("dynamodb").Table("totals")
typed = TypeDeserializer()


def lambda_handler(event, context):
    new = plain(event["Records"][0]["dynamodb"].get("NewImage"))
    add(new["city"], new["cups"])


def add(city, cups):
    totals.update_item(
        Key={"city": city}, UpdateExpression="ADD cups :cups", ExpressionAttributeValues={":cups": cups}
    )

def plain(image):
    """An image as an ordinary dict; {} for None. Nothing to change here."""
    return {name: typed.deserialize(value) for name, value in (image or {}).items()}
