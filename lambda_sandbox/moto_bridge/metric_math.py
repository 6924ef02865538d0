"""Metric math of GetMetricData: `100 * errors / invocations`, `FILL(errors, 0)`. Pure.

    evaluate("100 * e / i", {"e": {60: 1.0}, "i": {60: 4.0}})       # {60: 25.0}

A value is a number or a series, begin -> value; two series meet where both have a value. Division by zero has none.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping

from lambda_sandbox.wire import AwsError

Values = dict[int, float]

_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: lambda base, power: float(base**power),
}


def evaluate(expression: str, known: Mapping[str, Values]) -> Values:
    """The series that an expression makes of others, by their ids. Raises AwsError."""
    try:
        tree = ast.parse(expression.replace("^", "**").strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise AwsError("ValidationError", 400, f"Error in expression '{expression}': it cannot be read.") from None
    found = _value(tree, known, expression)
    if not isinstance(found, dict):
        raise AwsError("ValidationError", 400, f"Error in expression '{expression}': it makes no time series.")
    return found


def names(expression: str) -> set[str]:
    """The ids that an expression mentions."""
    try:
        tree = ast.parse(expression.replace("^", "**").strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    called = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node not in called}


def _value(node: ast.expr, known: Mapping[str, Values], expression: str) -> float | Values:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return float(number)
        case ast.Name(id=name):
            if name not in known:
                text = f"Error in expression '{expression}': there is no query {name}."
                raise AwsError("ValidationError", 400, text)
            return known[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _combined(operator.mul, -1.0, _value(operand, known, expression))
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATORS:
            values = _value(left, known, expression), _value(right, known, expression)
            return _combined(_OPERATORS[type(sign)], *values)
        case ast.Call(func=ast.Name(id="FILL"), args=[filled, ast.Constant(value=int() | float() as number)]):
            series = _value(filled, known, expression)
            moments = {moment for one in known.values() for moment in one}
            if isinstance(series, dict):
                return {moment: series.get(moment, float(number)) for moment in sorted(moments)}
    text = f"The sandbox models + - * / ^, numbers, ids and FILL(id, number) in metric math, and not '{expression}'."
    raise AwsError("NotImplemented", 501, text)


def _combined(function: Callable[[float, float], float], left: float | Values, right: float | Values) -> float | Values:
    if isinstance(left, dict) or isinstance(right, dict):
        moments = left if isinstance(left, dict) else right
        assert isinstance(moments, dict)
        found = {moment: _at(function, left, right, moment) for moment in moments}
        return {moment: value for moment, value in found.items() if value is not None}
    return _safely(function, left, right) or 0.0


def _at(
    function: Callable[[float, float], float], left: float | Values, right: float | Values, moment: int
) -> float | None:
    first = left.get(moment) if isinstance(left, dict) else left
    second = right.get(moment) if isinstance(right, dict) else right
    return None if first is None or second is None else _safely(function, first, second)


def _safely(function: Callable[[float, float], float], first: float, second: float) -> float | None:
    try:
        return function(first, second)
    except (ZeroDivisionError, OverflowError, TypeError):
        return None
