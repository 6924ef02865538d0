"""The checks of 11/vote: a function that may do nothing but UpdateItem, asked in turn and all at once."""

import pytest

from lambda_sandbox.workbook.checks import expect, require, task

MAY = {"Effect": "Allow", "Action": ["dynamodb:UpdateItem", "logs:*"], "Resource": "*"}


@pytest.fixture(autouse=True)
def surroundings(function, sandbox, role):
    sandbox.client("dynamodb").create_table(
        TableName="votes",
        KeySchema=[{"AttributeName": "poll", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "poll", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    role.holds({"Version": "2012-10-17", "Statement": [MAY]})
    function.works_as(role)


def vote(function, poll, voter, says=None):
    """One vote's answer. A refusal by the role is told apart from other errors of DynamoDB."""
    event = {"poll": poll, "voter": voter}
    seen = function.outcome(event)
    denied = "not authorized" in (seen.error_message or "")
    require(not denied, says="vote.not-allowed", expected="UpdateItem", got=seen.error_message)
    return function.invoke(event, says=says) if seen.error else seen.payload


@task(1)
def test_counts_votes_that_come_in_turn_and_at_once(function, rng):
    poll = rng.choice(["scones", "crumpets", "shortbread"])
    refused = {"ClientError": "vote.no-first-vote", "ResourceNotFoundException": "vote.no-first-vote"}
    first = vote(function, poll, "voter 1", refused)
    expect(first, {"counted": True, "votes": 1}, says="vote.wrong-count", asked=1)
    voters = rng.randrange(4, 7)
    answers = function.concurrently([{"poll": poll, "voter": f"voter {n}"} for n in range(2, voters + 1)])
    require({"counted": False} not in answers, says="vote.refuses-others", expected="counted", got=answers)
    counts = sorted(answer["votes"] for answer in answers)
    expect(counts, list(range(2, voters + 1)), says="vote.wrong-count", asked=voters)
    function.restart()  # one environment may have served them all; what it kept is gone now
    late = vote(function, poll, "late voter")
    expect(late, {"counted": True, "votes": voters + 1}, says="vote.wrong-count", asked=voters + 1)


@task(2)
def test_counts_a_voter_once(function):
    vote(function, "jam", "Ada")
    twice = {"ConditionalCheckFailedException": "vote.raises"}
    expect(vote(function, "jam", "Ada", twice), {"counted": False}, says="vote.votes-twice")
    expect(vote(function, "jam", "Grace"), {"counted": True, "votes": 2}, says="vote.refuses-others")


@task(2, hidden=True)
def test_lets_a_voter_vote_in_another_poll(function):
    vote(function, "jam", "Ada")
    expect(vote(function, "cream", "Ada"), {"counted": True, "votes": 1}, says="vote.bleeds")
