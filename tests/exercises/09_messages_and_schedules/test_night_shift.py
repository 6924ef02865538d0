"""The checks of 09/night_shift: a rule fires night after night on the sandbox's clock; the buckets tell the rest."""

from datetime import date, timedelta

from lambda_sandbox.workbook.checks import expect, require, task


def shop_with(s3, *keys):
    for bucket in ("shop", "shop-backups"):
        s3.create_bucket(Bucket=bucket)
    for key in keys:
        s3.put_object(Bucket="shop", Key=key, Body=b"1,2,3")


def every_night(function, sandbox):
    """A rule that fires at two, with the function as its target."""
    events = sandbox.client("events")
    rule = events.put_rule(Name="night", ScheduleExpression="cron(0 2 * * ? *)")["RuleArn"]
    sandbox.client("lambda").add_permission(
        FunctionName=function.name,
        StatementId="night",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=rule,
    )
    events.put_targets(Rule="night", Targets=[{"Id": "shift", "Arn": function.arn}])


def keys(s3):
    return [entry["Key"] for entry in s3.list_objects_v2(Bucket="shop-backups").get("Contents", [])]


def a_night(function, sandbox):
    """Lets a day and a night go by."""
    function.called = "a rule, cron(0 2 * * ? *), after a day"
    sandbox.clock.advance(days=1)
    function.settle()


@task(1)
def test_copies_under_the_day_of_the_event(function, s3, sample, rng):
    day = date(2031, 1, 1) + timedelta(days=rng.randrange(1000))
    shop_with(s3, "books/may.csv", "menu.txt")
    function.invoke({**sample("night.json"), "time": f"{day}T02:00:00Z"})
    got = sorted({key.split("/")[0] for key in keys(s3)})
    require(all(len(folder) == 10 for folder in got), says="shift.not-a-date", expected=[f"{day}"], got=got)
    expect(got, [f"{day}"], says="shift.wrong-day")
    expect(keys(s3), [f"{day}/books/may.csv", f"{day}/menu.txt"], says="shift.wrong-backups")


@task(1, hidden=True)
def test_is_started_by_a_rule_and_a_second_run_does_no_harm(function, sandbox, s3, sample):
    shop_with(s3, "menu.txt")
    every_night(function, sandbox)
    a_night(function, sandbox)
    copies = keys(s3)
    require(len(copies) == 1, says="shift.wrong-backups", expected="one backup", got=copies)
    day = copies[0].split("/")[0]
    again = function.invoke({**sample("night.json"), "time": f"{day}T02:00:00Z"})
    expect((again, keys(s3)), ({"copied": copies, "deleted": []}, copies), says="shift.wrong-backups")


@task(2)
def test_keeps_seven_days(function, s3, sample, rng):
    shop_with(s3, "menu.txt")
    day = date(2031, 1, 5) + timedelta(days=rng.randrange(1000))  # the seven may lie in two months
    for age in range(1, 10):
        s3.put_object(Bucket="shop-backups", Key=f"{day - timedelta(days=age)}/menu.txt", Body=b"1,2,3")
    function.invoke({**sample("night.json"), "time": f"{day}T02:00:00Z"})
    kept = {
        count: [f"{day - timedelta(days=age)}/menu.txt" for age in reversed(range(count))] for count in (6, 7, 8, 10)
    }
    wrong = {"shift.keeps-all": kept[10], "shift.one-too-many": kept[8], "shift.one-too-few": kept[6]}
    expect(keys(s3), kept[7], says="shift.wrong-backups", recognise=wrong)


@task(2, hidden=True)
def test_leaves_alone_what_is_no_backup(function, s3, sample, rng):
    shop_with(s3)
    others = ["README.txt", "2031-special/cake.txt"]
    for key in (*others, "2031-04-01/menu.txt"):
        s3.put_object(Bucket="shop-backups", Key=key, Body=b"keep me")
    function.invoke(sample("night.json"))
    left = keys(s3)
    require("2031-04-01/menu.txt" not in left, says="shift.keeps-all", expected=sorted(others), got=left)
    expect(sorted(left), sorted(others), says="shift.not-ours")
