"""The checks of 00/what_is_real."""

from lambda_sandbox.workbook.checks import expect, task

OPEN = {"real.open": None}


@task(1)
def test_knows_what_really_happens_on_this_computer(function):
    for thing in ("the process that runs your function", "the error that Python raises in it"):
        expect(function.invoke({"question": thing}), "real", says="real.runs-here", recognise=OPEN)


@task(1)
def test_knows_how_a_call_travels(function):
    answer = function.invoke({"question": "the HTTP call that boto3 makes"})
    expect(answer, "real", says="real.travels", recognise=OPEN)


@task(1)
def test_knows_what_only_aws_has(function):
    for thing in ("the account 123456789012", "the disks that keep an S3 object"):
        answer = function.invoke({"question": thing})
        says = "real.no-account" if answer == "real" else "real.other-word"
        expect(answer, "simulated", says=says, recognise=OPEN)


@task(2)
def test_tells_a_stub_from_a_mistake(function):
    answer = function.invoke({"question": "still raises NotImplementedError"})
    expect(answer, "not started", says="report.not-started", recognise=OPEN)
    answer = function.invoke({"question": "returns a wrong answer"})
    expect(answer, "fail", says="report.wrong-answer", recognise=OPEN)


@task(2, hidden=True)
def test_knows_what_becomes_of_an_endless_loop(function):
    answer = function.invoke({"question": "never comes to an end"})
    expect(answer, "timeout", says="report.no-end", recognise=OPEN)
