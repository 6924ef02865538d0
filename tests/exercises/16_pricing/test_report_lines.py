"""The checks of 16/report_lines: functions run, their log is read, and the bill is the measure."""

import json

from lambda_sandbox.workbook.checks import require, task

SOURCE = """
def lambda_handler(event, context):
    print("REPORT of the day\\tBilled Duration: 86400 ms\\tMemory Size: 1024 MB\\tInit Duration: 7000.00 ms")
    return len("x" * event)
"""


def a_day(sandbox, rng):
    """Runs functions of two sizes, one of them badly; their log, their reports, and the GB-seconds of the bill."""
    lambda_ = sandbox.client("lambda")
    sizes = {"small": 128, "large": rng.choice([768, 1024, 1536])}
    for name, memory_mb in sizes.items():
        sandbox.deploy(SOURCE, name=name, MemorySize=memory_mb)
    calls = ["small"] * rng.randrange(2, 5) + ["large"] * 2
    for name in calls:
        lambda_.invoke(FunctionName=name, Payload=json.dumps(rng.randrange(1000)))
    lambda_.invoke(FunctionName="large", Payload=json.dumps("no number"))
    logs = sandbox.client("logs")
    groups = [logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"] for name in sizes]
    reports = [record.data for record in sandbox.journal(kind="invocation.reported")]
    billed = next(line.quantity for line in sandbox.bill().lines if line.meter == "duration, x86_64")
    return [one["message"] for events in groups for one in events], reports, billed


def read(function, log, *keys):
    answer = function.invoke({"log": log}, called="lambda_handler(the log of a day)")
    shape = isinstance(answer, dict) and all(isinstance(answer.get(key), int | float) for key in keys)
    require(shape, says="report.shape", expected=f"a dict with {' and '.join(keys)}", got=answer)
    return [answer[key] for key in keys]


def near(got, expected):
    return abs(got - expected) <= 1e-4 * expected


def summed(reports, ms, memory_mb=lambda one: one["memory_mb"]):
    return sum(one.get(ms, 0) / 1000 * memory_mb(one) / 1024 for one in reports)


@task(1)
def test_counts_what_is_billed(function, sandbox, rng):
    log, reports, billed = a_day(sandbox, rng)
    requests, gb_seconds = read(function, log, "requests", "gb_seconds")
    believed = requests == 2 * len(reports)
    says = "report.believes-prints" if believed else "report.requests"
    require(requests == len(reports), says=says, expected="one for each invocation", got=requests)
    wrong = {
        "report.not-billed": [summed(reports, "duration_ms")],
        "report.used-memory": [summed(reports, "billed_ms", lambda one: one["max_memory_mb"])],
        "report.one-size": [summed(reports, "billed_ms", lambda one, i=i: reports[i]["memory_mb"]) for i in (0, -1)],
    }
    close = [one for one, amounts in wrong.items() if any(abs(gb_seconds - it) <= 0.02 * it for it in amounts)]
    says = [*close, "report.gb-seconds"][0]
    require(near(gb_seconds, billed), says=says, expected="the GB-seconds of the bill", got=gb_seconds)


@task(2)
def test_finds_the_init_in_it(function, sandbox, rng):
    log, reports, _ = a_day(sandbox, rng)
    cold, init = read(function, log, "cold_starts", "init_gb_seconds")
    cold_ones = [one for one in reports if "init_ms" in one]
    first = next(summed([one], "init_ms") for one in cold_ones)
    require(cold == len(cold_ones), says="report.cold", expected="one for each Init", got=cold)
    wrong = {"report.init-without-memory": summed(cold_ones, "init_ms", lambda one: 1024), "report.first-only": first}
    says = next((one for one, amount in wrong.items() if abs(init - amount) <= 1e-3 * amount), "report.init")
    right = abs(init - summed(cold_ones, "init_ms")) <= 1e-3 * init
    require(right, says=says, expected="the GB-seconds of all Inits", got=init)


@task(2, hidden=True)
def test_a_quiet_day_has_no_init(function):
    sizes = "Memory Size: 128 MB\tMax Memory Used: 30 MB"
    warm = f"REPORT RequestId: 1\tDuration: 2.10 ms\tBilled Duration: 3 ms\t{sizes}\t\n"
    cold, init = read(function, [warm], "cold_starts", "init_gb_seconds")
    require((cold, init) == (0, 0), says="report.cold", expected="none", got=[cold, init])
