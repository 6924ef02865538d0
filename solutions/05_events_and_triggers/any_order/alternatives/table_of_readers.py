"""A reader for each source, in a table; boto3 turns a row into Python, and its numbers stay Decimals."""

import base64
import json
import urllib.parse

from boto3.dynamodb.types import TypeDeserializer

deserialize = TypeDeserializer().deserialize
READERS = {}


def reads(source):
    return lambda reader: READERS.setdefault(source, reader)


@reads("aws:s3")
def read_place(record):
    thing = record["s3"]
    return {"bucket": thing["bucket"]["name"], "key": urllib.parse.unquote(thing["object"]["key"].replace("+", " "))}


@reads("aws:sns")
def read_topic(record):
    return json.loads(record["Sns"]["Message"])


@reads("aws:sqs")
def read_queue(record):
    body = json.loads(record["body"])
    return json.loads(body["Message"]) if body.get("Type") == "Notification" else body


@reads("aws:kinesis")
def read_stream(record):
    return json.loads(base64.decodebytes(record["kinesis"]["data"].encode()))


@reads("aws:dynamodb")
def read_row(record):
    if record["eventName"] == "REMOVE":
        return None
    row = {name: deserialize(value) for name, value in record["dynamodb"]["NewImage"].items()}
    return {name: row[name] for name in ("tea", "grams")}


def lambda_handler(event, context):
    if "http" in event.get("requestContext", {}):
        body = event["body"]
        if event.get("isBase64Encoded", False):
            body = base64.b64decode(body).decode("utf-8")
        return {"source": "url", "orders": [json.loads(body)]}
    if "Records" not in event:
        return {"source": "direct", "orders": [event]}
    found, name = [], ""
    for record in event["Records"]:
        name = record.get("eventSource") or record.get("EventSource")
        found.append(READERS[name](record))
    return {"source": name[4:], "orders": [order for order in found if order is not None]}
