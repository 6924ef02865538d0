"""Goes by what a record holds, not by its eventSource; opens envelopes until an order comes out."""

import json
from base64 import b64decode
from urllib.parse import unquote_plus


def lambda_handler(event, context):
    if "Records" not in event:
        if "requestContext" not in event:
            return {"source": "direct", "orders": [event]}
        body = b64decode(event["body"]) if event.get("isBase64Encoded") else event["body"]
        return {"source": "url", "orders": [opened(body)]}
    records = event["Records"]
    if "kinesis" in records[0]:
        return {"source": "kinesis", "orders": [opened(b64decode(r["kinesis"]["data"])) for r in records]}
    if "dynamodb" in records[0]:
        rows = [r["dynamodb"]["NewImage"] for r in records if "NewImage" in r["dynamodb"]]
        return {"source": "dynamodb", "orders": [{"tea": i["tea"]["S"], "grams": float(i["grams"]["N"])} for i in rows]}
    if "s3" in records[0]:
        return {"source": "s3", "orders": [place(r["s3"]) for r in records]}
    if "Sns" in records[0]:
        return {"source": "sns", "orders": [opened(r["Sns"]) for r in records]}
    return {"source": "sqs", "orders": [opened(r["body"]) for r in records]}


def opened(value):
    if isinstance(value, str | bytes):
        return opened(json.loads(value))
    return opened(value["Message"]) if "Message" in value else value


def place(s3):
    return {"bucket": s3["bucket"]["name"], "key": unquote_plus(s3["object"]["key"])}
