"""IoT topic rules → Lambda: the SQL, the event, permission, what is refused, what a role may publish."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambda_sandbox import Sandbox
from lambda_sandbox.event_sources.iot_sql import BadSql, NotModelled, covers, parse
from lambda_sandbox.wire import NOT_MODELLED

READING = {"temp": 21.5, "color": {"red": 255}, "tags": ["a", "b"], "off": False, "name": "attic", "none": None}


@pytest.mark.parametrize(
    ("sql", "result"),
    [
        ("SELECT * FROM 'home/+/climate'", READING),
        ("select temp from '#'", {"temp": 21.5}),
        ("SELECT temp, missing FROM '#'", {"temp": 21.5}),
        ("SELECT color.red FROM '#'", {"red": 255}),
        ("SELECT color.red AS r, tags[1] AS last, none AS n FROM '#'", {"r": 255, "last": "b", "n": None}),
        ("SELECT topic() AS t, topic(2) AS room, topic(9) AS x FROM '#'", {"t": "home/attic/climate", "room": "attic"}),
        ("SELECT timestamp() AS at, temp * 2 + 1 AS f FROM '#'", {"at": 1_500, "f": 44.0}),
        ("SELECT temp FROM '#' WHERE temp > 20 AND name = 'attic'", {"temp": 21.5}),
        ("SELECT temp FROM '#' WHERE NOT off AND (temp < 0 OR temp >= 21.5)", {"temp": 21.5}),
        ("SELECT temp FROM '#' WHERE name <> 'cellar'", {"temp": 21.5}),
        ("SELECT temp FROM '#' WHERE temp > 30", None),
        ("SELECT temp FROM '#' WHERE missing = 1", None),
        ("SELECT temp FROM '#' WHERE NOT missing = 1", None),
        ("SELECT temp FROM '#' WHERE name > 3", None),
        ("SELECT temp FROM '#' WHERE temp / 0 = 1", None),
        ("SELECT temp FROM 'home/+'", None),
    ],
)
def test_a_statement_chooses_and_shapes_messages(sql: str, result: Any) -> None:
    assert parse(sql).result("home/attic/climate", READING, now=1.5) == result


@pytest.mark.parametrize(
    ("topics", "topic", "is_covered"),
    [("a/b", "a/b", True), ("a/+", "a/b/c", False), ("a/#", "a/b/c", True), ("a/#", "a", True), ("+", "a/b", False)],
)
def test_topic_filters(topics: str, topic: str, is_covered: bool) -> None:
    assert covers(topics, topic) is is_covered


@pytest.mark.parametrize(
    "sql", ["", "SELECT", "SELECT * 'a'", "SELECT * FROM a", "SELECT * FROM 'a' WHERE", "x", "SELECT ? FROM 'a'"]
)
def test_what_is_no_statement(sql: str) -> None:
    with pytest.raises(BadSql):
        parse(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT upper(a) AS b FROM 'a'",
        "SELECT VALUE a FROM 'a'",
        "SELECT topic() FROM 'a'",
        "SELECT * FROM 'a' WHERE a IN [1]",
    ],
)
def test_what_is_not_modelled(sql: str) -> None:
    with pytest.raises(NotModelled):
        parse(sql)


SHOWS = """
import json
def handler(event, context):
    print(json.dumps(event))
"""
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock="virtual", seed=1) as sandbox:
        yield sandbox


def seen(sandbox: Sandbox, name: str) -> list[Any]:
    sandbox.settle()
    return [json.loads(record.data["message"]) for record in sandbox.journal(function=name, kind="invocation.log")]


def rule(sandbox: Sandbox, name: str, sql: str, **more: Any) -> None:
    payload = {"sql": sql, "actions": [{"lambda": {"functionArn": FUNCTION + name}}], **more}
    sandbox.client("iot").create_topic_rule(ruleName=name, topicRulePayload=payload)


def test_a_message_that_fits_invokes_the_function_with_what_was_selected(sandbox: Sandbox) -> None:
    sandbox.deploy(SHOWS, name="heating")
    rule(sandbox, "heating", "SELECT temp, topic(2) AS room FROM 'home/+/climate' WHERE temp < 18")
    data = sandbox.client("iot-data")
    data.publish(topic="home/attic/climate", payload=b'{"temp": 16}')
    assert seen(sandbox, "heating") == []
    [refused] = sandbox.journal(function="heating", kind="delivery.refused")
    assert "no statement allows iot.amazonaws.com" in refused.data["because"]
    sandbox.client("lambda").add_permission(
        FunctionName="heating",
        StatementId="iot",
        Action="lambda:InvokeFunction",
        Principal="iot.amazonaws.com",
        SourceArn="arn:aws:iot:us-east-1:123456789012:rule/heating",
    )
    data.publish(topic="home/attic/climate", payload=b'{"temp": 16}')
    data.publish(topic="home/attic/climate", payload=b'{"temp": 20}')
    data.publish(topic="home/attic/light", payload=b'{"temp": 16}')
    data.publish(topic="home/attic/climate", payload=b"\xff")
    assert seen(sandbox, "heating") == [{"temp": 16, "room": "attic"}]
    assert len(sandbox.journal(function="heating", kind="delivery.filtered")) == 1
    iot = sandbox.client("iot")
    iot.disable_topic_rule(ruleName="heating")
    data.publish(topic="home/attic/climate", payload=b'{"temp": 16}')
    iot.enable_topic_rule(ruleName="heating")
    replaced = {"sql": "SELECT * FROM 'home/#'", "actions": [{"lambda": {"functionArn": FUNCTION + "heating"}}]}
    iot.replace_topic_rule(ruleName="heating", topicRulePayload=replaced)
    data.publish(topic="home", payload=b'{"now": "all"}')
    assert seen(sandbox, "heating")[1:] == [{"now": "all"}]


def test_what_cannot_be_read_or_is_not_modelled_is_refused_at_creation(sandbox: Sandbox) -> None:
    def refused(sql: str, **more: Any) -> str:
        with pytest.raises(ClientError) as error:
            rule(sandbox, "never", sql, **more)
        return str(error.value.response["Error"]["Code"])

    assert refused("SELECT FROM 'a'") == "SqlParseException"
    assert refused("SELECT md5(a) AS b FROM 'a'") == NOT_MODELLED
    republish = {"republish": {"roleArn": "arn:aws:iam::123456789012:role/r", "topic": "t"}}
    assert refused("SELECT * FROM 'a'", actions=[republish]) == NOT_MODELLED
    assert refused("SELECT * FROM 'a'", errorAction=republish) == NOT_MODELLED
    assert [one["ruleName"] for one in sandbox.client("iot").list_topic_rules()["rules"]] == ["heating"]


def test_a_function_publishes_if_its_role_may(sandbox: Sandbox) -> None:
    source = """
import boto3
def handler(event, context):
    boto3.client("iot-data").publish(topic=event, payload=b"{}")
"""
    iam = sandbox.client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    may = {"Effect": "Allow", "Action": "iot:Publish", "Resource": "arn:aws:iot:us-east-1:123456789012:topic/mine/*"}
    documents = [json.dumps({"Version": "2012-10-17", "Statement": [one]}) for one in (trust, may)]
    role = iam.create_role(RoleName="device", AssumeRolePolicyDocument=documents[0])["Role"]["Arn"]
    iam.put_role_policy(RoleName="device", PolicyName="p", PolicyDocument=documents[1])
    sandbox.deploy(source, name="device", Role=role)
    client = sandbox.client("lambda")
    for topic, error in (("mine/a", None), ("yours/a", "Unhandled")):
        answer = client.invoke(FunctionName="device", Payload=json.dumps(topic))
        assert answer.get("FunctionError") == error
    assert b"iot:Publish on resource: arn:aws:iot:us-east-1:123456789012:topic/yours/a" in answer["Payload"].read()
