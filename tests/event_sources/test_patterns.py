"""The pattern language, as a table: what matches, what does not, and what is no pattern."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambda_sandbox.event_sources.patterns import BadPattern, matches, parse


@pytest.mark.parametrize(
    ("candidates", "fits", "fits_not"),
    [
        (["a", 1, None], ["a", 1, 1.0, None, ["z", "a"]], ["A", True, "1", "", [], {"a": 1}]),
        ([""], [""], [None, " "]),
        ([True], [True], [1, "true", False]),
        ([{"prefix": "img/"}], ["img/", "img/cat"], ["IMG/cat", 5, None]),
        ([{"prefix": {"equals-ignore-case": "IMG"}}], ["img/cat", "Img"], ["im"]),
        ([{"suffix": ".png"}], ["cat.png"], ["cat.PNG", 1]),
        ([{"suffix": {"equals-ignore-case": ".png"}}], ["cat.PNG"], ["cat.jpg"]),
        ([{"equals-ignore-case": "ok"}], ["OK", "ok"], ["okay", 1]),
        ([{"wildcard": "dir/*/cat.*"}], ["dir/a/b/cat.png"], ["dir/cat.png", "Dir/a/cat.png"]),
        ([{"wildcard": r"a\*b"}], ["a*b"], ["axb"]),
        ([{"numeric": [">", 10, "<=", 20]}], [10.5, 20], [10, 21, "15", True, None]),
        ([{"numeric": ["=", 3]}], [3, 3.0], [2, "3"]),
        ([{"exists": True}], [0, "", None, [1]], [{"a": 1}, []]),
        ([{"exists": False}], [{"a": 1}, []], [0, "", None]),
        ([{"anything-but": "a"}], ["b", 1, None, ["a", "b"]], ["a", ["a"], {"b": 1}]),
        ([{"anything-but": ["a", "b"]}], ["c"], ["a", "b"]),
        ([{"anything-but": [1, 2]}], [3, "1"], [1, 2.0]),
        ([{"anything-but": {"prefix": "in"}}], ["out", 7], ["init"]),
        ([{"anything-but": {"suffix": [".png", ".jpg"]}}], ["a.gif"], ["a.png", "a.jpg"]),
        ([{"anything-but": {"equals-ignore-case": ["x", "y"]}}], ["z"], ["X", "y"]),
        ([{"anything-but": {"wildcard": "*/lib/*"}}], ["lib"], ["a/lib/b"]),
        ([{"cidr": "10.0.0.0/24"}], ["10.0.0.255"], ["10.0.1.0", "no address", 4.5]),
        ([{"cidr": "2001:db8::/32"}], ["2001:db8::1"], ["10.0.0.1"]),
        (["x", {"numeric": ["<", 0]}], ["x", -1], ["y", 0]),
    ],
    ids=str,
)
def test_a_field_fits(candidates: list[Any], fits: list[Any], fits_not: list[Any]) -> None:
    pattern = parse(json.dumps({"field": candidates}))
    assert [value for value in fits if not matches(pattern, {"field": value})] == []
    assert [value for value in fits_not if matches(pattern, {"field": value})] == []
    expected_when_missing = candidates == [{"exists": False}]
    assert matches(pattern, {}) is matches(pattern, {"other": 1}) is expected_when_missing


@pytest.mark.parametrize(
    ("pattern", "event", "expected"),
    [
        ({"a": [1], "b": {"c": [2]}}, {"a": 1, "b": {"c": 2, "d": 3}}, True),
        ({"a": [1], "b": {"c": [2]}}, {"a": 1, "b": {"c": 3}}, False),
        ({"a": [1], "b": {"c": [2]}}, {"a": 1, "b": "text"}, False),
        ({"b": {"c": [{"exists": False}]}}, {"a": 1}, True),
        ({"a": {"b": [2]}}, {"a": [{"b": 1}, {"b": 2}]}, True),
        ({"$or": [{"a": [1]}, {"b": ["x"]}], "c": [0]}, {"b": "x", "c": 0}, True),
        ({"$or": [{"a": [1]}, {"b": ["x"]}], "c": [0]}, {"b": "x", "c": 1}, False),
        ({"$or": [{"a": [1]}, {"b": ["x"]}]}, {"a": 2, "b": "y"}, False),
        ({"a": {"$or": [{"b": [1]}, {"c": [1]}]}}, {"a": {"c": 1}}, True),
        ({"a": [1]}, "no object", False),
    ],
    ids=str,
)
def test_fields_are_and_ed_and_alternatives_or_ed(pattern: dict[str, Any], event: Any, expected: bool) -> None:
    assert matches(parse(json.dumps(pattern)), event) is expected


@pytest.mark.parametrize(
    "text",
    [
        "simple string",
        "",
        "[]",
        "5",
        "{}",
        '{"a": {}}',
        '{"a": []}',
        '{"a": "x"}',
        '{"a": 1}',
        '{"a": [[1]]}',
        '{"a": [{}]}',
        '{"a": [{"prefix": "x", "suffix": "y"}]}',
        '{"a": [{"starts-with": "x"}]}',
        '{"a": [{"prefix": 1}]}',
        '{"a": [{"wildcard": "a**b"}]}',
        '{"a": [{"numeric": [">"]}]}',
        '{"a": [{"numeric": [">", "1"]}]}',
        '{"a": [{"numeric": [">", 5, "<", 1]}]}',
        '{"a": [{"numeric": ["<", 5, ">", 1]}]}',
        '{"a": [{"numeric": ["!=", 5]}]}',
        '{"a": [{"exists": "yes"}]}',
        '{"a": [{"anything-but": []}]}',
        '{"a": [{"anything-but": ["a", 1]}]}',
        '{"a": [{"anything-but": {"numeric": [">", 1]}}]}',
        '{"a": [{"cidr": "10.0.0.0/99"}]}',
        '{"$or": {"a": [1]}}',
        '{"$or": []}',
        '{"$or": [[1]]}',
    ],
)
def test_what_says_nothing_is_no_pattern(text: str) -> None:
    with pytest.raises(BadPattern):
        parse(text)


def test_an_empty_filter_lets_everything_pass_where_it_is_allowed() -> None:
    assert matches(parse("{}", empty=True), {"a": 1})
