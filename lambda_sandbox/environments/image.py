"""Container images without containers: a base image of AWS's stands for a managed runtime, the rest is unpacked (§8.4).

    stand_in("public.ecr.aws/lambda/python:3.13")     # "python3.13"
    image = read(stored, uri, folder)                 # blocks; unpacks it
    as_run(version)                                   # the version with the runtime, handler and variables it runs with

Of an image, a function sees what is in /var/task and /opt; all else is as for zips.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import tarfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from lambda_sandbox.facts import fact
from lambda_sandbox.state import FunctionVersion, Image
from lambda_sandbox.wire import StoredImage, invalid, not_modelled

BASE = "org.opencontainers.image.base.name"
TASK, OPT = "/var/task", "/opt"  # what a room shows of an image
ENTRY_POINT = "/lambda-entrypoint.sh"  # of AWS's base images
_BASE_IMAGE = re.compile(r"public\.ecr\.aws/lambda/(python|nodejs|java|ruby|provided):([\w.]+?)(?:-(?:x86_64|arm64))?")
_NAMES = {"nodejs": "nodejs{}.x", "provided": "provided.{}"}
_CLIENTS = {  # how images without a base of AWS's start their runtime client, by how the runtime's name begins
    "python": r"(\S*/)?python[\d.]* -m awslambdaric",
    "nodejs": r"(\S*/)?(npx )?aws-lambda-ric",
    "java": r"(\S*/)?java .*\bcom\.amazonaws\.services\.lambda\.runtime\.api\.client\.AWSLambda",
    "ruby": r"(\S*/)?(bundle exec )?aws_lambda_ric",
    "provided": r"(/var/task/|\./)?(?!/|\S*\.\.)\S+( .*)?",  # a program of the image's own
}
_OPAQUE, _WHITEOUT = ".wh..wh..opq", ".wh."


def stand_in(base: str) -> str | None:
    """The managed runtime that a base image stands for; None if the sandbox has none."""
    match = _BASE_IMAGE.fullmatch(base)
    runtime = _NAMES.get(match[1], match[1] + "{}").format(match[2]) if match else ""
    return runtime if runtime in fact("runtimes.creatable") else None


def read(stored: StoredImage, uri: str, folder: Path) -> Image:
    """What an image says of how it runs; its layers are unpacked into `folder`, unless that is there. Blocks.

    Raises AwsError for what Lambda does not take, and for what the sandbox has no stand-in for.
    """
    manifest = stored.manifest
    try:
        settings = json.loads(stored.blobs[manifest["config"]["digest"]]).get("config") or {}
        layers = [stored.blobs[layer["digest"]] for layer in manifest["layers"]]
        notes: Mapping[str, str] = {**(settings.get("Labels") or {}), **(manifest.get("annotations") or {})}
        variables = dict(pair.partition("=")[::2] for pair in settings.get("Env") or ())
    except (LookupError, ValueError, TypeError, AttributeError) as error:  # a list of images, or whatever was pushed
        text = f"The image manifest, config or layer media type for the source image {uri} is not supported."
        raise invalid(text) from error
    base = notes.get(BASE, "")
    runtime = stand_in(base)
    if runtime is None:
        raise not_modelled(
            f"images that are based on {base or 'what they do not say'}",
            "It has stand-ins for AWS's base images, public.ecr.aws/lambda/…; its push_image notes which one it was.",
        )
    if not folder.exists():
        partial = folder.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        for place in (TASK, OPT):
            (partial / place[1:]).mkdir(parents=True)
        left = fact("limits.image_bytes")
        for layer in layers:
            left = _unpack(layer, partial.resolve(), left)
        partial.rename(folder)
    opt = folder / "opt"
    return Image(
        uri,
        f"{re.split('[:@]', uri)[0]}@{stored.digest}",
        runtime,
        str(opt) if any(opt.iterdir()) else "",
        tuple(settings.get("Entrypoint") or ()),
        tuple(settings.get("Cmd") or ()),
        settings.get("WorkingDir") or "",
        variables,
    )


def _unpack(layer: bytes, root: Path, left: int) -> int:
    """One layer over what is there: files, links that stay inside, and whiteouts, which delete. Raises AwsError.

    Of the bytes that an image may have, so many are `left`; returns how many after it. AWS's words are not recorded.
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(layer), mode="r:*") as archive:
            for member in archive:
                left -= member.size
                if left < 0:
                    raise invalid(f"The image is larger than {fact('limits.image_bytes')} bytes.")
                _extract(archive, member, root)
    except (tarfile.TarError, OSError, EOFError, KeyError, zlib.error) as error:
        raise invalid(f"A layer of the image cannot be unpacked: {error}.") from error
    return left


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo, root: Path) -> None:
    path = PurePosixPath("/", member.name)
    shown = path.is_relative_to(TASK) or path.is_relative_to(OPT)
    if ".." in path.parts or not (shown or member.isdir()) or (str(path) in (TASK, OPT) and not member.isdir()):
        raise not_modelled(f"an image's {path}", f"{TASK} and {OPT} are what a function sees of it.")
    place = root / path.relative_to("/")
    if not place.parent.resolve().is_relative_to(root):
        raise not_modelled("files of an image that are written through links")
    if path.name == _OPAQUE:
        _remove(place.parent)
        place.parent.mkdir(parents=True)
    elif path.name.startswith(_WHITEOUT):
        _remove(place.with_name(path.name.removeprefix(_WHITEOUT)))
    elif member.isdir():
        if shown and not place.is_dir():
            _remove(place)
            place.mkdir(parents=True)
    elif member.issym():
        if member.linkname.startswith("/") or not (place.parent / member.linkname).resolve().is_relative_to(root):
            raise not_modelled(f"an image's link to {member.linkname}", "A relative link that stays inside does.")
        _remove(place)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(member.linkname)
    elif (source := archive.extractfile(member)) is not None:  # of a hard link: what it stands for
        _remove(place)
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("wb") as file:
            shutil.copyfileobj(source, file)
        place.chmod(0o755 if member.mode & 0o111 else 0o644)


def _remove(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


# ------------------------------------------------------------------------------------------------ how one runs


def command_line(image: Image, config: Mapping[str, Any] | None) -> tuple[Sequence[str], Sequence[str]]:
    """Entry point and command, of the function's ImageConfig, else of the image."""
    config = config or {}
    return config.get("EntryPoint") or image.entry_point, config.get("Command") or image.command


def check(image: Image, config: Mapping[str, Any] | None) -> None:
    """Raises AwsError, 501, if the sandbox cannot start it."""
    where = (config or {}).get("WorkingDirectory") or image.working_directory or TASK
    if PurePosixPath(where) != PurePosixPath(TASK):
        raise not_modelled(f"the working directory {where}", f"Functions start in {TASK}.")
    entry, _ = command_line(image, config)
    kind = re.match("[a-z]+", image.runtime)
    assert kind
    if kind[0] == "provided" and list(entry) in ([], [ENTRY_POINT]):
        raise not_modelled(
            "images whose program is /var/runtime/bootstrap",
            f'COPY the program to {TASK} and name it: ENTRYPOINT ["{TASK}/bootstrap"].',
        )
    if list(entry) not in ([], [ENTRY_POINT]) and not re.fullmatch(_CLIENTS[kind[0]], " ".join(entry)):
        raise not_modelled(
            f"the entry point {' '.join(entry)}",
            f"It starts the runtime client of {image.runtime}: leave ENTRYPOINT out, and name the handler in CMD.",
        )


def as_run(version: FunctionVersion) -> FunctionVersion:
    """The version that the runtime is started for: for an image with all that the image says, else itself."""
    image = version.code.image
    if image is None:
        return version
    _, command = command_line(image, version.image_config)
    return replace(
        version,
        runtime=image.runtime,
        handler=command[0] if command else "",
        environment={**image.environment, **(version.environment or {})},
    )


def program(version: FunctionVersion, task: str) -> list[str]:
    """The command line of an image that brings its own program, with /var/task at `task`."""
    assert version.code.image
    entry, command = command_line(version.code.image, version.image_config)
    first = PurePosixPath(TASK, entry[0]).relative_to(TASK)
    return [f"{task}/{first}", *entry[1:], *command]
