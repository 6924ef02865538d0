"""The simulation against what is known without it: closed forms, documented limits, worked bills."""

from __future__ import annotations

import itertools
from math import factorial
from typing import Any

import pytest

from lambda_sandbox.simulate import Function, Simulation, constant, exponential, poisson, simulate

pytestmark = pytest.mark.fast
FULL, RESERVED = "ConcurrentInvocationLimitExceeded", "ReservedFunctionConcurrentInvocationLimitExceeded"
METHODS: Any = pytest.mark.parametrize("method", ["events", "steps"])
DURATIONS: Any = pytest.mark.parametrize("duration", [1.0, exponential(1.0)], ids=["fixed", "exponential"])


# -- closed forms


@METHODS
@DURATIONS
def test_little_concurrency_is_rate_times_duration(method: Any, duration: Any) -> None:
    made = simulate(Function(poisson(20), duration), seconds=3000, seed=1, method=method)
    assert made.throttled == 0
    assert made.mean_concurrency == pytest.approx(20.0, rel=0.02)


@METHODS
@DURATIONS
def test_erlang_b_the_share_that_is_throttled_depends_on_the_mean_duration_alone(method: Any, duration: Any) -> None:
    offered, units = 8.0, 10
    blocked = (offered**units / factorial(units)) / sum(offered**n / factorial(n) for n in range(units + 1))
    made = simulate(Function(poisson(offered), duration, reserved=units), seconds=8000, seed=2, method=method)
    assert made.throttles.keys() == {RESERVED}
    assert made.throttled / made.requests == pytest.approx(blocked, abs=0.012)
    assert made.mean_concurrency == pytest.approx(offered * (1 - blocked), rel=0.03)
    assert made.peak_concurrency == units


def test_how_often_so_many_run_at_once_is_poisson() -> None:
    """Peaks of short rows are, nearly, looks at the concurrency: their mean and spread are Poisson's."""
    made = simulate(Function(poisson(50), 0.2), seconds=400, every=0.002, seed=3)
    looks = [row.concurrency for row in itertools.islice(made.rows(), 1000, None, 100)]
    mean = sum(looks) / len(looks)
    assert mean == pytest.approx(10, abs=0.4)
    assert sum((look - mean) ** 2 for look in looks) / len(looks) == pytest.approx(10, abs=1.2)


# -- documented limits (facts §1.2, §5.1)


@METHODS
def test_a_burst_climbs_a_thousand_environments_every_ten_seconds(method: Any) -> None:
    made = simulate(Function(constant(3000), 1.0), account=10_000, seconds=40, every=10, method=method)
    assert [row.environments for row in made.rows()] == [1000, 2000, 3000, 3000]
    assert [row.throttles for row in made.rows()][2:] == [0, 0]
    assert [row.cold_starts for row in made.rows()] == [1000, 1000, 1000, 0]
    assert set(made.throttles) == {FULL}


@METHODS
def test_fifty_milliseconds_at_twenty_thousand_a_second_meet_the_rate_limit(method: Any) -> None:
    """The Developer Guide's example: 1,000 units would do, were it not for ten requests a second each."""
    made = simulate(Function(constant(20_000), 0.05), account=1000, seconds=4, method=method)
    assert made.throttles["FunctionInvocationRateLimitExceeded"] == pytest.approx(40_000, rel=0.01)
    assert made.served == pytest.approx(40_000, rel=0.01)


@METHODS
def test_a_reservation_is_a_floor_and_a_ceiling(method: Any) -> None:
    made = simulate(
        Function(constant(500), 1.0, name="greedy"),
        Function(constant(30), 1.0, reserved=20, name="kept"),
        account=220,
        seconds=30,
        method=method,
    )
    greedy, kept = made.functions["greedy"], made.functions["kept"]
    assert (greedy.peak_concurrency, kept.peak_concurrency, made.peak_concurrency) == (200, 20, 220)
    assert (set(greedy.throttles), set(kept.throttles)) == ({FULL}, {RESERVED})
    assert made.requests == greedy.requests + kept.requests and made.cost == pytest.approx(greedy.cost + kept.cost)


@METHODS
def test_what_is_provisioned_starts_warm_and_the_rest_spills_over(method: Any) -> None:
    made = simulate(Function(constant(40), 1.0, init=0.5, provisioned=30), seconds=100, method=method)
    assert made.throttled == 0
    assert made.cold_starts == 20  # ten beyond, and ten more while those were in Init
    assert made.peak_environments == 50


@METHODS
def test_idle_environments_go(method: Any) -> None:
    story = constant([(0, 100), (10, 1), (900, 100), (910, 0)])
    made = simulate(Function(story, 0.5), seconds=1000, every=100, idle_limit=300, method=method)
    assert [row.environments for row in made.rows()] == [50, 50, 50, 50, 1, 1, 1, 1, 1, 50]
    assert [row.cold_starts for row in made.rows()] == [50, 0, 0, 0, 0, 0, 0, 0, 0, 49]


def test_switched_off_throttles_everything_and_costs_nothing() -> None:
    made = simulate(Function(constant(10), 1.0, reserved=0), seconds=10)
    assert (made.throttled, made.served, made.cost) == (100, 0, 0.0)


# -- bills (facts §2.6)


@METHODS
def test_a_month_of_worked_example_a(method: Any) -> None:
    """3 million requests of 120 ms at 1,536 MB are 540,000 GB-s; here a thousandth of it, without the free tier."""
    made = simulate(Function(constant(3), 0.12, memory_mb=1536), seconds=1000, method=method)
    assert made.costs["requests"] == pytest.approx(0.0006)
    assert made.costs["duration"] == pytest.approx(540 * 0.0000166667)


@METHODS
def test_worked_example_c_provisioned(method: Any) -> None:
    """100 × 1 GB for 4 h and 1.2 million requests of 1 s; here a hundredth of each, and rounded up to 5 minutes."""
    made = simulate(
        Function(constant(12_000 / 14_350), 1.0, memory_mb=1024, provisioned=1), seconds=14_350, method=method
    )
    assert made.throttled == 0
    assert made.costs["provisioned"] == pytest.approx(0.06, rel=0.001)
    assert made.costs["duration"] == pytest.approx(0.1167, rel=0.001)
    assert sum(row.cost for row in made.rows()) == pytest.approx(made.cost)


def test_init_is_billed_and_milliseconds_are_rounded_up() -> None:
    made = simulate(Function([0.0, 5.0], 0.0701, init=0.2501, memory_mb=1024))
    assert made.costs["duration"] == pytest.approx((0.321 + 0.071) * 0.0000166667)


# -- what it says


def test_the_same_seed_says_the_same_and_both_faces_have_the_same_figures() -> None:
    def run(seed: int) -> Simulation:
        return simulate(Function(poisson(30), exponential(0.4), reserved=9), seconds=20, seed=seed)

    assert repr(run(1)) == repr(run(1)) != repr(run(2))
    made = run(1)
    page = made._repr_html_()
    for row in made.rows():
        assert "  ".join(row.cells()[:1]) in repr(made)
        assert "".join(f"<td>{cell}</td>" for cell in row.cells()) in page
    assert made.svg in page and "every request was followed" in repr(made) and "every request was followed" in page
    assert max(map(len, repr(made).splitlines())) < 100


def test_a_list_of_arrivals_ends_by_itself() -> None:
    made = simulate(Function([0.0] * 12, 1.0, init=0.5), account=10)
    assert (made.seconds, made.throttled, made.mean_concurrency) == (1.5, 2, 10.0)
    assert 15 <= len(made.rows()) <= 30
    assert simulate(Function([], 1.0)).requests == 0


def test_a_million_requests_are_followed_and_more_are_counted() -> None:
    day = simulate(Function(poisson(1000), 0.2, init=0.4), seconds=1200, seed=1)
    assert "counted in steps of" in day.method
    assert day.requests == pytest.approx(1_200_000, rel=0.01)
    assert day.mean_concurrency == pytest.approx(200, rel=0.02)


def test_both_methods_agree_on_a_day_of_ups_and_downs() -> None:
    rates = [(0, 5), (200, 60), (400, 20), (600, 90), (800, 10)]
    one, other = (
        simulate(Function(poisson(rates), 0.5, init=1.0, reserved=40), seconds=1000, every=200, seed=4, method=method)
        for method in ("events", "steps")
    )
    for row, same in zip(one.rows(), other.rows(), strict=True):
        assert same.requests == pytest.approx(row.requests, rel=0.06, abs=60)
        assert same.concurrency == pytest.approx(row.concurrency, rel=0.2)
        assert same.throttles == pytest.approx(row.throttles, rel=0.2, abs=60)
        assert same.cost == pytest.approx(row.cost, rel=0.06)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: simulate(), "one function or several"),
        (lambda: simulate(Function([0], 1), Function([0], 1)), "a name of its own"),
        (lambda: simulate(Function(poisson(1), 1)), "seconds="),
        (lambda: simulate(Function([-1.0], 1)), "second 0"),
        (lambda: simulate(Function(poisson([(5, 1), (2, 1)]), 1), seconds=9), "rising seconds"),
        (lambda: simulate(Function([0], 1, reserved=901)), "must stay unreserved"),
        (lambda: simulate(Function([0], 1, provisioned=1), region="eu-south-2"), "no price of provisioned"),
        (lambda: simulate(Function([0], 1), region="mars"), "no prices are known for 'mars'"),
        (lambda: simulate(Function([0], 1), method="fast"), "method is"),
    ],
)
def test_what_makes_no_sense_is_said(make: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        make()
