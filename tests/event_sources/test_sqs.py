"""SQS → Lambda, with real queues, functions and boto3: what is delivered, what comes back, what is left alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

from lambda_sandbox import Sandbox
from lambda_sandbox.environments.outcome import Answered, Failed
from lambda_sandbox.event_sources.sqs import failed, filtered_by, record
from lambda_sandbox.moto_bridge import QueueMessage

ARN = "arn:aws:sqs:us-east-1:123456789012:orders"

WORKER = """
import json, os, time
def handler(event, context):
    print("GOT " + json.dumps([json.loads(record["body"])["n"] for record in event["Records"]]))
    bad = []
    for record in event["Records"]:
        body = json.loads(record["body"])
        time.sleep(body.get("takes", 0))
        if int(record["attributes"]["ApproximateReceiveCount"]) <= body.get("fails", 0):
            bad.append({"itemIdentifier": record["messageId"]})
    if bad and not os.environ.get("REPORTS"):
        raise ValueError("poison")
    return {"batchItemFailures": bad}
"""


def test_powertools_reads_the_record() -> None:
    from aws_lambda_powertools.utilities.data_classes import SQSEvent

    attributes = {"ApproximateReceiveCount": "1", "SentTimestamp": "1925000000000"}
    made = record(QueueMessage("id-1", "handle", '{"a": 1}', "md5", attributes, {}, ""), ARN)
    [read] = SQSEvent({"Records": [made]}).records
    assert "md5OfMessageAttributes" not in made
    delayed = record(QueueMessage("id-1", "handle", "x", "md5", attributes, {}, ""), ARN, window=True)
    assert delayed["md5OfMessageAttributes"] is None  # recorded of mappings with a batching window
    assert (read.message_id, read.json_body, read.attributes.approximate_receive_count) == ("id-1", {"a": 1}, "1")
    assert read.queue_url.endswith("/123456789012/orders")


def test_a_record_has_every_field_that_aws_sends() -> None:
    message = QueueMessage(
        "id-1",
        "handle",
        '{"a": 1}',
        "md5",
        {"ApproximateReceiveCount": "1", "SentTimestamp": "1925000000000"},
        {"colour": {"DataType": "String", "StringValue": "red"}, "raw": {"DataType": "Binary", "BinaryValue": b"\x00"}},
        "md5-of-attributes",
    )
    made = record(message, ARN)
    assert made == {
        "messageId": "id-1",
        "receiptHandle": "handle",
        "body": '{"a": 1}',
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1925000000000"},
        "messageAttributes": {
            "colour": {"stringListValues": [], "binaryListValues": [], "dataType": "String", "stringValue": "red"},
            "raw": {"stringListValues": [], "binaryListValues": [], "dataType": "Binary", "binaryValue": "AA=="},
        },
        "md5OfMessageAttributes": "md5-of-attributes",
        "md5OfBody": "md5",
        "eventSource": "aws:sqs",
        "eventSourceARN": ARN,
        "awsRegion": "us-east-1",
    }
    assert filtered_by(made)["body"] == {"a": 1}
    assert filtered_by({**made, "body": "[1]"})["body"] == "[1]"
    assert filtered_by({**made, "body": "text"})["body"] == "text"


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        (None, ""),
        ({}, ""),
        ([], ""),
        ("", ""),
        ({"other": 1}, ""),
        ({"batchItemFailures": None}, ""),
        ({"batchItemFailures": []}, ""),
        ({"batchItemFailures": [{"itemIdentifier": "a"}]}, "a"),
        ({"batchItemFailures": [{"itemIdentifier": "b"}, {"itemIdentifier": "b"}]}, "b"),
        ({"batchItemFailures": [{"itemIdentifier": "a"}, {"itemIdentifier": "unknown"}]}, "abc"),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, "abc"),
        ({"batchItemFailures": [{"itemIdentifier": None}]}, "abc"),
        ({"batchItemFailures": [{"itemIdentifier": 5}]}, "abc"),
        ({"batchItemFailures": [{"foo": "a"}]}, "abc"),
        ({"batchItemFailures": ["a"]}, "abc"),
        ({"batchItemFailures": "a"}, "abc"),
        ("text", "abc"),
        ([1], "abc"),
    ],
    ids=str,
)
def test_what_an_answer_leaves_in_the_queue(answer: Any, left: str) -> None:
    said = Answered(json.dumps(answer).encode(), "$LATEST")
    assert failed(said, "abc", report=True) == set(left)
    assert failed(said, "abc", report=False) == set()
    assert failed(Failed(b"{}", "$LATEST"), "abc", report=True) == set("abc")


@dataclass
class Scene:
    """A queue, a function and the mapping between them."""

    sandbox: Sandbox
    name: str
    url: str
    arn: str
    uuid: str

    def send(self, *bodies: dict[str, Any], **more: Any) -> None:
        for number, body in enumerate(bodies):
            fifo = {"MessageGroupId": body["group"], "MessageDeduplicationId": str(number)} if "group" in body else {}
            self.sandbox.client("sqs").send_message(QueueUrl=self.url, MessageBody=json.dumps(body), **fifo, **more)

    def got(self) -> list[list[int]]:
        """What the function was given: the numbers of the messages, invocation by invocation."""
        self.sandbox.settle()
        logs = [one.data["message"] for one in self.sandbox.journal(function=self.name, kind="invocation.log")]
        return [json.loads(line[4:]) for line in logs if line.startswith("GOT ")]

    def journal(self, kind: str) -> list[dict[str, Any]]:
        return [dict(one.data) for one in self.sandbox.journal(function=self.name, kind=f"delivery.{kind}")]

    def left(self) -> int:
        return left(self.sandbox, self.url)

    def change(self, **settings: Any) -> None:
        self.sandbox.client("lambda").update_event_source_mapping(UUID=self.uuid, **settings)
        self.sandbox.settle()


def queue(sandbox: Sandbox, name: str, **attributes: str) -> tuple[str, str]:
    sqs = sandbox.client("sqs")
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def left(sandbox: Sandbox, url: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = sandbox.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(map(int, found.values()))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock="virtual", seed=1) as running:
        yield running


@pytest.fixture
def scene(sandbox: Sandbox) -> Any:
    numbers = count(len(sandbox.journal()))

    def scene(attributes: dict[str, str] | None = None, *, reports: bool = False, role: str = "", **more: Any) -> Scene:
        name = f"worker-{next(numbers)}"
        url, arn = queue(sandbox, f"{name}.fifo" if "FifoQueue" in (attributes or {}) else name, **(attributes or {}))
        given = {"Role": role} if role else {}
        if reports:
            more["FunctionResponseTypes"] = ["ReportBatchItemFailures"]
            given["Environment"] = {"Variables": {"REPORTS": "1"}}  # type: ignore[assignment]
        sandbox.deploy(WORKER, name=name, **given)
        made = sandbox.client("lambda").create_event_source_mapping(FunctionName=name, EventSourceArn=arn, **more)
        sandbox.settle()
        return Scene(sandbox, name, url, arn, made["UUID"])

    return scene


def test_messages_are_delivered_and_deleted(scene: Any) -> None:
    it = scene()
    it.send({"n": 1})
    assert it.got() == [[1]]
    it.send({"n": 2}, DelaySeconds=60)
    assert it.got() == [[1], [2]]
    assert it.left() == 0
    assert [one["messages"] for one in it.journal("delivered")] == [1, 1]
    assert it.journal("batched")[0]["source"] == "sqs"
    assert it.journal("batched")[0]["mapping"] == it.uuid


def test_a_window_gathers_a_batch_and_a_full_one_leaves_early(scene: Any) -> None:
    it = scene({"VisibilityTimeout": "200"}, BatchSize=3, MaximumBatchingWindowInSeconds=300)
    it.send({"n": 1}, {"n": 2})
    assert it.got() == [[1, 2]]
    assert it.journal("batched")[0]["messages"] == 2  # though the queue showed each of them twice
    begun = it.sandbox.clock.now()
    it.send(*({"n": n} for n in range(3, 7)))
    assert sorted(n for batch in it.got() for n in batch) == [1, 2, 3, 4, 5, 6]
    assert [len(batch) for batch in it.got()] == [2, 3, 1]
    assert 300 <= it.sandbox.clock.now() - begun < 400


def test_what_fails_comes_back_until_the_queue_gives_it_up(scene: Any, sandbox: Sandbox) -> None:
    dead_url, dead_arn = queue(sandbox, "dead")
    redrive = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 3})}
    it = scene({**redrive, "VisibilityTimeout": "600"}, BatchSize=1)
    begun = sandbox.clock.now()
    it.send({"n": 1, "fails": 9}, {"n": 2, "fails": 1})
    assert sorted(it.got()) == [[1], [1], [1], [2], [2]]
    assert sandbox.clock.now() - begun >= 1800
    assert (it.left(), left(sandbox, dead_url)) == (0, 1)
    assert [(one["to"], len(one["ids"])) for one in it.journal("dead_lettered")] == [(dead_arn, 1)]


def test_settle_does_not_wait_for_what_no_redrive_policy_ever_takes_away(scene: Any, sandbox: Sandbox) -> None:
    it = scene({"VisibilityTimeout": "30"}, BatchSize=1)
    it.send({"n": 1, "fails": 999})
    before = len(it.got())
    it.send({"n": 2, "fails": 2})
    assert it.got()[before:].count([2]) == 3
    before = len(it.got())
    sandbox.clock.advance(minutes=5)
    assert it.got()[before:] in ([[1]] * 9, [[1]] * 10)  # it goes on by itself
    sandbox.client("sqs").purge_queue(QueueUrl=it.url)


def test_a_cold_start_is_not_taken_off_the_wait_for_the_next_try(scene: Any, sandbox: Sandbox) -> None:
    it = scene({"VisibilityTimeout": "60"})
    it.send({"n": 1, "fails": 1})
    assert it.got() == [[1], [1]]
    cold, warm = (one.at for one in sandbox.journal(function=it.name, kind="invocation.started"))
    assert warm - cold >= 60


def test_what_was_received_together_comes_back_together(scene: Any) -> None:
    it = scene({"VisibilityTimeout": "60"}, Enabled=False)
    it.send(*({"n": n, "fails": 2} for n in range(10)))
    it.change(Enabled=True)
    assert it.got() == [list(range(10))] * 3


def test_only_what_is_reported_comes_back(scene: Any) -> None:
    it = scene(reports=True, BatchSize=3, MaximumBatchingWindowInSeconds=5)
    it.send({"n": 1}, {"n": 2, "fails": 1}, {"n": 3})
    assert it.got() == [[1, 2, 3], [2]]
    assert [one["messages"] for one in it.journal("retried")] == [1]
    assert it.left() == 0


def test_a_group_keeps_its_order_and_holds_up_no_other(scene: Any) -> None:
    it = scene({"FifoQueue": "true"}, BatchSize=1)
    it.send(
        {"n": 11, "group": "a", "fails": 1}, {"n": 21, "group": "b"}, {"n": 12, "group": "a"}, {"n": 22, "group": "b"}
    )
    flat = [n for batch in it.got() for n in batch]
    assert [n for n in flat if n < 20] == [11, 11, 12]
    assert [n for n in flat if n > 20] == [21, 22]
    assert flat.index(22) < flat.index(12)


def test_what_no_filter_lets_pass_is_deleted(scene: Any) -> None:
    it = scene(FilterCriteria={"Filters": [{"Pattern": '{"body": {"n": [{"numeric": [">", 1]}]}}'}]})
    it.send({"n": 1}, {"n": 2})
    assert it.got() == [[2]]
    assert [one["messages"] for one in it.journal("filtered")] == [1]
    assert it.left() == 0
    it.change(FilterCriteria={"Filters": [{"Pattern": '{"body": {"x": [{"exists": false}]}}'}]})
    it.sandbox.client("sqs").send_message(QueueUrl=it.url, MessageBody="no JSON at all")
    it.send({"n": 3}, {"n": 4, "x": 1})
    assert it.got() == [[2], [3]]
    assert it.left() == 0
    it.change(FilterCriteria={})
    it.send({"n": 1})
    assert it.got() == [[2], [3], [1]]


def test_no_more_run_at_once_than_the_mapping_says(scene: Any) -> None:
    it = scene(BatchSize=1, ScalingConfig={"MaximumConcurrency": 2})
    it.send(*({"n": n, "takes": 0.02} for n in range(12)))
    assert sorted(it.got()) == [[n] for n in range(12)]
    running = most = 0
    for one in it.sandbox.journal(function=it.name):
        running += {"invocation.requested": 1, "invocation.answered": -1}.get(one.kind.value, 0)
        most = max(most, running)
    assert most == 2


def test_a_mapping_that_is_off_or_deleted_delivers_nothing(scene: Any) -> None:
    it = scene()
    it.change(Enabled=False)
    it.send({"n": 1})
    assert it.got() == []
    it.change(Enabled=True)
    assert it.got() == [[1]]
    it.sandbox.client("lambda").delete_event_source_mapping(UUID=it.uuid)
    it.send({"n": 2})
    assert it.got() == [[1]]
    assert it.left() == 1


def test_a_role_that_loses_its_rights_stops_delivery_and_the_journal_says_why(scene: Any, sandbox: Sandbox) -> None:
    iam = sandbox.client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))["Role"]
    policy = "arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"
    with pytest.raises(
        sandbox.client("lambda").exceptions.InvalidParameterValueException, match="ReceiveMessage on SQS"
    ):
        scene(role=role["Arn"])
    iam.attach_role_policy(RoleName="reader", PolicyArn=policy)
    it = scene(role=role["Arn"])
    iam.detach_role_policy(RoleName="reader", PolicyArn=policy)
    it.send({"n": 1})
    assert it.got() == []
    assert [one["because"] for one in it.journal("refused")] == [
        f"The role {role['Arn']} is not authorized to perform sqs:ReceiveMessage on {it.arn}"
    ]
    iam.attach_role_policy(RoleName="reader", PolicyArn=policy)
    assert it.got() == [[1]]


def test_a_queue_or_a_function_that_is_gone_harms_nothing_else(scene: Any, sandbox: Sandbox) -> None:
    first, second, other = scene(), scene(), scene()
    sandbox.client("sqs").delete_queue(QueueUrl=first.url)
    sandbox.client("lambda").delete_function(FunctionName=second.name)
    second.send({"n": 1})
    other.send({"n": 2})
    assert other.got() == [[2]]
    assert first.journal("refused")[0]["because"] == f"the queue {first.arn} does not exist"
    assert "Function not found" in second.journal("refused")[0]["because"]
    assert second.left() == 1


def test_of_many_messages_none_is_lost_though_some_fail_and_some_are_throttled(scene: Any, sandbox: Sandbox) -> None:
    it = scene(reports=True)
    sandbox.client("lambda").put_function_concurrency(FunctionName=it.name, ReservedConcurrentExecutions=2)
    bodies = [json.dumps({"n": n, "fails": int(n % 7 == 0)}) for n in range(600)]
    for start in range(0, 600, 10):
        entries = [{"Id": str(n), "MessageBody": bodies[n]} for n in range(start, start + 10)]
        sandbox.client("sqs").send_message_batch(QueueUrl=it.url, Entries=entries)
    got = [n for batch in it.got() for n in batch]
    assert sorted(set(got)) == list(range(600))
    assert it.left() == 0
    assert sum(one["messages"] for one in it.journal("delivered")) == 600
