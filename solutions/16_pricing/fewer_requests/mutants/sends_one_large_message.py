# fails task 2: fewer.lumps
import json

import boto3

s3, sqs = boto3.client("s3"), boto3.client("sqs")


def lambda_handler(event, context):
    prices = json.load(s3.get_object(Bucket=event["bucket"], Key="prices.json")["Body"])  # in the handler: it changes
    total, entries = 0, []
    for number, order in enumerate(event["orders"]):
        usd = prices[order["item"]] * order["count"]
        total += usd
        entries.append({"Id": str(number), "MessageBody": json.dumps({**order, "usd": usd})})
    bodies = [json.loads(entry["MessageBody"]) for entry in entries]
    sqs.send_message(QueueUrl=event["queue"], MessageBody=json.dumps(bodies))
    return {"total": total}
