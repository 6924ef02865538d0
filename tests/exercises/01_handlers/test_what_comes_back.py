"""The checks of 01/what_comes_back: each line is deployed and called, and what really came is compared."""

from lambda_sandbox.workbook.checks import expect, require, task


def really(sandbox, line):
    """The payload as text, and whether the answer is marked, when `line` is the whole function."""
    sandbox.deploy(f"def lambda_handler(event, context):\n    {line}\n", name="line")
    answer = sandbox.client("lambda").invoke(FunctionName="line", Payload=b"{}")
    return answer["Payload"].read().decode(), "FunctionError" in answer


def predicted(function, line):
    answer = function.invoke({"line": line})
    require(answer != "?", says="comes.open", expected="a prediction", got=answer, line=line)
    return answer


def compare_response(function, sandbox, line, says):
    answer = predicted(function, line)
    payload, marked = really(sandbox, line)
    expect(answer, "error" if marked else payload, says=says)


def compare_mark(function, sandbox, line, says):
    answer = predicted(function, line)
    expect(answer, "yes" if really(sandbox, line)[1] else "no", says=says)


@task(1)
def test_tells_a_print_from_a_response(function, sandbox):
    compare_response(function, sandbox, "print('tea')", "comes.print-is-not-return")
    compare_response(function, sandbox, "return 'tea'", "comes.text-has-quotes")


@task(1)
def test_knows_what_becomes_of_a_tuple(function, sandbox):
    compare_response(function, sandbox, "return (1, 2)", "comes.tuple")


@task(1)
def test_knows_what_becomes_of_a_set(function, sandbox):
    compare_response(function, sandbox, "return {1, 2}", "comes.set-is-no-list")


@task(1)
def test_knows_what_becomes_of_a_key(function, sandbox):
    compare_response(function, sandbox, "return {1: 'one'}", "comes.keys-are-text")


@task(2)
def test_knows_that_an_exception_is_marked(function, sandbox):
    compare_mark(function, sandbox, "raise ValueError('no tea')", "comes.raised")


@task(2)
def test_knows_what_lambda_does_not_read(function, sandbox):
    compare_mark(function, sandbox, "return {'errorMessage': 'no tea'}", "comes.looks-like-an-error")


@task(2, hidden=True)
def test_knows_what_becomes_of_an_exit(function, sandbox):
    compare_mark(function, sandbox, "raise SystemExit(0)", "comes.exit-is-no-answer")
