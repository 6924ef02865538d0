"""The checks of 13/takings: orders are sold by a role that may only log; then CloudWatch is asked for metrics."""

from datetime import datetime, timedelta, timezone

from lambda_sandbox.workbook.checks import expect, require, task

LOG_ONLY = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}


def sell(function, role, rng):
    """Sells three orders; the orders."""
    role.holds({"Version": "2012-10-17", "Statement": [LOG_ONLY]})
    function.works_as(role)
    orders = [
        {"order": rng.randrange(100, 900) + 1000 * place, "tea": tea, "cups": rng.randrange(2, 30)}
        for place, tea in enumerate(["green", "mint", "green"])
    ]
    for event in orders:
        function.invoke(event)
    return orders


def metrics(sandbox):
    found = sandbox.client("cloudwatch").list_metrics(Namespace="TeaRoom", MetricName="Cups")["Metrics"]
    return [metric["Dimensions"] for metric in found]


def about(sandbox, tea):
    """What CloudWatch knows of a tea's cups."""
    now = datetime.fromtimestamp(sandbox.clock.now(), timezone.utc)
    return sandbox.client("cloudwatch").get_metric_statistics(
        Namespace="TeaRoom",
        MetricName="Cups",
        Dimensions=[{"Name": "Tea", "Value": tea}],
        StartTime=now - timedelta(hours=23),
        EndTime=now + timedelta(hours=1),
        Period=86_400,
        Statistics=["Sum", "SampleCount"],
    )["Datapoints"]


@task(1)
def test_measures_the_cups_of_each_tea(function, sandbox, role, rng):
    orders = sell(function, role, rng)
    prefixed = any("CloudWatchMetrics" in line and not line.startswith("{") for line in function.log().splitlines())
    says = "takings.no-object" if prefixed else "takings.no-metric"
    require(metrics(sandbox), says=says, expected="a metric Cups", got="none")
    for tea in ("green", "mint"):
        sold = [event["cups"] for event in orders if event["tea"] == tea]
        points = about(sandbox, tea)
        require(points, says="takings.not-by-tea", expected="the metric of this tea", got=metrics(sandbox), tea=tea)
        got = {"values": sum(point["SampleCount"] for point in points), "sum": sum(point["Sum"] for point in points)}
        expect(got, {"values": len(sold), "sum": sum(sold)}, says="takings.wrong-value", tea=tea)
        expect(points[0]["Unit"], "Count", says="takings.wrong-unit")


@task(2)
def test_finds_an_order_and_makes_no_metric_of_it(function, sandbox, role, rng):
    orders = sell(function, role, rng)
    for event in orders:
        found = sandbox.client("logs").filter_log_events(
            logGroupName="/aws/lambda/exercise", filterPattern=f"{{ $.order = {event['order']} }}"
        )["events"]
        require(found, says="takings.order-is-lost", expected="a line", got="none", order=event["order"])
    made = metrics(sandbox)
    require(len(made) == 2, says="takings.metric-an-order", expected=2, got=made, metrics=len(made), teas=2)
