"""The checks of 02/how_many: each scene is played, and what really happens is compared."""

import json
from concurrent.futures import ThreadPoolExecutor

from lambda_sandbox.workbook.checks import expect, require, task

SOURCE = """
import os, tempfile, time
count = 0
letters = os.path.join(tempfile.gettempdir(), "letters")  # /tmp, or what stands for it on this computer
def lambda_handler(event, context):
    global count
    count += 1
    with open(letters, "a") as file:
        file.write("x")
    if event == "raise":
        raise ValueError("on purpose")
    if event == "hang":
        time.sleep(60)
    time.sleep(0.5 if event == "slowly" else 0)
    return [count, os.path.getsize(letters)]
"""


def play(sandbox, *events):
    """Calls the counting function with one event after the other; the answer to the last one."""
    invoke = sandbox.client("lambda").invoke
    return [json.load(invoke(FunctionName="counter", Payload=json.dumps(e))["Payload"]) for e in events][-1]


def environments(sandbox):
    return len({record.environment for record in sandbox.journal(function="counter") if record.environment})


def compare(function, scene, really, says):
    answer = function.invoke({"scene": scene})
    require(answer != "?", says="count.open", expected="a prediction", got=answer, scene=scene)
    expect(answer, really, says=says)


@task(1)
def test_counts_calls_one_after_the_other(function, sandbox):
    sandbox.deploy(SOURCE, name="counter")
    last, _ = play(sandbox, *[None] * 5)
    for scene, really in (
        ("environments after 5 calls, one after the other", environments(sandbox)),
        ("count in the answer to the last of the 5", last),
    ):
        compare(function, scene, really, "count.kept-between-calls")


@task(1)
def test_counts_calls_at_the_same_moment(function, sandbox):
    sandbox.deploy(SOURCE, name="counter")
    with ThreadPoolExecutor(3) as threads:
        counts = [count for count, _ in threads.map(lambda event: play(sandbox, event), ["slowly"] * 3)]
    scene = "environments after 3 calls at the same moment"
    compare(function, scene, environments(sandbox), "count.one-call-at-a-time")
    compare(function, "largest count in the answers to the 3", max(counts), "count.not-shared")


@task(2)
def test_knows_what_an_exception_leaves(function, sandbox):
    sandbox.deploy(SOURCE, name="counter")
    count, _ = play(sandbox, None, "raise", None)
    compare(function, "a call that raises: count", count, "count.exception-keeps")


@task(2)
def test_knows_what_a_timeout_leaves(function, sandbox):
    sandbox.deploy(SOURCE, name="counter", Timeout=1)
    count, letters = play(sandbox, None, "hang", None)
    compare(function, "a call that hangs until the timeout: count", count, "count.timeout-forgets")
    compare(function, "a call that hangs until the timeout: letters", letters, "count.tmp-stays")


@task(2, hidden=True)
def test_knows_what_a_deployment_leaves(function, sandbox):
    for _ in range(2):
        sandbox.deploy(SOURCE, name="counter")
        count, _ = play(sandbox, None)
    compare(function, "a new deployment of the same code: count", count, "count.new-code")
