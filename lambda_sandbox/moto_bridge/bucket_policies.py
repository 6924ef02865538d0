"""A bucket's policy is looked at before it is stored, as S3 does; moto stores anything.

S3's words are those that users report. Not modelled: whether a principal exists, condition keys, the size.
"""

from __future__ import annotations

import json
from typing import Any

from moto.s3.models import S3Backend

from lambda_sandbox.wire import AwsError

_FIELDS = (("Effect",), ("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "NotResource"))
_OF_OBJECTS = ("s3:getobject", "s3:putobject", "s3:deleteobject", "s3:restoreobject", "s3:abortmultipart")
_OF_BUCKETS = ("s3:listbucket", "s3:getbucket", "s3:putbucket", "s3:deletebucket")
_backend_class: Any = S3Backend
_put_bucket_policy: Any = S3Backend.put_bucket_policy


def install() -> None:
    def put_bucket_policy(self: Any, bucket_name: str, policy: bytes) -> None:
        self.get_bucket(bucket_name)
        if (wrong := mistake(policy, bucket_name)) is not None:
            raise AwsError("MalformedPolicy", 400, wrong)
        _put_bucket_policy(self, bucket_name, policy)

    _backend_class.put_bucket_policy = put_bucket_policy


def mistake(policy: bytes | str, bucket: str) -> str | None:
    """What S3 says of the policy of this bucket; None if it takes it."""
    text = policy.decode(errors="replace") if isinstance(policy, bytes) else policy
    if not text.lstrip().startswith("{"):
        return "Policies must be valid JSON and the first byte must be '{'"
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return "This policy contains invalid Json"
    if "Statement" not in document:
        return "Missing required field Statement"
    statements = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    if not statements:
        return "Could not parse the policy: Statement is empty!"
    if not all(isinstance(statement, dict) for statement in statements):
        return "This policy contains invalid Json"
    return next(filter(None, (_mistake_in(statement, bucket) for statement in statements)), None)


def _mistake_in(statement: dict[str, Any], bucket: str) -> str | None:
    for names in _FIELDS:
        if not any(name in statement for name in names):
            return f"Missing required field {names[0]}"
    resources = _texts(statement.get("Resource", statement.get("NotResource")))
    if not all(one == "*" or one.startswith(f"arn:aws:s3:::{bucket}") for one in resources):
        return "Policy has invalid resource"
    if "Action" not in statement or "Resource" not in statement:
        return None
    objects = any(one == "*" or "/" in one or one.endswith("*") for one in resources)
    buckets = any(one == "*" or "/" not in one for one in resources)
    for action in (one.lower() for one in _texts(statement["Action"])):
        if (not objects and action.startswith(_OF_OBJECTS)) or (not buckets and action.startswith(_OF_BUCKETS)):
            return "Action does not apply to any resource(s) in statement"
    return None


def _texts(value: Any) -> list[str]:
    return [str(one) for one in (value if isinstance(value, list) else [value])]
