"""Images: unpacked once, layer over layer, never outside of their folder; and run as what they say."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from pathlib import Path
from typing import Any

import pytest

from lambda_sandbox.environments.image import BASE, check, stand_in
from lambda_sandbox.environments.outcome import Answered
from lambda_sandbox.environments.package import Packages
from lambda_sandbox.images import build
from lambda_sandbox.journal import Kind
from lambda_sandbox.state import Image
from lambda_sandbox.wire import AwsError, StoredImage

from ..engine import Engine, with_engine

PYTHON = "public.ecr.aws/lambda/python:3.13"
URI = "123456789012.dkr.ecr.us-east-1.amazonaws.com/till:1"


def stored(*layers: bytes, base: str = PYTHON, **settings: Any) -> StoredImage:
    config = json.dumps({"config": settings}).encode()
    blobs = {digest(blob): blob for blob in (config, *layers)}
    manifest = {"config": {"digest": digest(config)}, "layers": [{"digest": digest(one)} for one in layers]}
    return StoredImage(digest(b"".join(blobs.values())), {**manifest, "annotations": {BASE: base}}, blobs)


def from_dockerfile(dockerfile: str, **files: str) -> StoredImage:
    named = {name.replace("_py", ".py"): text.encode() for name, text in files.items()}
    manifest, blobs = build({"Dockerfile": dockerfile.encode(), **named})
    return StoredImage(digest(manifest), json.loads(manifest), {digest(blob): blob for blob in blobs})


def digest(blob: bytes) -> str:
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"


def layer(*members: tuple[str, bytes | str | None]) -> bytes:
    """Files (bytes), links (text) and folders (None), not compressed."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in members:
            member = tarfile.TarInfo(name)
            if content is None:
                member.type = tarfile.DIRTYPE
            elif isinstance(content, str):
                member.type, member.linkname = tarfile.SYMTYPE, content
            else:
                member.size = len(content)
            archive.addfile(member, io.BytesIO(content) if isinstance(content, bytes) else None)
    return out.getvalue()


def huge() -> bytes:
    """The head of a file that is larger than any image may be; nothing comes after it."""
    member = tarfile.TarInfo("var/task/zeros")
    member.size = 11 * 1024**3
    return member.tobuf(tarfile.GNU_FORMAT) + bytes(1024)


def test_later_layers_cover_and_delete_what_earlier_ones_hold(tmp_path: Path) -> None:
    first = layer(
        ("var/task", None), ("var/task/a", b"1"), ("var/task/b/c", b"2"), ("./opt/d/e", b"3"), ("opt/d/g/h", b"")
    )
    second = layer(("var/task/a", b"4"), ("var/task/.wh.b", b""), ("opt/d/.wh..wh..opq", b""), ("opt/d/f", b"5"))
    third = layer(("var/task/link", "a"), ("var/task/b", b"6"))
    image = stored(first, second, third, Cmd=["app.handler"], Env=["A=1=2"])
    code = Packages(tmp_path).unpack_image(image, URI)
    assert code.image and code.image.resolved_uri == f"{URI.removesuffix(':1')}@{image.digest}"
    assert (code.image.runtime, code.image.environment) == ("python3.13", {"A": "1=2"})
    assert (code.sha256, code.size) == (image.digest.removeprefix("sha256:"), 0)
    task = {file.name: file.read_bytes() for file in Path(code.folder).iterdir()}
    assert task == {"a": b"4", "b": b"6", "link": b"4"}
    assert [file.name for file in (Path(code.image.opt) / "d").iterdir()] == ["f"]


@pytest.mark.parametrize(
    "members",
    [
        [("../x", b"")],
        [("/etc/passwd", b"")],
        [("var/task/../../x", b"")],
        [("var/task", b"")],
        [("var/task/out", "../../../../x")],
        [("var/task/out", "/etc")],
        [("var/task/in", "../../opt/later"), ("opt/later", "../../.."), ("var/task/in/x", b"")],
    ],
)
def test_nothing_of_a_layer_leaves_what_functions_see(tmp_path: Path, members: list[tuple[str, bytes | str]]) -> None:
    with pytest.raises(AwsError) as raised:
        Packages(tmp_path / "packages").unpack_image(stored(layer(*members)), URI)
    assert raised.value.status == 501
    assert [path.name for path in tmp_path.iterdir()] == ["packages"]


def test_what_is_no_image_is_refused_in_the_words_of_lambda(tmp_path: Path) -> None:
    packages = Packages(tmp_path)
    for image, words in (
        (StoredImage("sha256:0", {"manifests": []}, {}), "The image manifest, config or layer media type for the"),
        (StoredImage("sha256:0", {"config": {"digest": "a"}, "layers": []}, {"a": b"no JSON"}), "The image manifest"),
        (StoredImage("sha256:0", {"config": {"digest": "a"}, "layers": []}, {"a": b"5"}), "The image manifest"),
        (stored(Env=5), "The image manifest"),
        (stored(b"no tar"), "A layer of the image cannot be unpacked"),
        (stored(huge()), "The image is larger than 10737418240 bytes"),
        (stored(base="docker.io/library/python:3.13"), "does not model images that are based on docker.io/library/py"),
        (stored(base=""), "does not model images that are based on what they do not say"),
    ):
        with pytest.raises(AwsError, match=words):
            packages.unpack_image(image, URI)


@pytest.mark.parametrize(
    ("base", "runtime"),
    [
        (PYTHON, "python3.13"),
        ("public.ecr.aws/lambda/nodejs:22-arm64", "nodejs22.x"),
        ("public.ecr.aws/lambda/java:21", "java21"),
        ("public.ecr.aws/lambda/ruby:3.3", "ruby3.3"),
        ("public.ecr.aws/lambda/provided:al2023", "provided.al2023"),
        ("public.ecr.aws/lambda/dotnet:8", None),
        ("public.ecr.aws/lambda/python:3.14.2026", None),
        ("python:3.13", None),
    ],
)
def test_a_base_image_of_aws_stands_for_a_managed_runtime(base: str, runtime: str | None) -> None:
    assert stand_in(base) == runtime


@pytest.mark.parametrize(
    ("runtime", "entry_point", "starts"),
    [
        ("python3.13", ["/usr/bin/python3.13", "-m", "awslambdaric"], True),
        ("python3.13", ["python", "app.py"], False),
        ("python3.13", ["python", "-m", "awslambdaric", "app.handler"], False),
        ("python3.13", ["npx", "aws-lambda-ric"], False),
        ("nodejs22.x", ["/usr/local/bin/npx", "aws-lambda-ric"], True),
        ("ruby3.3", ["aws_lambda_ric"], True),
        ("java21", ["java", "-cp", "*", "com.amazonaws.services.lambda.runtime.api.client.AWSLambda"], True),
        ("provided.al2023", ["./main", "--fast"], True),
        ("provided.al2023", ["/usr/bin/main"], False),
        ("provided.al2023", ["../main"], False),
        ("provided.al2023", ["/lambda-entrypoint.sh"], False),
    ],
)
def test_an_entry_point_is_a_runtime_client_or_a_program_of_the_image(
    runtime: str, entry_point: list[str], starts: bool
) -> None:
    image = Image(URI, URI, runtime, "")
    if starts:
        check(image, {"EntryPoint": entry_point, "WorkingDirectory": "/var/task/"})
        return
    with pytest.raises(AwsError, match="does not model"):
        check(image, {"EntryPoint": entry_point})


def test_a_working_directory_elsewhere_is_refused() -> None:
    with pytest.raises(AwsError, match="the working directory /app"):
        check(Image(URI, URI, "python3.13", "", working_directory="/app"), None)


SOURCE = """
import os, sys
def handler(event, context):
    return [os.environ[n] for n in ("A", "B", "_HANDLER", "AWS_REGION")] + [open(f"{os.getcwd()}/data").read()]
def other(event, context):
    return sys.argv[-1]
"""


@pytest.mark.parametrize("private", [None, False])
def test_an_image_runs_with_its_command_and_variables_and_has_no_runtime_version(private: bool | None) -> None:
    text = f'FROM {PYTHON}\nENV A=image B=image AWS_REGION=moon _HANDLER=x\nCOPY * ./\nCMD ["app.handler"]\n'
    image = from_dockerfile(text, app_py=SOURCE, data="7")

    def deploy(engine: Engine, name: str, **more: Any) -> None:
        code = engine.packages.unpack_image(image, URI)
        engine.deploy(code, name, **{"runtime": None, "handler": None, "package_type": "Image", **more})

    async def story(engine: Engine) -> None:
        deploy(engine, "f", environment={"B": "function"})
        deploy(engine, "g", image_config={"Command": ["app.other"]})
        answers = [await engine.invoke(name=name) for name in ("f", "f", "g")]
        said = [json.loads(answer.payload) for answer in answers if isinstance(answer, Answered)]
        assert said == [["image", "function", "app.handler", "us-east-1", "7"]] * 2 + ["app.other"]
        assert [record.data["runtime"] for record in engine.records(Kind.STARTING)] == ["", ""]

    with_engine(story, private=private)


@pytest.mark.skipif(os.name != "posix", reason="a program of /bin/sh")
@pytest.mark.parametrize("private", [None, False])
def test_an_image_may_bring_its_own_program(private: bool | None) -> None:
    base = "public.ecr.aws/lambda/provided:al2023"
    text = f'FROM {base}\nCOPY main ./\nCMD ["here"]\nENTRYPOINT ["./main", "stops"]\n'
    image = from_dockerfile(text, main='#!/bin/sh\necho "$0 $1 $2"\nexit 3\n')

    async def story(engine: Engine) -> None:
        engine.deploy(engine.packages.unpack_image(image, URI), runtime=None, handler=None)
        await engine.invoke()
        assert any("/main stops here" in line for line in engine.logged())

    with_engine(story, private=private)
