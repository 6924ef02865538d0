"""Downloads to /tmp and uploads from there; Pillow's own `thumbnail` does the arithmetic."""

import tempfile
from pathlib import Path
from urllib.parse import unquote_plus

import boto3
from PIL import Image, ImageOps, UnidentifiedImageError

s3 = boto3.client("s3")
MOST = 20_000_000


def lambda_handler(event, context):
    for record in event["Records"]:
        bucket = record["s3"]["bucket"]["name"]
        key = unquote_plus(record["s3"]["object"]["key"])
        with tempfile.TemporaryDirectory() as folder:
            original, small = Path(folder, "original"), Path(folder, "small.jpg")
            s3.download_file(bucket, key, str(original))
            try:
                shrink(original, small)
            except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
                print("no thumbnail of", key, "because", error)
                continue
            target = "thumbnails" + key[len("uploads") :] + ".jpg"
            s3.upload_file(str(small), bucket, target, ExtraArgs={"ContentType": "image/jpeg"})


def shrink(original, small):
    with Image.open(original) as picture:
        if picture.width * picture.height > MOST:
            raise ValueError("too many pixels")
        if picture.has_transparency_data:
            picture = picture.convert("RGBA")
            picture.thumbnail((200, 200))
            white = Image.new("RGB", picture.size, "white")
            white.paste(picture, mask=picture.getchannel("A"))
            picture = white
        elif picture.mode not in ("RGB", "L"):
            picture = picture.convert("RGB")
        picture.thumbnail((200, 200))
        ImageOps.exif_transpose(picture).convert("RGB").save(small, "JPEG", quality=85)
