# fails task 1: browser.no-vary
import json

SITES = ("https://shop.example", "https://m.shop.example")
TEAS = ["black", "green", "white"]


def headers_for(event):
    """The headers of every answer: they depend on who asks, whatever the answer is."""
    headers = {"Content-Type": "application/json"}
    origin = {name.lower(): value for name, value in event["headers"].items()}.get("origin")
    if origin in SITES:
        headers["Access-Control-Allow-Origin"] = origin  # one site, and never a list
    return headers


def lambda_handler(event, context):
    headers = headers_for(event)

    def answer(status, content):
        return {"statusCode": status, "headers": headers, "body": json.dumps(content)}

    if event["httpMethod"] == "OPTIONS":
        headers["Access-Control-Allow-Methods"] = "GET, POST"
        headers["Access-Control-Allow-Headers"] = "content-type"
        return {"statusCode": 204, "headers": headers}
    if (event["httpMethod"], event["path"]) == ("GET", "/teas"):
        return answer(200, TEAS)
    if (event["httpMethod"], event["path"]) == ("POST", "/orders"):
        order = json.loads(event["body"])
        if order.get("tea") not in TEAS:
            return answer(400, {"message": "We have no such tea."})
        return answer(201, order)
    return answer(404, {"message": "There is nothing here."})
