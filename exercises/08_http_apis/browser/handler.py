import json

SITES = ("https://shop.example", "https://m.shop.example")
TEAS = ["black", "green", "white"]
HEADERS = {"Content-Type": "application/json", "Access-Control-Allow-Origin": ", ".join(SITES)}


def lambda_handler(event, context):
    """GET /teas and POST /orders of the tea shop. It works; but not in a browser."""
    # task 1: let the pages of both sites read · task 2: answer the browser's question beforehand
    if (event["httpMethod"], event["path"]) == ("GET", "/teas"):
        return {"statusCode": 200, "headers": HEADERS, "body": json.dumps(TEAS)}
    if (event["httpMethod"], event["path"]) == ("POST", "/orders"):
        order = json.loads(event["body"])
        if order.get("tea") not in TEAS:
            return {"statusCode": 400, "body": json.dumps({"message": "We have no such tea."})}
        return {"statusCode": 201, "headers": HEADERS, "body": json.dumps(order)}
    return {"statusCode": 404, "body": json.dumps({"message": "There is nothing here."})}
