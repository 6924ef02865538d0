"""When cron and rate expressions are due: a table, and what is refused."""

from datetime import UTC, datetime

import pytest

from lambda_sandbox.event_sources.schedules import BadSchedule, parse


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("expression", "after", "due"),
    [
        ("rate(1 minute)", "2031-01-01T00:00:30", "2031-01-01T00:01:30"),
        ("rate(7 days)", "2031-01-01T00:00", "2031-01-08T00:00"),
        ("cron(0 9 * * ? *)", "2031-01-01T09:00", "2031-01-02T09:00"),
        ("cron(0/15 * * * ? *)", "2031-01-01T10:50", "2031-01-01T11:00"),
        ("cron(10-40/10 6,18 * * ? *)", "2031-01-01T06:40", "2031-01-01T18:10"),
        ("cron(0 18 ? * MON-FRI *)", "2031-01-03T18:00", "2031-01-06T18:00"),  # a Friday
        ("cron(0 8 1 * ? *)", "2031-01-31T00:00", "2031-02-01T08:00"),
        ("cron(0 10 L * ? *)", "2032-02-01T00:00", "2032-02-29T10:00"),
        ("cron(0 10 15W * ? *)", "2031-02-01T00:00", "2031-02-14T10:00"),  # the 15th is a Saturday
        ("cron(0 10 1W * ? *)", "2031-03-01T00:00", "2031-03-03T10:00"),  # never back into February
        ("cron(0 10 ? * 6L *)", "2031-01-01T00:00", "2031-01-31T10:00"),
        ("cron(0 10 ? * 3#2 *)", "2031-01-01T00:00", "2031-01-14T10:00"),
        ("cron(0 0 ? * FRI-MON *)", "2031-01-06T00:00", "2031-01-10T00:00"),
        ("cron(0 0 29 2 ? *)", "2031-01-01T00:00", "2032-02-29T00:00"),
        ("cron(30 12 ? JAN,jul SUN 2033)", "2031-01-01T00:00", "2033-01-02T12:30"),
    ],
)
def test_a_schedule_is_due(expression: str, after: str, due: str) -> None:
    assert parse(expression).after(at(after)) == at(due)


def test_a_time_zone_has_its_summer() -> None:
    nine_in_paris = parse("cron(0 9 * * ? *)", "Europe/Paris")
    assert nine_in_paris.after(at("2031-01-01T00:00")) == at("2031-01-01T08:00")
    assert nine_in_paris.after(at("2031-07-01T00:00")) == at("2031-07-01T07:00")
    assert parse("at(2031-07-01T09:00:00)", "Europe/Paris").after(0) == at("2031-07-01T07:00")
    assert parse("at(2031-07-01T09:00:00)").after(at("2031-07-01T09:00")) is None
    with pytest.raises(BadSchedule):
        parse("rate(1 day)", "Europe/Atlantis")


def test_summer_time_skips_what_is_not_there_and_repeats_nothing() -> None:
    in_the_gap = parse(
        "cron(30 2 * * ? *)", "Europe/Paris"
    )  # clocks go from 02:00 to 03:00 on 30 March, back in October
    assert in_the_gap.after(at("2031-03-29T12:00")) == at("2031-03-31T00:30")
    assert in_the_gap.after(at("2031-10-25T12:00")) == at("2031-10-26T00:30")
    assert in_the_gap.after(at("2031-10-26T00:30")) == at("2031-10-27T01:30")


def test_what_is_over_is_never_due_again() -> None:
    assert parse("cron(0 0 1 1 ? 2030)").after(at("2031-01-01T00:00")) is None


@pytest.mark.parametrize(
    "expression",
    [
        *("", "every day", "rate(5 minute)", "rate(1 minutes)", "rate(0 minutes)", "rate(1.5 hours)", "rate(5 weeks)"),
        *("cron(0 9 * * *)", "cron(0 9 * * * *)", "cron(0 9 ? * ? *)", "cron(60 9 * * ? *)", "cron(0 24 * * ? *)"),
        *("cron(0 9 0 * ? *)", "cron(0 9 ? * 8 *)", "cron(0 9 * 13 ? *)", "cron(a 9 * * ? *)", "cron(0/0 9 * * ? *)"),
        *("cron(0 9 ? * 3#6 *)", "cron(0 9 W * ? *)", "at(2031-13-01T00:00:00)", "at(noon)", "cron(0 9 * * ? 1066)"),
    ],
)
def test_what_says_nothing_is_refused(expression: str) -> None:
    with pytest.raises(BadSchedule):
        parse(expression)
