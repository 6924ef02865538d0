"""A price is returned as it is: payload 2.0 makes 200 and application/json of it. All else has a status."""

import base64
import json

PRICES = {"black": 4, "green": 6, "white": 9}


def lambda_handler(event, context):
    http = event["requestContext"]["http"]
    if http["path"] != "/quote":
        return refuse(404, "not found")
    if http["method"] != "POST":
        return refuse(405, "method not allowed") | {"headers": {"allow": "POST"}}
    try:
        text = event["body"]
        if event["isBase64Encoded"]:
            text = base64.b64decode(text).decode()
        order = json.loads(text)
        tea, grams = order["tea"], order["grams"]
        price = PRICES[tea]
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        return refuse(400, f"cannot be read: {error!r}")
    if type(grams) is not int or grams <= 0:
        return refuse(400, "grams is a whole number from 1 on")
    return {"tea": tea, "grams": grams, "cents": price * grams}


def refuse(status, message):
    return {"statusCode": status, "body": json.dumps({"message": message})}
