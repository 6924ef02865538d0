# fails task 1: porter.namesake
import boto3

s3 = boto3.client("s3")


def lambda_handler(event, context):
    key = event["asks"]["letter"]
    # The role may read all letters, so the code must ask whose this is; and `asks` is what the guest says.
    if not key.startswith(event["caller"]):
        return {"letter": None}
    try:
        return {"letter": s3.get_object(Bucket="letters", Key=key)["Body"].read().decode()}
    except s3.exceptions.NoSuchKey:  # and nothing else: AccessDenied means that the role is broken
        return {"letter": None}
