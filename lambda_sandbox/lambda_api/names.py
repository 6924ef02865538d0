"""How a request names a function, and finding what it names.

A name, `name:qualifier`, a partial ARN (`123456789012:function:name`) and a full ARN all do, on every operation; the
qualifier may also come by itself, and must then be the same (facts §1.4, §1.7).

    target = locate(context, given)                 # Target("hello", "prod")
    function = find(context, target)                # or 404
    version = published(context, function, "3")     # or 404
"""

from __future__ import annotations

import re
from typing import NamedTuple

from lambda_sandbox.lambda_api import errors
from lambda_sandbox.lambda_api.context import Context, Given
from lambda_sandbox.state import LATEST, Alias, Function, FunctionVersion

_ACTIONS = dict.fromkeys(("Invoke", "InvokeAsync", "InvokeWithResponseStream"), "InvokeFunction")
_LOCATOR = re.compile(
    r"(?:arn:(?:aws[a-zA-Z-]*)?:lambda:)?"
    r"(?:(?P<region>(?:eusc-)?[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\d):)?"
    r"(?:(?P<account>\d{12}):)?"
    r"(?:function:)?"
    r"(?P<name>[a-zA-Z0-9-_.]+)"
    r"(?::(?P<qualifier>[a-zA-Z0-9-_$.]+))?",
    re.ASCII,
)


class Target(NamedTuple):
    """A function by its bare name, and the version or alias of it that was named, if any."""

    name: str
    qualifier: str | None = None


def locate(context: Context, given: Given) -> Target:
    """What `FunctionName` and `Qualifier` name together. Raises AwsError: mismatch, other Region, other account."""
    return locate_text(context, given["FunctionName"], given.get("Qualifier"))


def locate_text(context: Context, text: str, qualifier: str | None = None) -> Target:
    match = _LOCATOR.fullmatch(text)
    if match is None:
        raise errors.function_not_found(text)
    derived = match["qualifier"]
    if derived and qualifier and derived != qualifier:
        raise errors.derived_qualifier()
    if match["region"] and match["region"] != context.region:
        raise errors.other_region(match["region"], context.region)
    if match["account"] and match["account"] != context.state.account:
        arn = context.arn(match["name"], derived).replace(context.state.account, match["account"])
        action = _ACTIONS.get(context.operation, context.operation)
        raise errors.access_denied(context.state.account, action, arn)
    return Target(match["name"], qualifier or derived)


def find(context: Context, target: Target) -> Function:
    """The function, whatever the qualifier. Raises 404 with the ARN that was looked up."""
    function = context.state.function(context.region, target.name)
    if function is None:
        raise errors.function_not_found(context.arn(target.name, target.qualifier))
    return function


def find_whole(context: Context, given: Given) -> Function:
    """The function, for operations that take no version or alias."""
    return find(context, whole(context, given))


def whole(context: Context, given: Given) -> Target:
    """What is named, which must be a function: no version, no alias."""
    target = locate(context, given)
    if target.qualifier:
        raise errors.functions_only()
    return target


def is_alias(qualifier: str | None) -> bool:
    """Whether a qualifier has the form of an alias: not a number, and nothing with a `$`, as `$LATEST`."""
    return bool(qualifier) and not str(qualifier).isdigit() and "$" not in str(qualifier)


def published(context: Context, function: Function, number: str) -> FunctionVersion:
    """A version by its number or `$LATEST`. Raises 404 `Function not found: …:42`."""
    version = function.version(number)
    if version is None:
        raise errors.function_not_found(context.arn(function.name, number))
    return version


def alias(context: Context, function: Function, name: str) -> Alias:
    found = function.aliases.get(name)
    if found is None:
        raise errors.alias_not_found(context.arn(function.name, name))
    return found


def version_of(context: Context, function: Function, qualifier: str | None) -> FunctionVersion:
    """What a qualifier stands for when its configuration is read: an alias gives its main version."""
    if qualifier in function.aliases:
        qualifier = function.aliases[qualifier].function_version
    version = function.version(qualifier or LATEST)
    if version is None:
        raise errors.function_not_found(context.arn(function.name, qualifier))
    return version
