# fails task 2: function.never-settles
from urllib.parse import unquote_plus

import boto3

s3 = boto3.client("s3")


def lambda_handler(event, context):
    """Copies each new object of inbox/ to archive/, under the same name."""
    for record in event.get("Records", []):  # S3's test event has none
        bucket = record["s3"]["bucket"]["name"]
        key = unquote_plus(record["s3"]["object"]["key"])
        copy = "archive/" + key.removeprefix("inbox/")
        s3.copy_object(Bucket=bucket, Key=copy, CopySource={"Bucket": bucket, "Key": key})
