"""The checks of 18/upload: photos, and what is none, sent through an HTTP API."""

from urllib.parse import quote

import pytest

from lambda_sandbox.workbook.checks import expect, require, task

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def send(function, s3):
    """send(body, name, kind) posts a photo; returns the reply. The bucket is there and empty."""
    s3.create_bucket(Bucket="photos")

    def send(body, name="cat.png", kind="image/png"):
        path = "/photos" if name is None else f"/photos?name={quote(name)}"
        return function.ask("POST", path, body, content_type=kind, says="upload.fails")

    return send


def kept(s3):
    return [entry["Key"] for entry in s3.list_objects_v2(Bucket="photos").get("Contents", [])]


def id_of(reply):
    expect(reply.status, 202, says="upload.not-202")
    id = reply.json.get("id") if isinstance(reply.json, dict) else None
    require(isinstance(id, str) and id and "/" not in id, says="upload.no-id", expected='{"id": "…"}', got=reply.text)
    return id


def refused(reply, status, s3, says):
    expect(reply.status, status, says=says)
    expect(kept(s3), [], says="upload.kept-all-the-same")


@task(1)
def test_keeps_a_photo_as_it_is(send, s3, rng):
    photo, name = PNG + rng.randbytes(90), f"{rng.choice(['my cat', 'a + b', 'größer'])} {rng.randrange(100)}.png"
    key = f"uploads/{id_of(send(photo, name))}/{name}"
    require(key in kept(s3), says="upload.not-kept", expected=key, got=kept(s3))
    require(s3.get_object(Bucket="photos", Key=key)["Body"].read() == photo, says="upload.base64",
            expected=f"{len(photo)} bytes, as they were sent", got="other bytes")  # fmt: skip


@task(1)
def test_keeps_a_photo_that_is_sent_again_only_once(function, send, s3, rng):
    photo = PNG + rng.randbytes(90)
    first = id_of(send(photo))
    function.restart()
    again = id_of(send(photo))
    function.called = "POST /photos?name=cat.png, twice with the same photo"
    expect([again, len(kept(s3))], [first, 1], says="upload.twice")


@task(1)
def test_tells_photos_of_the_same_name_apart(function, send, rng):
    one, other = id_of(send(PNG + rng.randbytes(90))), id_of(send(PNG + rng.randbytes(90)))
    function.called = "POST /photos?name=cat.png, with two photos"
    require(one != other, says="upload.one-for-all", expected="two ids", got=[one, other])


@task(2)
def test_refuses_what_is_no_png_whatever_it_claims(send, s3, rng):
    gif = b"GIF89a\xff" + rng.randbytes(30)
    refused(send(gif, kind="image/gif"), 415, s3, "upload.takes-anything")
    refused(send(gif), 415, s3, "upload.believes-the-header")


@task(2)
def test_refuses_a_photo_without_a_name(send, s3, rng):
    for name in (None, ""):
        refused(send(PNG + rng.randbytes(30), name), 400, s3, "upload.no-name")


@task(2, hidden=True)
def test_refuses_a_text_and_nothing_at_all(send, s3):
    refused(send("a photo of my cat", kind="text/plain"), 415, s3, "upload.takes-anything")
    refused(send(b""), 415, s3, "upload.takes-anything")


@task(2, hidden=True)
def test_refuses_a_name_with_a_slash(send, s3, rng):
    refused(send(PNG + rng.randbytes(30), "../cats/cat.png"), 400, s3, "upload.climbs")
