"""Secrets Manager's rotation, taken out of moto: it looks for the function in its own Lambda, and waits for nobody."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moto.core.utils import unix_time
from moto.moto_api._internal import mock_random
from moto.secretsmanager.exceptions import InvalidRequestException
from moto.secretsmanager.models import SecretsManagerBackend, secretsmanager_backends


@dataclass(frozen=True, slots=True)
class Rotation:
    """One rotation of a secret that was asked for: the version that waits for its value is `token`."""

    secret_arn: str
    function_arn: str
    token: str
    steps: tuple[str, ...]


STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
Told = Callable[[Rotation], None]
Check = Callable[[str, str], None]  # function ARN, secret ARN; raises AwsError

_backend: Any = SecretsManagerBackend
_rotate, _get = _backend.rotate_secret, _backend.get_secret_value


def install(tell: Told, check: Check) -> None:
    """Puts the seam in. `tell` is called from worker threads; `check` raises AwsError if the function may not be
    called. A rotation that did not end is tried again, with the same version, by the next one."""

    def rotate_secret(
        self: Any,
        secret_id: str,
        client_request_token: str | None = None,
        rotation_lambda_arn: str | None = None,
        rotation_rules: Mapping[str, Any] | None = None,
        rotate_immediately: bool = True,
    ) -> Any:
        secret = self.secrets.get(secret_id)
        if secret is None or not hasattr(secret, "rotation_lambda_arn") or secret.is_deleted():
            return _rotate(self, secret_id)  # says why not
        function = rotation_lambda_arn or secret.rotation_lambda_arn
        if not function:
            raise InvalidRequestException("No Lambda rotation function ARN is associated with this secret.")
        check(function, secret.arn)
        if pending := _pending(secret):
            tell(Rotation(secret.arn, function, pending, STEPS))
            raise InvalidRequestException("A previous rotation isn't complete. That rotation will be reattempted.")
        token = client_request_token or str(mock_random.uuid4())
        secret.rotation_requested = secret.rotation_enabled = True
        secret.rotation_lambda_arn = function
        secret.auto_rotate_after_days = (rotation_rules or {}).get("AutomaticallyAfterDays", 0)
        if rotate_immediately:
            secret.remove_version_stages_from_old_versions(["AWSPENDING"])
            stages = {"version_id": token, "version_stages": ["AWSPENDING"], "createdate": int(unix_time())}
            secret.versions.setdefault(token, stages)
        tell(Rotation(secret.arn, function, token, STEPS if rotate_immediately else ("testSecret",)))
        return json.dumps({"ARN": secret.arn, "Name": secret.name, "VersionId": token})

    def get_secret_value(self: Any, secret_id: str, version_id: str | None, version_stage: str | None) -> Any:
        """moto's own choice of a version does not follow the label AWSCURRENT when that moves."""
        versions = getattr(self.secrets.get(secret_id), "versions", {}).values()
        if not version_id and not version_stage and any("AWSCURRENT" in one["version_stages"] for one in versions):
            version_stage = "AWSCURRENT"
        return _get(self, secret_id, version_id, version_stage)

    _backend.rotate_secret, _backend.get_secret_value = rotate_secret, get_secret_value


def rotated(account: str, secret_arn: str) -> None:
    """Notes that a rotation has ended well."""
    backend: Any = secretsmanager_backends[account][secret_arn.split(":")[3]]
    if (secret := backend.secrets.get(secret_arn)) is not None:
        secret.last_rotation_date = int(unix_time())


def _pending(secret: Any) -> str | None:
    """The version of a rotation that did not end."""
    for token, version in secret.versions.items():
        if "AWSPENDING" in version["version_stages"] and "AWSCURRENT" not in version["version_stages"]:
            return str(token)
    return None
