"""The checks of 09/timetable: EventBridge takes each expression, or says why not; then its due times are compared."""

from datetime import UTC, datetime, timedelta

from botocore.exceptions import ClientError, ParamValidationError

from lambda_sandbox.event_sources import schedules
from lambda_sandbox.workbook.checks import expect, require, task


def times(function, sandbox, job, count, start):
    """The first due times after `start`, as datetimes in UTC."""
    expression = function.invoke({"job": job})
    require(expression != "?", says="timetable.open", expected="an expression", got=expression, job=job)
    try:
        sandbox.client("events").put_rule(Name="job", ScheduleExpression=expression)
        why = ""
    except (ClientError, ParamValidationError) as error:
        why = str(error)
    require(not why, says=reason(str(expression)), expected="an expression that is taken", got=expression, why=why)
    schedule, found, due = schedules.parse(expression), [], start.timestamp()
    while len(found) < count and (due := schedule.after(due)) is not None:
        found.append(datetime.fromtimestamp(due, UTC))
    return found


def reason(expression):
    fields = expression.removeprefix("cron(").removesuffix(")").split()
    if len(fields) == 6 and "?" not in fields:
        return "timetable.two-days"
    return "timetable.singular" if expression.startswith("rate(") else "timetable.refused"


def gap(function, sandbox, job):
    first, second = times(function, sandbox, job, 2, datetime(2031, 3, 5, 7, 50, tzinfo=UTC))
    return (second - first) / timedelta(minutes=1)


def written(found):
    return [moment.strftime("%a %d %H:%M") for moment in found]


@task(1)
def test_counts_the_money_every_hour(function, sandbox):
    job = "count the money"
    expect(gap(function, sandbox, job), 60, says="timetable.wrong-gap", job=job)


@task(1)
def test_looks_at_the_ovens_every_quarter_of_an_hour(function, sandbox):
    job = "look at the ovens"
    expect(gap(function, sandbox, job), 15, says="timetable.wrong-gap", job=job)


@task(2)
def test_opens_the_shop_from_monday_to_friday(function, sandbox, rng):
    job, monday = "open the shop", datetime(2031, 1, 6, tzinfo=UTC) + timedelta(weeks=rng.randrange(50))
    week = [monday + timedelta(days=day) for day in (0, 1, 2, 3, 4, 7)]
    early = [monday + timedelta(days=day) for day in (0, 1, 2, 3, 6, 7)]  # 1-5: Sunday to Thursday
    wrong = {
        "timetable.local-time": written(day + timedelta(hours=9) for day in week),
        "timetable.other-way": written(day + timedelta(hours=4) for day in week),
        "timetable.sunday-is-1": written(day + timedelta(hours=14) for day in early),
    }
    right = written(day + timedelta(hours=14) for day in week)
    found = written(times(function, sandbox, job, 6, monday))
    expect(found, right, says="timetable.wrong-hour", recognise=wrong, job=job)


@task(2)
def test_closes_the_books_when_the_month_is_over(function, sandbox, rng):
    job, year = "close the books", rng.randrange(2031, 2060)
    right = [datetime(year, month, 1, 3, 30, tzinfo=UTC) for month in range(2, 7)]
    wrong = {"timetable.day-before": written(moment - timedelta(days=1) for moment in right)}
    wrong["timetable.local-time"] = written(moment - timedelta(hours=5) for moment in right)
    found = written(times(function, sandbox, job, 5, datetime(year, 1, 5, tzinfo=UTC)))
    expect(found, written(right), says="timetable.wrong-hour", recognise=wrong, job=job)
