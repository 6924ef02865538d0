"""Facts: what is stated has a source and a date, and is written once."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from lambda_sandbox import facts
from lambda_sandbox.facts import cite, entries, entry, fact


def test_a_fact_is_read_by_its_dotted_name() -> None:
    assert fact("limits.invoke_payload_sync") == 6291456


def test_a_fact_that_differs_by_region_falls_back_to_its_default() -> None:
    assert fact("prices.requests_per_million", "af-south-1") == 0.27
    assert fact("prices.requests_per_million", "eu-south-2") == fact("prices.requests_per_million", "us-east-1") == 0.20


def test_a_price_that_has_no_default_is_not_guessed() -> None:
    with pytest.raises(KeyError):
        fact("prices.tmp_gb_second", "moon-west-1")


def test_a_citation_says_value_unit_source_and_date() -> None:
    assert cite("limits.timeout_max") == "900 s (Developer Guide: Lambda quotas; checked 2026-11-21)"


def test_an_unknown_fact_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(KeyError, match=r"limits\.timeout_max"):
        fact("limits.timeout")


@pytest.mark.parametrize("name", sorted(entries()))
def test_every_fact_has_a_source_and_the_day_it_was_checked(name: str) -> None:
    found = entry(name)
    assert found.source and type(found.checked) is date
    assert found.unit or not isinstance(found.value, (int, float)), "a number needs its unit"


def test_every_table_of_the_file_is_a_fact() -> None:
    text = Path(facts.__file__).with_name("facts.toml").read_text()
    written = text.count("checked = ")
    assert written == len(entries()) == len({*entries()})
    assert tomllib.loads(text)


def test_the_packages_room_keeps_to_the_same_limits() -> None:
    from lambda_sandbox.environments import package

    assert fact("limits.code_zipped") == package.ZIPPED_LIMIT
    assert fact("limits.code_unzipped") == package.UNZIPPED_LIMIT
