"""Who calls, and the policies that speak of him and of resources: read from moto's IAM, STS and a few services.

    principal(account, access_key)      # -> Principal(arn="arn:aws:sts::…:assumed-role/thumbnail/thumbnail", …)
    resource(account, arn)              # -> (the resource's full ARN, its policy document or None)

Nothing is decided here: that is the room `iam`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from functools import lru_cache
from typing import Any

from moto.iam.models import iam_backends
from moto.iam.utils import generate_access_key_id_from_account_id
from moto.s3.models import s3_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends
from moto.sts.models import sts_backends

Document = Mapping[str, Any]
HAVE_POLICIES = ("s3", "sqs", "sns", "secretsmanager", "iam")  # whose resources have a policy that is read here


@dataclass(frozen=True, slots=True)
class Principal:
    """A user, a role's session, or a role by itself. `role_or_user` is what `aws:PrincipalArn` says."""

    arn: str
    role_or_user: str
    user_id: str
    policies: tuple[Document, ...] = ()
    boundary: Document | None = None
    session_policy: Document | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    user_name: str | None = None
    expires_at: float | None = None  # seconds since 1970; a user's keys do not expire


def key_mark(account: str) -> str:
    """Characters 4 to 12 of every access key that is made for this account: moto writes its number there."""
    return generate_access_key_id_from_account_id(account, "ASIA")[4:12]


def principal(account: str, access_key: str) -> Principal | None:
    """Whose a key is; None if nobody made it, or if it was deleted or made inactive."""
    iam: Any = iam_backends[account]["aws"]
    key = iam.access_keys.get(access_key)
    if key is None or key.status != "Active":
        return None
    if key.user_name:
        user = iam.users[key.user_name]
        groups = [iam.groups[name] for name in user.group_list]
        return Principal(
            arn=user.arn,
            role_or_user=user.arn,
            user_id=user.id,
            policies=tuple(_documents([user, *groups])),
            tags=_tags(user.tags),
            user_name=user.name,
        )
    sts: Any = sts_backends[account]["aws"]
    session = sts.get_assumed_role_from_access_key(access_key)
    if session is None:
        return None
    found = role(account, session.role_arn)
    return Principal(
        arn=session.arn,
        role_or_user=session.role_arn,
        user_id=session.user_id,
        policies=found.policies,
        boundary=found.boundary,
        session_policy=_parsed(session.policy) if session.policy else None,
        tags=found.tags,
        expires_at=session.expiration.replace(tzinfo=UTC).timestamp(),
    )


def role(account: str, role_arn: str) -> Principal:
    """A role by itself, without policies if it is not there (any more)."""
    iam: Any = iam_backends[account]["aws"]
    found = next((one for one in list(iam.roles.values()) if one.arn == role_arn), None)
    if found is None:
        return Principal(role_arn, role_arn, "")
    boundary = _boundary(iam, found.permissions_boundary_arn)
    return Principal(role_arn, role_arn, found.id, tuple(_documents([found])), boundary, tags=_tags(found.tags))


def resource(account: str, arn: str) -> tuple[str, Document | None]:
    """The ARN in full (a secret's name has six characters added), and the policy of the resource itself, if any."""
    service, region, _, name = arn.split(":", 5)[2:]
    backend: Any
    match service:
        case "s3":
            backend = s3_backends[account]["aws"]
            bucket = backend.buckets.get(name.partition("/")[0])
            return arn, _parsed(bucket.policy) if bucket is not None and bucket.policy else None
        case "sqs":
            queue = sqs_backends[account][region].queues.get(name)
            return arn, queue._policy_json if queue is not None else None
        case "sns":
            topic = sns_backends[account][region].topics.get(arn)
            return arn, topic._policy_json if topic is not None else None
        case "secretsmanager":
            backend = secretsmanager_backends[account][region]
            secret = backend.secrets.get(name.removeprefix("secret:")) or backend.secrets.get(arn)
            if secret is not None:
                return secret.arn, _parsed(secret.policy) if secret.policy else None
        case "iam" if name.startswith("role/"):
            backend = iam_backends[account]["aws"]
            found = next((one for one in list(backend.roles.values()) if one.arn == arn), None)
            return arn, _parsed(found.assume_role_policy_document) if found is not None else None
    return arn, None


def exists(account: str, arn: str) -> bool:
    """Whether there is such a queue or topic."""
    service, region, _, name = arn.split(":", 5)[2:]
    if service == "sqs":
        return name in sqs_backends[account][region].queues
    return arn in sns_backends[account][region].topics


def _documents(holders: Iterable[Any]) -> Iterable[Document]:
    """Policies inline and attached."""
    for holder in holders:
        yield from map(_parsed, holder.policies.values())
        yield from map(_default, holder.managed_policies.values())


def _boundary(iam: Any, arn: str | None) -> Document | None:
    policy = iam.managed_policies.get(arn) if arn else None
    return None if policy is None else _default(policy)


def _default(policy: Any) -> Document:
    """A managed policy's version that counts."""
    return next(_parsed(one.document) for one in policy.versions if one.version_id == policy.default_version_id)


def _parsed(document: Any) -> Document:
    return document if isinstance(document, Mapping) else _read(document)


@lru_cache(maxsize=256)
def _read(text: str | bytes) -> Document:
    """The document; an empty one, which allows nothing, where the text is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _tags(tags: Any) -> dict[str, str]:
    pairs = tags.values() if isinstance(tags, Mapping) else tags or ()
    return {str(tag["Key"]): str(tag["Value"]) for tag in pairs}
