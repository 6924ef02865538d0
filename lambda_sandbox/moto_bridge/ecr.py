"""ECR, completed: moto counts the layers of images and throws them away, and makes digests of its own."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from lambda_sandbox.wire import AwsError, StoredImage

_installed: list[bool] = []


def install() -> None:
    """Puts the seams in, once, before the first request: moto's part takes a while to import."""
    if _installed:
        return
    from moto.core.utils import unix_time
    from moto.ecr.models import ECRBackend, Image

    backend: Any = ECRBackend
    image: Any = Image
    complete, put = backend.complete_layer_upload, backend.put_image

    def complete_layer_upload(self: Any, repository_name: str, upload_id: str, *given: Any, **named: Any) -> Any:
        repository = self._get_repository(repository_name)
        upload = repository.uploads.get(upload_id)
        answer = complete(self, repository_name, upload_id, *given, **named)
        _blobs(repository)[answer["layerDigest"]] = bytes(upload.layer_parts)
        return answer

    def put_image(self: Any, repository_name: str, image_manifest: str, image_tag: str | None, *given: Any) -> Any:
        repository = self._get_repository(repository_name)
        if lacking := [digest for digest in _named(image_manifest) if digest not in _blobs(repository)]:
            raise AwsError(
                "LayersNotFoundException",
                400,
                f"Layers with digests '[{', '.join(lacking)}]' required for pushing image into repository with name "
                f"'{repository_name}' in the registry with id '{repository.registry_id}' do not exist",
            )
        self._resolve_image_tag_mutability(repository, image_tag)
        for other in repository.images:  # a tag moves; moto would delete an image that is left without one
            if image_tag in other.image_tags and other.image_manifest != image_manifest:
                other.remove_tag(image_tag)
                other.image_tag = other.image_tags[-1] if other.image_tags else None
        made = put(self, repository_name, image_manifest, image_tag, *given)
        made._image_digest = f"sha256:{hashlib.sha256(image_manifest.encode()).hexdigest()}"
        made.image_pushed_at = int(unix_time())
        return made

    def get_image_size_in_bytes(self: Any) -> int | None:
        manifest = json.loads(self.image_manifest)
        return sum(layer["size"] for layer in manifest["layers"]) if "layers" in manifest else None

    backend.complete_layer_upload, backend.put_image = complete_layer_upload, put_image
    image.get_image_size_in_bytes = get_image_size_in_bytes
    _installed.append(True)


def image(account: str, region: str, repository: str, reference: str) -> StoredImage | None:
    """The image that a tag or a digest stands for now; None if there is none."""
    if not _installed:
        return None
    from moto.ecr.models import ecr_backends

    found: Any = ecr_backends[account][region].repositories.get(repository)
    for one in found.images if found else ():
        if reference in (*one.image_tags, one.get_image_digest()):
            return StoredImage(one.get_image_digest(), json.loads(one.image_manifest), dict(_blobs(found)))
    return None


def _blobs(repository: Any) -> dict[str, bytes]:
    blobs: dict[str, bytes] = repository.__dict__.setdefault("sandbox_blobs", {})
    return blobs


def _named(manifest: str) -> list[str]:
    """The digests of an image's configuration and layers; none of what moto will not read either."""
    try:
        parts = json.loads(manifest)
    except ValueError:
        return []
    config = parts.get("config")
    return [part["digest"] for part in ([config] if config else []) + parts.get("layers", [])]
