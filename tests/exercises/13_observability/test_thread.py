"""The checks of 13/thread: an order with a correlation id, one without, and what the log says of each."""

import json

from lambda_sandbox.workbook.checks import expect, require, task

LINES = ["order taken", "counting", "order goes on"]


def order(rng, **more):
    return {"order": rng.randrange(100, 900), "cups": {"green": rng.randrange(1, 9), "mint": 2}, **more}


def next_event(event, thread):
    return {"order": event["order"], "cups": sum(event["cups"].values()), "correlation_id": thread}


def without_id(said):
    return {key: value for key, value in said.items() if key != "correlation_id"} if isinstance(said, dict) else said


@task(1)
def test_hands_on_the_id_that_came(function, rng):
    event = order(rng, correlation_id=f"shop-{rng.randrange(1000, 9999)}")
    seen = function.outcome(event)
    if seen.error:
        raise seen.failure(None)
    expected = next_event(event, event["correlation_id"])
    expect(without_id(seen.payload), without_id(expected), says="thread.wrong-order")
    own = {"thread.own-id": next_event(event, seen.request_id)}
    expect(seen.payload, expected, says="thread.not-handed-over", recognise=own)


@task(1)
def test_begins_a_thread_where_there_is_none(function, rng):
    event = order(rng)
    seen = function.outcome(event)
    if seen.error:
        raise seen.failure({"KeyError": "thread.needs-an-id"})
    begun = seen.payload == next_event(event, seen.request_id)
    require(begun, says="thread.not-begun", expected="the request id", got="something else")


@task(2)
def test_each_line_has_the_id_of_its_order(function, sandbox, rng):
    for thread in (f"shop-{rng.randrange(1000, 9999)}", "app-1"):
        seen = function.outcome(order(rng, correlation_id=thread))
        asked = {"filterPattern": f'{{ $.requestId = "{seen.request_id}" }}'}
        events = sandbox.client("logs").filter_log_events(logGroupName="/aws/lambda/exercise", **asked)["events"]
        said = [json.loads(event["message"]) for event in events]
        for line in said:
            words = "thread.only-in-words" if thread in str(line["message"]) else "thread.line-without"
            has_it = line.get("correlation_id") == thread
            require(has_it, says=words, expected=thread, got=line.get("correlation_id"), line=line["message"])
        enough = len(said) >= len(LINES)
        require(enough, says="thread.line-without", expected=LINES, got=len(said), line="of one of the steps")
