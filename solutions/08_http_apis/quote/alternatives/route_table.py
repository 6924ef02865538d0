"""A table of paths and methods; a class for the request; a list of what is wrong with the order."""

import base64
import json
from dataclasses import dataclass
from typing import Any

PRICES = {"black": 4, "green": 6, "white": 9}


@dataclass
class Request:
    method: str
    path: str
    raw: Any

    @classmethod
    def of(cls, event):
        raw = event.get("body")
        if raw is not None and event.get("isBase64Encoded"):
            raw = base64.b64decode(raw)
        return cls(event["requestContext"]["http"]["method"].upper(), event["rawPath"], raw)

    def json(self):
        try:
            return json.loads(self.raw)
        except (TypeError, ValueError):
            return None


def post_quote(request):
    order = request.json()
    if wrong := list(complaints(order)):
        return 400, {"message": " ".join(wrong)}, {}
    return 200, {**order, "cents": order["grams"] * PRICES[order["tea"]]}, {}


def complaints(order):
    if not isinstance(order, dict):
        yield "An order is a JSON object."
        return
    if str(order.get("tea")) not in PRICES:
        yield "We sell " + ", ".join(PRICES) + "."
    match order.get("grams"):
        case bool():
            yield "Grams are a number."
        case int(grams) if grams > 0:
            pass
        case _:
            yield "Grams are a whole number, 1 at least."


ROUTES = {"/quote": {"POST": post_quote}}


def lambda_handler(event, context):
    request = Request.of(event)
    methods = ROUTES.get(request.path)
    if methods is None:
        status, body, headers = 404, {"message": "No such path."}, {}
    elif request.method not in methods:
        status, body, headers = 405, {"message": "No such method."}, {"Allow": ", ".join(methods)}
    else:
        status, body, headers = methods[request.method](request)
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json", **headers},
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }
