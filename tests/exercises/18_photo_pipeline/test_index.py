"""The checks of 18/index: batches of a queue, with everything in them that a queue may bring."""

import json
from urllib.parse import quote_plus

import pytest

from lambda_sandbox.workbook.checks import expect, require, task

TEST_EVENT = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "photos"})


class Worker:
    """The bucket, the table, and the function between them."""

    def __init__(self, function, sandbox, sample, rng):
        self.function, self.sample, self.rng = function, sample, rng
        self.s3, self.dynamodb = sandbox.client("s3"), sandbox.client("dynamodb")
        self.s3.create_bucket(Bucket="photos")

    def make_table(self):
        self.dynamodb.create_table(
            TableName="photos",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )

    def thumbnail(self, name):
        """A new thumbnail's entry, as it should be."""
        id, size = f"{self.rng.getrandbits(64):016x}", self.rng.randrange(10, 99)
        key = f"thumbnails/{id}/{name}.jpg"
        self.s3.put_object(Bucket="photos", Key=key, Body=bytes(size))
        return {"id": id, "name": name, "thumbnail": key, "bytes": size, "likes": 0}

    def like(self, entry, likes):
        """The gallery writes to the entry, too."""
        self.dynamodb.update_item(
            TableName="photos",
            Key={"id": {"S": entry["id"]}},
            UpdateExpression="SET likes = :likes",
            ExpressionAttributeValues={":likes": {"N": str(likes)}},
        )

    def message(self, entry):
        """The body of the message that tells of a thumbnail."""
        event = json.loads(self.sample("batch.json")["Records"][0]["body"])
        event["Records"][0]["s3"]["object"]["key"] = quote_plus(entry["thumbnail"], safe="/")
        return json.dumps(event)

    def handle(self, *bodies, called):
        """The batch of these bodies is handled; returns the places of those reported, 0 the first."""
        pattern = self.sample("batch.json")["Records"][0]
        records = [{**pattern, "messageId": f"message-{place}", "body": body} for place, body in enumerate(bodies)]
        answer = self.function.invoke({"Records": records}, says="index.fails", called=called)
        failures = answer.get("batchItemFailures") or [] if isinstance(answer, dict) else []
        places = {record["messageId"]: place for place, record in enumerate(records)}
        named = [failure.get("itemIdentifier") if isinstance(failure, dict) else None for failure in failures]
        known = all(name in list(places) for name in named)
        require(known, says="index.not-an-id", expected="ids of messages", got=failures)
        return sorted(places[name] for name in named)

    def entry(self, wanted):
        """What the table says of a photo."""
        item = self.dynamodb.get_item(TableName="photos", Key={"id": {"S": wanted["id"]}}).get("Item")
        return item and {name: int(value["N"]) if "N" in value else value.get("S") for name, value in item.items()}


@pytest.fixture
def worker(function, sandbox, sample, rng):
    worker = Worker(function, sandbox, sample, rng)
    worker.make_table()
    return worker


@task(1)
def test_writes_the_entries_of_a_batch(worker, rng):
    names = [f"{rng.choice(['my cat', 'a + b', 'größer'])} {rng.randrange(100)}.png", "dog.png"]
    entries = [worker.thumbnail(name) for name in names]
    reported = worker.handle(*map(worker.message, entries), called=f"a batch of two thumbnails, {' and '.join(names)}")
    special, plain = map(worker.entry, entries)
    require(special or plain, says="index.nothing", expected=entries[1], got=None)
    require(special, says="index.key", expected=entries[0], got=None)
    require(plain, says="index.first-only", expected=entries[1], got=None)
    expect([special, plain], entries, says="index.wrong-entry")
    expect(reported, [], says="index.drags-along")


@task(1)
def test_bears_the_test_event(worker):
    entry = worker.thumbnail("cat.png")
    reported = worker.handle(TEST_EVENT, worker.message(entry), called="a batch of s3:TestEvent and one thumbnail")
    expect(reported, [], says="index.test-event")
    expect(worker.entry(entry), entry, says="index.nothing")


@task(2)
def test_leaves_an_entry_alone_when_its_event_comes_twice(worker, rng):
    entry, likes = worker.thumbnail("cat.png"), rng.randrange(1, 99)
    worker.handle(worker.message(entry), called="a batch of one thumbnail")
    worker.like(entry, likes)
    reported = worker.handle(worker.message(entry), called="the same thumbnail again, when it has likes")
    expect(reported, [], says="index.duplicate-is-poison")
    expect(worker.entry(entry), {**entry, "likes": likes}, says="index.overwrites")


@task(2)
def test_reports_what_nobody_can_read_and_nothing_else(worker):
    before, after = worker.thumbnail("cat.png"), worker.thumbnail("dog.png")
    bodies = [worker.message(before), "a photo of my cat", worker.message(after)]
    reported = worker.handle(*bodies, called="a batch of three: the second one is no JSON")
    expect(reported, [1], says="index.drags-along", recognise={"index.poison-lost": []})
    expect([worker.entry(before), worker.entry(after)], [before, after], says="index.nothing")


@task(2, hidden=True)
def test_has_nothing_to_do_for_a_photo_that_is_gone(worker):
    gone = worker.thumbnail("cat.png")
    worker.s3.delete_object(Bucket="photos", Key=gone["thumbnail"])
    reported = worker.handle(worker.message(gone), called="a batch of one thumbnail that has been deleted")
    expect(reported, [], says="index.gone-is-poison")
    expect(worker.entry(gone), None, says="index.ghost")


@task(2)
def test_tries_again_when_the_table_is_out_of_order(worker):
    entry = worker.thumbnail("cat.png")
    worker.dynamodb.delete_table(TableName="photos")
    reported = worker.handle(worker.message(entry), called="a batch of one thumbnail, while there is no table")
    expect(reported, [0], says="index.hides-trouble")
    worker.make_table()
    reported = worker.handle(worker.message(entry), called="the same message again, when there is a table")
    expect([worker.entry(entry), reported], [entry, []], says="index.no-second-try")


@task(2, hidden=True)
def test_loses_nothing_on_a_bad_day(worker, sandbox):
    """All at once, through the queue itself: the function is throttled, messages come late, twice, and one is poison."""
    sqs, lambda_, arn = sandbox.client("sqs"), sandbox.client("lambda"), "arn:aws:sqs:us-east-1:123456789012:"
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    redrive = json.dumps({"deadLetterTargetArn": arn + "dead", "maxReceiveCount": 4})
    new = sqs.create_queue(QueueName="new", Attributes={"RedrivePolicy": redrive})["QueueUrl"]
    photos = [worker.thumbnail(f"{number}.png") for number in range(4)]
    bodies = [worker.message(photo) for photo in photos]
    for body in (bodies[0], "a photo of my cat", *bodies, TEST_EVENT):
        sqs.send_message(QueueUrl=new, MessageBody=body, DelaySeconds=50 * (body == bodies[3]))
    lambda_.put_function_concurrency(FunctionName=worker.function.name, ReservedConcurrentExecutions=0)
    lambda_.create_event_source_mapping(
        FunctionName=worker.function.name, EventSourceArn=arn + "new", FunctionResponseTypes=["ReportBatchItemFailures"]
    )
    sandbox.clock.advance(seconds=40)
    lambda_.delete_function_concurrency(FunctionName=worker.function.name)
    worker.function.settle(says="index.fails")
    worker.function.called = "a queue, on a bad day: throttled at first, one photo twice, one late, one message poison"
    expect([worker.entry(photo) for photo in photos], photos, says="index.bad-day")
    letters = sqs.receive_message(QueueUrl=dead, MaxNumberOfMessages=10).get("Messages", [])
    expect([letter["Body"] for letter in letters], ["a photo of my cat"], says="index.bad-day")
