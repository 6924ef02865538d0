"""The checks of 14/protect: Lambda is asked what was set, and more calls are made than the database could bear."""

from concurrent.futures import ThreadPoolExecutor

from botocore.config import Config
from botocore.exceptions import ClientError

from lambda_sandbox.workbook.checks import expect, require, task

LEDGER = """
import time
def lambda_handler(event, context):
    time.sleep(event)
"""


def ledger(sandbox):
    sandbox.deploy(LEDGER, name="ledger")
    return sandbox.client("lambda")


def reserved(lambda_):
    return lambda_.get_function_concurrency(FunctionName="ledger").get("ReservedConcurrentExecutions")


def served(sandbox, calls, seconds):
    """How many of so many calls at the same moment are not throttled."""
    lambda_ = sandbox.client("lambda", config=Config(retries={"total_max_attempts": 1}))

    def call(_):
        try:
            return lambda_.invoke(FunctionName="ledger", Payload=str(seconds))["StatusCode"] == 200
        except ClientError:
            return False

    with ThreadPoolExecutor(calls) as threads:
        return sum(threads.map(call, range(calls)))


@task(1)
def test_opens_no_more_connections_than_there_are(function, sandbox, rng):
    lambda_ = ledger(sandbox)
    each = rng.choice([2, 3])
    most = 2
    connections = most * each + each - 1
    answer = function.invoke({"function": "ledger", "connections": connections, "each": each})
    got = reserved(lambda_)
    require(got is not None, says="protect.nothing-set", expected="a reservation", got=got)
    facts = {"running": got, "each": each, "connections": connections}
    require(got <= most, says="protect.too-many-connections", expected="fewer environments", got=got, **facts)
    require(got == most, says="protect.too-few", expected="as many environments as have connections", got=got)
    expect(answer.get("reserved") if isinstance(answer, dict) else answer, got, says="protect.wrong-answer")
    running = served(sandbox, most + 2, 1)
    facts = {"running": running, "each": each, "connections": connections}
    require(running <= most, says="protect.too-many-connections", expected="fewer calls served", got=running, **facts)


@task(2)
def test_says_what_is_left_in_the_account(function, sandbox, rng):
    lambda_ = ledger(sandbox)
    sandbox.deploy(LEDGER, name="greedy")
    others, most = rng.randrange(100, 300), rng.randrange(10, 50)
    lambda_.put_function_concurrency(FunctionName="greedy", ReservedConcurrentExecutions=others)
    answer = function.invoke({"function": "ledger", "connections": 2 * most, "each": 2})
    says = lambda_.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    got = answer.get("left") if isinstance(answer, dict) else answer
    expect(got, says, says="protect.not-what-lambda-says", recognise={"protect.asked-too-early": says + most})


@task(3)
def test_stops_and_frees(function, sandbox):
    lambda_ = ledger(sandbox)
    answer = function.invoke({"function": "ledger", "stop": True})
    stopped = reserved(lambda_) == 0 and not served(sandbox, 1, 0)
    require(stopped, says="protect.not-stopped", expected="no call is served", got=answer)
    expect(answer.get("reserved"), 0, says="protect.wrong-word")
    answer = function.invoke({"function": "ledger", "stop": False}, says="protect.still-held")
    require(reserved(lambda_) is None, says="protect.still-held", expected="no reservation", got=reserved(lambda_))
    expect(answer.get("reserved", 0), None, says="protect.wrong-word")
