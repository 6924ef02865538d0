"""Which version a call means. Alias weights are decided here, once for each call."""

from __future__ import annotations

from lambda_sandbox.state import LATEST, Function, FunctionVersion, State, function_arn
from lambda_sandbox.wire import AwsError


def not_found(region: str, name: str, qualifier: str | None) -> AwsError:
    """`Function not found: …:function:name:$LATEST`: an unqualified miss shows `$LATEST` (facts §1.7)."""
    arn = function_arn(region, name, qualifier or LATEST)
    text = f"Function not found: {arn}"
    return AwsError("ResourceNotFoundException", 404, text, members={"Type": "User"}, capital=True)


def resolve(state: State, region: str, name: str, qualifier: str | None) -> tuple[Function, FunctionVersion]:
    """The function and the version that would run. Raises AwsError 404."""
    function = state.function(region, name)
    if function is None:
        raise not_found(region, name, qualifier)
    wanted = qualifier or LATEST
    alias = function.aliases.get(wanted)
    if alias is not None:
        wanted = alias.function_version
        draw = state.random() if alias.weights else 1.0
        for other, weight in alias.weights.items():
            if draw < weight:
                wanted = other
                break
            draw -= weight
    version = function.version(wanted)
    if version is None:
        raise not_found(region, name, qualifier)
    return function, version
