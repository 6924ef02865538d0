"""Functions from container images, as AWS was recorded to answer of them (LocalStack's test_lambda_image_crud)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from lambda_sandbox.images import build
from lambda_sandbox.wire import StoredImage

from .conftest import ROLE, Served, zipped

REPOSITORY = "123456789012.dkr.ecr.us-east-1.amazonaws.com/till"
URI = f"{REPOSITORY}:1"
DOCKERFILE = 'FROM public.ecr.aws/lambda/python:3.13\nCOPY app.py ./\nCMD ["app.handler"]\n'
INVALID = "InvalidParameterValueException"


def digest(blob: bytes) -> str:
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"


def push(served: Served, source: str = "", more: str = "", tag: str = "1") -> str:
    """Puts an image where the tag and the digest find it; returns the digest's hex digits."""
    manifest, blobs = build({"Dockerfile": (DOCKERFILE + more).encode(), "app.py": source.encode()})
    image = StoredImage(digest(manifest), json.loads(manifest), {digest(blob): blob for blob in blobs})
    for reference in (tag, image.digest):
        served.services.images["us-east-1", "till", reference] = image
    return image.digest.removeprefix("sha256:")


def new(uri: str | None = URI, **more: Any) -> dict[str, Any]:
    code = {"ImageUri": uri} if uri else {}
    return {"FunctionName": "till", "PackageType": "Image", "Code": code, "Role": ROLE, **more}


@pytest.fixture
def till(served: Served, lambda_: Any) -> str:
    """A function of the image's; its digest."""
    made = push(served)
    lambda_.create_function(**new())
    served.settle()
    return made


def test_a_function_of_an_image_has_no_runtime_no_handler_and_no_size(served: Served, lambda_: Any) -> None:
    sha = push(served)
    config = {"Command": ["app.other"], "EntryPoint": ["python", "-m", "awslambdaric"], "WorkingDirectory": "/var/task"}
    made = lambda_.create_function(**new(ImageConfig=config))
    assert (made["PackageType"], made["CodeSize"], made["CodeSha256"]) == ("Image", 0, sha)
    assert (made["State"], made["ImageConfigResponse"]) == ("Pending", {"ImageConfig": config})
    assert not {"Runtime", "Handler", "Layers", "RuntimeVersionConfig"} & made.keys()
    served.settle()
    found = lambda_.get_function(FunctionName="till")
    resolved = f"{REPOSITORY}@sha256:{sha}"
    assert found["Code"] == {"RepositoryType": "ECR", "ImageUri": URI, "ResolvedImageUri": resolved}
    assert found["Configuration"]["State"] == "Active"
    assert not {"Runtime", "Handler", "RuntimeVersionConfig"} & found["Configuration"].keys()


def test_a_tag_that_moves_changes_nothing_until_the_code_is_updated(served: Served, lambda_: Any, till: str) -> None:
    published = lambda_.publish_version(FunctionName="till")
    newer = push(served, "x = 2\n")
    lambda_.update_function_configuration(FunctionName="till", Timeout=9)
    served.settle()
    assert lambda_.get_function_configuration(FunctionName="till")["CodeSha256"] == till != newer
    assert lambda_.update_function_code(FunctionName="till", ImageUri=URI)["CodeSha256"] == newer
    served.settle()
    version, latest = (lambda_.get_function(FunctionName="till", Qualifier=one) for one in ("1", "$LATEST"))
    assert published["CodeSha256"] == version["Configuration"]["CodeSha256"] == till
    assert [one["Code"]["ResolvedImageUri"][-64:] for one in (version, latest)] == [till, newer]
    by_digest = lambda_.update_function_code(FunctionName="till", ImageUri=f"{REPOSITORY}@sha256:{till}", DryRun=True)
    assert by_digest["CodeSha256"] == till


def test_the_image_config_is_replaced_as_a_whole_and_checked_against_the_image(
    served: Served, lambda_: Any, refused: Any, till: str
) -> None:
    for config, shown in (({"Command": ["a.b"]}, {"Command": ["a.b"]}), ({}, None)):
        made = lambda_.update_function_configuration(FunctionName="till", ImageConfig=config)
        assert made.get("ImageConfigResponse", {}).get("ImageConfig") == shown
        served.settle()
    for config in ({"EntryPoint": ["sh"]}, {"WorkingDirectory": "/app1"}):
        status, code, message, _ = refused("update_function_configuration", FunctionName="till", ImageConfig=config)
        assert (status, code) == (501, "NotModelledBySandbox") and "does not model the " in message
    push(served, more='ENTRYPOINT ["sh"]\n')
    assert refused("update_function_code", FunctionName="till", ImageUri=URI)[0] == 501
    assert refused("create_function", **new(FunctionName="other"))[0] == 501


@pytest.mark.parametrize(
    ("uri", "says"),
    [
        (f"{REPOSITORY}:2", "does not exist"),
        (f"{REPOSITORY}@sha256:{'0' * 64}", "does not exist"),
        (f"{REPOSITORY}s:1", "does not exist"),
        (REPOSITORY, "is not valid"),
        ("till:1", "is not valid"),
        ("public.ecr.aws/lambda/python:3.13", "is not valid"),
        (URI.replace("us-east-1", "eu-west-1"), "is not valid"),
    ],
)
def test_a_source_image_must_be_there_and_in_the_region(served: Served, refused: Any, uri: str, says: str) -> None:
    push(served)
    message = f"Source image {uri} {says}. Provide a valid source image."
    assert refused("create_function", **new(uri))[:3] == (400, INVALID, message)


def test_an_image_of_another_account_is_out_of_reach(refused: Any) -> None:
    message = "Lambda does not have permission to access the ECR image. Check the ECR permissions."
    answer = refused("create_function", **new(URI.replace("1234", "9999")))
    assert answer[:3] == (403, "AccessDeniedException", message)


@pytest.mark.parametrize("more", [{"Handler": "a.b"}, {"Runtime": "python3.13"}, {"Layers": ["arn"]}])
def test_an_image_has_its_own_runtime_handler_and_libraries(refused: Any, more: dict[str, Any]) -> None:
    message = "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image."
    if "Layers" in more:
        more = {"Layers": ["arn:aws:lambda:us-east-1:123456789012:layer:tea:1"]}
    assert refused("create_function", **new(**more))[:3] == (400, INVALID, message)


def test_what_a_zip_and_an_image_do_not_share(
    served: Served, lambda_: Any, refused: Any, create: Any, till: str
) -> None:
    create("zipped")
    signing = lambda_.create_code_signing_config(AllowedPublishers={"SigningProfileVersionArns": [PROFILE]})
    arn = signing["CodeSigningConfig"]["CodeSigningConfigArn"]
    update, layer = "update_function_configuration", "arn:aws:lambda:us-east-1:123456789012:layer:tea:1"
    for operation, given, words in (
        ("update_function_code", {"ZipFile": zipped()}, "Please provide ImageUri when updating a function with pack"),
        ("update_function_code", {}, "Please provide ImageUri when updating a function with packageType Image."),
        (update, {"Handler": "a.b"}, "The Runtime and Handler parameters are not supported for functions created"),
        (update, {"Layers": [layer]}, "Lambda layers are not supported for functions created with container images."),
        (
            "put_function_code_signing_config",
            {"CodeSigningConfigArn": arn},
            "Code signing is not supported for functions created with container images.",
        ),
        ("get_function_code_signing_config", {}, "Code signing is not supported"),
    ):
        status, code, message, _ = refused(operation, FunctionName="till", **given)
        assert (status, code) == (400, INVALID) and message.startswith(words), operation
    for operation, given, words in (
        (update, {"FunctionName": "zipped", "ImageConfig": {"Command": ["a.b"]}}, "ImageConfig is only supported"),
        ("create_function", new(None, FunctionName="none"), "Please provide ImageUri when creating"),
        ("create_function", new(FunctionName="signed", CodeSigningConfigArn=arn), "Code signing is not supported"),
        ("create_function", {**new(), "PackageType": "Zip"}, "Runtime and Handler are mandatory parameters"),
    ):
        status, code, message, _ = refused(operation, **given)
        assert (status, code) == (400, INVALID) and message.startswith(words), operation


PROFILE = "arn:aws:signer:us-east-1:123456789012:/signing-profiles/kim/abcdefghij"
