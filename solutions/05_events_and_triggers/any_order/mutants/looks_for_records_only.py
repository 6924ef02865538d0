# fails task 2: order.lost
import base64
import json
from urllib.parse import unquote_plus


def lambda_handler(event, context):
    source = source_of(event)
    if source == "direct":
        return {"source": source, "orders": []}
    if source == "url":
        return {"source": source, "orders": [from_request(event)]}
    read = {"s3": from_s3, "sns": from_sns, "sqs": from_sqs, "kinesis": from_kinesis, "dynamodb": from_dynamodb}[source]
    orders = [read(record) for record in event["Records"]]
    return {"source": source, "orders": [order for order in orders if order is not None]}


def source_of(event):
    if "Records" in event:
        record = event["Records"][0]
        mark = record.get("eventSource") or record["EventSource"]  # SNS alone begins it with a capital
        return mark.removeprefix("aws:")
    return "url" if "requestContext" in event else "direct"


def from_sqs(record):
    body = json.loads(record["body"])
    if "TopicArn" in body:  # what a topic has put into the queue: one envelope in another
        return json.loads(body["Message"])
    return body


def from_sns(record):
    return json.loads(record["Sns"]["Message"])


def from_kinesis(record):
    return json.loads(base64.b64decode(record["kinesis"]["data"]))


def from_request(event):
    body = event["body"]
    return json.loads(base64.b64decode(body) if event["isBase64Encoded"] else body)


def from_s3(record):
    return {"bucket": record["s3"]["bucket"]["name"], "key": unquote_plus(record["s3"]["object"]["key"])}


def from_dynamodb(record):
    row = record["dynamodb"].get("NewImage")
    if row is None:  # deleted
        return None
    return {"tea": row["tea"]["S"], "grams": int(row["grams"]["N"])}
