"""The checks of 09/whom_it_concerns: SNS and EventBridge get the filters, and listeners say what they heard."""

import json

from botocore.exceptions import ClientError, ParamValidationError

from lambda_sandbox.workbook.checks import expect, require, task

ACCOUNT = "us-east-1:123456789012"
SOURCE = """
import json
def lambda_handler(event, context):
    print(json.dumps(event))
"""


def part(function, ask, name):
    answer = function.invoke({"ask": ask})
    good = isinstance(answer, dict) and isinstance(answer.get(name), dict)
    require(good, says="concerns.other", expected=f"a dict with {name}", got=answer)
    return answer[name]


def taken(store, given):
    """Calls `store`; what the service says against it is the check's result."""
    try:
        store()
        why = ""
    except (ClientError, ParamValidationError) as error:
        why = str(error)
    require(not why, says="concerns.refused", expected="a filter that is taken", got=given, why=why)


def heard_by_the_kitchen(function, sandbox, orders):
    """Publishes orders as (name, attributes); returns the names of those that came through the filter."""
    policy = part(function, "kitchen", "FilterPolicy")
    sns, sqs = sandbox.client("sns"), sandbox.client("sqs")
    topic, queue = sns.create_topic(Name="orders")["TopicArn"], sqs.create_queue(QueueName="kitchen")["QueueUrl"]
    attributes = {"FilterPolicy": json.dumps(policy), "RawMessageDelivery": "true"}
    kitchen = f"arn:aws:sqs:{ACCOUNT}:kitchen"
    taken(lambda: sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=kitchen, Attributes=attributes), policy)
    for name, kind, pieces, shop in orders:
        values = {"kind": ("String", kind), "pieces": ("Number", f"{pieces}"), "shop": ("String", shop)}
        given = {key: {"DataType": type_, "StringValue": value} for key, (type_, value) in values.items()}
        sns.publish(TopicArn=topic, Message=name, MessageAttributes=given)
    sandbox.settle()
    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    return sorted(message["Body"] for message in messages)


def heard_by_the_guard(function, sandbox, entries):
    """Puts events; returns what the guard was invoked with."""
    pattern, transformer = part(function, "guard", "EventPattern"), part(function, "guard", "InputTransformer")
    events, guard = sandbox.client("events"), sandbox.deploy(SOURCE, name="guard")
    rule = {}
    taken(lambda: rule.update(events.put_rule(Name="guard", EventPattern=json.dumps(pattern))), pattern)
    sandbox.client("lambda").add_permission(
        FunctionName="guard",
        StatementId="rule",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=rule["RuleArn"],
    )
    target = {"Id": "guard", "Arn": guard.arn, "InputTransformer": transformer}
    taken(lambda: events.put_targets(Rule="guard", Targets=[target]), transformer)
    for source, kind, detail in entries:
        events.put_events(Entries=[{"Source": source, "DetailType": kind, "Detail": json.dumps(detail)}])
    sandbox.settle()
    log = sandbox.journal(function="guard", kind="invocation.log")
    return sorted((json.loads(record.data["message"]) for record in log), key=json.dumps)


def paid(customer, euros):
    return {"order": "o-1", "customer": customer, "euros": euros}


@task(1)
def test_tells_the_kitchen_of_large_cakes_and_pies(function, sandbox, rng):
    many = rng.randrange(11, 90)
    orders = [
        ("cake", "cake", 10, "east"),
        ("pie", "pie", many, "west"),
        ("small pie", "pie", 9, "west"),
        ("rolls", "roll", many, "east"),
    ]
    wrong = {"concerns.hears-nothing": [], "concerns.number-as-text": ["cake"]}
    expect(heard_by_the_kitchen(function, sandbox, orders), ["cake", "pie"], says="concerns.other", recognise=wrong)


@task(1)
def test_bakes_nothing_for_the_test_shop(function, sandbox):
    orders = [("real", "cake", 10, "testing street"), ("test", "cake", 10, "test")]
    wrong = {"concerns.hears-nothing": [], "concerns.test-shop": ["real", "test"]}
    expect(heard_by_the_kitchen(function, sandbox, orders), ["real"], says="concerns.other", recognise=wrong)


@task(2)
def test_tells_the_guard_of_large_payments_and_nothing_else(function, sandbox, rng):
    euros = rng.randrange(101, 999)
    entries = [
        ("bakery.till", "Order paid", paid("Ada", euros)),
        ("bakery.till", "Order paid", paid("Grace", 100)),
        ("bakery.till", "Order paid", paid("Alan", 7)),
        ("bakery.web", "Order paid", paid("Edsger", euros)),
        ("bakery.till", "Order returned", paid("Hedy", euros)),
    ]
    heard = heard_by_the_guard(function, sandbox, entries)
    require(heard, says="concerns.hears-nothing", expected="one payment", got=heard)
    require("Alan" not in json.dumps(heard), says="concerns.small-payments", expected="one payment", got=heard)
    require("Grace" not in json.dumps(heard), says="concerns.hundred", expected="one payment", got=heard)
    require(len(heard) == 1, says="concerns.other", expected="one payment", got=heard)
    whole = isinstance(heard[0], dict) and "detail" in heard[0]
    require(not whole, says="concerns.whole-event", expected="two fields", got=heard[0])
    expect(heard[0], {"who": "Ada", "euros": euros}, says="concerns.not-shaped")
