"""The checks of 14/patient: a real function is throttled, and freed when the journal has seen the first 429."""

import threading
from contextlib import contextmanager

from lambda_sandbox.workbook.checks import expect, require, task

KILN = """
def lambda_handler(event, context):
    return f"fired {event['vase']}"
"""


def closed_kiln(sandbox):
    """A function whose reserved concurrency is nought."""
    kiln = sandbox.deploy(KILN, name="kiln")
    sandbox.client("lambda").put_function_concurrency(FunctionName="kiln", ReservedConcurrentExecutions=0)
    return kiln


def throttles(sandbox):
    return len(sandbox.journal(function="kiln", kind="invocation.throttled"))


@contextmanager
def free_after_the_first_429(sandbox, before):
    over = threading.Event()

    def watch():
        while not over.wait(0.01):
            if throttles(sandbox) > before:
                sandbox.client("lambda").delete_function_concurrency(FunctionName="kiln")
                return

    helper = threading.Thread(target=watch)
    helper.start()
    try:
        yield
    finally:
        over.set()
        helper.join()


@task(1)
def test_tries_again_until_the_other_function_is_free(function, sandbox, rng):
    vase = rng.randrange(100)
    for _ in range(3):  # if five short pauses are over before the helper was awake, that is nobody's mistake
        closed_kiln(sandbox)
        before = throttles(sandbox)
        with free_after_the_first_429(sandbox, before):
            says = {"TooManyRequestsException": "patient.gives-up-at-once"}
            answer = function.invoke({"function": "kiln", "payload": {"vase": vase}}, says=says)
        asked = throttles(sandbox) - before + 1
        if not (isinstance(answer, dict) and answer.get("answer", 0) is None and answer.get("attempts") == 5):
            break
    whole = isinstance(answer, dict) and isinstance(answer.get("attempts"), int)
    require(whole, says="patient.wrong-answer", expected="a dict with answer and attempts", got=answer)
    fired = answer.get("answer") is not None
    require(fired, says="patient.gives-up-at-once", expected="an answer of the kiln", got=answer)
    require(answer["attempts"] >= asked, says="patient.knocks-more-often", expected=answer["attempts"], got=asked)
    expect(answer, {"answer": f"fired {vase}", "attempts": asked}, says="patient.wrong-answer")


@task(1)
def test_does_not_try_again_when_it_is_no_429(function):
    outcome = function.outcome({"function": "nobody", "payload": {}})
    refused = outcome.error_type == "ResourceNotFoundException"
    got = outcome.error_type or outcome.payload
    require(refused, says="patient.retries-everything", expected="ResourceNotFoundException", got=got)


@task(2)
def test_gives_up_after_five_attempts(function, sandbox):
    closed_kiln(sandbox)
    says = {"Sandbox.Timedout": "patient.never-gives-up", "TooManyRequestsException": "patient.raises-in-the-end"}
    answer = function.invoke({"function": "kiln", "payload": {"vase": 1}}, says=says)
    reason = "ReservedFunctionConcurrentInvocationLimitExceeded"
    expect(answer, {"answer": None, "attempts": 5, "reason": reason}, says="patient.wrong-end")
    expect(throttles(sandbox), 5, says="patient.knocks-more-often")


@task(3)
def test_waits_longer_and_never_the_same(function):
    samples = 60
    pauses = function.invoke({"pauses": [0] * samples + [3] * samples + [12] * samples})
    first, fourth, late = (pauses[i * samples : (i + 1) * samples] for i in range(3))
    constant = len(set(first)) == 1 == len(set(late))
    require(not constant or first[0] != late[0], says="pause.always-the-same", expected="more than that", got=late[0])
    require(not constant, says="pause.no-jitter", expected="pauses that differ", got=late[0])
    require(max(late) <= 60, says="pause.no-bound", expected="at most 1 s", got=max(late))
    for n, some, bound in ((0, first, 0.05), (3, fourth, 0.4), (12, late, 1)):
        fits = min(some) >= 0 and max(some) <= bound
        require(fits, says="pause.too-long", expected=f"0 to {bound} s", got=max(some), n=n)
        wide = min(some) < bound / 4 and max(some) > bound * 3 / 4
        spread = f"between {min(some):.2f} and {max(some):.2f} s"
        require(wide, says="pause.hardly-random", expected=f"anything between 0 and {bound} s", got=spread)
