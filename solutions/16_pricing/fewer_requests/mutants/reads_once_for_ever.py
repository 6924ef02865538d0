# fails task 1: fewer.stale
import json

import boto3

s3, sqs = boto3.client("s3"), boto3.client("sqs")
kept = {}


def lambda_handler(event, context):
    if not kept:
        kept.update(json.load(s3.get_object(Bucket=event["bucket"], Key="prices.json")["Body"]))
    prices = kept
    total, entries = 0, []
    for number, order in enumerate(event["orders"]):
        usd = prices[order["item"]] * order["count"]
        total += usd
        entries.append({"Id": str(number), "MessageBody": json.dumps({**order, "usd": usd})})
    for start in range(0, len(entries), 10):
        sqs.send_message_batch(QueueUrl=event["queue"], Entries=entries[start : start + 10])
    return {"total": total}
