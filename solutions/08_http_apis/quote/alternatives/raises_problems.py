"""Whatever is wrong is raised as a Problem, and turned into an answer in one place."""

import base64
import json
from http import HTTPStatus

PRICES = {"black": 4, "green": 6, "white": 9}


class Problem(Exception):
    def __init__(self, status, message, **headers):
        super().__init__(message)
        self.status, self.headers = status, headers


def lambda_handler(event, context):
    try:
        return response(HTTPStatus.OK, quote(order_of(event)))
    except Problem as problem:
        return response(problem.status, {"message": str(problem)}, **problem.headers)


def order_of(event):
    if event["rawPath"] != "/quote":
        raise Problem(HTTPStatus.NOT_FOUND, f"There is nothing at {event['rawPath']}.")
    if event["requestContext"]["http"]["method"] != "POST":
        raise Problem(HTTPStatus.METHOD_NOT_ALLOWED, "Use POST.", Allow="POST")
    body = event.get("body") or ""
    try:
        return json.loads(base64.b64decode(body) if event.get("isBase64Encoded") else body)
    except ValueError:
        raise Problem(HTTPStatus.BAD_REQUEST, "The body is no JSON.") from None


def quote(order):
    if not isinstance(order, dict):
        raise Problem(HTTPStatus.BAD_REQUEST, "The body is no object.")
    tea, grams = order.get("tea"), order.get("grams")
    if not isinstance(tea, str) or tea not in PRICES:
        raise Problem(HTTPStatus.BAD_REQUEST, "We do not sell that tea.")
    if isinstance(grams, bool) or not isinstance(grams, int) or grams < 1:
        raise Problem(HTTPStatus.BAD_REQUEST, "How many grams?")
    return {"tea": tea, "grams": grams, "cents": grams * PRICES[tea]}


def response(status, body, **headers):
    headers["Content-Type"] = "application/json; charset=utf-8"
    return {"statusCode": int(status), "headers": headers, "body": json.dumps(body)}
