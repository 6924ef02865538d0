# fails task 3: thumbnail.not-white
import io
from urllib.parse import unquote_plus

import boto3
from PIL import Image, ImageOps

BOX = (200, 200)
LARGEST = 20_000_000  # pixels: 80 MB when they are decoded

s3 = boto3.client("s3")  # made once for an environment, not once for an event


def lambda_handler(event, context):
    """Puts a thumbnail of at most 200 × 200 pixels beside every picture that the event tells of."""
    for record in event["Records"]:
        bucket = record["s3"]["bucket"]["name"]
        key = unquote_plus(record["s3"]["object"]["key"])  # the event's key is encoded like a form
        original = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        try:
            small = thumbnail(original)
        except (OSError, ValueError, Image.DecompressionBombError) as problem:
            print(f"{key}: left alone ({problem})")  # trying again would end the same way, so this is no failure
            continue
        s3.put_object(
            Bucket=bucket,
            Key=f"thumbnails/{key.removeprefix('uploads/')}.jpg",
            Body=small,
            ContentType="image/jpeg",
        )


def thumbnail(original):
    """A JPEG of at most BOX. Raises OSError for what is no picture, ValueError for one that is too large."""
    image = Image.open(io.BytesIO(original))  # reads the header; no pixel is decoded yet
    if image.width * image.height > LARGEST:
        raise ValueError(f"{image.width} × {image.height} pixels are too many")
    upright = ImageOps.exif_transpose(image).convert("RGBA")  # one mode for all that may come
    upright.thumbnail(BOX)  # keeps the proportions, and never enlarges
    paper = upright.convert("RGB")
    out = io.BytesIO()
    paper.save(out, "JPEG", quality=85)
    return out.getvalue()
