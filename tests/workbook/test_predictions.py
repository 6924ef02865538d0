"""Predictions: what counts as the same answer, and what a learner reads."""

import pytest

from lambda_sandbox.workbook import predict
from lambda_sandbox.workbook.course import Course
from lambda_sandbox.workbook.predictions import normalised, seal


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (3, "3"),
        (3.0, " 3 "),
        (True, "yes"),
        ("True", "Yes."),
        ("B", "b"),
        ("(b)", "b)"),
        ([1, 2], ("1", 2.0)),
        ({2, 1}, [1, 2]),
        (KeyError, "KeyError"),
    ],
)
def test_answers_that_mean_the_same_are_one(one: object, other: object) -> None:
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(("one", "other"), [(3, 4), ([1, 2], [2, 1]), ("yes", "no"), (1, True), ("1.5", 1)])
def test_answers_that_differ_stay_apart(one: object, other: object) -> None:
    assert normalised(one) != normalised(other)


def test_the_same_answer_looks_different_under_another_id() -> None:
    assert seal("01.p1", 3) != seal("01.p2", 3)


def test_a_prediction_that_is_still_open_says_what_to_do(course: Course) -> None:
    assert repr(predict("01.p1", ...)) == "01.p1: replace ... with your answer, run this cell, then read on."


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("3", "✓ 01.p1: right. Three, as there are three."),
        (2, "✗ 01.p1: not quite. One was hidden."),
        (7, "✗ 01.p1: not quite. Count again."),
    ],
)
def test_a_prediction_is_answered_with_its_reason(course: Course, answer: object, text: str) -> None:
    assert repr(predict("01.p1", answer)) == text


def test_an_unknown_prediction_names_the_nearest(course: Course) -> None:
    assert repr(predict("01.p9", 3)) == "There is no prediction 01.p9. Did you mean 01.p1?"
    assert repr(predict(None, 3)) == "There is no prediction None."
