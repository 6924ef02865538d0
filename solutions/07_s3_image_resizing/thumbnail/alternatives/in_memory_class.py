"""A class, streams in memory, the S3 resource, and the size worked out by hand."""

import io
import urllib.parse
import warnings

import boto3
from PIL import Image

LIMIT = 20_000_000
SIDE = 200
ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

warnings.simplefilter("ignore", Image.DecompressionBombWarning)
s3 = boto3.resource("s3")


class Upload:
    def __init__(self, record):
        self.bucket = s3.Bucket(record["s3"]["bucket"]["name"])
        self.key = urllib.parse.unquote_plus(record["s3"]["object"]["key"], encoding="utf-8")

    def thumbnail_key(self):
        return self.key.replace("uploads/", "thumbnails/", 1) + ".jpg"

    def make_thumbnail(self):
        source, target = io.BytesIO(), io.BytesIO()
        self.bucket.download_fileobj(self.key, source)
        image = Image.open(source)
        if image.width * image.height > LIMIT:
            raise OverflowError(f"{image.size} is too large")
        turn = TURNS.get(image.getexif().get(ORIENTATION))
        factor = min(1, SIDE / max(image.size))
        size = tuple(max(1, round(length * factor)) for length in image.size)
        image = image.convert("RGBA").resize(size, Image.Resampling.LANCZOS)
        if turn is not None:
            image = image.transpose(turn)
        canvas = Image.new("RGBA", image.size, (255, 255, 255, 255))
        Image.alpha_composite(canvas, image).convert("RGB").save(target, format="JPEG")
        self.bucket.put_object(Key=self.thumbnail_key(), Body=target.getvalue(), ContentType="image/jpeg")


def lambda_handler(event, context):
    made = 0
    for upload in map(Upload, event["Records"]):
        try:
            upload.make_thumbnail()
            made += 1
        except Exception as error:  # noqa: BLE001 - a picture of any kind of badness is passed over
            print(f"skipped {upload.key}: {type(error).__name__}: {error}")
    return {"thumbnails": made}
