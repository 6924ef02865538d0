import io
from urllib.parse import unquote_plus

import boto3
from PIL import Image

s3 = boto3.client("s3")


def lambda_handler(event, context):
    """Puts a preview of each upload under previews/: a quarter as wide, a quarter as high."""
    for record in event["Records"]:
        # parse: what happened to which object?
        bucket = record["s3"]["bucket"]["name"]
        name = unquote_plus(record["s3"]["object"]["key"]).removeprefix("uploads/")
        # act: fetch it, make it small
        upload = s3.get_object(Bucket=bucket, Key=f"uploads/{name}")
        image = Image.open(io.BytesIO(upload["Body"].read()))
        preview = image.convert("RGB").reduce(4)
        # respond: put the new object
        file = io.BytesIO()
        preview.save(file, "PNG")
        s3.put_object(Bucket=bucket, Key=f"previews/{name}.png", Body=file.getvalue(), ContentType="image/png")
