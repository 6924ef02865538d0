"""The account's limits in this Region, and what is used of them."""

from __future__ import annotations

from lambda_sandbox.facts import fact
from lambda_sandbox.lambda_api.context import Answer, Context, Given


def get_account_settings(context: Context, given: Given) -> Answer:
    functions = context.state.in_region(context.region)
    sizes = [version.code.size for f in functions for version in [f.latest, *f.versions.values()]]
    for (region, _), layer in context.state.layers.items():
        sizes += [version.code.size for version in layer.versions.values() if region == context.region]
    return {
        "AccountLimit": {
            "TotalCodeSize": fact("limits.code_storage"),
            "CodeSizeUnzipped": fact("limits.code_unzipped"),
            "CodeSizeZipped": fact("limits.code_zipped"),
            "ConcurrentExecutions": context.state.concurrency_quota,
            "UnreservedConcurrentExecutions": context.state.unreserved(context.region),
        },
        "AccountUsage": {"TotalCodeSize": sum(sizes), "FunctionCount": len(functions)},
    }
