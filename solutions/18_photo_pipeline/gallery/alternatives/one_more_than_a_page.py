"""Scans one photo more than a page holds; routes by a regular expression; other methods are 405."""

import json
import re

import boto3

photos = boto3.resource("dynamodb").Table("photos")
Refused = photos.meta.client.exceptions.ConditionalCheckFailedException
PAGE = 3
PATH = re.compile(r"/photos(?:/(?P<id>[^/]+)(?P<likes>/likes)?)?")


def lambda_handler(event, context):
    path = PATH.fullmatch(event["rawPath"])
    if not path:
        return answer(404, {"message": "no such path"})
    method = event["requestContext"]["http"]["method"]
    if method != ("POST" if path["likes"] else "GET"):
        return answer(405, {"message": "no such method"})
    if path["likes"]:
        return like(path["id"])
    if path["id"]:
        return show(path["id"])
    return page((event.get("queryStringParameters") or {}).get("after"))


def page(after):
    start = {"ExclusiveStartKey": {"id": after}} if after else {}
    items = photos.scan(Limit=PAGE + 1, **start)["Items"]
    body = {"photos": [plain(item) for item in items[:PAGE]]}
    if len(items) > PAGE:
        body["next"] = items[PAGE - 1]["id"]
    return answer(200, body)


def show(id):
    item = photos.get_item(Key={"id": id}).get("Item")
    return answer(200, plain(item)) if item else answer(404, {"message": "no such photo"})


def like(id):
    try:
        changed = photos.update_item(
            Key={"id": id},
            UpdateExpression="ADD likes :one",
            ConditionExpression="attribute_exists(id)",
            ExpressionAttributeValues={":one": 1},
            ReturnValues="UPDATED_NEW",
        )
    except Refused:
        return answer(404, {"message": "no such photo"})
    return answer(200, {"likes": int(changed["Attributes"]["likes"])})


def plain(item):
    return {**item, "bytes": int(item["bytes"]), "likes": int(item["likes"])}


def answer(status, body):
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps(body)}
