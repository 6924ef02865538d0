"""All policies that speak of one request, together: those of who asks, of the resource, of a boundary, of a session.

    decision = access(Asked("s3:GetObject", "arn:aws:s3:::pictures/cat.jpg"), caller, bucket_policy)
    denied(caller, asked, decision)      # "User: arn:… is not authorized to perform: s3:GetObject on resource: …"

Within one account, as the sandbox is: an explicit Deny anywhere wins; then the identity's policies or the resource's
must allow, and a boundary and a session's policy must allow as well, unless the resource's policy names this very user
or session (IAM user guide, "Policy evaluation logic").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lambda_sandbox.iam.decision import Decision, Statement, decide, delegates, names_exactly

_ASSUME = "sts:AssumeRole"  # a trust policy must allow it; that of other resources only may


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that a request needs to be allowed; `context` has the keys that only this request has."""

    action: str
    resource: str
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and the statements of the policies that he brings. `context` holds the keys that tell who he is."""

    arn: str
    identity: Sequence[Statement] = ()
    boundary: Sequence[Statement] | None = None
    session: Sequence[Statement] | None = None
    context: Mapping[str, Any] = field(default_factory=dict)


def access(asked: Asked, caller: Caller, resource_policy: Sequence[Statement] = ()) -> Decision:
    """Decides; `because` ends the sentence with which AWS refuses."""

    def ask(statements: Sequence[Statement], principal: str | None = None) -> Decision:
        context = {**caller.context, **asked.context}
        return decide(statements, action=asked.action, resource=asked.resource, principal=principal, context=context)

    verdicts = {"identity-based policy": ask(caller.identity)}
    if resource_policy:
        verdicts["resource-based policy"] = ask(resource_policy, caller.arn)
    if caller.boundary is not None:
        verdicts["permissions boundary"] = ask(caller.boundary)
    if caller.session is not None:
        verdicts["session policy"] = ask(caller.session)
    for kind, verdict in verdicts.items():
        if verdict.explicit:
            return Decision(False, f"with an explicit deny in a{'n' * (kind[0] == 'i')} {kind}", explicit=True)
    by_identity = verdicts.pop("identity-based policy")
    by_resource = verdicts.pop("resource-based policy", None)
    granted = bool(by_resource) and bool(ask([one for one in resource_policy if not delegates(one)], caller.arn))
    if asked.action == _ASSUME and not by_resource:
        return Decision(False, "")  # AWS says no word of a trust policy
    if not by_identity and not granted:
        return Decision(False, f"because no identity-based policy allows the {asked.action} action")
    if granted and ask([one for one in resource_policy if names_exactly(one, caller.arn)], caller.arn):
        return Decision(True, "the resource's policy allows it to him by name")
    for kind, verdict in verdicts.items():
        if not verdict:
            return Decision(False, f"because no {kind} allows the {asked.action} action")
    return by_identity or Decision(True, "the resource's policy allows it")


def denied(caller: str, asked: Asked, decision: Decision) -> str:
    """AWS's sentence. Its services spell it a little differently."""
    service, _, name = asked.action.partition(":")
    said, resource = asked.action, asked.resource
    match service:
        case "sqs":
            said = asked.action.lower()
        case "sns":
            said = f"SNS:{name}"
        case "s3":
            resource = f'"{resource}"'
    because = decision.because.replace(asked.action, said)
    on = "" if service == "cloudwatch" and resource == "*" else f" on resource: {resource}"
    return f"User: {caller} is not authorized to perform: {said}{on} {because}".rstrip()
