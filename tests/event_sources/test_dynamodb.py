"""DynamoDB streams → Lambda through the real sandbox: changes as recorded, binary ones too, and who may read them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from lambda_sandbox import Sandbox

PRINTS = """
import json
def handler(event, context):
    for record in event["Records"]:
        print(json.dumps(["got", record]))
"""
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}
READS = "arn:aws:iam::aws:policy/service-role/AWSLambdaDynamoDBExecutionRole"


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(clock="virtual", seed=1) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.reset()
    return running


def table(sandbox: Sandbox, **settings: Any) -> str:
    """A table with a stream that is mapped to a function; returns the mapping's id."""
    made = sandbox.client("dynamodb").create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    arn = made["TableDescription"]["LatestStreamArn"]
    mapping = sandbox.client("lambda").create_event_source_mapping(
        FunctionName="f", EventSourceArn=arn, StartingPosition="TRIM_HORIZON", **settings
    )
    sandbox.settle()
    return str(mapping["UUID"])


def got(sandbox: Sandbox) -> list[dict[str, Any]]:
    logged = [record.data["message"] for record in sandbox.journal(kind="invocation.log", function="f")]
    return [json.loads(line)[1] for line in logged if line.startswith('["got"')]


def test_changes_of_binary_items_arrive_in_order(sandbox: Sandbox) -> None:
    sandbox.deploy(PRINTS, name="f")
    table(sandbox)
    dynamodb, key = sandbox.client("dynamodb"), {"id": {"S": "a"}}
    dynamodb.put_item(TableName="t", Item={**key, "raw": {"B": b"\x00\xff"}})
    dynamodb.put_item(TableName="t", Item={**key, "raw": {"M": {"deep": {"BS": [b"\x01"]}}}})
    dynamodb.delete_item(TableName="t", Key=key)
    sandbox.settle()
    records = got(sandbox)
    assert [record["eventName"] for record in records] == ["INSERT", "MODIFY", "REMOVE"]
    changes = [record["dynamodb"] for record in records]
    assert changes[0]["NewImage"] == {**key, "raw": {"B": "AP8="}}
    assert changes[1]["NewImage"]["raw"] == {"M": {"deep": {"BS": ["AQ=="]}}}
    assert changes[2]["OldImage"] == changes[1]["NewImage"]
    assert {type(change["ApproximateCreationDateTime"]) for change in changes} == {float}
    numbers = [int(change["SequenceNumber"]) for change in changes]
    assert numbers == sorted(set(numbers))


def test_a_filter_reads_typed_values(sandbox: Sandbox) -> None:
    sandbox.deploy(PRINTS, name="f")
    pattern = json.dumps({"eventName": ["INSERT"], "dynamodb": {"NewImage": {"kind": {"S": ["order"]}}}})
    table(sandbox, FilterCriteria={"Filters": [{"Pattern": pattern}]})
    for number, kind in enumerate(["order", "refund", "order"]):
        item = {"id": {"S": str(number)}, "kind": {"S": kind}}
        sandbox.client("dynamodb").put_item(TableName="t", Item=item)
    sandbox.settle()
    assert [record["dynamodb"]["Keys"]["id"]["S"] for record in got(sandbox)] == ["0", "2"]


def test_a_transaction_that_fails_leaves_no_record(sandbox: Sandbox) -> None:
    sandbox.deploy(PRINTS, name="f")
    table(sandbox)
    dynamodb = sandbox.client("dynamodb")
    put = {"Put": {"TableName": "t", "Item": {"id": {"S": "a"}}}}
    check = {
        "ConditionCheck": {"TableName": "t", "Key": {"id": {"S": "b"}}, "ConditionExpression": "attribute_exists(id)"}
    }
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException):
        dynamodb.transact_write_items(TransactItems=[put, check])
    sandbox.settle()
    assert got(sandbox) == []
    dynamodb.transact_write_items(TransactItems=[put])
    sandbox.settle()
    assert len(got(sandbox)) == 1


def test_a_role_that_loses_its_right_to_read_gets_no_more(sandbox: Sandbox) -> None:
    iam = sandbox.client("iam")
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    iam.attach_role_policy(RoleName="r", PolicyArn=READS)
    sandbox.deploy(PRINTS, name="f", Role=role)
    uuid = table(sandbox)
    iam.detach_role_policy(RoleName="r", PolicyArn=READS)
    dynamodb = sandbox.client("dynamodb")
    dynamodb.put_item(TableName="t", Item={"id": {"S": "a"}})
    sandbox.settle()
    shown = sandbox.client("lambda").get_event_source_mapping(UUID=uuid)
    assert (got(sandbox), shown["LastProcessingResult"].startswith("PROBLEM")) == ([], True)
    iam.attach_role_policy(RoleName="r", PolicyArn=READS)
    dynamodb.put_item(TableName="t", Item={"id": {"S": "b"}})
    sandbox.settle()
    assert [record["dynamodb"]["Keys"]["id"]["S"] for record in got(sandbox)] == ["a", "b"]
