"""Lambda authorizers: what they are asked, what their answer means, and for how long it is remembered.

    identity = sources(request, ["method.request.header.Authorization"], variables={})     # None: one is missing
    verdict = judged(payload, resource=arn)                                                # raises Misconfigured
    verdict.allowed, verdict.context

An answer is an IAM policy for `execute-api:Invoke`, or, of HTTP APIs, `{"isAuthorized": true}` (facts §6.6).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lambda_sandbox.iam import decide, statements_of
from lambda_sandbox.wire import Request


class Misconfigured(Exception):
    """The authorizer's answer is none: no policy, no principal, a context that is not flat."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`context` is what the function behind learns of the caller; `explicit` tells a Deny from silence."""

    allowed: bool
    principal: str | None
    context: Mapping[str, Any]
    explicit: bool = False


def sources(
    request: Request, wanted: Sequence[str], variables: Mapping[str, str], route_key: str = ""
) -> tuple[str, ...] | None:
    """The values of identity sources, in order; None if one of them is missing or empty.

    `method.request.header.Name` of REST APIs, `$request.header.Name` of HTTP APIs, query strings and stage variables.
    """
    query = dict(request.parameters())
    values = []
    for source in wanted:
        *_, kind, name = f".{source}".rsplit(".", 2)
        if kind == "header":
            value = request.headers.get(name.lower(), "")
        elif kind == "querystring":
            value = query.get(name, "")
        elif kind.removeprefix("$").lower() == "stagevariables":
            value = variables.get(name, "")
        else:
            value = {"httpMethod": request.method, "path": request.path, "routeKey": route_key}.get(name, "")
        if not value:
            return None
        values.append(value)
    return tuple(values)


def valid(identity: Sequence[str], expression: str | None) -> bool:
    """Whether a token matches the validation expression of its authorizer, if there is one."""
    try:
        return not expression or all(re.fullmatch(expression, value) for value in identity)
    except re.error:
        return False


def as_text(value: Any) -> str:
    """A value of the context as REST APIs pass it on: numbers and booleans become text."""
    return value if isinstance(value, str) else json.dumps(value)


def judged(payload: bytes, *, resource: str, simple: bool = False) -> Verdict:
    """What an authorizer's answer says of a request. Raises Misconfigured."""
    answer = json.loads(payload)
    if not isinstance(answer, dict):
        raise Misconfigured
    context = answer.get("context") or {}
    if not isinstance(context, dict) or (not simple and any(isinstance(one, dict | list) for one in context.values())):
        raise Misconfigured
    if simple:
        if not isinstance(answer.get("isAuthorized"), bool):
            raise Misconfigured
        return Verdict(answer["isAuthorized"], None, context)
    principal, policy = answer.get("principalId"), answer.get("policyDocument")
    if not isinstance(principal, str) or not isinstance(policy, dict) or not policy.get("Statement"):
        raise Misconfigured
    statements = statements_of(policy)
    if len(statements) < (len(policy["Statement"]) if isinstance(policy["Statement"], list) else 1):
        raise Misconfigured
    decision = decide(statements, action="execute-api:Invoke", resource=resource)
    return Verdict(bool(decision), principal, context, decision.explicit)


class Memory:
    """Answers that are remembered for their time to live, on the sandbox's clock."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], tuple[float, bytes]] = {}

    def get(self, key: tuple[Any, ...], now: float) -> bytes | None:
        until, payload = self._known.get(key, (0.0, b""))
        return payload if now < until else None

    def put(self, key: tuple[Any, ...], payload: bytes, until: float) -> None:
        self._known[key] = (until, payload)

    def forget(self) -> None:
        self._known.clear()
