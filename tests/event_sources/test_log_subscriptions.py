"""Log subscriptions: filter patterns as a table, the event, permission, and that settle waits for them."""

import base64
import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes import CloudWatchLogsEvent
from botocore.exceptions import ClientError

from lambda_sandbox import Sandbox
from lambda_sandbox.cloudwatch.log_patterns import BadPattern, parse

LINE = '{"level": "ERROR", "ms": 120, "who": {"name": "Ada"}, "tags": ["a", "b"], "ok": true, "gone": null}'
ACCESS = '127.0.0.1 ada [2031-01-01 00:00] "GET /cat.png HTTP/1.1" 404 2048'


@pytest.mark.parametrize(
    ("pattern", "message", "expected"),
    [
        ("", "anything", True),
        ("ERROR", "an ERROR here", True),
        ("ERROR", "an error here", False),
        ("ERROR disk", "disk ERROR", True),
        ("ERROR disk", "ERROR", False),
        ("?ERROR ?WARN", "WARN", True),
        ("?ERROR ?WARN", "INFO", False),
        ("ERROR -timeout", "ERROR timeout", False),
        ('"out of memory"', "it is out of memory", True),
        ('"out of memory"', "out memory of", False),
        ('{ $.level = "ERROR" }', LINE, True),
        ('{ $.level = "E*" }', LINE, True),
        ('{ $.level != "INFO" }', LINE, True),
        ("{ $.ms > 100 && $.ms <= 120 }", LINE, True),
        ("{ $.ms = 120 }", LINE, True),
        ("{ $.ms < 100 || $.who.name = Ada }", LINE, True),
        ('{ ($.ms < 100 || $.ms > 110) && $.tags[1] = "b" }', LINE, True),
        ("{ $.none EXISTS }", LINE, False),
        ("{ $.none NOT EXISTS }", LINE, True),
        ("{ $.gone IS NULL }", LINE, True),
        ("{ $.ok IS TRUE }", LINE, True),
        ("{ $.ok IS FALSE }", LINE, False),
        ('{ $.level = "ERROR" }', "no json", False),
        ("{ $.level = %^ERR% && $.who.name != %x% }", LINE, True),
        ("%ERR(OR)? [0-9]+% -late", "ERROR 12", True),
        ("%ERR(OR)? [0-9]+% -late", "ERROR twelve", False),
        ("[ip, user, time, request, status = 4*, bytes > 1000]", ACCESS, True),
        ("[ip, user, time, request = *.png*, status = 404 || status = 500, bytes]", ACCESS, True),
        ("[ip = %^127\\.0\\.%, ..., bytes = 2048]", ACCESS, True),
        ("[..., status != 404, bytes]", ACCESS, False),
        ("[ip, user, time, request, status]", ACCESS, False),
        ("[ip, user, time, request, status, bytes >= 2048 && bytes < 2048]", ACCESS, False),
    ],
)
def test_a_pattern_lets_through(pattern: str, message: str, expected: bool) -> None:
    assert parse(pattern)(message) is expected


@pytest.mark.parametrize(
    "pattern",
    [
        "{ }",
        "{ $.a }",
        "{ $.a = }",
        "{ ($.a = 1 }",
        "{ $.a = 1 ) }",
        "[a, =b]",
        "[..., a, ...]",
        "[a > b]",
        "%(%",
        "%(?=x)%",
    ],
)
def test_a_pattern_that_says_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(BadPattern):
        parse(pattern)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock="virtual", seed=1) as sandbox:
        yield sandbox


SHOWS = "import json\ndef handler(event, context):\n    print(json.dumps(event))\n"


def allow(sandbox: Sandbox, function: str, group: str) -> None:
    sandbox.client("lambda").add_permission(
        FunctionName=function,
        StatementId="logs",
        Action="lambda:InvokeFunction",
        Principal="logs.us-east-1.amazonaws.com",
        SourceArn=f"arn:aws:logs:us-east-1:123456789012:log-group:{group}:*",
    )


def test_what_a_function_logs_wakes_the_one_that_subscribed_to_it(sandbox: Sandbox) -> None:
    logs, lambda_ = sandbox.client("logs"), sandbox.client("lambda")
    sandbox.deploy("def handler(event, context):\n    print(event)\n", name="talks")
    arn = sandbox.deploy(SHOWS, name="listens").arn
    logs.create_log_group(logGroupName="/aws/lambda/talks")
    about = {"logGroupName": "/aws/lambda/talks", "filterName": "errors", "destinationArn": arn}
    with pytest.raises(ClientError, match="Could not execute the lambda function"):
        logs.put_subscription_filter(**about, filterPattern="ERROR")
    allow(sandbox, "listens", "/aws/lambda/talks")
    with pytest.raises(ClientError, match="Invalid filter pattern"):
        logs.put_subscription_filter(**about, filterPattern="{ $.a }")
    logs.put_subscription_filter(**{**about, "filterName": "other"}, filterPattern="WARN")
    for pattern in ("WARN", "ERROR"):  # one of the two that a group may have is changed, and is no third
        logs.put_subscription_filter(**about, filterPattern=pattern)
    for said in ("all is well", "ERROR: no cake"):
        lambda_.invoke(FunctionName="talks", Payload=json.dumps(said))
    sandbox.settle()
    (event,) = [json.loads(r.data["message"]) for r in sandbox.journal(function="listens", kind="invocation.log")]
    read = CloudWatchLogsEvent(event).parse_logs_data()
    assert (read.message_type, read.owner, read.log_group) == ("DATA_MESSAGE", "123456789012", "/aws/lambda/talks")
    assert read.subscription_filters == ["errors"]
    assert [one.message for one in read.log_events] == ["ERROR: no cake\n"]
    whole: Any = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))
    assert sorted(whole["logEvents"][0]) == ["id", "message", "timestamp"]


def test_an_event_of_any_source_is_emitted_to_a_function(sandbox: Sandbox) -> None:
    sandbox.deploy(SHOWS, name="custom")
    request_id = sandbox.emit({"detail": "from my own source"}, to="custom")
    sandbox.settle()
    (record,) = sandbox.journal(function="custom", kind="invocation.log")
    assert json.loads(record.data["message"]) == {"detail": "from my own source"}
    assert record.request_id == request_id
