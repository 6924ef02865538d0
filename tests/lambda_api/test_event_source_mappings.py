"""Event source mappings: what is kept and shown, its states, and AWS's words for what is refused."""

from __future__ import annotations

from typing import Any

import pytest

QUEUE = "arn:aws:sqs:us-east-1:123456789012:orders"
FIFO = f"{QUEUE}.fifo"
STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/2031-01-01T00:00:00.000"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:hello"


@pytest.fixture
def mapped(lambda_: Any, create: Any) -> Any:
    """Creates a mapping of `hello`; gives the answer."""
    create()

    def mapped(source: str = QUEUE, **more: Any) -> dict[str, Any]:
        made = lambda_.create_event_source_mapping(FunctionName="hello", EventSourceArn=source, **more)
        made.pop("ResponseMetadata")
        return dict(made)

    return mapped


def test_a_queue_and_a_stream_show_what_aws_shows(mapped: Any) -> None:
    made = mapped()
    uuid = made.pop("UUID")
    assert made.pop("LastModified").microsecond % 1000 == 0
    assert made == {
        "BatchSize": 10,
        "EventSourceArn": QUEUE,
        "EventSourceMappingArn": f"arn:aws:lambda:us-east-1:123456789012:event-source-mapping:{uuid}",
        "FunctionArn": FUNCTION,
        "FunctionResponseTypes": [],
        "MaximumBatchingWindowInSeconds": 0,
        "State": "Creating",
        "StateTransitionReason": "USER_INITIATED",
    }
    made = mapped(STREAM, StartingPosition="LATEST")
    assert {name: value for name, value in made.items() if name not in ("UUID", "LastModified", "FunctionArn")} == {
        "BatchSize": 100,
        "BisectBatchOnFunctionError": False,
        "DestinationConfig": {"OnFailure": {}},
        "EventSourceArn": STREAM,
        "EventSourceMappingArn": f"arn:aws:lambda:us-east-1:123456789012:event-source-mapping:{made['UUID']}",
        "FunctionResponseTypes": [],
        "LastProcessingResult": "No records processed",
        "MaximumBatchingWindowInSeconds": 0,
        "MaximumRecordAgeInSeconds": -1,
        "MaximumRetryAttempts": -1,
        "ParallelizationFactor": 1,
        "StartingPosition": "LATEST",
        "State": "Creating",
        "StateTransitionReason": "User action",
        "TumblingWindowInSeconds": 0,
    }


def test_a_mapping_goes_from_state_to_state(served: Any, lambda_: Any, mapped: Any, refused: Any) -> None:
    uuid = mapped(FilterCriteria={"Filters": [{"Pattern": '{"body": {"a": [1]}}'}]})["UUID"]

    def state() -> str:
        return str(lambda_.get_event_source_mapping(UUID=uuid)["State"])

    in_use = (400, "ResourceInUseException", "Cannot {} the event source mapping because it is in use.")
    assert refused("update_event_source_mapping", UUID=uuid)[:3] == (*in_use[:2], in_use[2].format("update"))
    assert refused("delete_event_source_mapping", UUID=uuid)[:3] == (*in_use[:2], in_use[2].format("delete"))
    served.settle()
    assert state() == "Enabled"
    for change, passing, then in (
        ({"BatchSize": 5, "FilterCriteria": {}}, "Updating", "Enabled"),
        ({"Enabled": False}, "Disabling", "Disabled"),
        ({"BatchSize": 6}, "Updating", "Disabled"),
        ({"Enabled": True}, "Enabling", "Enabled"),
    ):
        assert lambda_.update_event_source_mapping(UUID=uuid, **change)["State"] == passing
        served.settle()
        assert state() == then
    shown = lambda_.get_event_source_mapping(UUID=uuid)
    assert shown["BatchSize"] == 6
    assert "FilterCriteria" not in shown
    assert lambda_.delete_event_source_mapping(UUID=uuid)["State"] == "Deleting"
    assert state() == "Deleting"
    served.settle()
    gone = (404, "ResourceNotFoundException", "The resource you requested does not exist.")
    for operation in ("get", "update", "delete"):
        assert refused(f"{operation}_event_source_mapping", UUID=uuid)[:3] == gone
    assert mapped(Enabled=False)["State"] == "Disabled"


def test_mappings_are_listed_by_function_and_source_in_pages(lambda_: Any, mapped: Any, create: Any) -> None:
    create("other")
    for number in range(3):
        mapped(f"{QUEUE}-{number}")
    lambda_.create_event_source_mapping(FunctionName="other", EventSourceArn=QUEUE)

    def listed(**wanted: Any) -> list[str]:
        pages = lambda_.get_paginator("list_event_source_mappings").paginate(**wanted, PaginationConfig={"PageSize": 2})
        return sorted(one["EventSourceArn"][len(QUEUE) :] for page in pages for one in page["EventSourceMappings"])

    assert listed() == ["", "-0", "-1", "-2"]
    assert listed(FunctionName="hello") == ["-0", "-1", "-2"]
    assert listed(FunctionName="hello", EventSourceArn=f"{QUEUE}-1") == ["-1"]
    assert listed(FunctionName="nobody") == []


def test_a_mapping_has_tags(lambda_: Any, mapped: Any) -> None:
    arn = mapped(Tags={"team": "a"})["EventSourceMappingArn"]
    lambda_.tag_resource(Resource=arn, Tags={"stage": "test"})
    lambda_.untag_resource(Resource=arn, TagKeys=["team"])
    assert lambda_.list_tags(Resource=arn)["Tags"] == {"stage": "test"}


def test_a_second_mapping_of_the_same_source_is_refused(mapped: Any, refused: Any) -> None:
    for source, more, text in (
        (QUEUE, {}, 'An event source mapping with SQS arn (" {} ") and function (" hello ") already exists.'),
        (
            STREAM,
            {"StartingPosition": "LATEST"},
            'The event source arn (" {} ") and function (" hello ") provided mapping already exists.',
        ),
    ):
        uuid = mapped(source, **more)["UUID"]
        asked = {"FunctionName": FUNCTION, "EventSourceArn": source, **more}
        text = f"{text.format(source)} Please update or delete the existing mapping with UUID {uuid}"
        assert refused("create_event_source_mapping", **asked)[:3] == (409, "ResourceConflictException", text)


POSITION = (
    "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: "
    "Member must not be null."
)
LATEST = {"StartingPosition": "LATEST"}
AT_TIMESTAMP = {"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": 1}
WINDOW = "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
UNSUPPORTED = "Unsupported {} parameter for given event source mapping type."
MISSING = (
    "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
    "SQS Error Message: The specified queue does not exist."
)

BUS = "arn:aws:events:us-east-1:123456789012:event-bus/default"
NO_DESTINATION = "The provided destination config DestinationConfig(onSuccess=null, onFailure=OnFailure(destination"


@pytest.mark.parametrize(
    ("source", "more", "text"),
    [
        (QUEUE, {"BatchSize": 11}, WINDOW),
        (FIFO, {"BatchSize": 11}, "Maximum batch size for FIFO queues is 10"),
        (FIFO, {"MaximumBatchingWindowInSeconds": 1}, UNSUPPORTED.format("MaximumBatchingWindowInSeconds")),
        (QUEUE, {"FilterCriteria": {"Filters": [{"Pattern": "simple string"}]}}, "Invalid filter pattern definition."),
        (QUEUE, {"DestinationConfig": {"OnFailure": {"Destination": FIFO}}}, UNSUPPORTED.format("DestinationConfig")),
        (QUEUE, {"ParallelizationFactor": 2}, UNSUPPORTED.format("ParallelizationFactor")),
        (QUEUE, {"Queues": ["q"]}, UNSUPPORTED.format("Queues")),
        (STREAM, {}, POSITION),
        (
            STREAM,
            LATEST | {"DestinationConfig": {"OnFailure": {"Destination": BUS}}},
            f"{NO_DESTINATION}={BUS})) is invalid.",
        ),
        (STREAM, LATEST | {"ScalingConfig": {"MaximumConcurrency": 2}}, UNSUPPORTED.format("ScalingConfig")),
        (TABLE, AT_TIMESTAMP, f"Unsupported starting position for arn type: {TABLE}"),
        (QUEUE, {"FunctionName": "nobody"}, "Function does not exist"),
        (QUEUE, {"FunctionName": "hello:7"}, "Function does not exist"),
        ("arn:aws:s3:::bucket", {}, "Unrecognized event source."),
        (f"{QUEUE[:-7]}:missing", {}, MISSING),
        (f"{STREAM[:-6]}missing", LATEST, f"Stream not found: {STREAM[:-6]}missing"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_nonsense_is_refused_in_aws_s_words(mapped: Any, refused: Any, source: str, more: Any, text: str) -> None:
    asked = {"FunctionName": "hello", "EventSourceArn": source, **more}
    assert refused("create_event_source_mapping", **asked) == (
        400,
        "InvalidParameterValueException",
        text,
        {"Type": "User"},
    )


def test_a_queue_must_hide_messages_for_the_function_s_timeout(lambda_: Any, create: Any, refused: Any) -> None:
    create("slow", Timeout=60)
    text = "Invalid request provided: Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds"
    assert refused("create_event_source_mapping", FunctionName="slow", EventSourceArn=QUEUE)[2] == text


def test_a_role_that_may_not_read_the_source_is_refused(served: Any, create: Any, refused: Any) -> None:
    create()
    served.mappings.forbidden = {"sqs:ReceiveMessage", "kinesis:GetRecords"}
    asked = {"FunctionName": "hello", "EventSourceArn": QUEUE}
    text = "The provided execution role does not have permissions to call ReceiveMessage on SQS"
    assert refused("create_event_source_mapping", **asked)[:3] == (400, "InvalidParameterValueException", text)
    answer = refused("create_event_source_mapping", **asked | {"EventSourceArn": STREAM, "StartingPosition": "LATEST"})
    assert answer[2].startswith(f"Cannot access stream {STREAM}. Please ensure the role can perform the ")


def test_what_the_sandbox_does_not_read_is_said_plainly(create: Any, refused: Any) -> None:
    create()
    for arn in (
        "arn:aws:kafka:us-east-1:123456789012:cluster/c/1",
        "arn:aws:mq:us-east-1:123456789012:broker:b:b-1",
        "arn:aws:rds:us-east-1:123456789012:cluster:c",
    ):
        answer = refused("create_event_source_mapping", FunctionName="hello", EventSourceArn=arn)
        assert answer[:2] == (501, "NotModelledBySandbox")
