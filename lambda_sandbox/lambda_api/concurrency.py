"""Reserved concurrency, and the account's share that is left."""

from __future__ import annotations

from lambda_sandbox.facts import fact
from lambda_sandbox.lambda_api import errors
from lambda_sandbox.lambda_api.context import Answer, Context, Given
from lambda_sandbox.lambda_api.names import find_whole
from lambda_sandbox.state import Function


def put_function_concurrency(context: Context, given: Given) -> Answer:
    function = find_whole(context, given)
    wanted: int = given["ReservedConcurrentExecutions"]
    provisioned = provisioned_total(function)
    if wanted < provisioned:
        raise errors.invalid(
            f" ReservedConcurrentExecutions  {wanted} should not be lower than "
            f"function's total provisioned concurrency [{provisioned}]."
        )
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
    """What no function of this Region holds: by reserving it, or by provisioning without a reservation."""
    return context.state.concurrency_quota - sum(
        provisioned_total(function) if function.reserved_concurrency is None else function.reserved_concurrency
        for function in context.state.in_region(context.region)
        if function is not without
    )


def provisioned_total(function: Function) -> int:
    """What is provisioned for all versions and aliases of a function."""
    return sum(config["requested"] for config in function.settings.get("provisioned", {}).values())
