"""Reserved concurrency, and the account's share that is left."""

from __future__ import annotations

from lambda_sandbox.lambda_api import errors
from lambda_sandbox.lambda_api.context import Answer, Context, Given
from lambda_sandbox.lambda_api.names import Target, find, find_whole, whole
from lambda_sandbox.state import LATEST


def put_function_concurrency(context: Context, given: Given) -> Answer:
    function = find(context, Target(whole(context, given).name, LATEST))  # recorded: this 404 names $LATEST
    wanted: int = given["ReservedConcurrentExecutions"]
    if wanted < function.provisioned:
        raise errors.invalid_untyped(
            f" ReservedConcurrentExecutions  {wanted} should not be lower than "
            f"function's total provisioned concurrency [{function.provisioned}]."
        )
    if context.state.unreserved(context.region, without=function) - wanted < context.state.unreserved_min:
        raise errors.invalid_untyped(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
            f"below its minimum value of [{context.state.unreserved_min}]."
        )
    function.reserved_concurrency = wanted
    return {"ReservedConcurrentExecutions": wanted}


def get_function_concurrency(context: Context, given: Given) -> Answer:
    return {"ReservedConcurrentExecutions": find_whole(context, given).reserved_concurrency}


def delete_function_concurrency(context: Context, given: Given) -> None:
    find_whole(context, given).reserved_concurrency = None
