"""push_image(): from a Dockerfile to an image, byte for byte."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambda_sandbox import Sandbox, images
from lambda_sandbox.images import build
from lambda_sandbox.packaging import CannotPackage, role

FROM = "FROM public.ecr.aws/lambda/python:3.13\n"
TILL = f"""# syntax=docker/dockerfile:1
{FROM}
ENV SHOP=corner \\
    # in between
    GREETING="good morning"
env DATA $LAMBDA_TASK_ROOT/data
LABEL maintainer=kim
COPY app.py lib ${{LAMBDA_TASK_ROOT}}/
WORKDIR data
COPY ["prices/*.json", "./"]
COPY prices/tea.json /opt/default.json
WORKDIR ..
CMD ["app.handler"]
"""
FILES = {
    "app.py": b"x = 1\n",
    "lib/tools/a.py": b"a",
    "lib/run": b"#!/bin/sh\n",
    "prices/tea.json": b"1",
    "prices/jam.json": b"2",
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock="virtual", seed=1) as running:
        yield running


def built(dockerfile: str, **more: bytes) -> tuple[dict[str, Any], dict[str, Any], list[bytes]]:
    """The manifest, the configuration and the layers, unpacked from gzip."""
    manifest, (config, *layers) = build({"Dockerfile": dockerfile.encode(), **FILES, **more})
    return json.loads(manifest), json.loads(config), [gzip.decompress(layer) for layer in layers]


def inside(layer: bytes) -> dict[str, int]:
    with tarfile.open(fileobj=io.BytesIO(layer)) as archive:
        return {member.name: member.mode for member in archive}


def test_a_dockerfile_becomes_an_image_with_a_layer_for_each_copy() -> None:
    manifest, config, layers = built(TILL)
    assert [inside(layer) for layer in layers] == [
        {"var/task/app.py": 0o644, "var/task/run": 0o755, "var/task/tools/a.py": 0o644},
        {"var/task/data/jam.json": 0o644, "var/task/data/tea.json": 0o644},
        {"opt/default.json": 0o644},
    ]
    settings = config["config"]
    assert settings["Env"][-3:] == ["SHOP=corner", "GREETING=good morning", "DATA=/var/task/data"]
    assert (settings["Cmd"], settings["Entrypoint"]) == (["app.handler"], ["/lambda-entrypoint.sh"])
    assert (settings["WorkingDir"], settings["Labels"]) == ("/var/task", {"maintainer": "kim"})
    diffs = [f"sha256:{hashlib.sha256(layer).hexdigest()}" for layer in layers]
    assert config["rootfs"] == {"type": "layers", "diff_ids": diffs}
    assert manifest["annotations"] == {"org.opencontainers.image.base.name": FROM.split()[1]}


def test_the_same_files_are_the_same_bytes_and_the_manifest_names_each_blob() -> None:
    files = {"Dockerfile": TILL.encode(), **FILES}
    manifest, blobs = build(files)
    assert build(dict(reversed(files.items()))) == (manifest, blobs)
    said = json.loads(manifest)
    named = [(part["digest"], part["size"]) for part in (said["config"], *said["layers"])]
    assert named == [(f"sha256:{hashlib.sha256(blob).hexdigest()}", len(blob)) for blob in blobs]
    assert hashlib.sha256(blobs[0]).hexdigest() == "a19cacc52977241ecef96a941c310e62f429d5edb82736928794707f588a206b"


def test_a_file_is_copied_under_a_name_or_into_a_folder_as_docker_does() -> None:
    text = f"{FROM}COPY app.py main.py\nCOPY app.py new/\nCOPY app.py new\nCOPY . /opt/all\n"
    _, _, layers = built(text)
    one, two, three, whole = ([*inside(layer)] for layer in layers)
    assert (one, two, three) == (["var/task/main.py"], ["var/task/new/app.py"], ["var/task/new/app.py"])
    assert {"opt/all/app.py", "opt/all/lib/run", "opt/all/Dockerfile"} < {*whole}


@pytest.mark.parametrize(
    ("dockerfile", "words"),
    [
        ("COPY app.py ./\n", "A Dockerfile begins with FROM, not with COPY"),
        ("FROM python:3.13\n", "FROM python:3.13: the sandbox has no such image, only stand-ins for AWS's base images"),
        ("FROM public.ecr.aws/lambda/python:2.7\n", "no such image"),
        ("FROM public.ecr.aws/lambda/dotnet:8\n", "no such image"),
        ("FROM public.ecr.aws/lambda/python:3.13 AS build\n", "images of one stage"),
        (f"{FROM}{FROM}", "images of one stage"),
        (f"{FROM}RUN pip install requests\n", "RUN pip install requests: The sandbox has no Docker .* pip install --t"),
        (f"{FROM}ADD app.py ./\n", "COPY does it"),
        (f"{FROM}USER nobody\n", "USER nobody: The sandbox reads FROM, COPY"),
        (f"{FROM}COPY --chown=1 app.py ./\n", "without options"),
        (
            f"{FROM}COPY app.py lib all\n",
            "the destination must be a directory and end with a /",
        ),
        (f'{FROM}COPY "app.py ./\n', "No closing quotation"),
        (f"{FROM}COPY ap.py ./\n", "COPY ap.py: there is no such file in the folder. It holds Dockerfile, app.py"),
        (f"{FROM}COPY app.py /home/\n", "functions of the sandbox see /var/task and /opt. Copy it there"),
        (f"{FROM}COPY app.py ../../etc/\n", "functions of the sandbox see /var/task and /opt"),
        (f"{FROM}CMD app.handler\n", "form with a shell .* CMD"),
        (f"{FROM}ENV A=1 B\n", "ENV A=1 B: write name=value"),
    ],
)
def test_what_cannot_be_built_says_what_to_do(dockerfile: str, words: str) -> None:
    with pytest.raises(CannotPackage, match=words):
        built(dockerfile)


def test_a_source_is_a_folder_or_files_by_name_with_a_dockerfile(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(FROM)
    (tmp_path / "app.py").write_bytes(b"x")
    assert images._files(tmp_path) == images._files({"Dockerfile": FROM, "app.py": b"x"})
    with pytest.raises(CannotPackage, match="no folder 'no/such'"):
        images._files("no/such")
    with pytest.raises(CannotPackage, match="no Dockerfile"):
        build({"app.py": b""})


def test_an_image_is_pushed_by_its_name_or_its_uri_as_often_as_one_likes_and_runs(sandbox: Sandbox) -> None:
    files = {"Dockerfile": f'{FROM}COPY app.py ./\nCMD ["app.handler"]\n', "app.py": "handler = lambda *about: 7\n"}
    uri = sandbox.push_image(files, "shop/till:1")
    assert uri == "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/till:1"
    assert sandbox.push_image(files, uri) == uri
    assert sandbox.push_image(files, "shop/till").endswith("/shop/till:latest")
    ecr, lambda_ = sandbox.client("ecr"), sandbox.client("lambda")
    (image,) = ecr.describe_images(repositoryName="shop/till")["imageDetails"]
    assert image["imageTags"] == ["1", "latest"]
    lambda_.create_function(FunctionName="till", PackageType="Image", Code={"ImageUri": uri}, Role=role(sandbox))
    sandbox.settle()
    ecr.delete_repository(repositoryName="shop/till", force=True)  # what runs was copied
    assert json.load(lambda_.invoke(FunctionName="till")["Payload"]) == 7
    (group,) = sandbox.client("logs").describe_log_groups()["logGroups"]
    said = sandbox.client("logs").filter_log_events(logGroupName=group["logGroupName"])["events"]
    assert [event["message"].split()[0] for event in said] == ["START", "END", "REPORT"]  # and no INIT_START
    ecr.create_repository(repositoryName="fixed", imageTagMutability="IMMUTABLE")
    sandbox.push_image(files, "fixed:1")
    sandbox.push_image(files, "fixed:1")
    with pytest.raises(ClientError, match="ImageAlreadyExistsException"):
        sandbox.push_image({**files, "app.py": "handler = None\n"}, "fixed:1")
