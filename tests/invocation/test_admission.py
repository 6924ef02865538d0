"""What may run, and why not: the table of facts §5, without a clock, a process or a loop."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lambda_sandbox.invocation.admission import Admission, Share
from lambda_sandbox.state import LATEST, Code, Function, FunctionVersion, State
from lambda_sandbox.wire import AwsError

pytestmark = pytest.mark.fast
REGION = "us-east-1"


class Account:
    """An account with a time of its own."""

    def __init__(self, quota: int, scaling: int = 1000) -> None:
        self.now = 0.0
        self.room = True
        self.state = State(concurrency_quota=quota)
        self.admission = Admission(
            self.state,
            lambda version: self.state.functions[version.region, version.name].provisioned,
            now=lambda: self.now,
            scaling=scaling,
            has_room=lambda: self.room,
        )

    def function(self, name: str = "f", reserved: int | None = None, provisioned: int = 0) -> Function:
        version = FunctionVersion(REGION, name, LATEST, name, "role", Code("", 0), 0.0)
        function = Function(version, reserved_concurrency=reserved)
        if provisioned:
            function.settings["provisioned"] = {"1": {"requested": provisioned}}
        self.state.functions[REGION, name] = function
        return function

    def take(self, function: Function, want: int = 1, synchronous: bool = True) -> list[Share]:
        """Leases, one after the other; AwsError as soon as one is refused."""
        return [self.admission.lease(function, function.latest, synchronous=synchronous) for _ in range(want)]


def reason(call: Callable[[], object]) -> str:
    with pytest.raises(AwsError) as refused:
        call()
    assert refused.value.status == 429
    return str(refused.value.members["Reason"])


def test_a_region_ends_at_its_quota_and_goes_on_when_one_ends() -> None:
    account = Account(10)
    function = account.function()
    leases = account.take(function, 10)
    assert reason(lambda: account.take(function)) == "ConcurrentInvocationLimitExceeded"
    with leases[0]:
        pass
    account.take(function)


def test_what_others_reserve_is_theirs_used_or_not_but_for_the_last_hundred() -> None:
    account = Account(1000)
    one, other = account.function("one"), account.function("other", reserved=850)
    account.take(one, 150)
    assert reason(lambda: account.take(one)) == "ConcurrentInvocationLimitExceeded"
    account.take(other, 850)
    assert reason(lambda: account.take(other)) == "ReservedFunctionConcurrentInvocationLimitExceeded"


def test_nothing_reserved_is_switched_off() -> None:
    account = Account(1000)
    off = account.function(reserved=0)
    assert reason(lambda: account.take(off)) == "ReservedFunctionConcurrentInvocationLimitExceeded"


def test_what_is_provisioned_comes_first_and_the_rest_spills_over() -> None:
    account = Account(1000)
    function = account.function(reserved=3, provisioned=2)
    ready, also, demand = account.take(function, 3)
    assert ready is also and demand is not ready
    assert reason(lambda: account.take(function)) == "ReservedFunctionConcurrentInvocationLimitExceeded"


@pytest.mark.parametrize(
    ("quota", "about", "at_most", "expected"),
    [
        (10, {}, 100, "FunctionInvocationRateLimitExceeded"),
        (1000, {"reserved": 2}, 20, "ReservedFunctionInvocationRateLimitExceeded"),
        (1000, {"provisioned": 3}, 30, "FunctionInvocationRateLimitExceeded"),
    ],
    ids=["account", "reserved", "provisioned"],
)
def test_a_unit_of_concurrency_takes_ten_synchronous_requests_a_second(
    quota: int, about: dict[str, int], at_most: int, expected: str
) -> None:
    account = Account(quota)
    function = account.function(**about)  # type: ignore[arg-type]

    def quick(count: int, synchronous: bool = True) -> None:
        for _ in range(count):
            with account.take(function, synchronous=synchronous)[0]:
                account.now += 0.001

    quick(at_most)
    assert reason(lambda: quick(1)) == expected
    quick(50, synchronous=False)  # the queue's calls are not counted
    account.now = 1.0
    quick(at_most)


def test_a_function_starts_so_many_environments_in_ten_seconds_and_saves_none_up() -> None:
    account = Account(10_000, scaling=1000)
    one, other = account.function("one").latest, account.function("other").latest
    start = account.admission.start
    assert (start(one, 400), start(one, 700)) == (400, 600)
    assert reason(lambda: start(one)) == "ConcurrentInvocationLimitExceeded"
    assert start(other) == 1
    account.now = 9.99
    assert reason(lambda: start(one)) == "ConcurrentInvocationLimitExceeded"
    account.now = 3600.0
    assert start(one, 5000) == 1000


def test_a_full_machine_starts_no_more_and_takes_nothing_off_the_rate() -> None:
    account = Account(5000, scaling=1)
    function = account.function()
    account.room = False
    assert reason(lambda: account.admission.start(function.latest)) == "ConcurrentInvocationLimitExceeded"
    account.room = True
    assert account.admission.start(function.latest) == 1


def test_many_at_once_are_admitted_as_one_by_one_would_be() -> None:
    account = Account(1000)
    function = account.function(reserved=120, provisioned=20)
    ready, some = account.admission.admit(function, function.latest, 500)
    demand, more = account.admission.admit(function, function.latest, 480)
    assert (some, more, ready.running, demand.running) == (20, 100, 20, 100)
    assert reason(lambda: account.admission.admit(function, function.latest, 380)).startswith("ReservedFunctionConc")
