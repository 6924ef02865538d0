"""The checks of 10/three_queues: each queue and its mapping are made as the answer says, and used."""

import json

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from lambda_sandbox.workbook.checks import expect, require, task

ARN = "arn:aws:sqs:us-east-1:123456789012:"
WORKER = """
import json

def lambda_handler(event, context):
    bodies = [json.loads(record["body"]) for record in event["Records"]]
    print("GOT", json.dumps(bodies))
    assert {"picture": "broken"} not in bodies
"""


class Queue:
    """One of the three queues, with the settings that the learner's function answers, and a function that reads it."""

    def __init__(self, function, sandbox, name, timeout):
        self.sandbox, self.sqs, self.name = sandbox, sandbox.client("sqs"), name
        self.settings = function.invoke({"queue": name})
        expected = f"settings for {name}"
        text = json.dumps(self.settings)
        require("?" not in text, says="queues.open", expected=expected, got=self.settings, queue=name)
        sandbox.deploy(WORKER, name="worker", Timeout=timeout)
        why = self._make()
        require(not why, says="queues.refused", expected=expected, got=self.settings, why=why)

    def _make(self):
        """Makes the queues, and says what AWS has against it."""
        self.dead = self.sqs.create_queue(QueueName="dead")["QueueUrl"]
        try:
            queue = self.settings["queue"]
            redrive = json.dumps({"deadLetterTargetArn": ARN + "dead", "maxReceiveCount": queue["maxReceiveCount"]})
            attributes = {"VisibilityTimeout": str(queue["VisibilityTimeout"]), "RedrivePolicy": redrive}
            self.url = self.sqs.create_queue(QueueName=self.name, Attributes=attributes)["QueueUrl"]
            self.mapping = self.sandbox.client("lambda").create_event_source_mapping(
                FunctionName="worker", EventSourceArn=ARN + self.name, Enabled=False, **self.settings["mapping"]
            )
        except (ClientError, ParamValidationError) as error:
            return str(error)
        except KeyError as missing:
            return f"{missing} is missing"
        self.sandbox.settle()
        return ""

    def send(self, *bodies):
        entries = [{"Id": str(number), "MessageBody": json.dumps(body)} for number, body in enumerate(bodies)]
        self.sqs.send_message_batch(QueueUrl=self.url, Entries=entries)

    def open(self):
        """Lets the mapping read: what is in the queue by now comes together."""
        self.sandbox.client("lambda").update_event_source_mapping(UUID=self.mapping["UUID"], Enabled=True)
        self.sandbox.clock.advance(seconds=1)

    def got(self):
        """What the function was given, invocation by invocation."""
        self.sandbox.settle()
        lines = [one.data["message"] for one in self.sandbox.journal(function="worker", kind="invocation.log")]
        return [json.loads(line[4:]) for line in lines if line.startswith("GOT ")]

    def hidden(self, seconds):
        got = self.settings["queue"]["VisibilityTimeout"]
        require(int(got) >= seconds, says="queues.too-soon", expected=f"{seconds} seconds or more", got=got)


@pytest.fixture
def queue(function, sandbox):
    return lambda name, timeout: Queue(function, sandbox, name, timeout)


@task(1)
def test_tries_a_broken_picture_five_times_and_no_other_with_it(queue):
    pictures = queue("pictures", 60)
    pictures.send({"picture": "cat"}, {"picture": "broken"})
    pictures.open()
    tried = [picture for batch in pictures.got() for picture in batch]
    expect(tried.count({"picture": "cat"}), 1, says="queues.drags-along")
    expect(tried.count({"picture": "broken"}), 5, says="queues.attempts")
    letters = pictures.sqs.receive_message(QueueUrl=pictures.dead).get("Messages", [])
    expect([letter["Body"] for letter in letters], ['{"picture": "broken"}'], says="queues.alive")
    pictures.hidden(360)


@task(2)
def test_adds_up_a_minute_of_readings_at_once(queue):
    readings = queue("readings", 10)
    window = readings.settings["mapping"].get("MaximumBatchingWindowInSeconds", 0)
    require(window <= 60, says="queues.too-late", expected="60 or less", got=window)
    readings.open()
    for start in (0, 10, 20):
        readings.send(*({"reading": start + n} for n in range(10)))
        if start < 20:
            readings.sandbox.clock.advance(seconds=25)
    expect(len(readings.got()), 1, says="queues.small-batches")
    size = readings.settings["mapping"].get("BatchSize", 10)
    require(size >= 1000, says="queues.batch-ends-early", expected="1000 or more", got=size)
    readings.hidden(60 + window)


@task(3)
def test_sees_large_cakes_and_pies_two_at_a_time(queue, rng):
    orders = queue("orders", 10)
    cake, pie = ({"kind": kind, "pieces": rng.randrange(11, 90)} for kind in ("cake", "pie"))
    edge, small = {"kind": "pie", "pieces": 10}, {"kind": "cake", "pieces": 9}
    orders.send({"kind": "roll", "pieces": 40}, cake, small, edge, {"kind": "cake"}, pie)
    orders.open()
    seen = [order for batch in orders.got() for order in batch]
    require(seen, says="queues.hears-nothing", expected="three of six orders", got=seen)
    expect(seen, [cake, edge, pie], says="queues.wrong-orders")
    most = (orders.settings["mapping"].get("ScalingConfig") or {}).get("MaximumConcurrency")
    expect(most, 2, says="queues.too-many-at-once")
