"""What S3 tells of each change: once, with all that an event needs, in order."""

from __future__ import annotations

import io
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

from lambda_sandbox.clock import VIRTUAL_EPOCH
from lambda_sandbox.moto_bridge import Bridge, S3Change

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:thumbnail"
EVERYTHING = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*", "s3:ObjectAcl:Put"]
Told = list[S3Change]


@pytest.fixture
def told(bridge: Bridge) -> Told:
    told: Told = []
    bridge.on_object_event = told.append
    return told


@pytest.fixture
def s3(client: Callable[..., Any], told: Told) -> Any:
    """A bucket that tells a function of everything."""
    s3 = client("s3")
    s3.create_bucket(Bucket="pictures")
    configure(s3, LambdaFunctionConfigurations=[{"Id": "all", "LambdaFunctionArn": FUNCTION, "Events": EVERYTHING}])
    return s3


def configure(s3: Any, **configuration: Any) -> None:
    s3.put_bucket_notification_configuration(Bucket="pictures", NotificationConfiguration=configuration)


def names(told: Told) -> list[tuple[str, str]]:
    return [(change.event_name, change.key) for change in told]


def test_storing_a_configuration_invokes_nothing(s3: Any, told: Told) -> None:
    assert told == []


def test_a_put_says_everything(s3: Any, told: Told) -> None:
    answer = s3.put_object(Bucket="pictures", Key="in/a b.jpg", Body=b"123456789", Tagging="a=b", ACL="public-read")
    (change,) = told
    assert (change.event_name, change.bucket, change.key) == ("ObjectCreated:Put", "pictures", "in/a b.jpg")
    assert (change.region, change.account, change.at) == ("us-east-1", "123456789012", VIRTUAL_EPOCH)
    assert (change.size, f'"{change.etag}"', change.version_id) == (9, answer["ETag"], None)
    assert change.request_id == answer["ResponseMetadata"]["RequestId"]
    assert change.host_id == answer["ResponseMetadata"]["HostId"]
    assert (change.principal_id, change.source_ip) == ("AWS:AIDAIOSFODNN7EXAMPLE", "127.0.0.1")
    assert [(one.id, one.arn) for one in change.configurations] == [("all", FUNCTION)]


def test_the_sequencer_of_a_later_change_is_the_larger_string(s3: Any, told: Told) -> None:
    for body in (b"1", b"2", b"3"):
        s3.put_object(Bucket="pictures", Key="k", Body=body)
    sequencers = [change.sequencer or "" for change in told]
    assert sequencers == sorted(set(sequencers))
    assert all(len(one) == 18 and int(one, 16) for one in sequencers)


def test_a_function_that_writes_is_the_principal(
    bridge: Bridge, client: Callable[..., Any], s3: Any, told: Told
) -> None:
    keys = bridge.session("arn:aws:iam::123456789012:role/lambda-role", "thumbnail")
    function = client(
        "s3",
        aws_access_key_id=keys.access_key,
        aws_secret_access_key=keys.secret_key,
        aws_session_token=keys.token,
    )
    function.put_object(Bucket="pictures", Key="k")
    assert told[0].principal_id.startswith("AWS:AROA")
    assert told[0].principal_id.endswith(":thumbnail")


def test_a_copy_is_told_once(s3: Any, told: Told) -> None:
    s3.put_object(Bucket="pictures", Key="a", Tagging="a=b")
    s3.copy_object(Bucket="pictures", Key="b", CopySource="pictures/a")
    assert names(told) == [("ObjectCreated:Put", "a"), ("ObjectCreated:Copy", "b")]


def test_a_multipart_upload_is_told_once_when_it_is_complete(s3: Any, told: Told) -> None:
    upload = s3.create_multipart_upload(Bucket="pictures", Key="big", Tagging="a=b")["UploadId"]
    part = s3.upload_part(Bucket="pictures", Key="big", UploadId=upload, PartNumber=1, Body=b"x" * 6144)
    assert told == []
    parts = {"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]}
    s3.complete_multipart_upload(Bucket="pictures", Key="big", UploadId=upload, MultipartUpload=parts)
    assert names(told) == [("ObjectCreated:CompleteMultipartUpload", "big")]
    assert (told[0].size, (told[0].etag or "")[-2:]) == (6144, "-1")


def test_a_large_upload_of_boto3_is_told_once(s3: Any, told: Told) -> None:
    s3.upload_fileobj(io.BytesIO(bytes(9 * 1024 * 1024)), "pictures", "big")
    assert names(told) == [("ObjectCreated:CompleteMultipartUpload", "big")]


def test_a_form_post_is_told_as_a_post(s3: Any, told: Told) -> None:
    form = s3.generate_presigned_post("pictures", "posted")
    boundary = "x"
    fields = {**form["fields"], "file": "cat"}
    body = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in fields.items()
    )
    request = urllib.request.Request(form["url"], (body + "--x--\r\n").encode(), method="POST")
    request.add_header("Content-Type", f"multipart/form-data; boundary={boundary}")
    urllib.request.urlopen(request, timeout=10).close()
    assert names(told) == [("ObjectCreated:Post", "posted")]


def test_a_delete_is_told_once_and_one_of_nothing_never(s3: Any, told: Told) -> None:
    s3.put_object(Bucket="pictures", Key="a")
    s3.delete_object(Bucket="pictures", Key="a")
    s3.delete_object(Bucket="pictures", Key="a")
    assert names(told)[1:] == [("ObjectRemoved:Delete", "a")]
    assert (told[1].size, told[1].etag, told[1].version_id) == (None, None, None)


def test_delete_objects_tells_of_each_key(s3: Any, told: Told) -> None:
    for key in ("a", "b"):
        s3.put_object(Bucket="pictures", Key=key)
    s3.delete_objects(Bucket="pictures", Delete={"Objects": [{"Key": "a"}, {"Key": "b"}, {"Key": "none"}]})
    assert names(told)[2:] == [("ObjectRemoved:Delete", "a"), ("ObjectRemoved:Delete", "b")]


def test_in_a_versioned_bucket_a_delete_is_a_marker_and_versions_are_named(s3: Any, told: Told) -> None:
    s3.put_bucket_versioning(Bucket="pictures", VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket="pictures", Key="a")["VersionId"]
    second = s3.put_object(Bucket="pictures", Key="a")["VersionId"]
    marker = s3.delete_object(Bucket="pictures", Key="a")["VersionId"]
    s3.delete_object(Bucket="pictures", Key="a", VersionId=first)
    s3.delete_object(Bucket="pictures", Key="a", VersionId=marker)
    s3.delete_objects(Bucket="pictures", Delete={"Objects": [{"Key": "a", "VersionId": second}]})
    assert [(change.event_name, change.version_id) for change in told] == [
        ("ObjectCreated:Put", first),
        ("ObjectCreated:Put", second),
        ("ObjectRemoved:DeleteMarkerCreated", marker),
        ("ObjectRemoved:Delete", first),
        ("ObjectRemoved:Delete", marker),
        ("ObjectRemoved:Delete", second),
    ]


def test_delete_objects_of_a_versioned_bucket_makes_markers(s3: Any, told: Told) -> None:
    s3.put_bucket_versioning(Bucket="pictures", VersioningConfiguration={"Status": "Enabled"})
    for key in ("a", "b"):
        s3.put_object(Bucket="pictures", Key=key)
    s3.delete_objects(Bucket="pictures", Delete={"Objects": [{"Key": "a"}, {"Key": "b"}]})
    assert names(told)[2:] == [("ObjectRemoved:DeleteMarkerCreated", "a"), ("ObjectRemoved:DeleteMarkerCreated", "b")]


def test_tags_and_acls_that_change_later_are_told(s3: Any, told: Told) -> None:
    s3.put_object(Bucket="pictures", Key="a")
    s3.put_object_tagging(Bucket="pictures", Key="a", Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
    s3.delete_object_tagging(Bucket="pictures", Key="a")
    s3.put_object_acl(Bucket="pictures", Key="a", ACL="public-read")
    assert names(told)[1:] == [("ObjectTagging:Put", "a"), ("ObjectTagging:Delete", "a"), ("ObjectAcl:Put", "a")]
    assert {(change.size, change.sequencer) for change in told[1:]} == {(None, None)}


def test_a_put_that_failed_is_not_told(s3: Any, told: Told) -> None:
    s3.put_object(Bucket="pictures", Key="a")
    with pytest.raises(s3.exceptions.ClientError):
        s3.put_object(Bucket="pictures", Key="a", IfNoneMatch="*")
    assert len(told) == 1


def test_a_bucket_without_a_configuration_tells_nothing(s3: Any, told: Told) -> None:
    configure(s3)
    s3.put_object(Bucket="pictures", Key="a")
    assert told == []


def test_a_queue_is_tested_and_is_told_of_a_multipart_upload_once(
    client: Callable[..., Any], s3: Any, told: Told
) -> None:
    arn = "arn:aws:sqs:us-east-1:123456789012:q"
    queue = client("sqs").create_queue(QueueName="q")["QueueUrl"]
    configure(s3, QueueConfigurations=[{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}])
    upload = s3.create_multipart_upload(Bucket="pictures", Key="big")["UploadId"]
    part = s3.upload_part(Bucket="pictures", Key="big", UploadId=upload, PartNumber=1, Body=b"x")
    parts = {"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]}
    s3.complete_multipart_upload(Bucket="pictures", Key="big", UploadId=upload, MultipartUpload=parts)
    test, change = told
    assert (test.bucket, test.arn) == ("pictures", arn)
    assert change.event_name == "ObjectCreated:CompleteMultipartUpload"
    assert [one.arn for one in change.configurations] == [arn]
    assert "Messages" not in client("sqs").receive_message(QueueUrl=queue)  # moto itself sends nothing
