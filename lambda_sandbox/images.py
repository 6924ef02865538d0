"""Container images without Docker: from a Dockerfile to an image in ECR.

    push(sandbox, {"Dockerfile": text, "app.py": source}, "till:1")
    # "123456789012.dkr.ecr.us-east-1.amazonaws.com/till:1"

What is made is an OCI image, the same bytes for the same files; of its base image only the name is in it. A Dockerfile
may do what needs no Linux to run: FROM one of AWS's base images, COPY, ENV, WORKDIR, LABEL, ENTRYPOINT and CMD.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import posixpath
import re
import shlex
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from lambda_sandbox.environments.image import BASE, ENTRY_POINT, OPT, TASK, stand_in
from lambda_sandbox.packaging import EXECUTABLE, CannotPackage, chosen

if TYPE_CHECKING:
    from lambda_sandbox.sandbox import Sandbox

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_PART_BYTES = 10 * 1024 * 1024  # the most that ECR takes at once
_BASE_VARIABLES = {  # of AWS's base images
    "LANG": "en_US.UTF-8",
    "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
    "LAMBDA_TASK_ROOT": TASK,
    "LAMBDA_RUNTIME_DIR": "/var/runtime",
}
_INSTEAD = {
    "RUN": "The sandbox has no Docker to run it in. Run it yourself before: libraries come into the folder with "
    "pip install --target, and into the image with COPY.",
    "ADD": "COPY does it, for what is in the folder.",
    "ARG": "Write the value itself, or ENV.",
}
_READS = "The sandbox reads FROM, COPY, ENV, WORKDIR, LABEL, ENTRYPOINT and CMD of a Dockerfile."
_JSON_ONLY = "The form with a shell is no handler that Lambda's base images can run: write a JSON list."


def push(sandbox: Sandbox, source: str | Path | Mapping[str, str | bytes], name: str) -> str:
    """Builds an image of a folder, or of files by name, and pushes it as `repository:tag`; returns its URI.

    The repository is made at its first image. Raises CannotPackage.
    """
    repository, _, tag = re.sub(r"^\d{12}\.dkr\.[^/]*/", "", name).partition(":")  # a URI names it too
    manifest, blobs = build(_files(source))
    ecr = sandbox.client("ecr")
    try:
        found = ecr.describe_repositories(repositoryNames=[repository])["repositories"][0]
    except ecr.exceptions.RepositoryNotFoundException:
        found = ecr.create_repository(repositoryName=repository)["repository"]
    for blob in blobs:
        upload = ecr.initiate_layer_upload(repositoryName=repository)["uploadId"]
        for first in range(0, len(blob), _PART_BYTES):
            part = blob[first : first + _PART_BYTES]
            where = {"partFirstByte": first, "partLastByte": first + len(part) - 1}
            ecr.upload_layer_part(repositoryName=repository, uploadId=upload, layerPartBlob=part, **where)
        ecr.complete_layer_upload(repositoryName=repository, uploadId=upload, layerDigests=[_digest(blob)])
    tag = tag or "latest"
    about = {"imageManifest": manifest.decode(), "imageManifestMediaType": MANIFEST, "imageTag": tag}
    try:
        ecr.put_image(repositoryName=repository, **about)
    except ecr.exceptions.ImageAlreadyExistsException:
        current = ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": tag}])["imageDetails"][0]
        if current["imageDigest"] != _digest(manifest):
            raise  # the tag may not move
    return f"{found['repositoryUri']}:{tag}"


def build(files: Mapping[str, bytes]) -> tuple[bytes, list[bytes]]:
    """An image's manifest, and its blobs: the configuration, then its layers. Raises CannotPackage."""
    if "Dockerfile" not in files:
        raise CannotPackage("There is no Dockerfile among the files: it says what the image is made of.")
    image = _Image(files)
    for keyword, rest in _instructions(files["Dockerfile"].decode()):
        image.follow(keyword, rest)
    return image.made()


def _files(source: str | Path | Mapping[str, str | bytes]) -> dict[str, bytes]:
    if isinstance(source, Mapping):
        return {name: text if isinstance(text, bytes) else text.encode() for name, text in source.items()}
    if not Path(source).is_dir():
        raise CannotPackage(f"There is no folder {str(source)!r}; give one with a Dockerfile, or the files by name.")
    return {name: file.read_bytes() for name, file in chosen(Path(source)).items()}


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    """(keyword, rest) of each instruction: comments are left out, continued lines are one."""
    lines = (line.strip() for line in text.splitlines())
    joined = "\n".join(line for line in lines if line and not line.startswith("#")).replace("\\\n", " ")
    for line in joined.splitlines():
        keyword, _, rest = line.partition(" ")
        yield keyword.upper(), rest.strip()


class _Image:
    """What the instructions so far have made."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self._base = ""
        self._variables = dict(_BASE_VARIABLES)
        self._labels: dict[str, str] = {}
        self._folder = TASK
        self._entry_point, self._command = [ENTRY_POINT], list[str]()
        self._layers: list[dict[str, bytes]] = []

    def follow(self, keyword: str, rest: str) -> None:
        """Does what one instruction says. Raises CannotPackage."""
        if not self._base and keyword != "FROM":
            raise CannotPackage(f"A Dockerfile begins with FROM, not with {keyword}.")
        match keyword:
            case "FROM":
                self._from(rest)
            case "COPY":
                self._copy(rest)
            case "WORKDIR":
                self._folder = self._place(self._filled(rest))
            case "ENV":
                self._variables |= self._pairs(keyword, rest)
            case "LABEL":
                self._labels |= self._pairs(keyword, rest)
            case "CMD":
                self._command = _listed(keyword, rest)
            case "ENTRYPOINT":
                self._entry_point = _listed(keyword, rest)
            case _:
                raise CannotPackage(f"{keyword} {rest}: {_INSTEAD.get(keyword, _READS)}")

    def made(self) -> tuple[bytes, list[bytes]]:
        layers = [_tar(layer) for layer in self._layers]
        packed = [_gzip(layer) for layer in layers]
        settings = {
            "Env": [f"{name}={value}" for name, value in self._variables.items()],
            "Entrypoint": self._entry_point,
            "Cmd": self._command,
            "WorkingDir": self._folder,
            "Labels": self._labels,
        }
        config = _json(
            {
                "architecture": "arm64" if self._base.endswith("-arm64") else "amd64",
                "os": "linux",
                "config": settings,
                "rootfs": {"type": "layers", "diff_ids": [_digest(layer) for layer in layers]},
            }
        )
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": _named("application/vnd.oci.image.config.v1+json", config),
            "layers": [_named("application/vnd.oci.image.layer.v1.tar+gzip", layer) for layer in packed],
            "annotations": {BASE: self._base},
        }
        return _json(manifest), [config, *packed]

    def _from(self, rest: str) -> None:
        if self._base or " " in rest:
            raise CannotPackage("The sandbox builds images of one stage: one FROM, which names the base image alone.")
        if stand_in(rest) is None:
            raise CannotPackage(
                f"FROM {rest}: the sandbox has no such image, only stand-ins for AWS's base images: "
                "public.ecr.aws/lambda/ and python, nodejs, java, ruby or provided, with a version that Lambda runs."
            )
        self._base = rest

    def _copy(self, rest: str) -> None:
        words = _listed("COPY", rest) if rest.startswith("[") else _words("COPY", rest)
        *sources, target = [self._filled(word) for word in words] or [""]
        if not sources or any(word.startswith(("--", "<<")) for word in words):
            raise CannotPackage(f"COPY {rest}: the sandbox copies files of the folder, without options.")
        if len(sources) > 1 and not target.endswith(("/", ".")):
            text = "with more than one source file, the destination must be a directory and end with a /"
            raise CannotPackage(f"COPY {rest}: {text}.")
        place = self._place(target)
        found = [path for source in sources for path in self._matching(source)]
        into = target.endswith(("/", "/.")) or len(found) > 1 or self._is_folder(place)
        layer: dict[str, bytes] = {}
        for path in found:
            if path in self._files:
                layer[f"{place}/{path.rpartition('/')[2]}" if into else place] = self._files[path]
            else:  # a folder: what is in it
                start = f"{path}/" if path else ""
                inside = [name for name in self._files if name.startswith(start)]
                layer |= {f"{place}/{name.removeprefix(start)}": self._files[name] for name in inside}
        for name in layer:
            if not name.startswith((f"{TASK}/", f"{OPT}/")):
                raise CannotPackage(
                    f"COPY {rest}: of an image, functions of the sandbox see {TASK} and {OPT}. Copy it there."
                )
        self._layers.append(layer)

    def _matching(self, source: str) -> list[str]:
        """The files and folders that a source of COPY names; "" is the whole folder."""
        path = posixpath.normpath(source).lstrip("/")
        if path == ".":
            return [""]
        parents = {str(parent) for name in self._files for parent in PurePosixPath(name).parents} - {"."}
        deep = path.count("/")
        there = sorted({*self._files, *parents})
        found = [one for one in there if one == path or (one.count("/") == deep and PurePosixPath(one).match(path))]
        if not found:
            held = ", ".join(self._files)
            raise CannotPackage(f"COPY {source}: there is no such file in the folder. It holds {held}.")
        return found

    def _is_folder(self, place: str) -> bool:
        there = [name for layer in self._layers for name in layer]
        return place in (TASK, OPT, self._folder) or any(name.startswith(f"{place}/") for name in there)

    def _place(self, path: str) -> str:
        return posixpath.normpath(posixpath.join(self._folder, path))

    def _filled(self, text: str) -> str:
        """Its `$NAME` and `${NAME}` replaced by what ENV, or the base image, says."""
        return re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda name: self._variables.get(name[1] or name[2], ""), text)

    def _pairs(self, keyword: str, rest: str) -> dict[str, str]:
        name, _, value = rest.partition(" ")
        if "=" not in name:  # the old form: ENV name value
            return {name: self._filled(value)}
        pairs = [self._filled(word).partition("=") for word in _words(keyword, rest)]
        if not all(sign for _, sign, _ in pairs):
            raise CannotPackage(f"{keyword} {rest}: write name=value, with quotes around spaces.")
        return {name: value for name, _, value in pairs}


def _words(keyword: str, rest: str) -> list[str]:
    try:
        return shlex.split(rest)
    except ValueError as error:
        raise CannotPackage(f"{keyword} {rest}: {error}.") from None


def _listed(keyword: str, rest: str) -> list[str]:
    try:
        words = json.loads(rest)
    except ValueError:
        words = None
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise CannotPackage(f'{keyword} {rest}: {_JSON_ONLY} For example: CMD ["app.handler"]')
    return words


def _tar(files: Mapping[str, bytes]) -> bytes:
    """A reproducible layer: sorted names, one date, plain modes."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(files):
            member = tarfile.TarInfo(name.lstrip("/"))
            member.size, member.mode = len(files[name]), 0o755 if files[name].startswith(EXECUTABLE) else 0o644
            archive.addfile(member, io.BytesIO(files[name]))
    return out.getvalue()


def _gzip(data: bytes) -> bytes:
    out = io.BytesIO()
    with gzip.GzipFile("", "wb", 9, out, mtime=0) as archive:
        archive.write(data)
    return out.getvalue()


def _named(kind: str, blob: bytes) -> dict[str, Any]:
    return {"mediaType": kind, "size": len(blob), "digest": _digest(blob)}


def _digest(blob: bytes) -> str:
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
