"""moto is not thread-safe; requests to one service take turns, and no two can wait for each other."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from lambda_sandbox.moto_bridge import Bridge
from lambda_sandbox.moto_bridge.locks import EVERYTHING, Locks
from lambda_sandbox.wire import Request

from .test_requests import signed


@pytest.fixture
def switching_threads_often() -> Iterator[None]:
    """Threads take turns every 10 µs: what is not locked then goes wrong at once."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(usual)


def test_no_update_is_lost(bridge: Bridge, client: Callable[..., Any], switching_threads_often: None) -> None:
    client("dynamodb").create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    headers = signed(
        "dynamodb", **{"x-amz-target": "DynamoDB_20120810.UpdateItem", "content-type": "application/x-amz-json-1.0"}
    )
    body = (
        b'{"TableName": "t", "Key": {"k": {"S": "x"}}, "UpdateExpression": "ADD n :one", '
        b'"ExpressionAttributeValues": {":one": {"N": "1"}}}'
    )
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: bridge.serve(Request("POST", "/", "", headers, body)).status, range(160)))
    assert answers == [200] * 160
    item = client("dynamodb").get_item(TableName="t", Key={"k": {"S": "x"}})["Item"]
    assert item["n"] == {"N": "160"}


def test_services_that_reach_each_other_never_wait_for_each_other(switching_threads_often: None) -> None:
    locks, done = Locks(), []

    def work(number: int) -> None:
        for services in (("sns",), ("sqs",), ("s3",), ("logs",), ("events",), ("cloudformation",), (EVERYTHING,)):
            with locks.holding(*services):
                done.append(number)

    with ThreadPoolExecutor(8) as pool:
        for work_done in [pool.submit(work, number) for number in range(8)]:
            work_done.result(10)
    assert len(done) == 8 * 7
