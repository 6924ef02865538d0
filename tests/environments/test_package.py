"""Packages: unpacked once, within their limits, and never outside of their folder."""

from __future__ import annotations

import base64
import hashlib
import io
import stat
import zipfile
from pathlib import Path

import pytest

from lambda_sandbox.environments import package
from lambda_sandbox.environments.package import Packages
from lambda_sandbox.wire import AwsError

UNREADABLE = "Could not unzip uploaded file. Please check your file, then try to upload again."


def archive(*members: tuple[str, bytes], link: str | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members:
            info = zipfile.ZipInfo(name)
            if link is not None:
                info.external_attr = (stat.S_IFLNK | 0o777) << 16
                data = link.encode()
            made.writestr(info, data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def test_the_same_bytes_are_unpacked_once(tmp_path: Path) -> None:
    packages, data = Packages(tmp_path), archive(("index.py", b"x = 1"), ("a/b.txt", b"hi"))
    code = packages.unpack(data)
    assert code.sha256 == base64.b64encode(hashlib.sha256(data).digest()).decode()
    assert (code.size, (Path(code.folder) / "a/b.txt").read_text()) == (len(data), "hi")
    assert packages.unpack(data) == code
    assert packages.archive(hashlib.sha256(data).hexdigest()) == Path(code.archive)
    assert packages.archive("../" * 3) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a zip",
        archive(("../escape.py", b"x")),
        archive(("/etc/escape.py", b"x")),
        archive(("a\\..\\..\\escape.py", b"x")),
        archive(("escape", b""), link="/etc/passwd"),
        archive(("a/escape", b""), link="../../../x"),
        archive(("index.py", b"x" * 1000))[:-30],
    ],
    ids=["empty", "not a zip", "dots", "absolute", "backslashes", "absolute link", "link out", "cut off"],
)
def test_what_cannot_be_unpacked_safely_is_refused_and_leaves_nothing(tmp_path: Path, data: bytes) -> None:
    root = tmp_path / "packages"
    with pytest.raises(AwsError) as refused:
        Packages(root).unpack(data)
    assert (refused.value.status, refused.value.message) == (400, UNREADABLE)
    assert [path for path in tmp_path.rglob("*") if path != root] == []


def test_a_zip_without_members_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AwsError, match="Uploaded file must be a non-empty zip") as refused:
        Packages(tmp_path).unpack(archive())
    assert (refused.value.status, refused.value.members) == (400, {"Type": "User"})
    assert list(tmp_path.iterdir()) == []


def test_a_bomb_is_refused_before_it_fills_the_disk(tmp_path: Path) -> None:
    bomb = archive(("zeros", b"\0" * (package.UNZIPPED_LIMIT + 1)))
    assert len(bomb) < 1_000_000
    with pytest.raises(AwsError, match="Unzipped size must be smaller than 262144000 bytes"):
        Packages(tmp_path).unpack(bomb)
    assert list(tmp_path.iterdir()) == []


def test_a_zip_over_fifty_megabytes_must_come_through_s3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "ZIPPED_LIMIT", 50)
    data = archive(("index.py", b"x"))
    with pytest.raises(AwsError, match="Zipped size must be smaller than 50 bytes") as refused:
        Packages(tmp_path).unpack(data)
    assert (refused.value.code, refused.value.status) == ("RequestEntityTooLargeException", 413)
    assert Packages(tmp_path).unpack(data, direct=False).size == len(data)
