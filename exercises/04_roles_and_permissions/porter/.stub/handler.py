import boto3

s3 = boto3.client("s3")


def lambda_handler(event, context):
    """Hands a letter out: {"letter": text}, or {"letter": None} if there is none for this guest. About 6 lines more."""
    # task 1: anybody gets any letter
    # task 2: a letter that is not there is an error
    key = event["asks"]["letter"]
    return {"letter": s3.get_object(Bucket="letters", Key=key)["Body"].read().decode()}
