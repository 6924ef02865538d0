"""What a kind of resource is to a stack: how it is made, changed and deleted, through the API of its service.

    class Queue(Resource):
        service, name = "sqs", "QueueName"
        def create(self, aws, p): …                       # p: the resolved properties, the name filled in
            return Made(url, {"Arn": arn})                # what Ref gives, and what Fn::GetAtt gives

`aws("sqs", "CreateQueue", QueueName="jobs")` makes a request to the sandbox, as any client does. It takes the members
that the operation has, as the types that the operation wants, and leaves out the rest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError, ParamValidationError

Properties = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Made:
    """`ref` is the physical id, and what `Ref` gives; `attributes` are what `Fn::GetAtt` gives."""

    ref: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Aws:
    """The services of one Region, and the stack that asks."""

    client: Callable[[str], Any]  # a boto3 client of a service
    region: str
    account: str
    stack: str  # its name
    stack_id: str
    new_id: Callable[[], str]
    logical: str = ""  # the resource's name in the template
    type: str = ""
    sealed: bool = False  # the owner's key may get into no hands but his

    def __call__(self, service: str, operation: str, **members: Any) -> Any:
        """The operation's answer. Raises CannotMake."""
        client = self.client(service)
        shape = client.meta.service_model.operation_model(operation).input_shape
        try:
            return getattr(client, xform_name(operation))(**_fit(shape, members))
        except ClientError as error:
            raise _cannot(client.meta.service_model.service_id, error, self.new_id()) from None
        except ParamValidationError as error:
            missing = re.findall(r'Missing required parameter in \w+: "(\w+)"', str(error))
            what = "".join(f"#: required key [{name}] not found" for name in missing) or error.kwargs["report"]
            raise CannotMake(f"Properties validation failed for resource {self.logical} with message: {what}") from None

    def arn(self, service: str, rest: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{rest}"


class CannotMake(Exception):
    """Why a resource is not there: a sentence, and the service's code if it was the service that refused."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.message, self.code = message, code


def _cannot(service: str, error: ClientError, token: str) -> CannotMake:
    """A service's refusal in CloudFormation's words."""
    said, about = error.response["Error"], error.response["ResponseMetadata"]
    status = about.get("HTTPStatusCode", 400)
    handler = {403: "AccessDenied", 404: "NotFound", 409: "AlreadyExists", 429: "Throttling"}.get(
        status, "InvalidRequest"
    )
    where = f"(Service: {service}, Status Code: {status}, Request ID: {about.get('RequestId', '')})"
    return CannotMake(
        f'Resource handler returned message: "{said.get("Message", "")} {where}" '
        f"(RequestToken: {token}, HandlerErrorCode: {handler})",
        said.get("Code", ""),
    )


def _fit(shape: Any, value: Any) -> Any:
    """A value as the shape wants it: known members only, in the operation's spelling; text as numbers, and back."""
    kind = shape.type_name if shape is not None else ""
    if kind == "structure" and isinstance(value, Mapping):
        by_name = {name.lower(): (name, inner) for name, inner in shape.members.items()}
        known = ((by_name[str(key).lower()], one) for key, one in value.items() if str(key).lower() in by_name)
        return {name: _fit(inner, one) for (name, inner), one in known if one is not None}
    if (
        kind == "list"
        and isinstance(value, Mapping)
        and {"Key", "Value"} <= getattr(shape.member, "members", {}).keys()
    ):
        return [{"Key": str(key), "Value": str(one)} for key, one in value.items()]  # Tags, which SSM's kinds give so
    if kind == "list" and isinstance(value, list):
        return [_fit(shape.member, one) for one in value]
    if kind == "map" and isinstance(value, Mapping):
        return {str(key): _fit(shape.value, one) for key, one in value.items()}
    if kind in ("integer", "long") and isinstance(value, str) and re.fullmatch(r"-?\d+", value):
        return int(value)
    if kind in ("float", "double") and isinstance(value, (str, int)) and re.fullmatch(r"-?\d+(\.\d+)?", str(value)):
        return float(value)
    if kind == "boolean" and value in ("true", "false"):
        return value == "true"
    if kind == "string" and isinstance(value, (bool, int, float)):
        return str(value).lower() if isinstance(value, bool) else str(value)
    return value


class Resource:
    """A kind of resource. Without an `update` of its own, each change makes a new one in place of the old.

    name: the property with the name, made up where a template gives none. fixed: properties whose change makes a new
    one. properties: those that there are, beside the members of the operation that it is `like`. ignored: properties
    that change nothing in a sandbox.
    """

    service = ""
    name: str | None = None
    like = ""
    fixed: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    longest = 64  # characters of a name that is made up

    def create(self, aws: Aws, p: Properties) -> Made:
        raise NotImplementedError

    def update(self, aws: Aws, made: Made, p: Properties, old: Properties) -> Made:
        raise NotImplementedError

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        raise NotImplementedError

    def may_update(self, p: Properties, old: Properties) -> bool:
        """Whether what there is can become what is wanted."""
        changes = type(self).update is not Resource.update
        return changes and all(old.get(key) == p.get(key) for key in self.fixed)

    def new_name(self, aws: Aws, p: Properties) -> str:
        """`hello-Queue-1B2C3D4E5F6G`, cut where the service cuts."""
        end = f"-{aws.logical}-{aws.new_id().replace('-', '')[:12].upper()}"
        return f"{aws.stack[: max(self.longest - len(end), 1)]}{end}"[-self.longest :]


def tags(p: Properties) -> dict[str, str]:
    """`[{"Key": "a", "Value": "b"}]`, or an object already, as an object."""
    given = p.get("Tags") or {}
    return dict(given) if isinstance(given, Mapping) else {tag["Key"]: tag["Value"] for tag in given}


def without(p: Properties, *names: str) -> Properties:
    return {name: value for name, value in p.items() if name not in names}


def text(document: Any) -> str:
    """A policy or the like as JSON text."""
    return document if isinstance(document, str) else json.dumps(document)
