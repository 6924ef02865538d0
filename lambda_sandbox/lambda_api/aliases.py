"""Aliases: a name for a version, or for two with weights."""

from __future__ import annotations

from collections.abc import Mapping

from lambda_sandbox.lambda_api import errors, lifecycle, provisioned
from lambda_sandbox.lambda_api.context import Answer, Context, Given
from lambda_sandbox.lambda_api.names import Target, find, locate, published
from lambda_sandbox.lambda_api.names import alias as existing
from lambda_sandbox.lambda_api.paging import page
from lambda_sandbox.state import LATEST, Alias, Function


def create_alias(context: Context, given: Given) -> Answer:
    name, number = given["Name"], given["FunctionVersion"]
    function = find(context, Target(locate(context, given).name, number))  # the version is what was not found
    published(context, function, number)
    weights = _weights(context, function, number, _routing(given))
    if name in function.aliases:
        raise errors.conflict(f"Alias already exists: {context.arn(function.name, name)}")
    made = Alias(name, number, context.state.new_uuid(), given.get("Description", ""), weights)
    function.aliases[name] = made
    return _describe(context, function, made)


def get_alias(context: Context, given: Given) -> Answer:
    function = find(context, locate(context, given))
    return _describe(context, function, existing(context, function, given["Name"]))


def update_alias(context: Context, given: Given) -> Answer:
    function = find(context, locate(context, given))
    found = function.aliases.get(given["Name"])
    if found is None:
        raise errors.not_found(f"Alias not found: {context.arn(function.name, given['Name'])}")
    lifecycle.check_revision(given.get("RevisionId"), found.revision_id)
    number = given.get("FunctionVersion", found.function_version)
    published(context, function, number)
    found.weights = _weights(context, function, number, _routing(given) if "RoutingConfig" in given else found.weights)
    moved = number != found.function_version
    found.function_version = number
    if moved:
        provisioned.moved(context, function, found.name)
    found.description = given.get("Description", found.description)
    found.revision_id = context.state.new_uuid()
    return _describe(context, function, found)


def delete_alias(context: Context, given: Given) -> None:
    """Deletes an alias and what hangs on it; one that is not there is no error."""
    function = find(context, locate(context, given))
    provisioned.forget(context, function, given["Name"])
    for kept in (function.aliases, function.policies, function.event_invoke_configs):
        kept.pop(given["Name"], None)


def list_aliases(context: Context, given: Given) -> Answer:
    function = find(context, locate(context, given))
    wanted = given.get("FunctionVersion")
    listed = [
        (name, _describe(context, function, found))
        for name, found in sorted(function.aliases.items())
        if wanted is None or wanted == found.function_version or wanted in found.weights
    ]
    aliases, marker = page(listed, given)
    return {"Aliases": aliases, "NextMarker": marker}


def _routing(given: Given) -> Mapping[str, float]:
    weights: Mapping[str, float] = given.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
    return weights


def _weights(context: Context, function: Function, number: str, weights: Mapping[str, float]) -> Mapping[str, float]:
    """Routing to a second version beside `number` (facts §1.7, §8.3). Raises for what AWS refuses."""
    if len(weights) > 1:
        raise errors.invalid("Number of items in AdditionalVersionWeights cannot be greater than 1")
    for other in weights:
        if other == number:
            raise errors.invalid(
                f"Invalid function version {number}. "
                f"Function version {number} is already included in routing configuration."
            )
        if number == LATEST:
            raise errors.invalid_untyped("$LATEST is not supported for an alias pointing to more than 1 version")
        published(context, function, other)
    return dict(weights)


def _describe(context: Context, function: Function, alias: Alias) -> Answer:
    return {
        "AliasArn": context.arn(function.name, alias.name),
        "Name": alias.name,
        "FunctionVersion": alias.function_version,
        "Description": alias.description,
        "RevisionId": alias.revision_id,
        "RoutingConfig": {"AdditionalVersionWeights": alias.weights} if alias.weights else None,
    }
