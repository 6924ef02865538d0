import boto3

s3 = boto3.client("s3")


# task 1: find every file · task 2: stop it from starting itself
def lambda_handler(event, context):
    """Copies each new object of inbox/ to archive/, under the same name."""
    record = event["Records"][0]
    bucket = record["s3"]["bucket"]["name"]
    key = record["s3"]["object"]["key"]
    copy = "archive/" + key.removeprefix("inbox/")
    s3.copy_object(Bucket=bucket, Key=copy, CopySource={"Bucket": bucket, "Key": key})
