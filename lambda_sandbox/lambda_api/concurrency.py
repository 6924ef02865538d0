"""Reserved concurrency, the account's share that is left, and what is said of provisioned concurrency."""

from __future__ import annotations

from typing import NoReturn

from lambda_sandbox.facts import fact
from lambda_sandbox.lambda_api import errors
from lambda_sandbox.lambda_api.context import Answer, Context, Given
from lambda_sandbox.lambda_api.names import alias, find, find_whole, is_alias, locate, published
from lambda_sandbox.state import LATEST, Function
from lambda_sandbox.wire import AwsError


def put_function_concurrency(context: Context, given: Given) -> Answer:
    function = find_whole(context, given)
    wanted: int = given["ReservedConcurrentExecutions"]
    if unreserved(context, without=function) - wanted < fact("concurrency.unreserved_min"):
        raise errors.invalid(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
            f"below its minimum value of [{fact('concurrency.unreserved_min')}]."
        )
    function.reserved_concurrency = wanted
    return {"ReservedConcurrentExecutions": wanted}


def get_function_concurrency(context: Context, given: Given) -> Answer:
    return {"ReservedConcurrentExecutions": find_whole(context, given).reserved_concurrency}


def delete_function_concurrency(context: Context, given: Given) -> None:
    find_whole(context, given).reserved_concurrency = None


def unreserved(context: Context, *, without: Function | None = None) -> int:
    """What no function of this Region has reserved."""
    reserved = (f.reserved_concurrency or 0 for f in context.state.in_region(context.region) if f is not without)
    return context.state.concurrency_quota - sum(reserved)


def get_provisioned_concurrency_config(context: Context, given: Given) -> NoReturn:
    """There never is one, since the sandbox refuses to make it."""
    _provisionable(context, given, "The function resource provided must be an alias or a published version.")
    raise AwsError(
        "ProvisionedConcurrencyConfigNotFoundException",
        404,
        "No Provisioned Concurrency Config found for this function",
    )


def put_provisioned_concurrency_config(context: Context, given: Given) -> NoReturn:
    """Refuses what AWS refuses, in its words; refuses the rest in ours."""
    refusal = "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
    _provisionable(context, given, refusal)
    raise errors.not_modelled("provisioned concurrency", "Reserved concurrency (PutFunctionConcurrency) works.")


def list_provisioned_concurrency_configs(context: Context, given: Given) -> Answer:
    find(context, locate(context, given))
    return {"ProvisionedConcurrencyConfigs": []}


def _provisionable(context: Context, given: Given, refusal: str) -> None:
    target = locate(context, given)
    if target.qualifier == LATEST:
        raise errors.invalid(refusal)
    function = find(context, target)
    if is_alias(target.qualifier):
        alias(context, function, str(target.qualifier))
    else:
        published(context, function, str(target.qualifier))
