"""AWS::IAM::*: the roles and policies that functions' templates bring."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from lambda_sandbox.templates.resource import Aws, CannotMake, Made, Properties, Resource, tags, text, without


class Role(Resource):
    service, name, like = "iam", "RoleName", "CreateRole"
    fixed = ("RoleName", "Path")
    properties = ("Policies", "ManagedPolicyArns", "AssumeRolePolicyDocument", "Tags")

    def create(self, aws: Aws, p: Properties) -> Made:
        given = without(p, "Policies", "ManagedPolicyArns", "AssumeRolePolicyDocument", "Tags")
        tag_list = [{"Key": key, "Value": value} for key, value in tags(p).items()]
        trust = text(p["AssumeRolePolicyDocument"])
        role = aws("iam", "CreateRole", **given, AssumeRolePolicyDocument=trust, Tags=tag_list)["Role"]
        made = Made(p["RoleName"], {"Arn": role["Arn"], "RoleId": role["RoleId"]})
        try:
            self._policies(aws, made.ref, p, {})
        except CannotMake:
            self.delete(aws, made, p)
            raise
        return made

    def update(self, aws: Aws, made: Made, p: Properties, old: Properties) -> Made:
        trust = text(p["AssumeRolePolicyDocument"])
        aws("iam", "UpdateAssumeRolePolicy", RoleName=made.ref, PolicyDocument=trust)
        self._policies(aws, made.ref, p, old)
        return made

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        self._policies(aws, made.ref, {}, p)
        aws("iam", "DeleteRole", RoleName=made.ref)

    @staticmethod
    def _policies(aws: Aws, role: str, p: Properties, old: Properties) -> None:
        inline, attached = _inline(p), set(p.get("ManagedPolicyArns", []))
        for name in _inline(old).keys() - inline.keys():
            with suppress(CannotMake):  # it was made with the role, or it was not
                aws("iam", "DeleteRolePolicy", RoleName=role, PolicyName=name)
        for name, document in inline.items():
            aws("iam", "PutRolePolicy", RoleName=role, PolicyName=name, PolicyDocument=document)
        for arn in sorted(set(old.get("ManagedPolicyArns", [])) - attached):
            with suppress(CannotMake):
                aws("iam", "DetachRolePolicy", RoleName=role, PolicyArn=arn)
        for arn in sorted(attached):
            aws("iam", "AttachRolePolicy", RoleName=role, PolicyArn=arn)


def _inline(p: Properties) -> dict[str, str]:
    return {one["PolicyName"]: _document(one["PolicyDocument"]) for one in p.get("Policies", [])}


def _document(policy: Any) -> str:
    """IAM takes a policy without a version; moto does not, and SAM writes such."""
    return text({"Version": "2012-10-17", **policy} if isinstance(policy, dict) else policy)


class Policy(Resource):
    service, name = "iam", "PolicyName"
    fixed = ("PolicyName",)
    properties = ("PolicyName", "PolicyDocument", "Roles")

    def create(self, aws: Aws, p: Properties) -> Made:
        for role in p.get("Roles", []):
            document = _document(p["PolicyDocument"])
            aws("iam", "PutRolePolicy", RoleName=role, PolicyName=p["PolicyName"], PolicyDocument=document)
        return Made(p["PolicyName"])

    def update(self, aws: Aws, made: Made, p: Properties, old: Properties) -> Made:
        gone = [role for role in old.get("Roles", []) if role not in p.get("Roles", [])]
        self.delete(aws, made, {**old, "Roles": gone})
        return self.create(aws, p)

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        for role in p.get("Roles", []):
            aws("iam", "DeleteRolePolicy", RoleName=role, PolicyName=p["PolicyName"])


class ManagedPolicy(Resource):
    service, name, longest = "iam", "ManagedPolicyName", 128
    properties = ("ManagedPolicyName", "PolicyDocument", "Roles", "Description", "Path")
    fixed = ("ManagedPolicyName", "Description", "Path")

    def create(self, aws: Aws, p: Properties) -> Made:
        given = {key: p[key] for key in ("Description", "Path") if key in p}
        document = _document(p["PolicyDocument"])
        made = aws("iam", "CreatePolicy", PolicyName=p["ManagedPolicyName"], PolicyDocument=document, **given)
        arn = made["Policy"]["Arn"]
        for role in p.get("Roles", []):
            aws("iam", "AttachRolePolicy", RoleName=role, PolicyArn=arn)
        return Made(arn, {"PolicyArn": arn})

    def update(self, aws: Aws, made: Made, p: Properties, old: Properties) -> Made:
        if p["PolicyDocument"] != old["PolicyDocument"]:  # IAM keeps five versions: the one before it goes
            document = _document(p["PolicyDocument"])
            before = aws("iam", "GetPolicy", PolicyArn=made.ref)["Policy"]["DefaultVersionId"]
            aws("iam", "CreatePolicyVersion", PolicyArn=made.ref, PolicyDocument=document, SetAsDefault=True)
            aws("iam", "DeletePolicyVersion", PolicyArn=made.ref, VersionId=before)
        for role in p.get("Roles", []):
            aws("iam", "AttachRolePolicy", RoleName=role, PolicyArn=made.ref)
        for role in old.get("Roles", []):
            if role not in p.get("Roles", []):
                aws("iam", "DetachRolePolicy", RoleName=role, PolicyArn=made.ref)
        return made

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        for role in p.get("Roles", []):
            aws("iam", "DetachRolePolicy", RoleName=role, PolicyArn=made.ref)
        aws("iam", "DeletePolicy", PolicyArn=made.ref)
