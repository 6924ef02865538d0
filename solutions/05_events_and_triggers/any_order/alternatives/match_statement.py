"""One match statement, a case for each shape; every record yields its orders."""

import base64
import json
from urllib.parse import unquote_plus


def lambda_handler(event, context):
    match event:
        case {"Records": [{"eventSource": name} | {"EventSource": name}, *_] as records}:
            return {"source": name.split(":")[1], "orders": [order for record in records for order in orders(record)]}
        case {"rawPath": _, "body": text}:
            if event["isBase64Encoded"]:
                text = base64.b64decode(text)
            return {"source": "url", "orders": [json.loads(text)]}
        case _:
            return {"source": "direct", "orders": [event]}


def orders(record):
    match record:
        case {"eventName": "INSERT", "dynamodb": {"NewImage": {"tea": {"S": tea}, "grams": {"N": grams}}}}:
            yield {"tea": tea, "grams": json.loads(grams)}
        case {"s3": {"bucket": {"name": bucket}, "object": {"key": key}}}:
            yield {"bucket": bucket, "key": unquote_plus(key)}
        case {"kinesis": {"data": data}}:
            yield json.loads(base64.standard_b64decode(data).decode())
        case {"Sns": {"Message": text}}:
            yield json.loads(text)
        case {"eventSource": "aws:sqs", "body": text}:
            match json.loads(text):
                case {"Type": "Notification", "Message": inner}:
                    yield json.loads(inner)
                case order:
                    yield order
