"""Which runtimes a function may ask for, and what the API says of the others (facts §1.5)."""

from __future__ import annotations

from lambda_sandbox.facts import fact
from lambda_sandbox.lambda_api import errors
from lambda_sandbox.lambda_api.model import operations


def check_runtime(runtime: str) -> None:
    """Raises InvalidParameterValueException for a runtime that is unknown, or no longer to be created."""
    creatable: list[str] = fact("runtimes.creatable")
    if runtime in creatable:
        return
    if runtime == "custom":
        raise errors.not_modelled("the runtime custom", "provided.al2023 runs whatever your bootstrap is.")
    request = operations()["CreateFunction"].input
    assert request
    if runtime in request.members["Runtime"].shape.enum:
        raise errors.invalid(
            f"The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda functions. "
            "We recommend you use a supported runtime while creating or updating functions."
        )
    raise errors.invalid(
        f"Value {runtime} at 'runtime' failed to satisfy constraint: "
        f"Member must satisfy enum value set: [{', '.join(creatable)}] or be a valid ARN"
    )


def check_snap_start(runtime: str | None) -> None:
    if runtime not in fact("runtimes.snap_start"):
        raise errors.invalid(f"{runtime} is not supported for SnapStart enabled functions.")
