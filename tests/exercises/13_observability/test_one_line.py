"""The checks of 13/one_line: orders are placed, then the log is asked with filter patterns."""

from lambda_sandbox.workbook.checks import expect, require, task

CARD = "4000 4711"


def order(function, rng, **cups):
    """Places an order; its number, which also stands in the event as text."""
    number = rng.randrange(100, 900)
    answer = function.invoke({"order": number, "cups": cups, "card": f"{CARD} {number} 0000"})
    return number, answer


def found(sandbox, pattern):
    """How many lines of the log fit."""
    asked = sandbox.client("logs").filter_log_events(logGroupName="/aws/lambda/exercise", filterPattern=pattern)
    return len(asked["events"])


@task(1)
def test_an_accepted_order_can_be_found_by_number_and_price(function, sandbox, rng):
    mint = rng.randrange(3, 9)
    number, answer = order(function, rng, green=2, mint=mint)
    price = 6 + 4 * mint
    expect(answer, {"accepted": True, "price": price}, says="order-log.answer-changed")
    function.called = f"filter_log_events(filterPattern='{{ $.order = {number} }}')"
    lines = found(sandbox, f"{{ $.order = {number} }}")
    require(lines > 0, says="order-log.no-line", expected="a line", got=lines, order=number)
    require(lines == 1, says="order-log.more-than-one", expected=1, got=lines, order=number, lines=lines)
    leveled = found(sandbox, f'{{ $.level = "INFO" && $.order = {number} }}')
    require(leveled == 1, says="order-log.no-level", expected="a line of level INFO", got=leveled, order=number)
    pattern = f"{{ $.price > {price - 1} && $.price < {price + 1} }}"
    says = "order-log.price-is-text"
    require(found(sandbox, pattern) == 1, says=says, expected="the line", got="none", order=number, pattern=pattern)


@task(2)
def test_a_refused_order_can_be_found_as_an_error(function, sandbox, rng):
    number, answer = order(function, rng, coffee=1)
    expect(answer, {"accepted": False}, says="order-log.answer-changed")
    function.called = f"""filter_log_events(filterPattern='{{ $.level = "ERROR" && $.order = {number} }}')"""
    lines = found(sandbox, f'{{ $.level = "ERROR" && $.order = {number} }}')
    require(lines > 0, says="order-log.not-an-error", expected="a line", got=lines, order=number)
    require(lines == 1, says="order-log.more-than-one", expected=1, got=lines, order=number, lines=lines)
    because = found(sandbox, f'{{ $.errorType = "KeyError" && $.errorMessage = "*coffee*" && $.order = {number} }}')
    require(because == 1, says="order-log.no-reason", expected="errorType and errorMessage", got="none", order=number)


@task(3)
def test_no_line_has_a_card(function, rng):
    order(function, rng, green=1)
    order(function, rng, cocoa=1)
    require(CARD not in function.log(), says="order-log.card", expected="no card", got=f"{CARD} …")
