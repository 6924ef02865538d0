"""Where a function's code comes from: the zip in the request, an object in S3, or an image in ECR."""

from __future__ import annotations

import asyncio
import re

from lambda_sandbox.environments import image
from lambda_sandbox.facts import fact
from lambda_sandbox.lambda_api import errors
from lambda_sandbox.lambda_api.context import Context, Given
from lambda_sandbox.state import Code
from lambda_sandbox.wire import AwsError

_URI = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/"
    r"(?P<repository>[a-z0-9._/-]+)(:(?P<tag>[\w.-]{1,128})|@(?P<digest>sha256:[0-9a-f]{64}))"
)


async def fetch_image(context: Context, uri: str) -> Code:
    """The image that a URI stands for now, unpacked. Raises AwsError; what the sandbox cannot run answers 501."""
    match = _URI.fullmatch(uri)
    if not match or match["region"] != context.region:
        raise errors.invalid(f"Source image {uri} is not valid. Provide a valid source image.")
    if match["account"] != context.state.account:
        text = "Lambda does not have permission to access the ECR image. Check the ECR permissions."
        raise AwsError("AccessDeniedException", 403, text, capital=True)
    about = (context.region, match["repository"], match["tag"] or match["digest"])
    stored = await asyncio.to_thread(context.rooms.bridge.image, *about)
    if stored is None:
        raise errors.invalid(f"Source image {uri} does not exist. Provide a valid source image.")
    return await asyncio.to_thread(context.rooms.packages.unpack_image, stored, uri)


def check_start(package: Code, config: Given | None) -> None:
    """Raises AwsError, 501, for an image that the sandbox cannot start with this ImageConfig."""
    if package.image:
        image.check(package.image, config)


async def fetch(context: Context, source: Given) -> Code:
    """The package that `source` names (FunctionCode, or UpdateFunctionCode itself), checked and unpacked."""
    if "ZipFile" in source and {"S3Bucket", "S3Key", "S3ObjectVersion"} & set(source):
        raise errors.invalid("Please do not provide other FunctionCode parameters when providing a ZipFile.")
    if "ZipFile" in source:
        return await asyncio.to_thread(context.rooms.packages.unpack, source["ZipFile"])
    if "S3Bucket" not in source or "S3Key" not in source:
        raise errors.invalid("Please provide a source for function code.")
    try:
        archive = await asyncio.to_thread(
            context.rooms.bridge.get_object, source["S3Bucket"], source["S3Key"], source.get("S3ObjectVersion")
        )
    except AwsError as error:
        raise errors.invalid(
            f"Error occurred while GetObject. S3 Error Code: {error.code}. S3 Error Message: {error.message}"
        ) from error
    return await asyncio.to_thread(context.rooms.packages.unpack, archive, direct=False)


def check_size(operation: str, source: Given, request_bytes: int) -> None:
    """The limits on what is sent; the zip's is looked at before the whole request's (recorded)."""
    if len(source.get("ZipFile", b"")) > fact("limits.code_zipped"):
        raise errors.too_large(f"Zipped size must be smaller than {fact('limits.code_zipped')} bytes")
    if request_bytes > fact("limits.create_request"):
        raise errors.request_too_large(fact("limits.create_request"), operation)
