"""Every message in a try of its own; an entry is put if there is none."""

import json
from urllib.parse import unquote_plus

import boto3
from botocore.exceptions import ClientError

s3 = boto3.client("s3")
photos = boto3.resource("dynamodb").Table("photos")
Refused = photos.meta.client.exceptions.ConditionalCheckFailedException


def lambda_handler(event, context):
    failures = []
    for message in event["Records"]:
        try:
            for record in json.loads(message["body"]).get("Records", []):
                index(record["s3"])
        except Exception as error:  # noqa: BLE001 - it comes again, and ends among the dead letters
            print("not indexed:", message["messageId"], repr(error))
            failures.append({"itemIdentifier": message["messageId"]})
    return {"batchItemFailures": failures}


def index(about):
    key = unquote_plus(about["object"]["key"])
    _, id, name = key.split("/", 2)
    try:
        size = s3.head_object(Bucket=about["bucket"]["name"], Key=key)["ContentLength"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "404":
            return
        raise
    entry = {"id": id, "name": name.removesuffix(".jpg"), "thumbnail": key, "bytes": size, "likes": 0}
    try:
        photos.put_item(Item=entry, ConditionExpression="attribute_not_exists(id)")
    except Refused:
        print(id, "is there already")
