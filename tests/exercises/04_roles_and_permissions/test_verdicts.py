"""The checks of 04/verdicts: each request is really made with the role, and IAM's verdict is compared."""

import json

import pytest
from botocore.exceptions import ClientError

from lambda_sandbox.workbook.checks import expect, require, task

KEYS = ("menu.txt", "orders/1.txt", "secret/recipe.txt", "archive/1.txt")
OPERATIONS = {"read": "get_object", "write": "put_object", "delete": "delete_object"}


@pytest.fixture
def judge(function, role, s3, sample):
    """judge(policies, request, says): compares the learner's verdict with what comes of the request."""
    s3.create_bucket(Bucket="teas")
    for key in KEYS:
        s3.put_object(Bucket="teas", Key=key, Body=b"tea")
    role.holds(sample("role.json"))
    client = role.client("s3")

    def really(request):
        verb, _, what = request.partition(" ")
        try:
            if verb == "list":
                client.list_objects_v2(Bucket="teas")
            else:
                getattr(client, OPERATIONS[verb])(Bucket="teas", Key=what)
        except ClientError as error:
            if error.response["Error"]["Code"] != "AccessDenied":
                raise
            return "no"
        return "yes"

    def judge(policies, request, says):
        answer = function.invoke({"policies": policies, "request": request})
        require(answer != "?", says="verdict.open", expected="yes or no", got=answer, request=request)
        expect(answer, really(request), says=says, request=request)

    return judge


@pytest.fixture
def judge_both(judge, s3, sample):
    s3.put_bucket_policy(Bucket="teas", Policy=json.dumps(sample("bucket.json")))
    return judge


@task(1)
def test_knows_what_is_allowed(judge):
    judge("role", "write orders/1.txt", "verdict.allowed")
    judge("role", "write menu.txt", "verdict.nobody-allows")


@task(1)
def test_knows_who_wins(judge):
    judge("role", "read secret/recipe.txt", "verdict.deny-wins")


@task(1, hidden=True)
def test_knows_what_is_listed(judge):
    judge("role", "list the bucket", "verdict.list-what")


@task(2)
def test_knows_that_either_side_may_allow(judge_both):
    judge_both("role and bucket", "delete orders/1.txt", "verdict.either-side")
    judge_both("role and bucket", "write menu.txt", "verdict.nobody-allows")


@task(2)
def test_knows_that_either_side_may_deny(judge_both):
    judge_both("role and bucket", "read archive/1.txt", "verdict.bucket-denies")
    judge_both("role and bucket", "read secret/recipe.txt", "verdict.deny-wins")
