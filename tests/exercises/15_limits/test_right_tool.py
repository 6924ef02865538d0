"""The checks of 15/right_tool: jobs at, below and above each limit, and the tools they need."""

from lambda_sandbox.facts import fact
from lambda_sandbox.workbook.checks import expect, require, task

MB = 1024 * 1024
MOST = {
    "minutes": fact("limits.timeout_max") // 60,
    "memory_mb": fact("limits.memory_mb_max"),
    "tmp_mb": fact("limits.tmp_mb_max"),
    "package_mb": fact("limits.code_unzipped") // MB,
    "answer_mb": fact("limits.invoke_payload_sync") // MB,
}
TOOLS = ["Lambda", "Lambda and S3", "Lambda with an image", "Step Functions", "Batch", "EC2"]


def broken(function, job):
    answer = function.invoke(job, says={"KeyError": "tool.needs-all-keys", "TypeError": "tool.wrong-number"})
    return answer["too_much"]


def chosen(function, job, right):
    got = function.invoke(job, says={"KeyError": "tool.needs-all-keys"})["tool"]
    require(got in TOOLS, says="tool.not-chosen", expected="one of the six tools", got=got)
    more = TOOLS.index(got) > TOOLS.index(right)
    ends = right != "EC2"
    says = "tool.never-ends" if not ends else "tool.larger-than-needed" if more else "tool.cannot-do-it"
    expect(got, right, says=says)


@task(1)
def test_knows_the_limits(function, rng):
    for name, most in MOST.items():
        for value in (most, most + 1, rng.randrange(1, most)):
            expect(broken(function, {name: value}), [name] if value > most else [], says="tool.wrong-number")


@task(1)
def test_names_all_that_is_broken(function, rng):
    names = sorted(rng.sample(list(MOST), 3), key=list(MOST).index)
    job = {name: MOST[name] * 2 for name in reversed(names)}
    expect(broken(function, job), names, says="tool.wrong-number", recognise={"tool.wrong-order": names[::-1]})


@task(2)
def test_stays_with_lambda_where_it_can(function, rng):
    chosen(function, {"minutes": rng.randrange(1, 15), "memory_mb": 512}, "Lambda")
    chosen(function, {"answer_mb": rng.randrange(7, 90), "minutes": 15}, "Lambda and S3")
    chosen(function, {"package_mb": rng.randrange(260, 5000)}, "Lambda with an image")


@task(2)
def test_finds_what_lambda_cannot_do(function, rng):
    hours = rng.randrange(20, 400)
    chosen(function, {"minutes": hours, "longest_step": rng.randrange(1, 15)}, "Step Functions")
    chosen(function, {"minutes": hours}, "Batch")
    chosen(function, {"memory_mb": 65536}, "Batch")
    chosen(function, {"always_on": True, "memory_mb": 1024}, "EC2")


@task(2, hidden=True)
def test_reads_the_small_print(function):
    chosen(function, {"minutes": 60, "longest_step": 15}, "Step Functions")
    chosen(function, {"minutes": 60, "longest_step": 16}, "Batch")
    chosen(function, {"minutes": 60, "longest_step": 5, "memory_mb": 20480}, "Batch")
    chosen(function, {"package_mb": 10240}, "Lambda with an image")
    chosen(function, {"package_mb": 10241}, "Batch")
    chosen(function, {"package_mb": 900, "answer_mb": 7}, "Batch")
    chosen(function, {"minutes": 2, "longest_step": 1}, "Lambda")
