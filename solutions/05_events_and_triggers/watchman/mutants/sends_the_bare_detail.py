# fails task 1: watchman.event
import json
import os

import boto3
from botocore.exceptions import ClientError

lambda_ = boto3.client("lambda")
s3 = boto3.client("s3")
LOW = 100  # grams


def read(key, otherwise):
    """What the object holds, or `otherwise` if there is none yet."""
    try:
        return json.load(s3.get_object(Bucket="shop", Key=key)["Body"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchKey":
            raise
        return otherwise


def lambda_handler(event, context):
    stock = read("stock.json", {})
    low = {tea: grams for tea, grams in stock.items() if grams < LOW}
    print("running low:", low)
    told = read("told.json", [])
    for tea, grams in low.items():
        if tea not in told:
            news = {"source": "shop.stock", "detail-type": "Tea is running low", "detail": {"tea": tea, "grams": grams}}
            lambda_.invoke(
                FunctionName=os.environ["TARGET"], InvocationType="Event", Payload=json.dumps(news["detail"])
            )
    # What is low now, and not what was ever told: a tea that was restocked drops out, and may be told of again.
    s3.put_object(Bucket="shop", Key="told.json", Body=json.dumps(list(low)))
