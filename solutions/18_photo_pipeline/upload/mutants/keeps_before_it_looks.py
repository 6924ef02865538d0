# fails task 2: upload.kept-all-the-same
import base64
import hashlib
import json

import boto3

s3 = boto3.client("s3")
PNG = b"\x89PNG\r\n\x1a\n"


def lambda_handler(event, context):
    """Keeps the photo of an HTTP request, and answers with its id."""
    body = event.get("body") or ""
    photo = base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()
    name = (event.get("queryStringParameters") or {}).get("name", "")
    id = hashlib.sha256(photo).hexdigest()[:16]
    s3.put_object(Bucket="photos", Key=f"uploads/{id}/{name}", Body=photo)
    if not name or "/" in name:
        return answer(400, {"message": "a photo needs a name, without a slash"})
    if not photo.startswith(PNG):  # the bytes say what it is; the header only claims it
        return answer(415, {"message": "a photo is a PNG"})
    return answer(202, {"id": id})


def answer(status, body):
    """An HTTP answer. Nothing to change here."""
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps(body)}
