"""A match statement; a page is scanned, and one more scan of one photo says whether there is more."""

import json
from decimal import Decimal

import boto3
from boto3.dynamodb.conditions import Attr
from botocore.exceptions import ClientError

photos = boto3.resource("dynamodb").Table("photos")
PAGE = 3


def lambda_handler(event, context):
    http = event["requestContext"]["http"]
    match http["method"], http["path"].strip("/").split("/"):
        case "GET", ["photos"]:
            return listing(event.get("queryStringParameters", {}).get("after", ""))
        case "GET", ["photos", id]:
            found = photos.get_item(Key={"id": id}, ConsistentRead=True)
            return answer(200, found["Item"]) if "Item" in found else answer(404, None)
        case "POST", ["photos", id, "likes"]:
            return like(id)
    return answer(404, None)


def listing(after):
    found, at = [], {"id": after} if after else None
    while len(found) < PAGE:  # a scan may give fewer than it was asked for
        page = photos.scan(Limit=PAGE - len(found), **({"ExclusiveStartKey": at} if at else {}))
        found += page["Items"]
        if (at := page.get("LastEvaluatedKey")) is None:
            break
    more = at and photos.scan(Limit=1, ExclusiveStartKey=at)["Items"]
    return answer(200, {"photos": found} | ({"next": found[-1]["id"]} if more else {}))


def like(id):
    try:
        new = photos.update_item(
            Key={"id": id},
            UpdateExpression="SET likes = if_not_exists(likes, :none) + :one",
            ConditionExpression=Attr("id").exists(),
            ExpressionAttributeValues={":none": 0, ":one": 1},
            ReturnValues="ALL_NEW",
        )["Attributes"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return answer(404, None)
        raise
    return answer(200, {"likes": new["likes"]})


def number(value):
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(value)


def answer(status, body):
    text = json.dumps(body, default=number)
    return {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": text}
