"""IAM's wildcards, policy variables and ARN matching."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

_VARIABLE = re.compile(r"\$\{([^}]*)\}")


class UnknownVariable(LookupError):
    """A policy variable without a value in the request and without a default: what uses it matches nothing."""


@lru_cache(maxsize=4096)
def _compiled(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    first, *others = ("".join("." if char == "?" else re.escape(char) for char in part) for part in pattern.split("*"))
    # What a star was found to cover is never tried again (an atomic group): twenty stars are no slower than one.
    middle = "".join(f"(?>.*?{part})" for part in others[:-1])
    last = f".*{others[-1]}" if others else ""
    return re.compile(first + middle + last, re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def like(pattern: str, value: str, *, ignore_case: bool = False) -> bool:
    """Whether `value` matches, `*` standing for any text and `?` for one character."""
    return _compiled(pattern, ignore_case).fullmatch(value) is not None


def arn_like(pattern: str, arn: str) -> bool:
    """Whether an ARN matches, field by field: a `*` does not reach over a colon of the first five fields.

    A pattern of fewer than six fields stands for all that begin so (`arn:aws:sqs` is `arn:aws:sqs:*:*:*`).
    """
    if pattern == "*":
        return True
    wanted, given = pattern.split(":", 5), arn.split(":", 5)
    wanted += ["*"] * (6 - len(wanted))
    return len(given) == 6 and all(like(one, other) for one, other in zip(wanted, given, strict=True))


def filled(text: str, context: Mapping[str, Any]) -> str:
    """`text` with its policy variables, e.g. `${aws:username}` or `${aws:PrincipalTag/team, 'none'}`.

    A wildcard in a value stays a wildcard. `${*}`, `${?}` and `${$}` mean the characters themselves; here the first two
    stay wildcards, which match them too. Raises UnknownVariable.
    """

    def value(match: re.Match[str]) -> str:
        name, _, default = (part.strip() for part in match[1].partition(","))
        if name in ("*", "?", "$"):
            return name
        found = context.get(name.lower())
        if isinstance(found, str):
            return found
        if default:
            return default.strip("'")
        raise UnknownVariable(name)

    return _VARIABLE.sub(value, text) if "${" in text else text
