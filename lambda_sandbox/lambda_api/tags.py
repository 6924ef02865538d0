"""Tags of functions, event source mappings and code signing configurations."""

from __future__ import annotations

from collections.abc import Mapping

from lambda_sandbox.facts import fact
from lambda_sandbox.lambda_api import errors, lifecycle
from lambda_sandbox.lambda_api.context import Answer, Context, Given
from lambda_sandbox.lambda_api.names import locate_text
from lambda_sandbox.state import LATEST, Function


def tag_resource(context: Context, given: Given) -> None:
    tags, function = _tags(context, given["Resource"])
    if not given["Tags"]:
        raise errors.invalid("An error occurred and the request cannot be processed.")
    check({**tags, **given["Tags"]})
    tags.update(given["Tags"])
    _changed(function)


def untag_resource(context: Context, given: Given) -> None:
    tags, function = _tags(context, given["Resource"])
    for key in given["TagKeys"]:
        tags.pop(key, None)
    _changed(function)


def list_tags(context: Context, given: Given) -> Answer:
    return {"Tags": dict(_tags(context, given["Resource"])[0])}


def check(tags: Mapping[str, str]) -> None:
    """Raises for more tags than a resource may have, and for names that are AWS's own."""
    if any(name.lower().startswith("aws:") for name in tags):
        raise errors.invalid("aws: prefixed tag key names are not allowed for external use.")
    if len(tags) > fact("limits.tags"):
        raise errors.invalid("Number of tags exceeds resource tag limit.")


def _changed(function: Function | None) -> None:
    """A function has another RevisionId when its tags were changed (recorded)."""
    if function:
        lifecycle.touch(function, LATEST)


def _tags(context: Context, arn: str) -> tuple[dict[str, str], Function | None]:
    """The tags of an ARN, to be changed, and the function if it is one."""
    other = arn.partition(":event-source-mapping:")[2] or arn
    if other in context.state.event_source_mappings or other in context.state.code_signing_configs:
        return context.state.other_tags[other], None
    if ":function:" not in arn:
        raise errors.not_found(f"Resource not found: {arn}")
    target = locate_text(context, arn)
    if target.qualifier:
        raise errors.invalid("Tags on function aliases and versions are not supported. Please specify a function ARN.")
    function = context.state.function(context.region, target.name)
    if function is None:
        raise errors.function_not_found(arn)
    return function.tags, function
