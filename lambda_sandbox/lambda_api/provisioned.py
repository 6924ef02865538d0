"""Provisioned concurrency: environments of a version or an alias that are initialised ahead (facts §5.1).

What was asked for is kept in the function's settings; how far it is, the invoker knows.
"""

from __future__ import annotations

from lambda_sandbox.clock import iso8601
from lambda_sandbox.lambda_api import errors
from lambda_sandbox.lambda_api.context import Answer, Context, Given, Provisioned
from lambda_sandbox.lambda_api.names import Target, alias, find, is_alias, locate, published, version_of
from lambda_sandbox.lambda_api.paging import page
from lambda_sandbox.state import LATEST, Function
from lambda_sandbox.wire import AwsError

_UNPUBLISHED = "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
_UNQUALIFIED = "The function resource provided must be an alias or a published version."


def put_provisioned_concurrency_config(context: Context, given: Given) -> Answer:
    function, qualifier = _provisionable(context, given, _UNPUBLISHED)
    wanted: int = given["ProvisionedConcurrentExecutions"]
    _refuse_overlap(function, qualifier)
    if version_of(context, function, qualifier).snap_start != "None":
        raise errors.invalid("Provisioned Concurrency is not supported for functions with SnapStart enabled.")
    _check_room(context, function, qualifier, wanted)
    _configs(function)[qualifier] = {"requested": wanted}
    context.rooms.invoker.provision(context.region, function.name, qualifier, wanted)
    return _describe(context.rooms.invoker.provisioned(context.region, function.name, qualifier))


def get_provisioned_concurrency_config(context: Context, given: Given) -> Answer:
    function, qualifier = _provisionable(context, given, _UNQUALIFIED)
    if qualifier not in _configs(function):
        raise AwsError(
            "ProvisionedConcurrencyConfigNotFoundException",
            404,
            "No Provisioned Concurrency Config found for this function",
        )
    return _describe(context.rooms.invoker.provisioned(context.region, function.name, qualifier))


def delete_provisioned_concurrency_config(context: Context, given: Given) -> None:
    """Deletes it; one that is not there is no error."""
    function, qualifier = _provisionable(context, given, _UNQUALIFIED)
    forget(context, function, qualifier)


def list_provisioned_concurrency_configs(context: Context, given: Given) -> Answer:
    function = find(context, locate(context, given))
    listed = [
        (
            qualifier,
            {
                "FunctionArn": context.arn(function.name, qualifier),
                **_describe(context.rooms.invoker.provisioned(context.region, function.name, qualifier)),
            },
        )
        for qualifier in sorted(_configs(function))
    ]
    configs, marker = page(listed, given)
    return {"ProvisionedConcurrencyConfigs": configs, "NextMarker": marker}


def forget(context: Context, function: Function, qualifier: str) -> None:
    """Ends what was provisioned for a version or an alias, if anything was."""
    if _configs(function).pop(qualifier, None) is not None:
        context.rooms.invoker.deprovision(context.region, function.name, qualifier)


def forget_all(context: Context, function: Function) -> None:
    for qualifier in list(_configs(function)):
        forget(context, function, qualifier)


def moved(context: Context, function: Function, qualifier: str) -> None:
    """An alias points elsewhere: what was provisioned for it is provisioned anew, of the other version."""
    if config := _configs(function).get(qualifier):
        context.rooms.invoker.provision(context.region, function.name, qualifier, config["requested"])


def _provisionable(context: Context, given: Given, refusal: str) -> tuple[Function, str]:
    """The function, and the alias or version of it that was named; both exist."""
    target = locate(context, given)
    if target.qualifier in (None, LATEST):
        raise errors.invalid(refusal if target.qualifier else _UNQUALIFIED)
    qualifier = str(target.qualifier)
    function = context.state.function(context.region, target.name)
    if is_alias(qualifier):
        if function is None:
            raise errors.alias_not_found(context.arn(target.name, qualifier))
        alias(context, function, qualifier)
        return function, qualifier
    function = find(context, Target(target.name, qualifier))
    published(context, function, qualifier)
    return function, qualifier


def _refuse_overlap(function: Function, qualifier: str) -> None:
    """One version is provisioned once: by its number, or by an alias."""
    configs = _configs(function)
    if is_alias(qualifier):
        if function.aliases[qualifier].function_version in configs:
            raise errors.conflict(
                "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version"
            )
    elif any(found.function_version == qualifier and name in configs for name, found in function.aliases.items()):
        raise errors.conflict("Version is pointed by a Provisioned Concurrency alias")


def _check_room(context: Context, function: Function, qualifier: str, wanted: int) -> None:
    """Within the function's reservation if it has one, else within what the account has left."""
    others = function.provisioned - _configs(function).get(qualifier, {}).get("requested", 0)
    if function.reserved_concurrency is not None:
        if others + wanted > function.reserved_concurrency:
            raise errors.invalid(
                "Requested Provisioned Concurrency should not be greater than the "
                "reservedConcurrentExecution for function"
            )
        return
    left = context.state.unreserved(context.region, without=function)
    if others + wanted > left:
        raise errors.invalid_untyped(
            f"Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [{left}]."
        )
    if left - others - wanted < context.state.unreserved_min:
        raise errors.invalid_untyped(
            "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
            f"below its minimum value of [{context.state.unreserved_min}]."
        )


def _configs(function: Function) -> dict[str, dict[str, int]]:
    configs: dict[str, dict[str, int]] = function.settings.setdefault("provisioned", {})
    return configs


def _describe(now: Provisioned) -> Answer:
    return {
        "RequestedProvisionedConcurrentExecutions": now.requested,
        "AvailableProvisionedConcurrentExecutions": now.available,
        "AllocatedProvisionedConcurrentExecutions": now.allocated,
        "Status": now.status,
        "StatusReason": now.reason,
        "LastModified": iso8601(now.last_modified)[:19] + "+0000",
    }
