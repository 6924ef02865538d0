"""The benchmark runs and prints every row. Nothing here judges a duration."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.bench,
    pytest.mark.skipif(find_spec("runtime_client") is None, reason="the floor is awslambdaric, which is not here"),
]


def test_the_benchmark_prints_every_row() -> None:
    command = [sys.executable, "-m", "tests.benchmarks", "--quick"]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    head, line, *rows = done.stdout.decode().splitlines()
    assert head == "| work | floor | ours | ratio | must be |"
    assert line == "|---|---|---|---|---|"
    assert [row.split(" | ")[0].lstrip("| ") for row in rows] == [
        "warm `boto3 lambda.invoke`",
        "the same, p99 against its median",
        "cold start, no imports",
        "cold start, `import boto3`",
        "8 clients, a 50 ms handler",
        "S3 put → the function's object is there",
        "S3 put_object → handler",
        "SNS publish → handler",
        "EventBridge put_events → handler",
        "API Gateway request → handler",
        "SQS send_message → handler",
        "Kinesis put_record → handler",
        "DynamoDB put_item → handler",
        "warm invoke, with 1 function and with 3",
        "warm invoke, with few journal records and with 30",
        "requests simulated a second, and simpy's",
        "a simulated day at 1,000 requests/s",
    ]
    assert {row.count("|") for row in rows} == {6}
