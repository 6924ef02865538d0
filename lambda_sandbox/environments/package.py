"""Deployment packages on disk: checked, hashed, and unpacked once for each content (facts §1.1, §1.7).

packages = Packages(scratch / "packages")
code = packages.unpack(zip_bytes)           # blocks: call it in a thread
packages.archive(code.sha256)               # the zip again, for GetFunction's Code.Location
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import shutil
import stat
import threading
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from lambda_sandbox.environments.image import read
from lambda_sandbox.state import Code
from lambda_sandbox.wire import AwsError, StoredImage, invalid

ZIPPED_LIMIT = 52_428_800
UNZIPPED_LIMIT = 262_144_000
_CHUNK = 1 << 20


def _unreadable() -> AwsError:
    return invalid("Could not unzip uploaded file. Please check your file, then try to upload again.")


class Packages:
    """A folder of unpacked packages, one for each SHA-256. Safe to use from several threads."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._unzipped: dict[str, int] = {}
        root.mkdir(parents=True, exist_ok=True)

    def unpack(self, archive: bytes, *, direct: bool = True) -> Code:
        """The package as `Code`. `direct`: it came in the request, not through S3, so the limit on zips holds.

        Raises AwsError: RequestEntityTooLargeException (zip over 50 MB), InvalidParameterValueException (over 250 MB
        unzipped, not a zip, or with members that would leave the package's folder).
        """
        if direct and len(archive) > ZIPPED_LIMIT:
            text = f"Zipped size must be smaller than {ZIPPED_LIMIT} bytes"
            raise AwsError("RequestEntityTooLargeException", 413, text)
        digest = hashlib.sha256(archive)
        folder = self._root / digest.hexdigest()
        with self._lock:
            if not folder.exists():
                partial = folder.with_suffix(".partial")
                shutil.rmtree(partial, ignore_errors=True)
                try:
                    self._unzipped[digest.hexdigest()] = _extract(archive, partial / "task")
                except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError) as error:
                    shutil.rmtree(partial, ignore_errors=True)
                    raise _unreadable() from error
                except BaseException:
                    shutil.rmtree(partial, ignore_errors=True)
                    raise
                (partial / "package.zip").write_bytes(archive)
                partial.rename(folder)
        sha256 = base64.b64encode(digest.digest()).decode()
        return Code(
            sha256,
            len(archive),
            folder=str(folder / "task"),
            archive=str(folder / "package.zip"),
            unzipped=self._unzipped[digest.hexdigest()],
        )

    def unpack_image(self, stored: StoredImage, uri: str) -> Code:
        """The image that `uri` stands for now, as `Code`. Raises AwsError, as `image.read`."""
        digest = stored.digest.removeprefix("sha256:")
        folder = self._root / f"image-{digest}"
        with self._lock:
            image = read(stored, uri, folder)
        return Code(digest, 0, folder=str(folder / "var" / "task"), image=image)

    def merged(self, layers: Sequence[Code]) -> str:
        """A folder with what all layers hold, later ones over earlier ones (facts §8.2). Blocks the first time."""
        if len(layers) == 1:
            return layers[0].folder
        digest = hashlib.sha256("".join(layer.sha256 for layer in layers).encode()).hexdigest()
        folder = self._root / f"layers-{digest}"
        with self._lock:
            if not folder.exists():
                partial = folder.with_suffix(".partial")
                shutil.rmtree(partial, ignore_errors=True)
                for layer in layers:
                    shutil.copytree(layer.folder, partial, symlinks=True, dirs_exist_ok=True)
                partial.rename(folder)
        return str(folder)

    def archive(self, digest: str) -> Path | None:
        """The zip whose SHA-256 has these hex digits, or None."""
        path = self._root / digest / "package.zip"
        return path if digest.isalnum() and path.is_file() else None


def _extract(archive: bytes, folder: Path) -> int:
    """Unpacks, counting the bytes that really come out: the sizes that a zip claims are never trusted."""
    folder.mkdir(parents=True)
    left = UNZIPPED_LIMIT
    with zipfile.ZipFile(io.BytesIO(archive)) as package:
        if not package.infolist():
            raise invalid("Uploaded file must be a non-empty zip")
        if sum(member.file_size for member in package.infolist()) > UNZIPPED_LIMIT:
            raise _too_large()
        for member in package.infolist():
            place = folder.joinpath(*_inside(member.filename))
            mode = member.external_attr >> 16
            if member.is_dir():
                place.mkdir(parents=True, exist_ok=True)
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            if stat.S_ISLNK(mode):
                _link(package.read(member).decode(), place, folder)
                continue
            with package.open(member) as source, open(place, "wb") as target:
                while chunk := source.read(_CHUNK):
                    left -= len(chunk)
                    if left < 0:
                        raise _too_large()
                    target.write(chunk)
            place.chmod(0o755 if mode & 0o111 else 0o644)
    return UNZIPPED_LIMIT - left


def _inside(name: str) -> tuple[str, ...]:
    """The parts of a member's name; raises ValueError if it would land outside of the package."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or "\0" in name or (os.name == "nt" and ":" in name):
        raise ValueError(f"{name!r} leaves the package")
    return path.parts


def _link(target: str, place: Path, folder: Path) -> None:
    if target.startswith("/") or not (place.parent / target).resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"a link to {target!r} leaves the package")
    place.symlink_to(target)


def _too_large() -> AwsError:
    return invalid(f"Unzipped size must be smaller than {UNZIPPED_LIMIT} bytes")
