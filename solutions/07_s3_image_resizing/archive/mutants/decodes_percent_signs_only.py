# fails task 1: archive.key-not-decoded
from urllib.parse import unquote

import boto3

s3 = boto3.client("s3")


def lambda_handler(event, context):
    """Copies each new object of inbox/ to archive/, under the same name."""
    for record in event.get("Records", []):  # S3's test event has none
        bucket = record["s3"]["bucket"]["name"]
        key = unquote(record["s3"]["object"]["key"])
        if not key.startswith("inbox/"):  # our own copies come by here, too
            continue
        copy = "archive/" + key.removeprefix("inbox/")
        s3.copy_object(Bucket=bucket, Key=copy, CopySource={"Bucket": bucket, "Key": key})
