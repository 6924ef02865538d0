"""Power tuning: the curve as a value, and one that is measured."""

from xml.etree import ElementTree

import pytest

from lambda_sandbox import Sandbox
from lambda_sandbox.views.tuning import Tuning


def at(memory_mb: int, *, cpu_ms: float, waits_ms: float = 0.0) -> float:
    """What work takes that has its share of a processor, and that waits for others."""
    return waits_ms + cpu_ms / min(1, memory_mb / 1769)


SIZES = (128, 512, 1769, 3008)


def test_work_that_only_computes_costs_the_same_up_to_a_whole_processor_and_is_best_there() -> None:
    tuning = Tuning({mb: at(mb, cpu_ms=1000) for mb in SIZES})
    small, _, whole, large = tuning.sizes
    assert small.usd == pytest.approx(whole.usd) and large.usd > 1.6 * whole.usd
    assert whole.usd == pytest.approx(1769 / 1024 * 0.0000166667 * 1e6 + 0.20)
    assert (tuning.cheapest, tuning.fastest, tuning.balanced) == (1769, 1769, 1769)


def test_work_that_waits_is_cheapest_small_and_a_size_that_fails_is_no_candidate() -> None:
    tuning = Tuning({128: None, **{mb: at(mb, cpu_ms=100, waits_ms=500) for mb in SIZES[1:]}}, name="waits")
    assert (tuning.cheapest, tuning.fastest, tuning.balanced) == (512, 1769, 512)
    text, page = repr(tuning), tuning._repr_html_()
    assert text.startswith("waits: time and cost by memory, x86_64 in us-east-1")
    for words in ("failed", "1,769 MB", "fastest", "cheapest, balanced", f"{tuning.sizes[1].usd:,.2f}"):
        assert words in text and words in page
    drawing = ElementTree.fromstring(tuning.svg)
    assert len(drawing.findall("{*}circle")) == 6 and tuning.svg == tuning.svg
    assert float(drawing.get("width", 0)) >= 7.5 * len(drawing.findtext("{*}title", "")), "the title is cut off"


def test_arm64_is_a_fifth_cheaper_and_nothing_measured_is_an_error() -> None:
    x86, arm = (Tuning({512: 1e6}, architecture=one).sizes[0].usd for one in ("x86_64", "arm64"))
    assert arm / x86 == pytest.approx(0.8, rel=1e-4)
    with pytest.raises(ValueError, match="no invocation went well"):
        Tuning({128: None})
    with pytest.raises(ValueError, match="no prices are known for 'mars'"):
        Tuning({128: 1}, region="mars")


def test_a_function_is_measured_warm_at_each_size_and_has_its_own_size_back() -> None:
    with Sandbox() as sandbox:
        source = "def handler(event, context):\n    return len('x' * event['mb'] * 2**20)\n"
        sandbox.deploy(source, name="f", MemorySize=192)
        tuning = sandbox.power_tune("f", {"mb": 250}, memory=[128, 1024], runs=2)
        assert tuning.sizes[0].billed_ms is None and tuning.fastest == 1024
        warm = [record.data for record in sandbox.journal(kind="invocation.reported") if "init_ms" not in record.data]
        assert tuning.sizes[1].billed_ms == sum(one["billed_ms"] for one in warm[-2:]) / 2
        assert "Every size had the whole processor here" in repr(tuning)
        assert sandbox.client("lambda").get_function_configuration(FunctionName="f")["MemorySize"] == 192
        with pytest.raises(ValueError, match="at least once"):
            sandbox.power_tune("f", runs=0)
