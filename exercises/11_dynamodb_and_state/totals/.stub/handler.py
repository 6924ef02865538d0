import boto3
from boto3.dynamodb.types import TypeDeserializer

totals = boto3.resource("dynamodb").Table("totals")
typed = TypeDeserializer()


def lambda_handler(event, context):
    """Keeps the cups of each city up to date with a stream of orders. About 15 lines for all tasks."""
    # task 2: follow changes and deletions
    # task 3: report what cannot be counted
    raise NotImplementedError("task 1: add new orders")


def plain(image):
    """An image as an ordinary dict; {} for None. Nothing to change here."""
    return {name: typed.deserialize(value) for name, value in (image or {}).items()}
