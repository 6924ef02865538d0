"""Roles and their sessions, in moto's IAM and STS."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from moto.iam.models import iam_backends
from moto.sts.models import STSBackend, sts_backends

from lambda_sandbox.moto_bridge.identities import Principal
from lambda_sandbox.wire import AwsError

LEARNER, LEARNER_ID = "learner", "AIDAIOSFODNN7EXAMPLE"  # who calls with keys that nobody made here: the administrator
SESSION_SECONDS = 12 * 3600
_RENEW_SECONDS = 3600  # a session is not handed out in its last hour


_backend_class: Any = STSBackend
_get_caller_identity = STSBackend.get_caller_identity
_assume_role: Any = STSBackend.assume_role


def learner(account: str) -> Principal:
    """The administrator, who may do everything; but a role that he wants to assume must trust him, too."""
    arn = f"arn:aws:iam::{account}:user/{LEARNER}"
    everything = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    return Principal(arn, arn, LEARNER_ID, (everything,), user_name=LEARNER)


def install() -> None:
    """GetCallerIdentity tells learners that they are a user of the account; moto's ARN for them cannot be.

    AssumeRole gives a session for no longer than the role's MaxSessionDuration, an hour unless it says otherwise.
    """

    def get_caller_identity(self: Any, access_key_id: str, region: str) -> tuple[str, str, str]:
        user_id, arn, account = _get_caller_identity(self, access_key_id, region)
        if arn.endswith(":user/moto"):
            user_id, arn = LEARNER_ID, f"arn:{self.partition}:iam::{account}:user/{LEARNER}"
        return user_id, arn, account

    def assume_role(self: Any, **asked: Any) -> Any:
        for role in list(iam_backends[self.account_id]["aws"].roles.values()):
            most = str(role.max_session_duration)
            if role.arn == asked["role_arn"] and asked["duration"] > (int(most) if most.isdigit() else 3600):
                message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
                raise AwsError("ValidationError", 400, message)
        return _assume_role(self, **asked)

    _backend_class.get_caller_identity = get_caller_identity
    _backend_class.assume_role = assume_role


@dataclass(frozen=True, slots=True)
class Credentials:
    access_key: str
    secret_key: str
    token: str
    expires_at: float  # seconds since 1970 on the sandbox's clock


class Sessions:
    """Sessions by role and name; a role's session is made once and used until its last hour."""

    def __init__(self, account: str, now: Callable[[], float]) -> None:
        self._account, self._now = account, now
        self._sessions: dict[tuple[str, str], Credentials] = {}
        self._lasting: set[str] = set()

    def session(self, role_arn: str, session_name: str) -> Credentials:
        """Credentials whose GetCallerIdentity is `arn:aws:sts::<account>:assumed-role/<role>/<session_name>`."""
        if len(session_name) < 2:  # STS asks for two letters: a function of one gets this (recorded)
            session_name += "@lambda_function"
        known = self._sessions.get((role_arn, session_name))
        if known is not None and known.expires_at - self._now() > _RENEW_SECONDS:
            return known
        backend: Any = sts_backends[self._account]["aws"]
        expires_at = self._now() + SESSION_SECONDS
        role = _assume_role(backend, "us-east-1", session_name, role_arn, None, SESSION_SECONDS, None)
        credentials = Credentials(role.access_key_id, role.secret_access_key, role.session_token, expires_at)
        self._sessions[role_arn, session_name] = credentials
        self._lasting.add(credentials.access_key)
        return credentials

    def lasting(self, access_key: str, principal: Principal) -> Principal:
        """A function's session does not expire: AWS ends environments sooner; here they may outlive a jump in time."""
        return replace(principal, expires_at=None) if access_key in self._lasting else principal

    def reset(self) -> None:
        self._sessions.clear()
        self._lasting.clear()

    def account_of(self, access_key: str) -> str:
        """The account that an access key belongs to; the sandbox's own for keys that nobody made here."""
        for account, partitions in list(iam_backends.items()):
            if any(access_key in iam.access_keys for iam in list(partitions.values())):  # moto would make the others
                return account
        return self._account

    def identity(self, access_key: str) -> tuple[str, str, str]:
        """Whose an access key is, as GetCallerIdentity says it: user id, ARN, account."""
        account = self.account_of(access_key)
        backend: Any = sts_backends[account]["aws"]
        user_id, arn, _ = backend.get_caller_identity(access_key, "us-east-1")
        return user_id, arn, account

    def principal_id(self, access_key: str) -> str:
        """Who called, as an S3 event says it: `AWS:AROA…:<session>` for a role, `AWS:AIDA…` for a user."""
        return f"AWS:{self.identity(access_key)[0]}"


def trust_policy(account: str, role_arn: str) -> dict[str, Any] | None:
    """The role's AssumeRolePolicyDocument; None if there is no such role."""
    backend: Any = iam_backends[account]["aws"]
    for role in backend.get_roles():
        if role.arn == role_arn:
            return dict(json.loads(role.assume_role_policy_document))
    return None
