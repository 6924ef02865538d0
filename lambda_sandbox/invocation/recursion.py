"""Recursive loops: how often an event has led back to the same function, as its trace header says.

AWS's SDKs copy a function's `_X_AMZN_TRACE_ID` into the calls that the function makes; Lambda, S3, SQS and SNS hand it
on. Its `Lineage` counts, for each function, how often the chain has been through it. The 17th time is not run, unless
the function's recursion config says `Allow` (facts §4.4).

    lineage, times = follow("Root=1-…;Lineage=2c6e0f5d:16", arn)     # "2c6e0f5d:17", 17
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from urllib.parse import unquote

from lambda_sandbox.facts import fact
from lambda_sandbox.wire import AwsError

LIMIT: int = fact("async.recursion_limit")


def follow(parent: str, function_arn: str) -> tuple[str, int]:
    """The lineage of an invocation that a request with the trace header `parent` caused; and how often it is in it."""
    me = _code(function_arn)
    if "Lineage=" not in parent:
        return f"{me}:1", 1
    counts = {}
    for entry in unquote(field(parent, "Lineage")).split("|"):  # boto3 sends %7C for the bar
        code, _, count = entry.partition(":")
        if count.isascii() and count.isdigit():
            counts[code] = int(count[:9])
    counts[me] = counts.get(me, 0) + 1
    return "|".join(f"{code}:{count}" for code, count in counts.items()), counts[me]


def field(header: str, name: str) -> str:
    """One value of a trace header, `Root=…;Parent=…;Sampled=0`; "" if it is not there."""
    return next((part[len(name) + 1 :] for part in header.split(";") if part.startswith(f"{name}=")), "")


def root(header: str, at: float, new_hex: Callable[[int], str]) -> str:
    """`Root=…` of a trace header; of a new trace, which begins at `at` (seconds since 1970), where it names none."""
    return f"Root={field(header, 'Root') or f'1-{int(at):08x}-{new_hex(24)}'}"


def stopped() -> AwsError:
    """HTTP 400 for a synchronous call; an asynchronous event goes where its failures go."""
    text = (
        "Lambda has detected your function being invoked in a recursive loop with other Amazon Web Services resources "
        "and stopped your function's invocation."
    )
    return AwsError("RecursiveInvocationException", 400, text, members={"Type": "User"}, capital=True)


@functools.lru_cache(maxsize=1024)
def _code(function_arn: str) -> str:
    return hashlib.sha256(function_arn.encode()).hexdigest()[:8]
