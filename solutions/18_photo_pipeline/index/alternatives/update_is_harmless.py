"""An update that may run twice: it sets the same values again, and likes only if there are none. Low-level client."""

import json
import urllib.parse

import boto3

s3 = boto3.resource("s3")
dynamodb = boto3.client("dynamodb")


class Gone(Exception):
    pass


def lambda_handler(event, context):
    bad = {m["messageId"] for m in event["Records"] if not handled(m)}
    return {"batchItemFailures": [{"itemIdentifier": id} for id in bad]}


def handled(message):
    try:
        body = json.loads(message["body"])
        if body.get("Event") == "s3:TestEvent":
            return True
        keys = [urllib.parse.unquote_plus(record["s3"]["object"]["key"]) for record in body["Records"]]
        for key in keys:
            write(key, size(key))
    except Gone:
        return True
    except (ValueError, KeyError, TypeError, AttributeError, dynamodb.exceptions.ClientError):
        return False
    return True


def size(key):
    try:
        return s3.Object("photos", key).content_length
    except s3.meta.client.exceptions.ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            raise Gone(key) from None
        raise


def write(key, size):
    _, id, file = key.split("/")
    dynamodb.update_item(
        TableName="photos",
        Key={"id": {"S": id}},
        UpdateExpression="SET #n = :name, thumbnail = :key, #b = :bytes, likes = if_not_exists(likes, :none)",
        ExpressionAttributeNames={"#n": "name", "#b": "bytes"},
        ExpressionAttributeValues={
            ":name": {"S": file[: -len(".jpg")]},
            ":key": {"S": key},
            ":bytes": {"N": str(size)},
            ":none": {"N": "0"},
        },
    )
