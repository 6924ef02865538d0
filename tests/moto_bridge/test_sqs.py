"""SQS's long poll: it waits on the loop, and holds neither a worker nor the lock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from lambda_sandbox.moto_bridge.bridge import WORKERS, Bridge

from .conftest import Time


@pytest.fixture
def sqs(client: Callable[..., Any]) -> Any:
    return client("sqs")


@pytest.fixture
def queue(sqs: Any) -> str:
    return str(sqs.create_queue(QueueName="q")["QueueUrl"])


def test_the_queue_url_is_at_the_sandbox(endpoint: str, queue: str) -> None:
    assert queue == f"{endpoint}/123456789012/q"


def test_a_long_poll_gets_the_message_that_is_sent_meanwhile(client: Callable[..., Any], sqs: Any, queue: str) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client("sqs").receive_message, QueueUrl=queue, WaitTimeSeconds=20)
        sqs.send_message(QueueUrl=queue, MessageBody="hello")
        assert [message["Body"] for message in waiting.result(5)["Messages"]] == ["hello"]


def test_more_long_polls_than_workers_hold_nobody_up(client: Callable[..., Any], sqs: Any, queue: str) -> None:
    pollers = WORKERS + 2
    clients = [client("sqs") for _ in range(pollers)]
    started = threading.Barrier(pollers + 1)

    def poll(poller: Any) -> str:
        started.wait(5)
        messages = poller.receive_message(QueueUrl=queue, WaitTimeSeconds=20, MaxNumberOfMessages=1)["Messages"]
        return str(messages[0]["Body"])

    with ThreadPoolExecutor(pollers) as pool:
        waiting = [pool.submit(poll, poller) for poller in clients]
        started.wait(5)
        client("s3").list_buckets()
        for number in range(pollers):
            sqs.send_message(QueueUrl=queue, MessageBody=str(number))
        assert sorted(one.result(9) for one in waiting) == [str(number) for number in range(pollers)]


def test_a_poll_that_waits_for_nothing_ends_in_time_and_empty(sqs: Any, queue: str) -> None:
    assert "Messages" not in sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1)


def test_the_queue_s_own_wait_time_counts(client: Callable[..., Any], sqs: Any, queue: str) -> None:
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"ReceiveMessageWaitTimeSeconds": "20"})
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client("sqs").receive_message, QueueUrl=queue)
        sqs.send_message(QueueUrl=queue, MessageBody="hello")
        assert "Messages" in waiting.result(5)


def test_a_wait_that_is_too_long_is_refused(sqs: Any, queue: str) -> None:
    with pytest.raises(sqs.exceptions.ClientError) as refusal:
        sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=21)
    assert refusal.value.response["Error"]["Code"] == "InvalidParameterValue"


def test_the_visibility_timeout_passes_on_the_sandbox_s_clock(sqs: Any, queue: str, time: Time) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="hello")
    assert "Messages" in sqs.receive_message(QueueUrl=queue, VisibilityTimeout=600)
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)
    time.now += 601
    assert "Messages" in sqs.receive_message(QueueUrl=queue)


def test_the_trace_header_of_the_sender_travels_with_the_message(sqs: Any, queue: str) -> None:
    def trace(params: Any, **about: Any) -> None:
        params["headers"]["X-Amzn-Trace-Id"] = "Root=1-0-0;Lineage=a:1"

    sqs.meta.events.register("before-call.sqs.SendMessage", trace)
    sqs.send_message(QueueUrl=queue, MessageBody="one")
    (message,) = sqs.receive_message(QueueUrl=queue, AttributeNames=["All"])["Messages"]
    assert message["Attributes"]["AWSTraceHeader"] == "Root=1-0-0;Lineage=a:1"


def test_a_fifo_queue_keeps_a_group_s_order_and_forgets_no_message(sqs: Any, time: Time) -> None:
    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    url = sqs.create_queue(QueueName="q.fifo", Attributes=attributes)["QueueUrl"]

    def send(*bodies: str) -> None:
        for body in bodies:
            sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g")

    def received() -> list[dict[str, Any]]:
        return list(sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []))

    send("1", "2", "3")
    assert [message["Body"] for message in received()] == ["1", "2", "3"]
    time.now += 31
    again = received()
    assert [message["Body"] for message in again] == ["1", "2", "3"]
    for message in again:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    send("1")
    assert received() == []
    time.now += 300
    send("1")
    assert [message["Body"] for message in received()] == ["1"]


def test_a_queue_counts_what_is_there_hidden_and_late(sqs: Any, queue: str, time: Time) -> None:
    def counts() -> list[int]:
        names = ("", "NotVisible", "Delayed")
        asked = [f"ApproximateNumberOfMessages{name}" for name in names]
        found = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=asked)["Attributes"]
        return [int(found[name]) for name in asked]

    for number in range(4):
        sqs.send_message(QueueUrl=queue, MessageBody=str(number), DelaySeconds=60 * (number == 3))
    assert counts() == [3, 0, 1]
    one, two = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=2)["Messages"]
    assert counts() == [1, 2, 1]
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=one["ReceiptHandle"])
    time.now += 61
    assert counts() == [3, 0, 0]
    sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=1, VisibilityTimeout=1)
    sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=two["ReceiptHandle"], VisibilityTimeout=600)
    time.now += 61
    assert counts() == [2, 1, 0]
    sqs.purge_queue(QueueUrl=queue)
    assert counts() == [0, 0, 0]


def test_what_is_too_old_is_gone_and_in_nobodys_way(sqs: Any, queue: str, time: Time) -> None:
    for body in ("old", "old"):
        sqs.send_message(QueueUrl=queue, MessageBody=body)
    time.now += 4 * 86_400 + 1
    sqs.send_message(QueueUrl=queue, MessageBody="new")
    assert [one["Body"] for one in sqs.receive_message(QueueUrl=queue)["Messages"]] == ["new"]


def test_sequence_numbers_of_a_fifo_queue_grow(sqs: Any) -> None:
    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    url = sqs.create_queue(QueueName="numbers.fifo", Attributes=attributes)["QueueUrl"]
    sent = [sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g")["SequenceNumber"] for body in "abc"]
    got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"])["Messages"]
    assert [one["Attributes"]["SequenceNumber"] for one in got] == sent == sorted(sent)
    assert {len(number) for number in sent} == {20}


def test_dead_letters_go_back_to_where_they_came_from(bridge: Bridge, sqs: Any, time: Time) -> None:
    base = "arn:aws:sqs:us-east-1:123456789012:"
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    redrive = f'{{"deadLetterTargetArn": "{base}dead", "maxReceiveCount": 1}}'
    urls = [sqs.create_queue(QueueName=n, Attributes={"RedrivePolicy": redrive})["QueueUrl"] for n in ("a", "b")]
    for url in urls:
        sqs.send_message(QueueUrl=url, MessageBody=url[-1])
        sqs.receive_message(QueueUrl=url)
    time.now += 31
    for url in urls:
        assert "Messages" not in sqs.receive_message(QueueUrl=url)
    received = bridge.receive(f"{base}dead", 10)
    assert received is not None
    assert {one.attributes["DeadLetterQueueSourceArn"] for one in received.messages} == {f"{base}a", f"{base}b"}
    time.now += 31
    assert sqs.start_message_move_task(SourceArn=f"{base}dead")["TaskHandle"]
    assert "Messages" not in sqs.receive_message(QueueUrl=dead)
    for url in urls:
        [back] = sqs.receive_message(QueueUrl=url, AttributeNames=["All"])["Messages"]
        assert (back["Body"], back["Attributes"]["ApproximateReceiveCount"]) == (url[-1], "1")
    [task] = sqs.list_message_move_tasks(SourceArn=f"{base}dead")["Results"]
    assert (task["Status"], task["ApproximateNumberOfMessagesMoved"]) == ("COMPLETED", 2)
    for arn, code in ((f"{base}a", "InvalidParameterValue"), (f"{base}none", "ResourceNotFoundException")):
        with pytest.raises(sqs.exceptions.ClientError) as refusal:
            sqs.start_message_move_task(SourceArn=arn)
        assert refusal.value.response["Error"]["Code"] == code


def test_a_message_has_a_body(sqs: Any, queue: str) -> None:
    with pytest.raises(sqs.exceptions.ClientError, match="must contain the parameter MessageBody"):
        sqs.send_message(QueueUrl=queue, MessageBody="")


def test_who_reads_a_queue_is_told_of_what_changes_in_it(bridge: Bridge, sqs: Any, queue: str, time: Time) -> None:
    told: list[str] = []
    bridge.on_queue_event = told.append
    arn = "arn:aws:sqs:us-east-1:123456789012:q"
    sqs.send_message(QueueUrl=queue, MessageBody="one")
    assert told == [arn]
    received = bridge.receive(arn, 10)
    assert received is not None
    [message] = received.messages
    assert (message.body, message.attributes["ApproximateReceiveCount"]) == ("one", "1")
    hidden = bridge.receive(arn, 10)
    assert hidden is not None
    assert hidden.messages == ()
    assert hidden.next_at is not None
    assert time.now + 29 < hidden.next_at < time.now + 31
    sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=message.receipt_handle, VisibilityTimeout=0)
    time.now += 0.01
    assert bridge.receive(arn, 10)
    bridge.delete_messages(arn, [message.receipt_handle])  # an older handle still does
    assert bridge.visibility_timeout(arn) == 30
    sqs.delete_queue(QueueUrl=queue)
    assert told == [arn] * 3
    assert bridge.receive(arn, 10) is bridge.visibility_timeout(arn) is None
