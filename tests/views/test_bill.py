"""What ran, priced: the facts file's worked examples to the cent, and a bill from the journal (facts §2)."""

from math import ceil
from typing import Any
from urllib.request import urlopen

import pytest

from lambda_sandbox import Sandbox
from lambda_sandbox.facts import fact
from lambda_sandbox.journal import Kind, Record
from lambda_sandbox.simulate import Function, constant, simulate
from lambda_sandbox.views.bill import Asked, Bill, further_requests, usage
from lambda_sandbox.views.meters import (
    ALLOCATED,
    HTTP_API,
    LOGS,
    PROVISIONED,
    PROVISIONED_REQUESTS,
    REQUESTS,
    REST_API,
    S3_GET,
    S3_PUT,
    SCHEDULER,
    SQS,
    SQS_FIFO,
    STREAMED,
    TMP,
    in_tiers,
    priced,
)

X86, ARM = "duration, x86_64", "duration, arm64"
A = {REQUESTS: 3e6, X86: 3e6 * 0.120 * 1.5}
B = {REQUESTS: 5e6, ARM: 5e6 * 0.085 * 0.5, HTTP_API: 5e6, LOGS: 5e6 * 0.8 / 1024**2}
C = {ALLOCATED: 100 * 4 * 3600, PROVISIONED: 1.2e6, REQUESTS: 1.2e6}


@pytest.mark.parametrize(
    ("used", "free_tier", "usd"),
    [
        pytest.param(A, True, 2.73, id="A: with the free tier"),
        pytest.param(B, False, 10.74, id="B: arm64, an HTTP API, logs"),
        pytest.param(C, False, 17.91, id="C: provisioned"),
        pytest.param(C, True, 17.71, id="a million requests are free, …"),
        pytest.param(
            {**C, REQUESTS: 0, PROVISIONED_REQUESTS: 1.2e6}, True, 17.91, id="… but not of what is provisioned"
        ),
        pytest.param({TMP: 150_000 * 9.5}, False, 0.044, id="D: a large /tmp"),
        pytest.param({X86: 60_000 * 0.4 * 0.5}, False, 0.20, id="E: Init is billed"),
        pytest.param({STREAMED: 1e6 * 4 / 1024}, False, 31.25, id="F: streamed"),
        pytest.param({STREAMED: 100}, True, 0.0, id="100 GiB streamed are free"),
        pytest.param({REST_API: 333e6 + 667e6 + 1e6}, False, 333 * 3.50 + 667 * 2.80 + 2.38, id="a REST API in tiers"),
        pytest.param({HTTP_API: 301e6}, False, 300.90, id="an HTTP API in tiers"),
        pytest.param({SQS: 3e6, SQS_FIFO: 1e6}, True, 2 * 0.40 + 0.50, id="a million requests to SQS are free"),
        pytest.param({S3_PUT: 1e6, S3_GET: 1e6}, False, 5.40, id="S3"),
        pytest.param({LOGS: 60_000}, False, 12_500.0, id="60 TB of logs, in four tiers"),
        pytest.param({X86: 7e9}, False, 6e9 * 0.0000166667 + 1e9 * 0.0000150000, id="the second tier"),
        pytest.param({X86: 300_000, ARM: 300_000}, True, 200_000 * 0.0000133334, id="architectures share what is free"),
        pytest.param({REQUESTS: 1e6}, True, 0.0, id="all free"),
    ],
)
def test_worked_examples_come_out_to_the_cent(used: dict[str, float], free_tier: bool, usd: float) -> None:
    total = sum(line.usd for line in priced(used, "us-east-1", free_tier=free_tier))
    assert total == pytest.approx(usd, abs=0.005 if usd > 0.1 else 0.0005)


def test_regions_have_prices_of_their_own_and_an_unknown_one_is_said() -> None:
    assert priced({REQUESTS: 1e6}, "af-south-1")[0].usd == pytest.approx(0.27)
    assert priced({X86: 1e9}, "af-south-1")[0].usd == pytest.approx(22_100)
    assert priced({X86: 16e9}, "af-south-1")[0].usd == pytest.approx(6 * 22_100 + 9 * 19_890 + 17_680)
    for one in ("x86", "arm64"):  # the first tier is written twice
        first, tiers = fact(f"prices.{one}_gb_second"), fact(f"prices.{one}_gb_second_tiers")
        assert first == {region: tiers[region][0][1] for region in tiers}
    assert priced({TMP: 1e9}, "sa-east-1")[0].usd == pytest.approx(58.6)
    assert priced({f"{ALLOCATED}, arm64": 1e6}, "us-east-1")[0].usd == pytest.approx(3.3334)
    tokyo = priced({HTTP_API: 1e6, S3_GET: 1e6, SQS: 1e6}, "ap-northeast-1")
    assert [(line.usd, line.assumed) for line in tokyo] == [(1.29, False), (pytest.approx(0.40), True), (0.37, False)]
    with pytest.raises(ValueError, match="no prices are known for 'mars'"):
        Bill([], region="mars")


def test_what_has_no_price_says_so_and_is_not_in_the_total() -> None:
    bill = Bill([], [Asked("f", "dynamodb", "PutItem", 3), Asked("f", "s3", "DeleteObject", 1)], region="eu-west-1")
    assert {line.meter: line.usd for line in bill.lines} == {"DynamoDB requests": None, "S3, other requests": None}
    assert bill.total == 0
    assert repr(bill).count("not priced here") == 2 and "Not priced here: facts.toml has no price" in repr(bill)
    assert priced({ALLOCATED: 1}, "eu-south-2")[0].usd is None
    spain = repr(Bill([], [Asked("f", "s3", "PutObject", 1)], region="eu-south-2"))
    assert "No price of eu-south-2 is known; us-east-1's is assumed: S3 PUT, COPY, POST, LIST." in spain


@pytest.mark.parametrize(("size", "more"), [(0, 0), (262_144, 0), (262_145, 1), (1_048_576, 12)])
def test_a_large_asynchronous_event_counts_for_several_requests(size: int, more: int) -> None:
    assert further_requests(size) == more


def test_nothing_costs_nothing_in_any_tier() -> None:
    assert in_tiers(0, [(10, 1.0), (None, 0.5)]) == 0
    assert in_tiers(15, [(10, 1.0), (None, 0.5)]) == 12.5


def test_the_bill_of_what_ran_says_the_same_in_text_and_html() -> None:
    with Sandbox(clock="virtual", seed=1) as sandbox:
        lambda_ = sandbox.client("lambda")
        sandbox.deploy("def handler(event, context):\n    print('x')\n", name="f", MemorySize=1024)
        sandbox.deploy("def handler(event, context):\n    pass\n", name="g", EphemeralStorage={"Size": 1536})
        for _ in range(3):
            lambda_.invoke(FunctionName="f")
        lambda_.invoke(FunctionName="g", InvocationType="Event", Payload=b'"' + b"x" * 300_000 + b'"')
        version = lambda_.publish_version(FunctionName="g")["Version"]
        lambda_.put_provisioned_concurrency_config(
            FunctionName="g", Qualifier=version, ProvisionedConcurrentExecutions=2
        )
        sandbox.settle()
        sandbox.clock.advance(minutes=7)
        lambda_.invoke(FunctionName="g", Qualifier=version)
        bill = sandbox.bill()
        used = {line.meter: line.quantity for line in bill.lines}
        ran = [record.data for record in sandbox.journal(kind="invocation.reported")]
        assert (used[REQUESTS], used[PROVISIONED_REQUESTS]) == (5, 1)  # the large event counts for two
        assert used[X86] == pytest.approx(sum(one["billed_ms"] * one["memory_mb"] for one in ran[:4]) / 1000 / 1024)
        assert used[ALLOCATED] == 2 * 600 * 128 / 1024  # seven minutes are ten
        began = sandbox.journal(function="g", kind="environment.starting")
        kept = {one.environment for one in began if one.data["initialization_type"] == "provisioned-concurrency"}
        ready = sandbox.journal(function="g", kind="environment.ready")  # their Init is billed as well
        busy_ms = ran[4]["billed_ms"] + sum(ceil(one.data["init_ms"]) for one in ready if one.environment in kept)
        assert used[PROVISIONED] == pytest.approx(busy_ms * 128 / 1000 / 1024)
        assert used[TMP] == pytest.approx((ran[3]["billed_ms"] + ran[4]["billed_ms"]) / 1000)
        assert used[LOGS] > 0
        sandbox.clock.advance(minutes=5)  # the function does nothing, and yet …
        assert {line.meter: line.quantity for line in sandbox.bill("g").lines}[ALLOCATED] == 2 * 900 * 128 / 1024
        assert bill.total == pytest.approx(sum(line.usd for line in bill.lines))
        for line in bill.lines:
            assert line.meter in repr(bill)
            assert line.meter in bill._repr_html_()
        million = sandbox.bill("f", times=1_000_000)
        assert million.total == pytest.approx(1e6 * sandbox.bill("f").total)
        assert repr(million).startswith("Bill for us-east-1, without the free tier, 1,000,000 times over")
        assert "without the free tier\n" in repr(Bill([]))


@pytest.mark.parametrize(
    ("kind", "data", "used"),
    [
        (Kind.RECEIVED, {"source": "sqs", "mapping": "m", "messages": 25}, {SQS: 3}),
        (Kind.DELIVERED, {"source": "sqs", "mapping": "m", "messages": 10, "fifo": True}, {SQS_FIFO: 1}),
        (Kind.DELIVERED, {"source": "kinesis", "mapping": "m", "records": 9}, {}),
        (Kind.DEAD_LETTERED, {"source": "sqs", "mapping": "m", "to": ":sqs:us-east-1:1:dead", "ids": ["1"]}, {}),
        (Kind.RECEIVED, {"source": "s3", "event_name": "ObjectCreated:Put"}, {}),
        (Kind.DELIVERED, {"to": "arn:aws:s3:::bucket", "condition": "Success"}, {S3_PUT: 1}),
        (Kind.DEAD_LETTERED, {"to": "arn:aws:sns:us-east-1:123456789012:t"}, {"SNS requests": 1}),
        (Kind.DELIVERED, {"source": "eventbridge", "to": "arn:aws:logs:us-east-1:123456789012:log-group:/g"}, {}),
        (
            Kind.DELIVERED,
            {"source": "scheduler", "to": "arn:aws:lambda:us-east-1:123456789012:function:f"},
            {SCHEDULER: 1},
        ),
    ],
)
def test_each_delivery_has_its_meter(kind: Kind, data: dict[str, Any], used: dict[str, float]) -> None:
    record = Record(1, 0.0, kind, "f", "", "", "", data)
    assert {meter: count for meter, count in usage([record]).items() if count} == used


def test_who_has_lost_records_says_so() -> None:
    record = Record(1, 0.0, Kind.JOURNAL_CUT, "", "", "", "", {"records": 9, "bytes": 1})
    assert "its oldest records are gone" in repr(Bill([record])) and "oldest" not in repr(Bill([]))


@pytest.mark.parametrize(("region", "architecture"), [("us-east-1", "x86_64"), ("af-south-1", "arm64")])
def test_the_model_bills_as_the_bill_does(region: str, architecture: str) -> None:
    load = Function(constant(2), duration=0.25, memory_mb=512, architecture=architecture)
    run = simulate(load, seconds=100, region=region)
    used = {REQUESTS: 200, f"duration, {architecture}": 200 * 0.25 * 0.5}
    assert run.cost == pytest.approx(sum(line.usd or 0 for line in priced(used, region)))


ASKS = """
import boto3, os

def handler(event, context):
    boto3.client("s3").put_object(Bucket="files", Key="a", Body=b"x")
    boto3.client("s3").get_object(Bucket="files", Key="a")
    boto3.client("sqs").send_message(QueueUrl=os.environ["TODO"], MessageBody="x" * 100_000)
    boto3.client("dynamodb").list_tables()
"""


def test_what_a_function_a_poller_a_destination_and_an_api_ask_for_is_on_the_bill_and_your_own_requests_are_not() -> (
    None
):
    with Sandbox(clock="virtual", seed=1) as sandbox:
        lambda_, sqs = sandbox.client("lambda"), sandbox.client("sqs")
        sandbox.client("s3").create_bucket(Bucket="files")
        todo, done = (sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("todo", "done"))
        asks = sandbox.deploy(ASKS, name="asks", Timeout=30, MemorySize=512, Environment={"Variables": {"TODO": todo}})
        sandbox.deploy("def handler(event, context):\n    pass\n", name="reads")
        lambda_.create_event_source_mapping(FunctionName="reads", EventSourceArn=queue_arn("todo"))
        lambda_.put_function_event_invoke_config(
            FunctionName="reads", DestinationConfig={"OnSuccess": {"Destination": queue_arn("done")}}
        )
        api = sandbox.client("apigatewayv2").create_api(Name="shop", ProtocolType="HTTP", Target=asks.arn)["ApiId"]
        lambda_.add_permission(
            FunctionName="asks", StatementId="api", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com"
        )
        urlopen(f"{sandbox.endpoint_url}/restapis/{api}/$default/_user_request_/", data=b"x" * 600_000).read()
        lambda_.invoke(FunctionName="reads", InvocationType="Event")
        sandbox.settle()
        assert sqs.receive_message(QueueUrl=done)["Messages"]
        counts = {line.meter: line.quantity for line in sandbox.bill().lines if line.unit == "requests"}
        own = {S3_PUT: 1, S3_GET: 1, "DynamoDB requests": 1}
        assert counts == own | {REQUESTS: 3, HTTP_API: 2, SQS: 2 + 1 + 1 + 1}  # sent, received, deleted, delivered
        of_asks = {line.meter: line.quantity for line in sandbox.bill("asks").lines if line.unit == "requests"}
        assert of_asks == own | {REQUESTS: 1, SQS: 2}
        sandbox.reset()
        assert sandbox.bill().lines == []


def queue_arn(queue: str) -> str:
    return f"arn:aws:sqs:us-east-1:123456789012:{queue}"
