"""The checks of 07/late_and_twice: S3's own events, caught, and given to the function late, twice, or in any order."""

import json

from lambda_sandbox.workbook.checks import expect, task

BUCKET = "album"
RECORDER = """
import json

def lambda_handler(event, context):
    print(json.dumps(event))
"""


class Album:
    """A bucket whose events go to a recorder, and a function that is to be told of them by hand."""

    def __init__(self, sandbox, s3, *, versions=False):
        self.sandbox, self.s3 = sandbox, s3
        recorder = sandbox.deploy(RECORDER, name="recorder")
        s3.create_bucket(Bucket=BUCKET)
        if versions:
            s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        sandbox.client("lambda").add_permission(
            FunctionName=recorder.name,
            StatementId="album",
            Action="lambda:InvokeFunction",
            Principal="s3.amazonaws.com",
            SourceArn=f"arn:aws:s3:::{BUCKET}",
        )
        entry = {
            "LambdaFunctionArn": recorder.arn,
            "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"],
            "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "uploads/"}]}},
        }
        s3.put_bucket_notification_configuration(
            Bucket=BUCKET, NotificationConfiguration={"LambdaFunctionConfigurations": [entry]}
        )

    def put(self, name, size):
        """Uploads a picture of so many bytes; returns S3's event."""
        self.s3.put_object(Bucket=BUCKET, Key=f"uploads/{name}", Body=bytes(size))
        return self._event()

    def delete(self, name):
        """Deletes a picture; returns S3's event."""
        self.s3.delete_object(Bucket=BUCKET, Key=f"uploads/{name}")
        return self._event()

    def _event(self):
        self.sandbox.settle()
        return json.loads(self.sandbox.journal(function="recorder", kind="invocation.log")[-1].data["message"])

    def entry(self, name):
        """What the catalogue says of a picture, without the sequencer; None if it does not know it."""
        try:
            there = json.load(self.s3.get_object(Bucket=BUCKET, Key=f"catalogue/{name}.json")["Body"])
        except self.s3.exceptions.NoSuchKey:
            return None
        return {key: value for key, value in there.items() if key != "sequencer"}


def tell(function, event):
    """Gives the function one of S3's events; returns the entries that it says to have changed."""
    (record,) = event["Records"]
    about = record["s3"]["object"]
    says = {"KeyError": "deleted.no-size"} if record["eventName"].startswith("ObjectRemoved:") else None
    size = f", {about['size']} bytes" if "size" in about else ""
    return function.invoke(
        event, says=says, called=f"lambda_handler(…), for {record['eventName']} {about['key']}{size}"
    )


# -- task 1


@task(1)
def test_makes_an_entry_at_the_first_event(function, sandbox, s3, rng):
    album, size = Album(sandbox, s3), rng.randrange(100, 200)
    tell(function, album.put("cat.png", size))
    expect(album.entry("cat.png"), {"size": size}, says="order.first-event-ignored")


@task(1)
def test_shows_the_newer_picture_when_its_event_comes_second(function, sandbox, s3):
    album = Album(sandbox, s3)
    for size in (100, 200):
        tell(function, album.put("cat.png", size))
    expect(album.entry("cat.png"), {"size": 200}, says="order.misses-news")


@task(1)
def test_shows_the_newer_picture_when_the_older_event_comes_late(function, sandbox, s3):
    album = Album(sandbox, s3)
    older, newer = album.put("cat.png", 100), album.put("cat.png", 200)
    tell(function, newer)
    tell(function, older)
    function.called = "the event of the second upload, then that of the first"
    expect(album.entry("cat.png"), {"size": 200}, says="order.latecomer-wins")


@task(1)
def test_changes_nothing_when_an_event_comes_twice(function, sandbox, s3):
    album = Album(sandbox, s3)
    event = album.put("cat.png", 100)
    expect(tell(function, event), ["catalogue/cat.png.json"], says="order.first-event-ignored")
    expect(tell(function, event), [], says="order.counts-twice")


@task(1, hidden=True)
def test_compares_sequencers_of_different_lengths(function, sandbox, s3, sample):
    album = Album(sandbox, s3)
    for size, sequencer in ((100, "9F0000000000000001"), (200, "109F0000000000000000")):
        event = sample("put.json")
        event["Records"][0]["s3"]["object"].update(key="uploads/cat.png", size=size, sequencer=sequencer)
        tell(function, event)
    expect(album.entry("cat.png"), {"size": 200}, says="order.compares-as-text")


# -- task 2


@task(2)
def test_says_that_a_picture_was_deleted(function, sandbox, s3):
    album = Album(sandbox, s3)
    tell(function, album.put("cat.png", 100))
    tell(function, album.delete("cat.png"))
    expect(
        album.entry("cat.png"),
        {"deleted": True},
        says="deleted.stays",
        recognise={"deleted.forgets": None},
    )


@task(2)
def test_stays_deleted_when_an_older_event_comes_late(function, sandbox, s3):
    album = Album(sandbox, s3)
    uploaded, deleted = album.put("cat.png", 100), album.delete("cat.png")
    tell(function, deleted)
    tell(function, uploaded)
    function.called = "the event of the deletion, then that of the upload before it"
    expect(album.entry("cat.png"), {"deleted": True}, says="deleted.forgets")


@task(2)
def test_comes_back_with_a_new_upload(function, sandbox, s3):
    album = Album(sandbox, s3)
    for event in (album.put("cat.png", 100), album.delete("cat.png"), album.put("cat.png", 300)):
        tell(function, event)
    expect(album.entry("cat.png"), {"size": 300}, says="deleted.never-comes-back")


@task(2, hidden=True)
def test_knows_the_deletions_of_a_bucket_with_versions(function, sandbox, s3):
    album = Album(sandbox, s3, versions=True)
    tell(function, album.put("cat.png", 100))
    tell(function, album.delete("cat.png"))
    expect(album.entry("cat.png"), {"deleted": True}, says="deleted.knows-one-kind")


@task(2, hidden=True)
def test_has_the_last_word_right_whatever_the_order(function, sandbox, s3, rng):
    album = Album(sandbox, s3)
    events = [album.put("cat.png", size) if size else album.delete("cat.png") for size in (100, 0, 200, 300, 0, 400)]
    ends_deleted = rng.random() < 0.5
    if ends_deleted:
        events.append(album.delete("cat.png"))
    arriving = events + rng.sample(events, 3)
    rng.shuffle(arriving)
    for event in arriving:
        tell(function, event)
    function.called = f"{len(arriving)} events in some order, three of them twice"
    last = {"deleted": True} if ends_deleted else {"size": 400}
    expect(album.entry("cat.png"), last, says="order.not-the-last-word")
