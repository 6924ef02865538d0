"""The AWS managed policies that a function's role is given, word for word; and how long policies of one's own may be.

moto knows all 1,400 but loads none, or all of them in 0.75 s and 60 MB after every reset. These are read from its data.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend

from lambda_sandbox.facts import fact
from lambda_sandbox.wire import AwsError

MANAGED_POLICIES = (
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaBasicDurableExecutionRolePolicy",
    "AWSLambdaSQSQueueExecutionRole",
    "AWSLambdaKinesisExecutionRole",
    "AWSLambdaDynamoDBExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
    "AWSLambdaMSKExecutionRole",
    "AWSLambdaRole",
    "AWSLambdaExecute",
    "AWSLambda_FullAccess",
    "AWSLambda_ReadOnlyAccess",
    "AWSXRayDaemonWriteAccess",
    "AWSXrayWriteOnlyAccess",
    "AdministratorAccess",
    "PowerUserAccess",
    "ReadOnlyAccess",
    "AmazonDynamoDBFullAccess",
    "AmazonDynamoDBReadOnlyAccess",
    "AmazonEventBridgeFullAccess",
    "AmazonKinesisFullAccess",
    "AmazonS3FullAccess",
    "AmazonS3ReadOnlyAccess",
    "AmazonSNSFullAccess",
    "AmazonSQSFullAccess",
    "AmazonSQSReadOnlyAccess",
    "AmazonSSMReadOnlyAccess",
    "CloudWatchFullAccess",
    "CloudWatchLambdaInsightsExecutionRolePolicy",
    "CloudWatchLogsFullAccess",
    "SecretsManagerReadWrite",
)

_INLINE = {"put_role_policy": "role", "put_user_policy": "user", "put_group_policy": "group"}  # together, of one holder
_WHOLE = {  # parameter, AWS's name of the quota, ours
    "create_policy": ("policy_document", "PolicySize", "limits.iam_managed_policy"),
    "create_policy_version": ("policy_document", "PolicySize", "limits.iam_managed_policy"),
    "create_role": ("assume_role_policy_document", "ACLSizePerRole", "limits.iam_trust_policy"),
    "update_assume_role_policy": ("policy_document", "ACLSizePerRole", "limits.iam_trust_policy"),
}
_backend_class: Any = IAMBackend
_managed_class: Any = AWSManagedPolicy
_original = {name: getattr(IAMBackend, name) for name in (*_INLINE, *_WHOLE)}


def install() -> None:
    _backend_class._init_aws_policies = lambda self: [
        _managed_class(name, account_id=self.account_id, region=self.region_name, **about)
        for name, about in _documents()
    ]
    for name, holder in _INLINE.items():
        setattr(_backend_class, name, _inline(_original[name], holder))
    for name, limit in _WHOLE.items():
        setattr(_backend_class, name, _whole(_original[name], *limit))


def _inline(original: Callable[..., None], holder: str) -> Callable[..., None]:
    """Refuses a policy with which all inline policies of a role, user or group would be too long together."""
    most = fact(f"limits.iam_{holder}_policies")

    def put(self: Any, name: str, policy_name: str, policy_json: str) -> None:
        held = getattr(self, f"get_{holder}")(name).policies
        size = _size(policy_json) + sum(_size(text) for other, text in held.items() if other != policy_name)
        if size > most:
            message = f"Maximum policy size of {most} bytes exceeded for {holder} {name}"
            raise AwsError("LimitExceeded", 409, message)
        original(self, name, policy_name, policy_json)

    return put


def _whole(original: Callable[..., Any], parameter: str, quota: str, limit: str) -> Callable[..., Any]:
    """Refuses a document that is too long by itself."""
    most, signature = fact(limit), inspect.signature(original)

    def checked(self: Any, *args: Any, **kwargs: Any) -> Any:
        if _size(signature.bind(self, *args, **kwargs).arguments[parameter]) > most:
            raise AwsError("LimitExceeded", 409, f"Cannot exceed quota for {quota}: {most}")
        return original(self, *args, **kwargs)

    return checked


def _size(document: Any) -> int:
    text = document if isinstance(document, str) else json.dumps(document)  # a template's is no text yet
    return len("".join(text.split()))


@cache
def _documents() -> tuple[tuple[str, dict[str, Any]], ...]:
    """The policies wanted, as moto's constructor takes them; the rest of its 5 MB of JSON stays undecoded."""
    decoder = json.JSONDecoder()
    found = []
    for name in MANAGED_POLICIES:
        opening = f'"{name}":'
        start = aws_managed_policies_data.find(f"\n {opening}")
        if start >= 0:
            data = decoder.raw_decode(aws_managed_policies_data, start + 2 + len(opening))[0]
            about = {
                "default_version_id": data["DefaultVersionId"],
                "path": data["Path"],
                "document": json.dumps(data["Document"]),
                "create_date": datetime.fromisoformat(data["CreateDate"]),
                "update_date": datetime.fromisoformat(data["UpdateDate"]),
            }
            found.append((name, about))
    return tuple(found)
