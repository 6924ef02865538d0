"""A role that a check gives to the function, or acts as itself, to see what a policy lets through and what it does not.

role.holds({"Version": "2012-10-17", "Statement": [...]})    # the role's one policy, from now on
function.works_as(role)
role.client("s3").get_object(...)                            # raises ClientError if the policy does not allow it
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lambda_sandbox import Sandbox

NAME = "exercise-role"


class Role:
    """A new role without a policy, trusted by Lambda and by this account."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._iam = sandbox.client("iam")
        trusted = {"Service": "lambda.amazonaws.com", "AWS": "123456789012"}
        trust = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        self.arn: str = self._iam.create_role(RoleName=NAME, AssumeRolePolicyDocument=document)["Role"]["Arn"]

    def holds(self, policy: Any) -> None:
        """Gives the role this policy document instead of the last one. Raises ClientError for one that IAM refuses."""
        self._iam.put_role_policy(RoleName=NAME, PolicyName="policy", PolicyDocument=json.dumps(policy))

    def client(self, service: str) -> Any:
        """A boto3 client that may do what the role may."""
        made = self._sandbox.client("sts").assume_role(RoleArn=self.arn, RoleSessionName="check")["Credentials"]
        return self._sandbox.client(
            service,
            aws_access_key_id=made["AccessKeyId"],
            aws_secret_access_key=made["SecretAccessKey"],
            aws_session_token=made["SessionToken"],
        )
