"""The checks of 07/thumbnail: pictures drawn here, put into a bucket, and what is there when all is done."""

import io
import struct
import zlib

from PIL import Image, ImageOps

from lambda_sandbox.workbook.checks import expect, require, task

MISSING = {
    "NoSuchBucket": "thumbnail.wrong-bucket",
    "NoSuchKey": "thumbnail.key-not-decoded",
    "ClientError": "thumbnail.key-not-decoded",  # what download_file says of a key that is not there
}
RED, BLUE, GREEN = (200, 30, 40), (30, 60, 190), (40, 150, 60)


def picture(width, height, *, mode="RGB", format="PNG", exif=None):
    """A picture that is red above and blue below, encoded."""
    image = Image.new("RGB", (width, height), BLUE)
    image.paste(RED, (0, 0, width, height // 2))
    return encoded(image.convert(mode), format, exif)


def encoded(image, format, exif=None):
    out = io.BytesIO()
    image.save(out, format, **({"exif": exif} if exif else {}))
    return out.getvalue()


def sheet(side):
    """A white PNG of so many pixels a side, a few kilobytes in all."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    row = b"\0" + b"\xff" * (side // 8)
    packer = zlib.compressobj(1)
    pixels = b"".join([*(packer.compress(row * 100) for _ in range(side // 100)), packer.flush()])
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def upload(function, s3, bucket, key, body):
    """Puts an object where the function is told of it, and waits."""
    function.triggered_by(bucket, prefix="uploads/")
    s3.put_object(Bucket=bucket, Key=key, Body=body)
    function.called = f"an upload of {key}"


def made_of(function, s3, body, *, key="uploads/cat.png", says=MISSING):
    """The thumbnail of an upload, decoded, as somebody sees it who turns it as its note says."""
    upload(function, s3, "album", key, body)
    function.settle(says=says)
    _, image = thumbnail_in(s3, "album", key)
    return ImageOps.exif_transpose(image)


def thumbnail_in(s3, bucket, key):
    """The thumbnail's object and its picture; the check ends here if there is none."""
    wanted = f"thumbnails/{key.removeprefix('uploads/')}.jpg"
    keys = keys_in(s3, bucket)
    require(wanted in keys, says="thumbnail.not-written", expected=f"an object {wanted}", got=keys)
    there = s3.get_object(Bucket=bucket, Key=wanted)
    body = there["Body"].read()
    try:
        image = Image.open(io.BytesIO(body))
        image.load()
    except OSError:
        image = None
    format = image.format if image else f"{len(body)} bytes that are no picture"
    require(format == "JPEG", says="thumbnail.not-a-jpeg", expected="a JPEG", got=format)
    return there, image


def keys_in(s3, bucket):
    return [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def event_of(sample, bucket, *keys):
    """A sample event that tells of several objects."""
    event = sample("put.json")
    (record,) = event["Records"]
    things = [{**record["s3"], "bucket": {"name": bucket}, "object": {"key": key}} for key in keys]
    return {"Records": [{**record, "s3": thing} for thing in things]}


def shown(size):
    return f"{size[0]} × {size[1]}"


def near(one, other):
    return all(abs(a - b) <= 40 for a, b in zip(one, other, strict=True))


# -- task 1


@task(1)
def test_saves_a_small_jpeg_for_an_upload(function, s3, rng):
    bucket, key = f"album-{rng.randrange(100)}", f"uploads/picture-{rng.randrange(100)}.png"
    upload(function, s3, bucket, key, picture(640, 480))
    function.settle(says=MISSING)
    _, image = thumbnail_in(s3, bucket, key)
    small = max(image.size) <= 200
    require(small, says="thumbnail.too-large", expected="at most 200 pixels a side", got=shown(image.size))


@task(1)
def test_finds_an_upload_whose_name_has_spaces_and_accents(function, s3, rng):
    key = f"uploads/{rng.choice(['Été à la mer', 'São João', 'köttbullar & mos'])} {rng.randrange(10)}+1.png"
    upload(function, s3, "album", key, picture(320, 240))
    function.settle(says=MISSING)
    thumbnail_in(s3, "album", key)


@task(1)
def test_tells_s3_that_it_is_a_jpeg(function, s3):
    upload(function, s3, "album", "uploads/cat.png", picture(320, 240))
    function.settle(says=MISSING)
    there, _ = thumbnail_in(s3, "album", "uploads/cat.png")
    expect(there["ContentType"], "image/jpeg", says="thumbnail.no-content-type")


@task(1, hidden=True)
def test_reads_every_record_of_an_event(function, s3, sample):
    s3.create_bucket(Bucket="album")
    for name in ("one", "two"):
        s3.put_object(Bucket="album", Key=f"uploads/{name}.png", Body=picture(300, 300))
    function.invoke(event_of(sample, "album", "uploads/one.png", "uploads/two.png"))
    made = [key for key in keys_in(s3, "album") if key.startswith("thumbnails/")]
    expect(made, ["thumbnails/one.png.jpg", "thumbnails/two.png.jpg"], says="thumbnail.first-record-only")


# -- task 2


@task(2)
def test_keeps_the_proportions_of_a_wide_picture(function, s3, rng):
    height = rng.choice([200, 300, 400])
    image = made_of(function, s3, picture(800, height))
    expect(shown(image.size), shown((200, height // 4)), says="thumbnail.squashed")


@task(2)
def test_leaves_a_small_picture_as_small_as_it_is(function, s3, rng):
    size = rng.randrange(50, 150), rng.randrange(50, 150)
    image = made_of(function, s3, picture(*size))
    expect(shown(image.size), shown(size), says="thumbnail.enlarged")


@task(2, hidden=True)
def test_keeps_the_proportions_of_a_tall_picture(function, s3):
    image = made_of(function, s3, picture(300, 900))
    expect(shown(image.size), shown((67, 200)), says="thumbnail.squashed")


# -- task 3


@task(3)
def test_turns_a_picture_that_was_stored_on_its_side(function, s3):
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = Image.open(io.BytesIO(picture(300, 400))).transpose(Image.Transpose.ROTATE_90)
    image = made_of(function, s3, encoded(stored, "JPEG", exif), key="uploads/phone.jpg")
    expect(shown(image.size), "150 × 200", says="thumbnail.on-its-side")
    require(
        near(image.convert("RGB").getpixel((75, 30)), RED),
        says="thumbnail.on-its-side",
        expected="red above, blue below",
        got="something else above",
    )


@task(3)
def test_makes_what_was_transparent_white(function, s3):
    image = Image.new("RGBA", (400, 400), (0, 0, 0, 0))
    image.paste((*GREEN, 255), (100, 100, 300, 300))
    small = made_of(function, s3, encoded(image, "PNG"), says={"OSError": "thumbnail.mode"}).convert("RGB")
    corner, middle = small.getpixel((10, 10)), small.getpixel((100, 100))
    require(near(corner, (255, 255, 255)), says="thumbnail.not-white", expected="white in the corner", got=corner)
    require(near(middle, GREEN), says="thumbnail.wrong-colours", expected=f"{GREEN} in the middle", got=middle)


@task(3, hidden=True)
def test_takes_a_gif_with_its_table_of_colours(function, s3):
    body = picture(300, 300, mode="P", format="GIF")
    small = made_of(function, s3, body, key="uploads/flag.gif", says={"OSError": "thumbnail.mode"}).convert("RGB")
    above, below = small.getpixel((100, 20)), small.getpixel((100, 180))
    good = near(above, RED) and near(below, BLUE)
    require(good, says="thumbnail.wrong-colours", expected="red above, blue below", got=f"{above} above, {below} below")


@task(3, hidden=True)
def test_turns_a_picture_that_was_stored_upside_down(function, s3):
    exif = Image.Exif()
    exif[0x0112] = 3
    stored = Image.open(io.BytesIO(picture(400, 300))).transpose(Image.Transpose.ROTATE_180)
    image = made_of(function, s3, encoded(stored, "JPEG", exif), key="uploads/phone.jpg").convert("RGB")
    above = image.getpixel((100, 20))
    require(near(above, RED), says="thumbnail.on-its-side", expected=f"{RED} above", got=above)


# -- task 4


@task(4)
def test_leaves_a_text_file_alone(function, s3):
    upload(function, s3, "album", "uploads/shopping.txt", b"milk, bread, 12 eggs")
    function.settle(says="thumbnail.fails-on-no-picture")
    expect(keys_in(s3, "album"), ["uploads/shopping.txt"], says="thumbnail.made-of-nothing")


@task(4)
def test_does_not_decode_a_picture_of_144_million_pixels(function, s3):
    upload(function, s3, "album", "uploads/sheet.png", sheet(12_000))
    function.settle(says="thumbnail.decodes-everything")
    expect(keys_in(s3, "album"), ["uploads/sheet.png"], says="thumbnail.decodes-everything")


@task(4, hidden=True)
def test_goes_on_after_half_a_picture(function, s3, sample):
    s3.create_bucket(Bucket="album")
    whole = picture(300, 300, format="JPEG")
    s3.put_object(Bucket="album", Key="uploads/half.jpg", Body=whole[: len(whole) // 2])
    s3.put_object(Bucket="album", Key="uploads/whole.jpg", Body=whole)
    event = event_of(sample, "album", "uploads/half.jpg", "uploads/whole.jpg")
    function.invoke(event, says="thumbnail.fails-on-no-picture")
    made = [key for key in keys_in(s3, "album") if key.startswith("thumbnails/")]
    expect(
        made,
        ["thumbnails/whole.jpg.jpg"],
        says="thumbnail.made-of-nothing",
        recognise={"thumbnail.gives-up": []},
    )


@task(4, hidden=True)
def test_leaves_alone_what_pillow_itself_refuses_to_open(function, s3):
    upload(function, s3, "album", "uploads/sheet.png", sheet(16_000))
    function.settle(says="thumbnail.too-large-for-pillow")
    expect(keys_in(s3, "album"), ["uploads/sheet.png"], says="thumbnail.decodes-everything")


@task(4, hidden=True)
def test_takes_an_ordinary_photo_of_12_million_pixels(function, s3):
    image = made_of(function, s3, picture(4000, 3000, format="JPEG"), key="uploads/photo.jpg", says=None)
    expect(shown(image.size), "200 × 150", says="thumbnail.squashed")
