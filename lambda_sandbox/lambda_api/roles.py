"""The execution role, seen from the API: may Lambda take it on?"""

from __future__ import annotations

import asyncio

from lambda_sandbox.iam import decide, statements_of
from lambda_sandbox.lambda_api import errors
from lambda_sandbox.lambda_api.context import Context


async def check_assumable(context: Context, role_arn: str) -> None:
    """Raises InvalidParameterValueException if the role is not there, or does not let Lambda assume it."""
    policy = await asyncio.to_thread(context.rooms.bridge.trust_policy, role_arn)
    decision = decide(
        statements_of(policy),
        principal="lambda.amazonaws.com",
        action="sts:AssumeRole",
        resource=role_arn,
        context={"aws:SourceAccount": context.state.account},
    )
    if not decision.allowed:
        raise errors.invalid("The role defined for the function cannot be assumed by Lambda.")
