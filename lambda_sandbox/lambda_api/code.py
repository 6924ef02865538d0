"""Where a function's code comes from: the zip in the request, or an object in S3."""

from __future__ import annotations

import asyncio

from lambda_sandbox.facts import fact
from lambda_sandbox.lambda_api import errors
from lambda_sandbox.lambda_api.context import Context, Given
from lambda_sandbox.state import Code
from lambda_sandbox.wire import AwsError


async def fetch(context: Context, source: Given) -> Code:
    """The package that `source` names (FunctionCode, or UpdateFunctionCode itself), checked and unpacked."""
    if "ImageUri" in source:
        raise errors.not_modelled("functions from container images", "Deploy the code as a zip.")
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
