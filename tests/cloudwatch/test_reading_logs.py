"""CloudWatch Logs as a reader sees them: formats and levels, filter patterns, retention, and metrics made of lines."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambda_sandbox import Sandbox
from lambda_sandbox.clock import VIRTUAL_EPOCH, wall_clock
from lambda_sandbox.cloudwatch.embedded_metrics import points

TALKS = """
import logging
log = logging.getLogger()
def handler(event, context):
    if event:
        log.setLevel(event)
    print("a plain line")
    print('{"timestamp": "2031-01-01T00:00:00Z", "level": "%s", "message": "printed"}' % (event or "INFO"))
    log.debug("small")
    log.info("middling", extra={"order": 7})
    log.error("big")
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=1, clock="virtual") as sandbox:
        yield sandbox


def read(sandbox: Sandbox, name: str, pattern: str = "") -> list[str]:
    found = sandbox.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}", filterPattern=pattern)
    return [event["message"] for event in found["events"]]


def logged(sandbox: Sandbox, name: str, set_level: str = "", **levels: str) -> list[str]:
    """What a function that logs in JSON leaves: the type of what the platform says, the message of what it says."""
    config = {"LogFormat": "JSON", **levels}
    sandbox.deploy(TALKS, name=name, Runtime="python3.13", LoggingConfig=config)
    answer = sandbox.client("lambda").invoke(FunctionName=name, Payload=json.dumps(set_level), LogType="Tail")
    tail = base64.b64decode(answer["LogResult"]).decode()
    said = []
    for line in read(sandbox, name):
        entry = json.loads(line) if line.startswith("{") else line
        said.append(entry if isinstance(entry, str) else entry.get("type") or entry["message"])
        assert line.strip() in tail or "platform.init" in line
    return said


def test_a_function_that_logs_in_json_says_so_much_as_its_levels_let_it(sandbox: Sandbox) -> None:
    start, done, report = "platform.start", "platform.runtimeDone", "platform.report"
    first, last = "platform.initStart", "platform.initReport"
    plain = "a plain line\n"
    assert logged(sandbox, "usual") == [first, start, plain, "printed", "middling", "big", report]
    everything = [first, last, start, plain, "printed", "small", "middling", "big", done, report]
    assert logged(sandbox, "loud", ApplicationLogLevel="DEBUG", SystemLogLevel="DEBUG") == everything
    assert logged(sandbox, "quiet", ApplicationLogLevel="ERROR", SystemLogLevel="WARN") == ["big"]
    # `logger.setLevel()` in code wins, for what the logger writes; what is printed is sieved by the function's level.
    assert logged(sandbox, "sets", "DEBUG") == [first, start, plain, "small", "middling", "big", report]
    assert logged(sandbox, "less", "ERROR", ApplicationLogLevel="DEBUG", SystemLogLevel="WARN") == [
        plain,
        "printed",
        "big",
    ]

    [entry] = [json.loads(line) for line in read(sandbox, "usual", "{ $.order = 7 && $.level = INFO }")]
    [started] = [json.loads(line) for line in read(sandbox, "usual", '{ $.type = "platform.start" }')]
    assert started["record"] == {"requestId": entry["requestId"], "version": "$LATEST"}
    [reported] = [json.loads(line) for line in read(sandbox, "usual", '{ $.type = "platform.report" }')]
    assert reported["record"]["status"] == "success"
    assert reported["record"]["metrics"]["memorySizeMB"] == 128


def test_a_pattern_chooses_among_all_streams_in_order_of_time(sandbox: Sandbox) -> None:
    logs = sandbox.client("logs")
    logs.create_log_group(logGroupName="/aws/lambda/own")
    now = int(sandbox.clock.now() * 1000)
    for stream in ("a", "b"):
        logs.create_log_stream(logGroupName="/aws/lambda/own", logStreamName=stream)
        events = [
            {"timestamp": now + 2 * place + (stream == "b"), "message": f"{stream} {word}"}
            for place, word in enumerate(("ERROR disk", "ERROR timeout", "WARN"))
        ]
        logs.put_log_events(logGroupName="/aws/lambda/own", logStreamName=stream, logEvents=events)
    assert read(sandbox, "own", "ERROR -timeout") == ["a ERROR disk", "b ERROR disk"]
    assert read(sandbox, "own", "?disk ?WARN") == ["a ERROR disk", "b ERROR disk", "a WARN", "b WARN"]
    assert read(sandbox, "own", "[stream = b, level = ERROR, ...]") == ["b ERROR disk", "b ERROR timeout"]
    with pytest.raises(ClientError, match="InvalidParameterException"):
        read(sandbox, "own", "{ $.a }")


def test_code_that_dates_events_by_the_wall_clock_means_now(sandbox: Sandbox) -> None:
    logs = sandbox.client("logs")
    logs.create_log_group(logGroupName="/aws/lambda/dated")
    logs.create_log_stream(logGroupName="/aws/lambda/dated", logStreamName="a")
    events = [{"timestamp": int(wall_clock() * 1000), "message": "by the wall clock"}]
    written = logs.put_log_events(logGroupName="/aws/lambda/dated", logStreamName="a", logEvents=events)
    assert "rejectedLogEventsInfo" not in written
    [event] = logs.filter_log_events(logGroupName="/aws/lambda/dated")["events"]
    assert abs(event["timestamp"] / 1000 - sandbox.clock.now()) < 60


def test_who_wants_a_live_tail_is_told_that_there_is_none(sandbox: Sandbox) -> None:
    """boto3 would ask a host named `stream-127.0.0.1`, but for a variable that is set with the others."""
    with pytest.raises(ClientError, match="The sandbox does not model StartLiveTail") as refused:
        sandbox.client("logs").start_live_tail(logGroupIdentifiers=["arn:aws:logs:us-east-1:123456789012:log-group:x"])
    assert refused.value.response["Error"]["Code"] == "NotModelledBySandbox"


def test_what_is_older_than_its_retention_is_gone(sandbox: Sandbox) -> None:
    logs = sandbox.client("logs")
    sandbox.deploy(TALKS, name="ages", Runtime="python3.13")
    sandbox.client("lambda").invoke(FunctionName="ages")
    assert "a plain line\n" in read(sandbox, "ages")
    with pytest.raises(ClientError, match="retentionInDays"):
        logs.put_retention_policy(logGroupName="/aws/lambda/ages", retentionInDays=2)
    logs.put_retention_policy(logGroupName="/aws/lambda/ages", retentionInDays=1)
    sandbox.clock.advance(hours=23)
    sandbox.client("lambda").invoke(FunctionName="ages")
    before = len(read(sandbox, "ages"))
    sandbox.clock.advance(hours=2)
    assert 0 < len(read(sandbox, "ages")) < before


EMBEDDED = """
import json, time
def handler(event, context):
    print(json.dumps({
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [{
            "Namespace": "Shop", "Dimensions": [["Shelf"], []],
            "Metrics": [{"Name": "Orders", "Unit": "Count"}, {"Name": "Wait", "Unit": "Milliseconds"}]}]},
        "Shelf": "top", "Orders": 2, "Wait": [10, 20, 30], "customer": "ada"}))
    print("ERROR out of stock")
"""


def test_lines_become_metrics_embedded_or_by_a_filter(sandbox: Sandbox) -> None:
    logs, cloudwatch = sandbox.client("logs"), sandbox.client("cloudwatch")
    sandbox.deploy(EMBEDDED, name="sells", Runtime="python3.13")
    logs.create_log_group(logGroupName="/aws/lambda/sells")
    made = {"metricName": "Errors", "metricNamespace": "Shop", "metricValue": "1"}
    about = {"logGroupName": "/aws/lambda/sells", "filterName": "errors"}
    logs.put_metric_filter(**about, filterPattern="ERROR", metricTransformations=[made])
    sold = {"metricName": "Sold", "metricNamespace": "Shop", "metricValue": "$.Orders", "defaultValue": 0}
    about["filterName"] = "sold"
    logs.put_metric_filter(**about, filterPattern="{ $.Orders > 0 }", metricTransformations=[sold])
    for _ in range(2):
        sandbox.client("lambda").invoke(FunctionName="sells")

    now = datetime.fromtimestamp(sandbox.clock.now(), UTC)

    def value(name: str, statistic: str, *dimensions: dict[str, str]) -> float:
        about = {"Namespace": "Shop", "MetricName": name, "Dimensions": list(dimensions), "Statistics": [statistic]}
        times = {"StartTime": now - timedelta(hours=1), "EndTime": now + timedelta(hours=1), "Period": 7200}
        [point] = cloudwatch.get_metric_statistics(**about, **times)["Datapoints"]
        return float(point[statistic])

    top = {"Name": "Shelf", "Value": "top"}
    assert value("Orders", "Sum", top) == value("Orders", "Sum") == 4
    assert (value("Wait", "SampleCount"), value("Wait", "Maximum", top)) == (6, 30)
    assert value("Errors", "Sum") == 2
    assert (value("Sold", "Sum"), value("Sold", "Minimum")) == (4, 0)
    wrong = {**made, "metricValue": "$bytes"}
    with pytest.raises(ClientError, match="models metric filters whose value is a number or a field"):
        logs.put_metric_filter(**about, filterPattern="ERROR", metricTransformations=[wrong])


NOW = int(VIRTUAL_EPOCH * 1000)


def embedded(**changes: Any) -> str:
    directive = {"Namespace": "N", "Dimensions": [["d"]], "Metrics": [{"Name": "m"}], **changes.pop("directive", {})}
    said = {"_aws": {"Timestamp": NOW - 60_000, "CloudWatchMetrics": [directive]}, "d": "x", "m": 1, **changes}
    return json.dumps(said)


@pytest.mark.parametrize(
    ("line", "values"),
    [
        (embedded(), [[1]]),
        (embedded(m=[1, 2.5]), [[1, 2.5]]),
        (embedded(directive={"Dimensions": []}), [[1]]),
        (embedded(m="1"), []),
        (embedded(m=True), []),
        (embedded(m=list(range(101))), []),
        (embedded(d=7), []),
        (embedded(directive={"Dimensions": [["nowhere"]]}), []),
        (embedded(directive={"Metrics": 3}), []),
        (embedded()[:-1], []),
        ('["CloudWatchMetrics"]', []),
    ],
    ids=str,
)
def test_an_embedded_metric_is(line: str, values: list[Any]) -> None:
    found = points([(NOW, line)])
    assert [list(point.values) for point in found] == values
    assert all(point.at == VIRTUAL_EPOCH - 60 for point in found)


def test_a_time_that_cloudwatch_would_not_take_is_that_of_the_line() -> None:
    long_ago = datetime(2025, 1, 1, tzinfo=UTC).timestamp() * 1000
    line = embedded(_aws={**json.loads(embedded())["_aws"], "Timestamp": long_ago})
    assert [point.at for point in points([(NOW, line)])] == [VIRTUAL_EPOCH]
