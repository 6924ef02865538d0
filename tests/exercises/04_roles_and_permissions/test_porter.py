"""The checks of 04/porter: guests ask for their own letters and for others', and one day the role is broken."""

import pytest

from lambda_sandbox.workbook.checks import expect, require, task

READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::letters/*"}
LIST = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::letters"}
NONE = {"letter": None}


@pytest.fixture
def hall(function, role, s3, rng):
    """hall(guest, key, says, **more): what this guest is given for this key."""
    s3.create_bucket(Bucket="letters")
    for key in ("ada/may.txt", "ada/june.txt", "adam/may.txt", "bob/may.txt", "bob/to-ada/may.txt"):
        s3.put_object(Bucket="letters", Key=key, Body=f"letter {key}".encode())
    role.holds({"Version": "2012-10-17", "Statement": [READ, LIST]})
    function.works_as(role)

    def hall(guest, key, says=None, **more):
        return function.invoke({"caller": guest, "asks": {"letter": key, **more}}, says=says)

    return hall


@task(1)
def test_hands_guests_their_own_letters_only(hall, rng):
    own = f"ada/{rng.choice(['may', 'june'])}.txt"
    expect(hall("ada", own), {"letter": f"letter {own}"}, says="porter.refuses-own")
    expect(hall("ada", "bob/may.txt"), NONE, says="porter.gives-anything", caller="ada", owner="bob")
    expect(hall("ada", "bob/may.txt", caller="bob"), NONE, says="porter.believes-the-asker")
    expect(hall("ada", "bob/to-ada/may.txt"), NONE, says="porter.name-anywhere", caller="ada", owner="bob")


@task(1, hidden=True)
def test_tells_namesakes_apart(hall):
    expect(hall("ada", "adam/may.txt"), NONE, says="porter.namesake", caller="ada", owner="adam")
    expect(hall("adam", "adam/may.txt"), {"letter": "letter adam/may.txt"}, says="porter.refuses-own")


@task(2)
def test_tells_a_missing_letter_from_a_broken_role(hall, function, role):
    for key in ("ada/july.txt", "bob/july.txt"):
        expect(hall("ada", key, "porter.fails-without-a-letter"), NONE, says="porter.fails-without-a-letter")
    role.holds({"Version": "2012-10-17", "Statement": [LIST]})
    seen = function.outcome({"caller": "ada", "asks": {"letter": "ada/may.txt"}})
    require(seen.error, says="porter.hides-a-breakdown", expected="an error: AccessDenied", got=seen.payload)
