"""What an author writes with: equality as JSON has it, and failures that carry their facts."""

import pytest

from lambda_sandbox.workbook.checks import CheckFailed, expect, require, same


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, 1.0), ([1, (2, 3)], [1, [2, 3]]), ({"a": None}, {"a": None}), ("", ""), (True, True)],
)  # fmt: skip
def test_values_that_json_cannot_tell_apart_are_the_same(one: object, other: object) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [(True, 1), (False, 0), (None, False), ("1", 1), ([], {}), ([1], [1, 1]), ({"a": 1}, {"a": 1, "b": 1})],
)
def test_values_that_json_tells_apart_are_not(one: object, other: object) -> None:
    assert not same(one, other)


def test_a_wrong_value_that_is_recognised_has_its_own_message() -> None:
    with pytest.raises(CheckFailed) as failed:
        expect(6, 8, says="double.wrong", recognise={"double.adds-two": 6}, number=4)
    assert failed.value.message == "double.adds-two"
    assert failed.value.facts == {"expected": 8, "got": 6, "number": 4}


def test_a_condition_that_does_not_hold_says_what_should_be() -> None:
    with pytest.raises(CheckFailed) as failed:
        require(not 3, says="size.too-large", expected="at most 2", got=3)
    assert failed.value.facts == {"expected": "at most 2", "got": 3}
