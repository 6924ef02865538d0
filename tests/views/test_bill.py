"""What ran, priced: the facts file's worked examples to the cent, and a bill from the journal (facts §2)."""

import pytest

from lambda_sandbox import Sandbox
from lambda_sandbox.views.bill import (
    ALLOCATED,
    LOGS,
    PROVISIONED,
    REQUESTS,
    TMP,
    Bill,
    further_requests,
    in_tiers,
    priced,
)

X86, ARM = "duration, x86_64", "duration, arm64"
A = {REQUESTS: 3e6, X86: 3e6 * 0.120 * 1.5}
B = {REQUESTS: 5e6, ARM: 5e6 * 0.085 * 0.5, LOGS: 5e6 * 0.8 / 1024**2}
C = {ALLOCATED: 100 * 4 * 3600, PROVISIONED: 1.2e6, REQUESTS: 1.2e6}


@pytest.mark.parametrize(
    ("used", "free_tier", "usd"),
    [
        pytest.param(A, True, 2.73, id="A: with the free tier"),
        pytest.param(B, False, 10.74 - 5.00, id="B: arm64 and logs, less its HTTP API"),
        pytest.param(C, False, 17.91, id="C: provisioned"),
        pytest.param({TMP: 150_000 * 9.5}, False, 0.044, id="D: a large /tmp"),
        pytest.param({X86: 60_000 * 0.4 * 0.5}, False, 0.20, id="E: Init is billed"),
        pytest.param({LOGS: 60_000}, False, 12_500.0, id="60 TB of logs, in four tiers"),
        pytest.param({X86: 7e9}, False, 6e9 * 0.0000166667 + 1e9 * 0.0000150000, id="the second tier"),
        pytest.param({X86: 300_000, ARM: 300_000}, True, 200_000 * 0.0000133334, id="architectures share what is free"),
        pytest.param({REQUESTS: 1e6}, True, 0.0, id="all free"),
    ],
)
def test_worked_examples_come_out_to_the_cent(used: dict[str, float], free_tier: bool, usd: float) -> None:
    total = sum(line.usd for line in priced(used, "us-east-1", free_tier=free_tier))
    assert total == pytest.approx(usd, abs=0.005 if usd > 0.1 else 0.0005)


def test_regions_have_prices_of_their_own_and_an_unknown_one_is_said() -> None:
    assert priced({REQUESTS: 1e6}, "af-south-1")[0].usd == pytest.approx(0.27)
    assert priced({X86: 1e9}, "af-south-1")[0].usd == pytest.approx(22_100)
    with pytest.raises(ValueError, match="no price of provisioned concurrency is known for eu-south-2"):
        priced({ALLOCATED: 1}, "eu-south-2")


@pytest.mark.parametrize(("size", "more"), [(0, 0), (262_144, 0), (262_145, 1), (1_048_576, 12)])
def test_a_large_asynchronous_event_counts_for_several_requests(size: int, more: int) -> None:
    assert further_requests(size) == more


def test_nothing_costs_nothing_in_any_tier() -> None:
    assert in_tiers(0, [(10, 1.0), (None, 0.5)]) == 0
    assert in_tiers(15, [(10, 1.0), (None, 0.5)]) == 12.5


def test_the_bill_of_what_ran_says_the_same_in_text_and_html() -> None:
    with Sandbox(clock="virtual", seed=1) as sandbox:
        lambda_ = sandbox.client("lambda")
        sandbox.deploy("def handler(event, context):\n    print('x')\n", name="f", MemorySize=1024)
        sandbox.deploy("def handler(event, context):\n    pass\n", name="g", EphemeralStorage={"Size": 1536})
        for _ in range(3):
            lambda_.invoke(FunctionName="f")
        lambda_.invoke(FunctionName="g", InvocationType="Event", Payload=b'"' + b"x" * 300_000 + b'"')
        version = lambda_.publish_version(FunctionName="g")["Version"]
        lambda_.put_provisioned_concurrency_config(
            FunctionName="g", Qualifier=version, ProvisionedConcurrentExecutions=2
        )
        sandbox.settle()
        sandbox.clock.advance(minutes=7)
        lambda_.invoke(FunctionName="g", Qualifier=version)
        bill = sandbox.bill()
        used = {line.meter: line.quantity for line in bill.lines}
        ran = [record.data for record in sandbox.journal(kind="invocation.reported")]
        assert used[REQUESTS] == 6  # the large event counts for two
        assert used[X86] == pytest.approx(sum(one["billed_ms"] * one["memory_mb"] for one in ran[:4]) / 1000 / 1024)
        assert used[ALLOCATED] == 2 * 600 * 128 / 1024  # seven minutes are ten
        assert used[PROVISIONED] == pytest.approx(ran[4]["billed_ms"] * 128 / 1000 / 1024)
        assert used[TMP] == pytest.approx((ran[3]["billed_ms"] + ran[4]["billed_ms"]) / 1000)
        assert used[LOGS] > 0
        assert bill.total == pytest.approx(sum(line.usd for line in bill.lines))
        for line in bill.lines:
            assert line.meter in repr(bill)
            assert line.meter in bill._repr_html_()
        million = sandbox.bill("f", times=1_000_000)
        assert million.total == pytest.approx(1e6 * sandbox.bill("f").total)
        assert repr(million).startswith("Bill for us-east-1, without the free tier, 1,000,000 times over")
        assert "without the free tier\n" in repr(Bill([]))
