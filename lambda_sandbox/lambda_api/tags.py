"""Tags of functions."""

from __future__ import annotations

from collections.abc import Mapping

from lambda_sandbox.facts import fact
from lambda_sandbox.lambda_api import errors
from lambda_sandbox.lambda_api.context import Answer, Context, Given
from lambda_sandbox.lambda_api.names import locate_text
from lambda_sandbox.state import Function


def tag_resource(context: Context, given: Given) -> None:
    function = _tagged(context, given["Resource"])
    if not given["Tags"]:
        raise errors.invalid("An error occurred and the request cannot be processed.")
    tags = {**function.tags, **given["Tags"]}
    check(tags)
    function.tags = tags


def untag_resource(context: Context, given: Given) -> None:
    function = _tagged(context, given["Resource"])
    for key in given["TagKeys"]:
        function.tags.pop(key, None)


def list_tags(context: Context, given: Given) -> Answer:
    return {"Tags": _tagged(context, given["Resource"]).tags}


def check(tags: Mapping[str, str]) -> None:
    """Raises for more tags than a resource may have."""
    if len(tags) > fact("limits.tags"):
        raise errors.invalid("Number of tags exceeds resource tag limit.")


def _tagged(context: Context, arn: str) -> Function:
    """The function of an ARN; of all that can be tagged on AWS, the sandbox has only these."""
    if ":function:" not in arn:
        raise errors.not_found(f"Resource not found: {arn}")
    target = locate_text(context, arn)
    if target.qualifier:
        raise errors.invalid("Tags on function aliases and versions are not supported. Please specify a function ARN.")
    function = context.state.function(context.region, target.name)
    if function is None:
        raise errors.function_not_found(arn)
    return function
