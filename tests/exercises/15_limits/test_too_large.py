"""The checks of 15/too_large: reports below and above 6 MB, by letters, by bytes and by JSON."""

import json

from botocore.exceptions import ClientError

from lambda_sandbox.workbook.checks import require, task

BUCKET = "archive"
PLACE = "a dict with bucket and key"


def fits(function, event):
    answer = function.invoke(event)
    size = len(json.dumps({"report": [event["text"]] * event["lines"]}))
    whole = isinstance(answer, dict) and "report" in answer
    require(whole, says="report.always-stored", expected="a dict with report", got=answer, size=size)
    right = answer["report"] == [event["text"]] * event["lines"]
    short = f"{event['lines']} times {event['text'][:20]!r}"
    require(right, says="report.wrong-lines", expected=short, got=str(answer["report"])[:60])


def lies(function, s3, event, says):
    """The place of a report that does not fit."""
    answer = function.invoke(event, says={"Function.ResponseSizeTooLarge": says})
    named = isinstance(answer, dict) and isinstance(answer.get("key"), str) and answer.get("bucket") == BUCKET
    require(named, says="report.says-no-place", expected=PLACE, got=str(answer)[:60])
    whole = stored(s3, answer["key"], event)
    require(whole, says="report.other-content", expected="the answer as JSON", got="other content")
    return answer["key"]


def stored(s3, key, event):
    try:
        body = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    except ClientError:
        require(False, says="report.nothing-there", expected=f"an object {key}", got="none")
    try:
        return json.loads(body) == {"report": [event["text"]] * event["lines"]}
    except ValueError:
        return False


@task(1)
def test_answers_a_report_that_fits(function, s3, rng):
    s3.create_bucket(Bucket=BUCKET)
    fits(function, {"lines": rng.randrange(2, 9), "text": "sencha"})
    fits(function, {"lines": 5, "text": "x" * 1_000_000})


@task(1)
def test_stores_a_report_that_does_not_fit(function, s3, rng):
    s3.create_bucket(Bucket=BUCKET)
    lies(function, s3, {"lines": rng.randrange(70, 75), "text": "x" * 100_000}, "report.not-stored")


@task(2)
def test_weighs_bytes_and_not_letters(function, s3):
    s3.create_bucket(Bucket=BUCKET)
    lies(function, s3, {"lines": 22, "text": "茶" * 100_000}, "report.counts-letters")


@task(2)
def test_weighs_the_json_and_not_the_lines(function, s3, rng):
    s3.create_bucket(Bucket=BUCKET)
    lies(function, s3, {"lines": 1_000_000 + rng.randrange(100), "text": "tea"}, "report.forgets-the-json")


@task(2, hidden=True)
def test_keeps_the_reports_apart(function, s3):
    s3.create_bucket(Bucket=BUCKET)
    first, second = ({"lines": 7, "text": letter * 1_000_000} for letter in "ab")
    key = lies(function, s3, first, "report.not-stored")
    lies(function, s3, second, "report.not-stored")
    require(stored(s3, key, first), says="report.overwrites", expected="both reports", got="the second one, twice")
