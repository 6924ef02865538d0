"""Writes the first WIDTH bytes of each new picture into the other bucket: what matters here is who may do what."""

import os
from urllib.parse import unquote_plus

import boto3

s3 = boto3.client("s3")


def handler(event, context):
    for record in event["Records"]:
        bucket = record["s3"]["bucket"]["name"]
        key = unquote_plus(record["s3"]["object"]["key"])
        picture = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        s3.put_object(Bucket=os.environ["INTO"], Key=key, Body=picture[: int(os.environ["WIDTH"])])
