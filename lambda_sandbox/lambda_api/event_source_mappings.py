"""Event source mappings: what Lambda reads for a function. How it is read: `event_sources/mapping.py` (facts §6.2)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from lambda_sandbox.event_sources import dynamodb, kinesis, sqs
from lambda_sandbox.event_sources.patterns import BadPattern, parse
from lambda_sandbox.facts import fact
from lambda_sandbox.lambda_api import errors, tags
from lambda_sandbox.lambda_api.context import Answer, Context, Given
from lambda_sandbox.lambda_api.event_invoke import as_java
from lambda_sandbox.lambda_api.names import is_alias, locate_text
from lambda_sandbox.lambda_api.paging import page
from lambda_sandbox.state import Function
from lambda_sandbox.wire import AwsError

_SETTLED = ("Enabled", "Disabled")
_ELSEWHERE = ("kafka", "mq", "rds", "docdb")
_KEPT = ("FilterCriteria", "ScalingConfig", "KMSKeyArn", "MetricsConfig", "LoggingConfig", "ProvisionedPollerConfig")
_QUEUE: Mapping[str, Any] = {
    "BatchSize": fact("limits.esm_batch_sqs"),
    "MaximumBatchingWindowInSeconds": 0,
    "FunctionResponseTypes": [],
}
_STREAM: Mapping[str, Any] = {
    "BatchSize": fact("limits.esm_batch_stream"),
    "MaximumBatchingWindowInSeconds": 0,
    "FunctionResponseTypes": [],
    "BisectBatchOnFunctionError": False,
    "DestinationConfig": {"OnFailure": {}},
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
    "ParallelizationFactor": 1,
    "TumblingWindowInSeconds": 0,
}
_STREAM_ONLY = ("DestinationConfig", "StartingPosition", "StartingPositionTimestamp", *_STREAM)
_OTHERS_ONLY = (  # of Kafka, MQ and DocumentDB
    "Topics",
    "Queues",
    "SourceAccessConfigurations",
    "AmazonManagedKafkaEventSourceConfig",
    "SelfManagedKafkaEventSourceConfig",
    "DocumentDBEventSourceConfig",
)
_ON_FAILURE = ("sqs", "sns", "s3")  # where the batches of streams that are given up may go (facts §6.2)
_ACTIONS = {"sqs": sqs.ACTIONS, "kinesis": kinesis.ACTIONS, "dynamodb": dynamodb.ACTIONS}


async def create_event_source_mapping(context: Context, given: Given) -> Answer:
    service = _service(given)
    _check(service, given["EventSourceArn"], given)
    _check_start(service, given)
    function, arn = _function(context, given["FunctionName"])
    _refuse_twin(context, service, given["EventSourceArn"], arn)
    tags.check(given.get("Tags", {}))
    await _check_source(context, service, given["EventSourceArn"], function)
    _refuse_twin(context, service, given["EventSourceArn"], arn)  # another create may have been quicker
    uuid = context.state.new_uuid()
    mapping: dict[str, Any] = {
        "UUID": uuid,
        "EventSourceMappingArn": f"arn:aws:lambda:{context.region}:{context.state.account}:event-source-mapping:{uuid}",
        "EventSourceArn": given["EventSourceArn"],
        "FunctionArn": arn,
        **(_QUEUE if service == "sqs" else _STREAM),
        "StateTransitionReason": "USER_INITIATED" if service == "sqs" else "User action",
    }
    if service != "sqs":
        mapping["LastProcessingResult"] = "No records processed"
        mapping |= {name: given[name] for name in ("StartingPosition", "StartingPositionTimestamp") if name in given}
    _change(context, mapping, given)
    context.state.event_source_mappings[uuid] = mapping
    context.state.other_tags[uuid] = dict(given.get("Tags", {}))
    if given.get("Enabled", True):
        context.rooms.mappings.begin(mapping, "Creating", "Enabled")
    else:
        mapping["State"] = "Disabled"
    return dict(mapping)


def get_event_source_mapping(context: Context, given: Given) -> Answer:
    return dict(_find(context, given))


def list_event_source_mappings(context: Context, given: Given) -> Answer:
    wanted = _function_arn(context, given["FunctionName"]) if "FunctionName" in given else None
    listed = [
        (uuid, dict(mapping))
        for uuid, mapping in sorted(context.state.event_source_mappings.items())
        if _region(mapping) == context.region
        and given.get("EventSourceArn") in (None, mapping["EventSourceArn"])
        and wanted in (None, mapping["FunctionArn"])
    ]
    mappings, marker = page(listed, given)
    return {"EventSourceMappings": mappings, "NextMarker": marker}


async def update_event_source_mapping(context: Context, given: Given) -> Answer:
    mapping = _find(context, given)
    _refuse_unless_settled(mapping, "update")
    service, arn = mapping["EventSourceArn"].split(":")[2], mapping["EventSourceArn"]
    _check(service, arn, {**mapping, **given}, sent=given)
    if "FunctionName" in given:
        function, function_arn = _function(context, given["FunctionName"])
        _refuse_twin(context, service, arn, function_arn, but=mapping["UUID"])
        await _check_source(context, service, arn, function)
        _refuse_unless_settled(mapping, "update")
        mapping["FunctionArn"] = function_arn
    _change(context, mapping, given)
    was, then = mapping["State"], "Enabled" if given.get("Enabled", mapping["State"] == "Enabled") else "Disabled"
    passing = "Updating" if was == then else "Enabling" if then == "Enabled" else "Disabling"
    context.rooms.mappings.begin(mapping, passing, then)
    return dict(mapping)


def delete_event_source_mapping(context: Context, given: Given) -> Answer:
    mapping = _find(context, given)
    _refuse_unless_settled(mapping, "delete")
    context.rooms.mappings.begin(mapping, "Deleting", "Deleted")
    return dict(mapping)


# -- finding


def _find(context: Context, given: Given) -> dict[str, Any]:
    mapping = context.state.event_source_mappings.get(given["UUID"])
    if mapping is None or _region(mapping) != context.region:
        raise errors.no_resource()
    return mapping


def _region(mapping: Mapping[str, Any]) -> str:
    return str(mapping["FunctionArn"].split(":")[3])


def _function_arn(context: Context, name: str) -> str:
    target = locate_text(context, name)
    return context.arn(target.name, target.qualifier)


def _function(context: Context, name: str) -> tuple[Function, str]:
    """The function and its ARN, qualified as it was named. Raises 400: here an unknown one is a bad parameter."""
    target = locate_text(context, name)
    function = context.state.function(context.region, target.name)
    if function is None:
        raise errors.invalid("Function does not exist")
    known = function.aliases if is_alias(target.qualifier) else {"$LATEST", *function.versions}
    if target.qualifier and target.qualifier not in known:
        raise errors.invalid("Function does not exist")
    return function, context.arn(target.name, target.qualifier)


def _refuse_unless_settled(mapping: Mapping[str, Any], verb: str) -> None:
    if mapping["State"] not in _SETTLED:
        text = f"Cannot {verb} the event source mapping because it is in use."
        raise AwsError("ResourceInUseException", 400, text)


def _refuse_twin(context: Context, service: str, source: str, function_arn: str, but: str = "") -> None:
    for uuid, mapping in context.state.event_source_mappings.items():
        if uuid != but and (mapping["EventSourceArn"], mapping["FunctionArn"]) == (source, function_arn):
            name = function_arn.split(":", 6)[6]
            ending = f"Please update or delete the existing mapping with UUID {uuid}"
            if service == "sqs":
                text = f'An event source mapping with SQS arn (" {source} ") and function (" {name} ") already exists.'
            else:
                text = f'The event source arn (" {source} ") and function (" {name} ") provided mapping already exists.'
            raise errors.conflict(f"{text} {ending}")


# -- checking


def _service(given: Given) -> str:
    """What kind of source is meant: `sqs`, `kinesis` or `dynamodb`."""
    if "SelfManagedEventSource" in given:
        raise errors.not_modelled("event source mappings of self-managed Kafka")
    service = given.get("EventSourceArn", "::").split(":")[2]
    if service in _ELSEWHERE:
        raise errors.not_modelled(f"event source mappings of {service}", "It reads SQS, Kinesis and DynamoDB streams.")
    if service not in _ACTIONS or (service == "dynamodb" and "/stream/" not in given["EventSourceArn"]):
        raise errors.invalid("Unrecognized event source.")
    return str(service)


def _check(service: str, arn: str, settings: Given, sent: Given | None = None) -> None:
    """Raises for settings that this kind of source does not have, or not together."""
    given = settings if sent is None else sent
    fifo = arn.endswith(".fifo")
    if "OnSuccess" in given.get("DestinationConfig", {}):
        raise _unsupported("DestinationConfig")
    for name in _OTHERS_ONLY:
        if name in given:
            raise _unsupported(name)
    if service == "sqs":
        for name in _STREAM_ONLY:
            if name in given and name not in _QUEUE:
                raise _unsupported(name)
        if fifo and given.get("MaximumBatchingWindowInSeconds"):
            raise _unsupported("MaximumBatchingWindowInSeconds")
        if fifo and given.get("BatchSize", 1) > 10:
            raise errors.invalid("Maximum batch size for FIFO queues is 10")
        if settings.get("BatchSize", 1) > 10 and not settings.get("MaximumBatchingWindowInSeconds"):
            raise errors.invalid(
                "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
            )
        if settings.get("ScalingConfig") and settings.get("ProvisionedPollerConfig"):
            raise errors.invalid("MaximumConcurrency and ProvisionedPollerConfig cannot be used together.")
    else:
        for name in ("ScalingConfig", "ProvisionedPollerConfig"):
            if given.get(name):
                raise _unsupported(name)
        destinations = given.get("DestinationConfig", {})
        target = destinations.get("OnFailure", {}).get("Destination")
        if target and target.split(":")[2] not in _ON_FAILURE:
            raise errors.invalid(f"The provided destination config {as_java(destinations)} is invalid.")
        if 0 <= given.get("MaximumRecordAgeInSeconds", -1) < 60:
            raise errors.invalid("MaximumRecordAgeInSeconds must be -1, or between 60 and 604800.")
    filters = (given.get("FilterCriteria") or {}).get("Filters") or []
    if len(filters) > fact("limits.esm_filters"):
        raise errors.invalid(f"The number of filters cannot exceed {fact('limits.esm_filters')}.")
    for one in filters:
        try:
            parse(one.get("Pattern") or "", empty=True)
        except BadPattern:
            raise errors.invalid("Invalid filter pattern definition.") from None


def _check_start(service: str, given: Given) -> None:
    position = given.get("StartingPosition")
    if service == "sqs":
        return
    if position is None:
        raise errors.invalid(
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: "
            "Member must not be null."
        )
    if position == "AT_TIMESTAMP" and service == "dynamodb":
        raise errors.invalid(f"Unsupported starting position for arn type: {given['EventSourceArn']}")
    if (position == "AT_TIMESTAMP") != ("StartingPositionTimestamp" in given):
        raise errors.invalid("StartingPositionTimestamp must be given with AT_TIMESTAMP, and only with it.")


def _unsupported(name: str) -> AwsError:
    return errors.invalid(f"Unsupported {name} parameter for given event source mapping type.")


async def _check_source(context: Context, service: str, arn: str, function: Function) -> None:
    """Raises if the source is not there, the role may not read it, or a queue hides messages for too short a time."""
    try:
        await context.rooms.mappings.check_role(function.latest.role, arn, *_ACTIONS[service])
    except AwsError as error:
        raise _not_permitted(service, arn, error.members["Action"].split(":")[1]) from None
    if service != "sqs":
        if await asyncio.to_thread(context.rooms.bridge.read_stream, arn, {}) is None:
            raise errors.invalid(f"Stream not found: {arn}")
        return
    hidden_s = await asyncio.to_thread(context.rooms.bridge.visibility_timeout, arn)
    if hidden_s is None:
        raise errors.invalid(
            "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
            "SQS Error Message: The specified queue does not exist."
        )
    if hidden_s < function.latest.timeout:
        raise errors.invalid(
            f"Invalid request provided: Queue visibility timeout: {hidden_s} seconds is less than "
            f"Function timeout: {function.latest.timeout} seconds"
        )


def _not_permitted(service: str, arn: str, action: str) -> AwsError:
    if service == "sqs":
        return errors.invalid(f"The provided execution role does not have permissions to call {action} on SQS")
    shards = "ListShards, " if service == "kinesis" else ""
    return errors.invalid(
        f"Cannot access stream {arn}. Please ensure the role can perform the GetRecords, GetShardIterator, "
        f"DescribeStream, {shards}and ListStreams Actions on your stream in IAM."
    )


# -- changing


def _change(context: Context, mapping: dict[str, Any], given: Given) -> None:
    """Takes over what was sent; what is sent empty is taken away."""
    for name in (*_STREAM, *_KEPT):
        if name in given:
            mapping[name] = given[name]
    if not (mapping.get("FilterCriteria") or {}).get("Filters"):
        mapping.pop("FilterCriteria", None)
    for name in _KEPT:
        if name in mapping and not mapping[name]:
            del mapping[name]
    if "DestinationConfig" in mapping:
        mapping["DestinationConfig"] = {"OnFailure": {}, **mapping["DestinationConfig"]}
    mapping["LastModified"] = round(context.rooms.clock.now(), 3)  # AWS tells milliseconds
