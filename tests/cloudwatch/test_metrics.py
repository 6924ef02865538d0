"""AWS/Lambda metrics from what really ran, and the store that they share with a function's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from lambda_sandbox import Sandbox
from lambda_sandbox.clock import VIRTUAL_EPOCH
from lambda_sandbox.cloudwatch.metrics import Tally
from lambda_sandbox.journal import Kind, Record
from lambda_sandbox.moto_bridge import metric_store
from lambda_sandbox.moto_bridge.metric_store import Bucket, MetricStore, Series

SOURCE = """
import boto3
def handler(event, context):
    if event.get("fail"):
        raise ValueError("no")
    if event.get("measure"):
        boto3.client("cloudwatch").put_metric_data(
            Namespace="Shop", MetricData=[{"MetricName": "Orders", "Value": 3, "Unit": "Count"}]
        )
"""
BEGAN = datetime.fromtimestamp(VIRTUAL_EPOCH, UTC)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=1, clock="virtual") as sandbox:
        yield sandbox


def reader(sandbox: Sandbox, namespace: str = "AWS/Lambda") -> Any:
    """`of("Errors", "Sum", FunctionName="hello")`: the values of each period with any, a day each, in order."""
    cloudwatch = sandbox.client("cloudwatch")

    def of(name: str, statistic: str, **dimensions: str) -> list[float]:
        found = cloudwatch.get_metric_statistics(
            Namespace=namespace,
            MetricName=name,
            Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
            StartTime=BEGAN,
            EndTime=BEGAN + timedelta(days=9),
            Period=86_400,
            **({"ExtendedStatistics" if statistic.startswith("p") else "Statistics": [statistic]}),
        )["Datapoints"]
        found.sort(key=lambda point: point["Timestamp"])
        return [point.get(statistic, point.get("ExtendedStatistics", {}).get(statistic)) for point in found]

    return of


def test_what_ran_is_counted_by_function_by_alias_and_all_together(sandbox: Sandbox) -> None:
    sandbox.deploy(SOURCE, name="shop", Runtime="python3.13", Timeout=20)
    lambda_ = sandbox.client("lambda")
    lambda_.publish_version(FunctionName="shop")
    lambda_.create_alias(FunctionName="shop", Name="prod", FunctionVersion="1")
    for payload in (b"{}", b'{"measure": 1}', b'{"fail": 1}'):
        lambda_.invoke(FunctionName="shop", Payload=payload)
    lambda_.invoke(FunctionName="shop:prod", Payload=b"{}")
    lambda_.invoke(FunctionName="shop", InvocationType="Event", Payload=b'{"fail": 1}')
    sandbox.settle()
    lambda_.put_function_concurrency(FunctionName="shop", ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError):
        sandbox.client("lambda", config=Config(retries={"total_max_attempts": 1})).invoke(FunctionName="shop")

    of = reader(sandbox)
    assert of("Invocations", "Sum", FunctionName="shop") == of("Invocations", "Sum") == [7]
    assert of("Invocations", "Sum", FunctionName="shop", Resource="shop") == [6]
    assert of("Invocations", "Sum", FunctionName="shop", Resource="shop:prod") == [1]
    assert of("Invocations", "Sum", FunctionName="shop", Resource="shop:prod", ExecutedVersion="1") == [1]
    assert of("Errors", "Sum", FunctionName="shop") == [4]
    assert of("Errors", "Average", FunctionName="shop", Resource="shop:prod") == [0]
    assert of("Throttles", "Sum", FunctionName="shop") == [1]
    assert of("Duration", "SampleCount", FunctionName="shop") == [7]
    low, middle, high = (of("Duration", name, FunctionName="shop")[0] for name in ("Minimum", "p50", "p99.9"))
    assert 0 < low <= middle <= high == of("Duration", "Maximum", FunctionName="shop")[0]
    assert of("ConcurrentExecutions", "Maximum") == of("UnreservedConcurrentExecutions", "Maximum") == [1]
    assert of("AsyncEventsReceived", "Sum", FunctionName="shop") == of("AsyncEventsDropped", "Sum") == [1]
    assert of("AsyncEventAge", "SampleCount", FunctionName="shop") == [3]
    assert of("AsyncEventAge", "Maximum", FunctionName="shop")[0] == pytest.approx(180_000, rel=0.1)
    assert reader(sandbox, "Shop")("Orders", "Sum") == [3], "a function's own metric is in the same store"

    listed = sandbox.client("cloudwatch").list_metrics(
        Namespace="AWS/Lambda", MetricName="Errors", Dimensions=[{"Name": "Resource"}]
    )
    resources = {one["Value"] for m in listed["Metrics"] for one in m["Dimensions"] if one["Name"] == "Resource"}
    assert resources == {"shop", "shop:prod"}


def test_what_cannot_be_delivered_is_counted(sandbox: Sandbox) -> None:
    sandbox.deploy("def handler(event, context):\n    1 / 0\n", name="lost", Runtime="python3.13")
    lambda_ = sandbox.client("lambda")
    queue = "arn:aws:sqs:us-east-1:123456789012:nowhere"
    lambda_.update_function_configuration(FunctionName="lost", DeadLetterConfig={"TargetArn": queue})
    lambda_.put_function_event_invoke_config(
        FunctionName="lost", MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": queue}}
    )
    lambda_.invoke(FunctionName="lost", InvocationType="Event", Payload=b"{}")
    sandbox.settle()
    of = reader(sandbox)
    assert of("DeadLetterErrors", "Sum", FunctionName="lost") == [1]
    assert of("DestinationDeliveryFailures", "Sum", FunctionName="lost", Resource="lost") == [1]


def test_metric_data_comes_by_the_minute_and_percentiles_with_it(sandbox: Sandbox) -> None:
    cloudwatch = sandbox.client("cloudwatch")
    minute = BEGAN + timedelta(minutes=1)
    data = [
        {"MetricName": "Latency", "Timestamp": minute, "Values": [1, 2, 3, 100], "Counts": [50, 40, 9, 1]},
        {"MetricName": "Latency", "Timestamp": minute + timedelta(seconds=61), "Value": 7},
        {
            "MetricName": "Latency",
            "Timestamp": minute + timedelta(minutes=2),
            "StatisticValues": {"SampleCount": 4, "Sum": 10, "Minimum": 1, "Maximum": 4},
        },
    ]
    cloudwatch.put_metric_data(Namespace="Own", MetricData=data)
    cloudwatch.put_metric_data(Namespace="Other", MetricData=[{"MetricName": "Latency", "Value": 1_000}])

    def read(statistic: str, period: int = 60) -> list[tuple[int, float]]:
        metric = {"Namespace": "Own", "MetricName": "Latency"}
        query = {"Id": "a", "MetricStat": {"Metric": metric, "Period": period, "Stat": statistic}}
        [found] = cloudwatch.get_metric_data(
            MetricDataQueries=[query], StartTime=BEGAN, EndTime=BEGAN + timedelta(hours=1), ScanBy="TimestampAscending"
        )["MetricDataResults"]
        minutes = [int((at - BEGAN).total_seconds() // 60) for at in found["Timestamps"]]
        return list(zip(minutes, found["Values"], strict=True))

    assert read("p50") == [(1, 1), (2, 7)], "of a statistic set nobody knows the percentiles"
    assert read("p99") == [(1, 3), (2, 7)]
    assert read("p99.9") == [(1, 100), (2, 7)]
    assert read("SampleCount") == [(1, 100), (2, 1), (3, 4)]
    assert read("Sum", 3_600) == [(0, 257 + 7 + 10)]

    latency = {"Namespace": "Own", "MetricName": "Latency"}
    asked = [
        {"Id": "half", "Expression": "whole / 2"},
        {"Id": "whole", "Expression": "a * 2"},
        {"Id": "a", "ReturnData": False, "MetricStat": {"Metric": latency, "Period": 60, "Stat": "SampleCount"}},
    ]
    times = {"StartTime": BEGAN, "EndTime": BEGAN + timedelta(hours=1)}
    made = cloudwatch.get_metric_data(MetricDataQueries=asked, **times)["MetricDataResults"]
    assert [(one["Id"], one["Values"]) for one in made] == [("half", [4, 1, 100]), ("whole", [8, 2, 200])]

    refused = {
        "InvalidParameterValue": lambda: read("p101"),
        "NotImplemented": lambda: cloudwatch.get_metric_data(
            MetricDataQueries=[{"Id": "a", "Expression": "RATE(m)"}], StartTime=BEGAN, EndTime=minute
        ),
        "InvalidParameterCombination": lambda: cloudwatch.get_metric_statistics(
            Namespace="Own",
            MetricName="Latency",
            Period=60,
            Statistics=["Sum"],
            StartTime=BEGAN,
            EndTime=BEGAN + timedelta(days=2),
        ),
    }
    for code, call in refused.items():
        with pytest.raises(ClientError) as error:
            call()
        assert error.value.response["Error"]["Code"] == code


@pytest.mark.parametrize(
    ("datum", "says"),
    [
        ({"Timestamp": BEGAN - timedelta(days=15), "Value": 1}, "no more than two weeks in the past"),
        ({"Timestamp": BEGAN + timedelta(days=30), "Value": 1}, "within two hours of now"),
        ({"Values": [1], "Counts": [1, 2]}, "must be of the same size"),
    ],
    ids=["too old", "too new", "counts that do not fit"],
)
def test_a_datum_is_refused(sandbox: Sandbox, datum: dict[str, Any], says: str) -> None:
    with pytest.raises(ClientError, match=says):
        sandbox.client("cloudwatch").put_metric_data(Namespace="Own", MetricData=[{"MetricName": "m", **datum}])


# -- the projection by itself: what needs many environments or another source


class Account:
    concurrency_quota = 1000

    def unreserved(self, region: str) -> int:
        return 900


def told(*records: tuple[float, Kind, str, str, dict[str, Any]]) -> dict[str, list[float]]:
    """The values by name of what is counted for all functions together."""
    made = Tally(Account()).points(
        [
            Record(seq, VIRTUAL_EPOCH + at, kind, "f", "1", environment, request_id, data)
            for seq, (at, kind, environment, request_id, data) in zip(count(1), records, strict=False)
        ]
    )
    return {point.series.name: list(point.values) for point in made["eu-west-1"] if not point.series.dimensions}


def asked(request_id: str, **more: Any) -> tuple[float, Kind, str, str, dict[str, Any]]:
    data = {"type": "RequestResponse", "region": "eu-west-1", "qualifier": "1", "reserved": False, **more}
    return (0, Kind.REQUESTED, "", request_id, data)


def test_provisioned_concurrency_is_used_first_and_spills_over() -> None:
    ready = {"initialization_type": "provisioned-concurrency"}
    values = told(
        (0, Kind.STARTING, "e1", "", ready),
        (0, Kind.STARTING, "e2", "", ready),
        asked("r1"),
        (1, Kind.STARTED, "e1", "r1", {}),
        asked("r2"),
        (1, Kind.STARTED, "e2", "r2", {}),
        asked("r3", reserved=True),
        (1, Kind.STARTING, "e3", "", {"initialization_type": "on-demand"}),
        (1, Kind.STARTED, "e3", "r3", {}),
        (2, Kind.ANSWERED, "e1", "r1", {}),
        asked("r4"),
        (2, Kind.STARTED, "e1", "r4", {}),
    )
    assert values["ProvisionedConcurrencyInvocations"] == [1, 1, 1]
    assert values["ProvisionedConcurrencySpilloverInvocations"] == [1]
    assert values["ProvisionedConcurrentExecutions"] == [1, 2, 2]
    assert values["ProvisionedConcurrencyUtilization"] == [0.5, 1, 1]
    assert values["ConcurrentExecutions"] == [1, 2, 3, 3]
    assert values["UnreservedConcurrentExecutions"] == [1, 2, 2]
    assert values["ClaimedAccountConcurrency"] == [101, 102, 102, 102]


def test_batches_of_a_stream_have_an_age_and_loops_are_dropped() -> None:
    drop = {"because": "RecursiveInvocation", "region": "eu-west-1", "qualifier": None}
    values = told(
        (0, Kind.BATCHED, "", "r1", {"mapping": "m", "age_ms": 1500}),
        asked("r1"),
        (0, Kind.DROPPED, "", "r1", {"mapping": "m", "because": "RetriesExhausted"}),
        (0, Kind.DROPPED, "", "r2", drop),
        (0, Kind.REFUSED, "", "r3", drop),
    )
    assert values == {"IteratorAge": [1500], "AsyncEventsDropped": [1], "RecursiveInvocationsDropped": [1, 1]}


# -- a million


def test_a_million_points_stay_small_and_percentiles_near() -> None:
    bucket = Bucket()
    for value in range(1, 1_000_001):
        bucket.add(value / 10)
    assert (bucket.count, bucket.maximum) == (1_000_000, 100_000)
    assert len(bucket._values or ()) <= metric_store.EXACT
    assert [bucket.statistic(p) for p in ("p50", "p99", "p99.9")] == pytest.approx([50_000, 99_000, 99_900], rel=0.006)


def test_the_oldest_minutes_are_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metric_store, "BUCKETS", 100)
    store = MetricStore()
    for minute in range(1000):
        store.put(Series("n", f"m{minute % 3}", (), "None"), minute * 60, [1.0])
    kept = [begin for name in ("m0", "m1", "m2") for begin, _, _ in store.periods("n", name, (), 0, 60_000, 60)]
    assert 50 <= len(kept) <= 100
    assert min(kept) == (1000 - len(kept)) * 60
