"""How asynchronous invocations are retried and where their outcomes go: kept for each function, version or alias."""

from __future__ import annotations

from typing import Any

from lambda_sandbox.lambda_api import errors
from lambda_sandbox.lambda_api.context import Answer, Context, Given
from lambda_sandbox.lambda_api.names import Target, locate, locate_text
from lambda_sandbox.lambda_api.paging import page
from lambda_sandbox.state import LATEST, Function
from lambda_sandbox.wire import AwsError

_MEMBERS = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")


def put_function_event_invoke_config(context: Context, given: Given) -> Answer:
    """Replaces the whole configuration: what is not sent is gone."""
    return _store(context, given, replace=True)


def update_function_event_invoke_config(context: Context, given: Given) -> Answer:
    """Changes what is sent and keeps the rest."""
    return _store(context, given, replace=False)


def _store(context: Context, given: Given, *, replace: bool) -> Answer:
    target = locate(context, given)
    function = _find(context, target)
    sent = {member: given[member] for member in _MEMBERS if member in given}
    if not sent:
        raise errors.invalid("You must specify at least one of error handling or destination setting.")
    if not replace:
        sent = {**_get(context, target), **sent}
    destinations = sent.get("DestinationConfig", {})
    for outcome, to in destinations.items():
        if not _is_possible(outcome, arn := to.get("Destination", "")):
            raise errors.invalid(f"The provided destination config {as_java(destinations)} is invalid.")
        _check_function(context, function, arn)
    sent["DestinationConfig"] = {outcome: destinations.get(outcome, {}) for outcome in ("OnSuccess", "OnFailure")}
    sent["LastModified"] = round(context.rooms.clock.now(), 3)  # AWS tells milliseconds
    function.event_invoke_configs[target.qualifier or LATEST] = sent
    return _describe(context, target.name, target.qualifier or LATEST, sent)


def get_function_event_invoke_config(context: Context, given: Given) -> Answer:
    target = locate(context, given)
    return _describe(context, target.name, target.qualifier or LATEST, _get(context, target))


def delete_function_event_invoke_config(context: Context, given: Given) -> None:
    target = locate(context, given)
    _get(context, target)
    _find(context, target).event_invoke_configs.pop(target.qualifier or LATEST)


def list_function_event_invoke_configs(context: Context, given: Given) -> Answer:
    function = _find(context, Target(locate(context, given).name))
    listed = [
        (qualifier, _describe(context, function.name, qualifier, config))
        for qualifier, config in sorted(function.event_invoke_configs.items())
    ]
    configs, marker = page(listed, given)
    return {"FunctionEventInvokeConfigs": configs, "NextMarker": marker}


def _find(context: Context, target: Target) -> Function:
    function = context.state.function(context.region, target.name)
    if function is None or target.qualifier not in {None, LATEST, *function.versions, *function.aliases}:
        raise errors.not_found("The function doesn't exist.")
    return function


def _get(context: Context, target: Target) -> dict[str, Any]:
    function = context.state.function(context.region, target.name)
    qualifier = target.qualifier or LATEST
    if function is None or qualifier not in function.event_invoke_configs:
        raise errors.not_found(f"The function {context.arn(target.name, qualifier)} doesn't have an EventInvokeConfig")
    return function.event_invoke_configs[qualifier]


def _is_possible(outcome: str, arn: str) -> bool:
    """A queue, topic, bus or function; of failures also a bucket (facts §4.3)."""
    service = "".join(arn.split(":")[2:3])
    return not arn or service in ("sqs", "sns", "events", "lambda") or (service == "s3" and outcome == "OnFailure")


def as_java(destinations: dict[str, Any]) -> str:
    """A destination config as it stands in AWS's error (recorded)."""
    shown = []
    for outcome in ("OnSuccess", "OnFailure"):
        arn = destinations.get(outcome, {}).get("Destination")
        said = "null" if outcome not in destinations else f"{outcome}(destination={arn or 'null'})"
        shown.append(f"on{outcome[2:]}={said}")
    return f"DestinationConfig({', '.join(shown)})"


def _check_function(context: Context, function: Function, arn: str) -> None:
    """A function that is a destination exists, and is another one (facts §1.7)."""
    if ":lambda:" not in arn:
        return
    try:
        target = locate_text(context, arn)
    except AwsError:
        raise errors.invalid(f"The destination ARN {arn} is invalid.") from None
    if target.name == function.name:
        raise errors.invalid("You can't specify the function as a destination for itself.")
    if context.state.function(context.region, target.name) is None:
        raise errors.invalid(f"The destination ARN {arn} is invalid.")


def _describe(context: Context, name: str, qualifier: str, config: dict[str, Any]) -> Answer:
    return {"FunctionArn": context.arn(name, qualifier), **config}
