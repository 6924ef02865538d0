"""The checks of 07/archive: files put into a bucket, and the copies that are there when all is done."""

from lambda_sandbox.workbook.checks import expect, require, task

MISSING = {"NoSuchKey": "archive.key-not-decoded"}


def put(s3, bucket, *keys):
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())


def copies(s3, bucket):
    return [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket, Prefix="archive/").get("Contents", [])]


def event_of(sample, bucket, *keys):
    """A sample event that tells of several objects."""
    (record,) = sample("put.json")["Records"]
    things = [{**record["s3"], "bucket": {"name": bucket}, "object": {"key": key}} for key in keys]
    return {"Records": [{**record, "s3": thing} for thing in things]}


@task(1)
def test_copies_a_file_with_spaces_and_accents_in_its_name(function, s3, rng):
    name = f"{rng.choice(['année', 'ação', 'Übersicht'])} {rng.randrange(100)} + more.txt"
    function.triggered_by("papers", prefix="inbox/")
    put(s3, "papers", f"inbox/{name}")
    function.called = f"an upload of inbox/{name}"
    function.settle(says=MISSING)
    expect(copies(s3, "papers"), [f"archive/{name}"], says="archive.not-copied")


@task(1)
def test_bears_the_test_event(function, sample):
    function.invoke(sample("test.json"), says={"KeyError": "archive.no-records"})


@task(1, hidden=True)
def test_copies_every_file_of_an_event(function, s3, sample):
    s3.create_bucket(Bucket="papers")
    put(s3, "papers", "inbox/one.txt", "inbox/two.txt")
    function.invoke(event_of(sample, "papers", "inbox/one.txt", "inbox/two.txt"))
    wanted = ["archive/one.txt", "archive/two.txt"]
    expect(copies(s3, "papers"), wanted, says="archive.not-copied", recognise={"archive.first-record-only": wanted[:1]})


@task(2)
def test_copies_a_file_once_and_comes_to_rest(function, s3, rng):
    name = f"bill-{rng.randrange(1000)}.txt"
    function.triggered_by("papers")
    put(s3, "papers", f"inbox/{name}")
    function.called = f"an upload of inbox/{name}"
    function.settle(says=MISSING)
    expect(copies(s3, "papers"), [f"archive/{name}"], says="archive.not-copied")


@task(2, hidden=True)
def test_leaves_other_folders_alone(function, s3, rng):
    name = f"{rng.choice(['notes', 'my/inbox', 'inbox-old'])}/{rng.randrange(1000)}.txt"
    function.triggered_by("papers")
    put(s3, "papers", name)
    function.called = f"an upload of {name}"
    function.settle()
    expect(copies(s3, "papers"), [], says="archive.copies-strangers")


@task(2, hidden=True)
def test_copies_a_file_of_the_inbox_whatever_its_name(function, s3):
    function.triggered_by("papers")
    put(s3, "papers", "inbox/archive/old.txt")
    function.called = "an upload of inbox/archive/old.txt"
    function.settle()
    expect(copies(s3, "papers"), ["archive/archive/old.txt"], says="archive.misses-a-file")


@task(2, hidden=True)
def test_goes_on_after_an_object_that_is_not_its_business(function, s3, sample):
    s3.create_bucket(Bucket="papers")
    put(s3, "papers", "archive/one.txt", "inbox/two.txt")
    function.invoke(event_of(sample, "papers", "archive/one.txt", "inbox/two.txt"))
    there = copies(s3, "papers")
    require("archive/two.txt" in there, says="archive.gives-up", expected="a copy archive/two.txt", got=there)
