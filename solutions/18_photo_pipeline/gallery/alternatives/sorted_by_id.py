"""The low-level client, a paginator that reads all, and pages in the order of the ids."""

import json

import boto3
from boto3.dynamodb.types import TypeDeserializer

dynamodb = boto3.client("dynamodb")
typed = TypeDeserializer()
PAGE = 3
NOTHING = {"error": "not found"}


def lambda_handler(event, context):
    method, path = event["requestContext"]["http"]["method"], event["rawPath"]
    if method == "GET" and path == "/photos":
        after = event.get("rawQueryString", "").removeprefix("after=")
        rest = sorted((photo for photo in everything() if photo["id"] > after), key=lambda photo: photo["id"])
        more = {"next": rest[PAGE - 1]["id"]} if len(rest) > PAGE else {}
        return answer(200, {"photos": rest[:PAGE], **more})
    if method == "GET" and path.startswith("/photos/") and path.count("/") == 2:
        item = dynamodb.get_item(TableName="photos", Key={"id": {"S": path[len("/photos/") :]}}).get("Item")
        return answer(200, plain(item)) if item else answer(404, NOTHING)
    if method == "POST" and path.startswith("/photos/") and path.endswith("/likes"):
        return liked(path.split("/")[2])
    return answer(404, NOTHING)


def everything():
    for page in dynamodb.get_paginator("scan").paginate(TableName="photos"):
        yield from map(plain, page["Items"])


def liked(id):
    try:
        result = dynamodb.update_item(
            TableName="photos",
            Key={"id": {"S": id}},
            UpdateExpression="SET #likes = #likes + :one",
            ConditionExpression="attribute_exists(#likes)",
            ExpressionAttributeNames={"#likes": "likes"},
            ExpressionAttributeValues={":one": {"N": "1"}},
            ReturnValues="UPDATED_NEW",
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return answer(404, NOTHING)
    return answer(200, plain(result["Attributes"]))


def plain(item):
    values = {name: typed.deserialize(value) for name, value in item.items()}
    return {name: value if isinstance(value, str) else int(value) for name, value in values.items()}


def answer(status, body):
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps(body)}
