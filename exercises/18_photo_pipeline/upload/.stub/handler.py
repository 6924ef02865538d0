import json

import boto3

s3 = boto3.client("s3")
PNG = b"\x89PNG\r\n\x1a\n"


def lambda_handler(event, context):
    """Keeps the photo of an HTTP request, and answers with its id. About 12 lines."""
    # task 2: refuse what is no photo
    raise NotImplementedError("task 1: keep a photo")


def answer(status, body):
    """An HTTP answer. Nothing to change here."""
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps(body)}
