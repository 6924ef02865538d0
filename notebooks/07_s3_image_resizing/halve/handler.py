import io

import boto3
from PIL import Image

s3 = boto3.client("s3")


def lambda_handler(event, context):
    """Puts a picture of half the size beside each picture, which is just what one must not do."""
    for record in event["Records"]:
        bucket = record["s3"]["bucket"]["name"]
        key = record["s3"]["object"]["key"]
        image = Image.open(io.BytesIO(s3.get_object(Bucket=bucket, Key=key)["Body"].read()))
        if image.width < 100:  # without these two lines the notebook would never come to its end
            return
        file = io.BytesIO()
        image.reduce(2).save(file, "PNG")
        s3.put_object(Bucket=bucket, Key=f"half-of-{key}", Body=file.getvalue())
