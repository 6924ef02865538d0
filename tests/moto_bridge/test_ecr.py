"""ECR: what is pushed is kept, its digest is that of its manifest, and tags move."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambda_sandbox.moto_bridge import Bridge

from .conftest import Time

MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def digest(blob: bytes) -> str:
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"


def upload(ecr: Any, blob: bytes, part: int = 4) -> None:
    made = ecr.initiate_layer_upload(repositoryName="till")["uploadId"]
    for first in range(0, len(blob), part):
        piece = blob[first : first + part]
        where = {"partFirstByte": first, "partLastByte": first + len(piece) - 1}
        ecr.upload_layer_part(repositoryName="till", uploadId=made, layerPartBlob=piece, **where)
    ecr.complete_layer_upload(repositoryName="till", uploadId=made, layerDigests=[digest(blob)])


def manifest(*blobs: bytes) -> str:
    config, *layers = ({"digest": digest(blob), "size": len(blob)} for blob in blobs)
    return json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers})


def push(ecr: Any, *blobs: bytes, tag: str = "1") -> str:
    for blob in blobs:
        upload(ecr, blob)
    made = ecr.put_image(repositoryName="till", imageManifest=manifest(*blobs), imageTag=tag)
    return str(made["image"]["imageId"]["imageDigest"])


def test_an_image_is_kept_whole_under_the_digest_of_its_manifest_and_a_tag_moves(
    bridge: Bridge, client: Callable[..., Any], time: Time
) -> None:
    assert bridge.image("us-east-1", "till", "1") is None
    ecr = client("ecr")
    ecr.create_repository(repositoryName="till")
    first = push(ecr, b"{}", b"first layer")
    assert first == digest(manifest(b"{}", b"first layer").encode())
    image = bridge.image("us-east-1", "till", "1")
    assert image and image.digest == first
    assert image.blobs == {digest(blob): blob for blob in (b"{}", b"first layer")}
    second = push(ecr, b"{}", b"second")
    moved, by_digest = (bridge.image("us-east-1", "till", one) for one in ("1", first))
    assert moved and by_digest and (moved.digest, by_digest.digest) == (second, first)
    shown = ecr.describe_images(repositoryName="till")["imageDetails"]
    assert [(one["imageDigest"], one.get("imageTags"), one["imageSizeInBytes"]) for one in shown] == [
        (first, None, 11),
        (second, ["1"], 6),
    ]
    assert {one["imagePushedAt"].timestamp() for one in shown} == {time.now}
    assert bridge.image("us-east-1", "till", "2") is None and bridge.image("eu-west-1", "till", "1") is None
    push(ecr, b"{}", b"first layer", tag="2")
    assert [one.get("imageTag") for one in ecr.list_images(repositoryName="till")["imageIds"]] == ["2", "1"]


def test_an_image_needs_its_layers_its_repository_and_a_tag_that_may_move(client: Callable[..., Any]) -> None:
    ecr = client("ecr")

    def refused(*blobs: bytes) -> tuple[str, str]:
        with pytest.raises(ClientError) as raised:
            ecr.put_image(repositoryName="till", imageManifest=manifest(*blobs), imageTag="1")
        return raised.value.response["Error"]["Code"], raised.value.response["Error"]["Message"]

    assert refused(b"{}")[0] == "RepositoryNotFoundException"
    ecr.create_repository(repositoryName="till", imageTagMutability="IMMUTABLE")
    assert refused(b"{}", b"x") == (
        "LayersNotFoundException",
        f"Layers with digests '[{digest(b'{}')}, {digest(b'x')}]' required for pushing image into repository with "
        "name 'till' in the registry with id '123456789012' do not exist",
    )
    push(ecr, b"{}", b"x")
    upload(ecr, b"y")
    assert refused(b"{}", b"y")[0] == "ImageAlreadyExistsException"
    assert ecr.describe_images(repositoryName="till")["imageDetails"][0]["imageTags"] == ["1"]
