import json

import boto3

photos = boto3.resource("dynamodb").Table("photos")
Refused = photos.meta.client.exceptions.ConditionalCheckFailedException
PAGE = 3  # photos


def lambda_handler(event, context):
    """Answers the requests of the gallery. About 25 lines."""
    # task 2: like a photo
    raise NotImplementedError("task 1: show photos")


def answer(status, body):
    """An HTTP answer. Nothing to change here."""
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps(body)}
