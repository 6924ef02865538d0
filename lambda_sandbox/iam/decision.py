"""The decision itself: an explicit Deny wins, then an Allow, else no."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lambda_sandbox.iam.conditions import texts, unmet
from lambda_sandbox.iam.patterns import UnknownVariable, arn_like, filled, like

Statement = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Decision:
    """`because` is a sentence part for a person: "the statement 's3' allows it". `explicit`: a Deny said no."""

    allowed: bool
    because: str
    explicit: bool = field(default=False, compare=False)

    def __bool__(self) -> bool:
        return self.allowed


def decide(
    statements: Iterable[Statement],
    *,
    action: str,
    resource: str,
    principal: str | None = None,
    context: Mapping[str, Any] | None = None,
) -> Decision:
    """Decides over the statements of one policy, or of several that are joined.

    `principal` is a service ("s3.amazonaws.com"), an ARN, an account, or "*" for anybody; None for a policy
    of an identity, whose statements name none. `context` holds condition keys; their case does not matter.
    """
    request = _Request(principal, action, resource, {key.lower(): value for key, value in (context or {}).items()})
    allowing, nearly = None, None
    for number, statement in enumerate(statements):
        name = f"the statement '{statement.get('Sid') or number}'"
        mismatch = request.mismatch(statement)
        denies = statement.get("Effect") == "Deny"
        if mismatch is None and denies:
            return Decision(False, f"{name} denies it", explicit=True)
        if mismatch is None and statement.get("Effect") == "Allow":
            allowing = allowing or name
        elif mismatch is not None and mismatch.near and not denies:
            nearly = nearly or f"{name} would allow it, but {mismatch.because}"
    if allowing:
        return Decision(True, f"{allowing} allows it")
    who = f"{principal} " if principal else ""
    return Decision(False, nearly or f"no statement allows {who}{action} on {resource}")


def statements_of(document: Mapping[str, Any] | None) -> list[Statement]:
    """The statements of a policy document; IAM lets a single one stand without its list.

    Before version 2012-10-17, which no document has that does not say so, `${aws:username}` is but text.
    """
    found = (document or {}).get("Statement", [])
    statements = [one for one in (found if isinstance(found, list) else [found]) if _is_statement(one)]
    return statements if (document or {}).get("Version") == "2012-10-17" else [_verbatim(one) for one in statements]


def _verbatim(value: Any) -> Any:
    """Without policy variables: `${$}` stands for the character."""
    if isinstance(value, Mapping):
        return {key: _verbatim(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_verbatim(inner) for inner in value]
    return value.replace("${", "${$}{") if isinstance(value, str) else value


def _is_statement(one: Any) -> bool:
    """Not every policy is looked at when it is made: what is no statement says nothing."""
    if not isinstance(one, Mapping):
        return False
    condition = one.get("Condition") or {}
    return isinstance(condition, Mapping) and all(isinstance(keys, Mapping) for keys in condition.values())


def delegates(statement: Statement) -> bool:
    """Whether a resource's statement names whole accounts only: their own policies decide then, it grants nothing."""
    element = statement.get("Principal")
    if not isinstance(element, Mapping) or set(element) != {"AWS"}:
        return False
    return all(one.isdigit() or one.endswith(":root") for one in texts(element["AWS"]))


def names_exactly(statement: Statement, principal: str) -> bool:
    """Whether a resource's statement names this user or session itself, no role, account or everybody."""
    element = statement.get("Principal")
    return isinstance(element, Mapping) and principal in texts(element.get("AWS", []))


@dataclass(frozen=True, slots=True)
class _Mismatch:
    because: str
    near: bool = False  # all but the condition matched: worth telling


_OTHER = _Mismatch("it is about something else")


@dataclass(frozen=True, slots=True)
class _Request:
    principal: str | None
    action: str
    resource: str
    context: Mapping[str, Any]

    def mismatch(self, statement: Statement) -> _Mismatch | None:
        """What about the request the statement does not match; None if it applies."""
        if not (self._principal_in(statement) and self._action_in(statement) and self._resource_in(statement)):
            return _OTHER
        because = unmet(statement.get("Condition") or {}, self.context)
        return None if because is None else _Mismatch(because, near=True)

    def _principal_in(self, statement: Statement) -> bool:
        if self.principal is None:
            return True
        if "NotPrincipal" in statement:
            return not _names(statement["NotPrincipal"], self.principal)
        return _names(statement.get("Principal"), self.principal)

    def _action_in(self, statement: Statement) -> bool:
        if "NotAction" in statement:
            return not any(like(one, self.action, ignore_case=True) for one in texts(statement["NotAction"]))
        return any(like(one, self.action, ignore_case=True) for one in texts(statement.get("Action", [])))

    def _resource_in(self, statement: Statement) -> bool:
        if "NotResource" in statement:
            return not any(self._is_resource(one) for one in texts(statement["NotResource"]))
        # A trust policy's statements have no Resource: they are about the role that they hang on.
        return any(self._is_resource(one) for one in texts(statement.get("Resource", "*")))

    def _is_resource(self, pattern: str) -> bool:
        try:
            pattern = filled(pattern, self.context)
        except UnknownVariable:
            return False
        return arn_like(pattern, self.resource) if self.resource.startswith("arn:") else like(pattern, self.resource)


def _names(element: Any, principal: str) -> bool:
    """Whether a Principal element means this principal."""
    if element == "*":
        return True
    if not isinstance(element, Mapping):
        return False
    for kind, named in element.items():
        if kind == "AWS" and any(_is_aws_principal(one, principal) for one in texts(named)):
            return True
        if kind != "AWS" and principal in texts(named):
            return True
    return False


def _is_aws_principal(named: str, principal: str) -> bool:
    """`named` may be everyone, an account (number or root ARN), a role (so its sessions), a user, or one session."""
    if named in ("*", principal):
        return True
    fields = principal.split(":", 5)
    if len(fields) < 6:
        return named.endswith(f":{principal}:root") if principal.isdigit() else False
    account, who = fields[4], fields[5]
    if named == account or named.endswith(f":iam::{account}:root"):
        return True
    if who.startswith("assumed-role/"):
        role = who.split("/")[1]
        return named.startswith(f"arn:{fields[1]}:iam::{account}:role/") and named.rsplit("/", 1)[-1] == role
    return False
