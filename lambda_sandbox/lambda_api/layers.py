"""Layers of a function. The sandbox keeps none yet, so none exists; what a request names is checked as on AWS."""

from __future__ import annotations

from collections.abc import Sequence

from lambda_sandbox.facts import fact
from lambda_sandbox.lambda_api import errors
from lambda_sandbox.lambda_api.context import Context


def check_layers(context: Context, layers: Sequence[str]) -> None:
    """Raises InvalidParameterValueException: too many, elsewhere, twice, or not there (facts §1.7)."""
    if len(layers) > fact("limits.layers"):
        raise errors.invalid(f"Cannot reference more than {fact('limits.layers')} layers.")
    seen: dict[str, str] = {}
    for arn in layers:
        if arn.split(":")[3] != context.region:
            raise errors.invalid(
                "Layers are not in the same region as the function. "
                f"Layers are expected to be in region {context.region}."
            )
        layer = arn.rpartition(":")[0]
        if layer in seen:
            raise errors.invalid(
                "Two different versions of the same layer are not allowed to be referenced in the same function. "
                f"{seen[layer]} and {arn} are versions of the same layer."
            )
        seen[layer] = arn
    for arn in layers:
        raise errors.invalid(f"Layer version {arn} does not exist.")
