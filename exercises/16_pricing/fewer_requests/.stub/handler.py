import json

import boto3

s3, sqs = boto3.client("s3"), boto3.client("sqs")


def lambda_handler(event, context):
    # About 10 lines in the end.
    total = 0
    for order in event["orders"]:
        # task 1: read the list once
        prices = json.load(s3.get_object(Bucket=event["bucket"], Key="prices.json")["Body"])
        usd = prices[order["item"]] * order["count"]
        total += usd
        # task 2: send several at once
        sqs.send_message(QueueUrl=event["queue"], MessageBody=json.dumps({**order, "usd": usd}))
    return {"total": total}
