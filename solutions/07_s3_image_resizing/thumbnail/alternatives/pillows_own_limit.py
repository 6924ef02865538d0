"""Lets Pillow count the pixels, `ImageOps.contain` keep the proportions, and S3's transfer manager take the stream."""

import warnings
from io import BytesIO
from pathlib import PurePosixPath
from urllib.parse import unquote_plus

import boto3
from PIL import Image, ImageOps

s3 = boto3.client("s3")
Image.MAX_IMAGE_PIXELS = 20_000_000
warnings.simplefilter("error", Image.DecompressionBombWarning)
NO_PICTURE = (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning)


def lambda_handler(event, context):
    places = [(r["s3"]["bucket"]["name"], unquote_plus(r["s3"]["object"]["key"])) for r in event["Records"]]
    return [thumbnail(bucket, key) for bucket, key in places]


def thumbnail(bucket, key):
    data = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    try:
        picture = Image.open(BytesIO(data))
        picture.draft("RGB", (400, 400))
        picture = on_white(ImageOps.exif_transpose(picture))
    except NO_PICTURE as error:
        print(key, repr(error))
        return None
    if max(picture.size) > 200:
        picture = ImageOps.contain(picture, (200, 200))
    file = BytesIO()
    picture.convert("RGB").save(file, "jpeg", optimize=True)
    file.seek(0)
    target = str(PurePosixPath("thumbnails", *PurePosixPath(key).parts[1:])) + ".jpg"
    s3.upload_fileobj(file, bucket, target, ExtraArgs={"ContentType": "image/jpeg"})
    return target


def on_white(picture):
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "WHITE")
        white.alpha_composite(picture)
        picture = white
    return picture.convert("RGB")
