"""The checks of 15/which_limit: each scene is played, and what really happens is compared."""

import json

from botocore.exceptions import ClientError

from lambda_sandbox.workbook.checks import expect, require, task

MB = 1024 * 1024
SOURCE = """
import os, time
count = 0
def lambda_handler(event, context):
    global count
    count += 1
    do = event[0]
    if do == "answer":
        return "x" * 7 * 1024 * 1024
    if do == "memory":
        held = b"x" * 200 * 1024 * 1024
        time.sleep(5)
    if do == "files":
        opened = []
        while True:
            opened.append(open(os.devnull))
    return count
"""


def send(sandbox, event, kind="RequestResponse"):
    """What came of it, and the answer."""
    try:
        answer = sandbox.client("lambda").invoke(FunctionName="counter", Payload=json.dumps(event), InvocationType=kind)
    except ClientError:
        return "refused", None
    said = answer["Payload"].read() or "null"
    return ("failed" if "FunctionError" in answer else "fine"), json.loads(said)


def compare(function, scene, really, says):
    answer = function.invoke({"scene": scene})
    require(answer != "?", says="limit.open", expected="a prediction", got=answer, scene=scene)
    expect(answer, really, says=says)


@task(1)
def test_knows_how_large_an_event_may_be(function, sandbox):
    sandbox.deploy(SOURCE, name="counter")
    for scene, size, kind, says in (
        ("an event of 2 MB, and the caller waits", 2, "RequestResponse", "limit.one-for-both"),
        ("an event of 2 MB, and the caller does not wait", 2, "Event", "limit.one-for-both"),
        ("an event of 7 MB, and the caller waits", 7, "RequestResponse", "limit.events-before"),
    ):
        happened, _ = send(sandbox, ["count", "x" * size * MB], kind)
        compare(function, scene, happened, says)


@task(1)
def test_knows_what_shows_only_at_work(function, sandbox):
    sandbox.deploy(SOURCE, name="counter", Timeout=10)
    compare(function, "an answer of 7 MB", send(sandbox, ["answer"])[0], "limit.answers-after")
    scene = "200 MB in the memory of a function with 128 MB"
    compare(function, scene, send(sandbox, ["memory"])[0], "limit.answers-after")
    really = "fine"
    try:
        sandbox.deploy(SOURCE, name="counter", Environment={"Variables": {"NOTE": "x" * 5000}})
    except ClientError:
        really = "refused"
    compare(function, "a setting of 5,000 letters in the environment variables", really, "limit.events-before")


@task(2)
def test_knows_what_a_full_memory_leaves(function, sandbox):
    sandbox.deploy(SOURCE, name="counter", Timeout=10)
    *_, last = [send(sandbox, [do])[1] for do in ("count", "memory", "count")]
    compare(function, "it took too much memory", last, "limit.memory-ends-it")


@task(2, hidden=True)
def test_knows_what_other_errors_leave(function, sandbox):
    for do, scene, says in (
        ("files", "it opened too many files", "limit.errors-keep"),
        ("answer", "its answer was too large", "limit.answers-end-it"),
    ):
        sandbox.deploy(SOURCE, name="counter")
        *_, last = [send(sandbox, [what])[1] for what in ("count", do, "count")]
        compare(function, scene, last, says)
