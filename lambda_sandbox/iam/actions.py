"""From an operation of a service to the IAM actions and resources that it needs.

    asked("dynamodb", "PutItem", {"TableName": "orders"}, region="us-east-1", account="123456789012")
    -> [Asked("dynamodb:PutItem", "arn:aws:dynamodb:us-east-1:123456789012:table/orders")]

An action is the service's prefix and the operation's name, but where the tables here say otherwise; the resource is
made from the parameters (Service Authorization Reference). Of a service without an entry the resource is the ARN that
the request names, if it names one, else "*". An operation over many things needs all of them allowed, or is refused
as a whole: of DeleteObjects and the like AWS would answer for each one.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lambda_sandbox.iam.access import Asked

Given = Mapping[str, Any]

_PREFIXES = {"monitoring": "cloudwatch", "tagging": "tag", "email": "ses", "eventbridge": "events", "iotdata": "iot"}
_ACTIONS = {  # operation -> action, where the names differ
    "lambda": {
        "Invoke": "InvokeFunction",
        "InvokeAsync": "InvokeFunction",
        "InvokeWithResponseStream": "InvokeFunction",
        "GetLayerVersionByArn": "GetLayerVersion",
    },
    "sqs": {
        "SendMessageBatch": "SendMessage",
        "DeleteMessageBatch": "DeleteMessage",
        "ChangeMessageVisibilityBatch": "ChangeMessageVisibility",
    },
    "sns": {"PublishBatch": "Publish"},
    "dynamodb": {"TransactGetItems": "GetItem"},
    "s3": {
        "HeadObject": "GetObject",
        "SelectObjectContent": "GetObject",
        "HeadBucket": "ListBucket",
        "ListObjects": "ListBucket",
        "ListObjectsV2": "ListBucket",
        "ListBuckets": "ListAllMyBuckets",
        "ListObjectVersions": "ListBucketVersions",
        "ListMultipartUploads": "ListBucketMultipartUploads",
        "ListParts": "ListMultipartUploadParts",
        "CopyObject": "PutObject",
        "CreateMultipartUpload": "PutObject",
        "UploadPart": "PutObject",
        "UploadPartCopy": "PutObject",
        "CompleteMultipartUpload": "PutObject",
        "DeleteObjects": "DeleteObject",
        "DeleteBucketTagging": "PutBucketTagging",
        "GetBucketNotificationConfiguration": "GetBucketNotification",
        "PutBucketNotificationConfiguration": "PutBucketNotification",
        "GetBucketLifecycle": "GetLifecycleConfiguration",
        "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
        "PutBucketLifecycle": "PutLifecycleConfiguration",
        "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
        "DeleteBucketLifecycle": "PutLifecycleConfiguration",
        "GetBucketEncryption": "GetEncryptionConfiguration",
        "PutBucketEncryption": "PutEncryptionConfiguration",
        "DeleteBucketEncryption": "PutEncryptionConfiguration",
        "GetBucketReplication": "GetReplicationConfiguration",
        "PutBucketReplication": "PutReplicationConfiguration",
        "DeleteBucketReplication": "PutReplicationConfiguration",
        "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
        "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
        "DeleteBucketCors": "PutBucketCORS",
        "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
        "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
        "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
        "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
        "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    },
}
_FUNCTION = re.compile(r"^(.*:)?function:")  # what may stand before a function's name
_FREE = {("sts", "GetCallerIdentity"), ("sts", "GetSessionToken")}  # nobody needs a permission for these
_VERSIONED = ("GetObject", "DeleteObject", "GetObjectTagging", "PutObjectTagging", "GetObjectAcl", "PutObjectAcl")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a resource is."""

    region: str
    account: str

    def arn(self, service: str, name: str) -> str:
        """An ARN; a name that is one already stays as it is."""
        return name if name.startswith("arn:") else f"arn:aws:{service}:{self.region}:{self.account}:{name}"


def asked(service: str, operation: str, given: Given, *, region: str, account: str) -> list[Asked]:
    """What the operation needs; nothing where everybody may. `service` is the name that the request was signed for."""
    prefix = _PREFIXES.get(service, service)
    if (prefix, operation) in _FREE:
        return []
    place = Place(region, account)
    if special := _SPECIAL.get((prefix, operation)):
        return list(special(given, place))
    action = f"{prefix}:{_ACTIONS.get(prefix, {}).get(operation, operation)}"
    context = _context(prefix, given)
    resources = _RESOURCES.get(prefix, _any_arn)(operation, given, place)
    return [Asked(action, resource, context) for resource in dict.fromkeys(resources)] or [Asked(action, "*", context)]


# -- resources, by service: yields none where the action is about no resource in particular


def _s3(operation: str, given: Given, place: Place) -> Iterable[str]:
    bucket = f"arn:aws:s3:::{given.get('Bucket') or '*'}"
    return [f"{bucket}/{given['Key']}" if given.get("Key") else bucket]


def _sqs(operation: str, given: Given, place: Place) -> Iterable[str]:
    if operation == "ListQueues":
        return [place.arn("sqs", "*")]
    owner, name = place.account, given.get("QueueName")
    if url := given.get("QueueUrl"):
        *_, owner, name = f"{owner}/{url}".rstrip("/").split("/")
    owner = given.get("QueueOwnerAWSAccountId") or owner
    return [Place(place.region, owner).arn("sqs", str(name))] if name else _any_arn(operation, given, place)


def _sns(operation: str, given: Given, place: Place) -> Iterable[str]:
    if operation == "CreateTopic":
        return [place.arn("sns", given.get("Name", ""))]
    if operation == "Publish" and "PhoneNumber" in given:
        return [given["PhoneNumber"]]
    named = _first(given, "TopicArn", "TargetArn", "ResourceArn") or given.get("SubscriptionArn")
    return [":".join(named.split(":")[:6])] if named else [place.arn("sns", "*")]


def _dynamodb(operation: str, given: Given, place: Place) -> Iterable[str]:
    if operation in ("ListTables", "ListGlobalTables"):
        return [place.arn("dynamodb", "table/*")]
    if "RequestItems" in given:
        return [_table(name, place) for name in given["RequestItems"]]
    if "TransactItems" in given:
        return [_table(step["Get"]["TableName"], place) for step in given["TransactItems"]]
    if iterator := given.get("ShardIterator"):  # …:table/orders/stream/<label>|1|…
        return [iterator.partition("|")[0]] if iterator.startswith("arn:") else [place.arn("dynamodb", "table/*")]
    if table := given.get("TableName"):
        index = given.get("IndexName")
        return [_table(table, place) + (f"/index/{index}" if index else "")]
    return _any_arn(operation, given, place)


def _table(name: str, place: Place) -> str:
    return name if name.startswith("arn:") else place.arn("dynamodb", f"table/{name}")


def _lambda(operation: str, given: Given, place: Place) -> Iterable[str]:
    if named := given.get("FunctionName"):
        if operation == "CreateEventSourceMapping":
            return []
        name, _, qualifier = _FUNCTION.sub("", named).partition(":")
        qualifier = given.get("Qualifier") or qualifier
        return [place.arn("lambda", f"function:{name}") + (f":{qualifier}" if qualifier else "")]
    if layer := given.get("LayerName"):
        version = given.get("VersionNumber")
        return [place.arn("lambda", f"layer:{layer}") + (f":{version}" if version else "")]
    if uuid := given.get("UUID"):
        return [place.arn("lambda", f"event-source-mapping:{uuid}")]
    return _any_arn(operation, given, place)


def _logs(operation: str, given: Given, place: Place) -> Iterable[str]:
    group = _first(given, "logGroupName", "logGroupIdentifier") or given.get("logGroupNamePrefix", "")
    if not group and (named := given.get("logGroupNames") or given.get("logGroupIdentifiers")):
        return [_log_group(one, "", place) for one in named]
    if not group and (found := list(_any_arn(operation, given, place))):
        return found
    return [_log_group(group, given.get("logStreamName", ""), place)]


def _log_group(group: str, stream: str, place: Place) -> str:
    """As AWS's refusals spell it, also for a whole group."""
    group = group.partition("log-group:")[2].removesuffix(":*") if group.startswith("arn:") else group
    return place.arn("logs", f"log-group:{group}:log-stream:{stream}")


def _kinesis(operation: str, given: Given, place: Place) -> Iterable[str]:
    name = given.get("StreamName")
    if iterator := given.get("ShardIterator"):
        name = _stream_of(iterator) or name
    if arn := _first(given, "StreamARN", "ConsumerARN", "ResourceARN"):
        return [arn]
    return [place.arn("kinesis", f"stream/{name}")] if name else []


def _stream_of(iterator: str) -> str:
    """The stream that an iterator of moto's belongs to; it stands there in base 64."""
    try:
        return b64decode(iterator).decode().partition(":")[0]
    except ValueError:
        return ""


def _events(operation: str, given: Given, place: Place) -> Iterable[str]:
    bus = str(given.get("EventBusName") or "default").rpartition("/")[2]
    rule = given.get("Rule") or (given.get("Name") if operation.endswith("Rule") else None)
    if rule:
        return [place.arn("events", f"rule/{rule}" if bus == "default" else f"rule/{bus}/{rule}")]
    if operation.endswith("EventBus") and given.get("Name"):
        return [place.arn("events", f"event-bus/{given['Name']}")]
    return _any_arn(operation, given, place)


def _secrets(operation: str, given: Given, place: Place) -> Iterable[str]:
    secret = given.get("SecretId") or (given.get("Name") if operation == "CreateSecret" else None)
    return [place.arn("secretsmanager", secret if secret.startswith("arn:") else f"secret:{secret}")] if secret else []


def _ssm(operation: str, given: Given, place: Place) -> Iterable[str]:
    if "Parameter" not in operation:
        return _any_arn(operation, given, place)
    if operation == "DescribeParameters":
        return [place.arn("ssm", "*")]
    named = given.get("Names") or [given[key] for key in ("Name", "Path") if given.get(key)]
    return [
        one if one.startswith("arn:") else place.arn("ssm", f"parameter/{one.lstrip('/').partition(':')[0]}")
        for one in named
    ]


def _iam(operation: str, given: Given, place: Place) -> Iterable[str]:
    for key, kind in (("RoleName", "role"), ("UserName", "user"), ("GroupName", "group"), ("PolicyName", "policy")):
        if given.get(key):
            return [f"arn:aws:iam::{place.account}:{kind}/{given[key]}"]
    return _any_arn(operation, given, place)


def _cloudwatch(operation: str, given: Given, place: Place) -> Iterable[str]:
    names = [given["AlarmName"]] if given.get("AlarmName") else given.get("AlarmNames") or ()
    return [place.arn("cloudwatch", f"alarm:{name}") for name in names] if "Alarm" in operation else []


def _scheduler(operation: str, given: Given, place: Place) -> Iterable[str]:
    if operation.endswith("Schedule") and given.get("Name"):
        return [place.arn("scheduler", f"schedule/{given.get('GroupName') or 'default'}/{given['Name']}")]
    return _any_arn(operation, given, place)


def _states(operation: str, given: Given, place: Place) -> Iterable[str]:
    if operation == "CreateStateMachine":
        return [place.arn("states", f"stateMachine:{given.get('name', '')}")]
    return _any_arn(operation, given, place)


def _cloudformation(operation: str, given: Given, place: Place) -> Iterable[str]:
    stack = given.get("StackName")
    return [place.arn("cloudformation", stack if stack.startswith("arn:") else f"stack/{stack}/*")] if stack else []


def _apigateway(operation: str, given: Given, place: Place) -> Iterable[str]:
    return [f"arn:aws:apigateway:{place.region}::{given.get('path', '')}"]


def _ecr(operation: str, given: Given, place: Place) -> Iterable[str]:
    named = [given["repositoryName"]] if given.get("repositoryName") else given.get("repositoryNames") or ()
    return [place.arn("ecr", f"repository/{one}") for one in named] or _any_arn(operation, given, place)


def _iot(operation: str, given: Given, place: Place) -> Iterable[str]:
    if operation == "Publish":
        return [place.arn("iot", f"topic/{given.get('topic', '')}")]
    if rule := given.get("ruleName"):
        return [place.arn("iot", f"rule/{rule}")]
    return _any_arn(operation, given, place)


def _any_arn(operation: str, given: Given, place: Place) -> Iterable[str]:
    arns = (value for key, value in given.items() if key.lower().endswith(("arn", "resource")) and _is_arn(value))
    return [found] if (found := next(arns, None)) else []


def _is_arn(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("arn:")


def _first(given: Given, *names: str) -> str | None:
    return next((str(given[name]) for name in names if given.get(name)), None)


_RESOURCES: dict[str, Callable[[str, Given, Place], Iterable[str]]] = {
    "s3": _s3,
    "iot": _iot,
    "sqs": _sqs,
    "sns": _sns,
    "dynamodb": _dynamodb,
    "lambda": _lambda,
    "logs": _logs,
    "kinesis": _kinesis,
    "events": _events,
    "secretsmanager": _secrets,
    "ssm": _ssm,
    "iam": _iam,
    "cloudwatch": _cloudwatch,
    "apigateway": _apigateway,
    "scheduler": _scheduler,
    "states": _states,
    "cloudformation": _cloudformation,
    "ecr": _ecr,
}

# -- operations that need more than one action, or one that depends on the parameters

Special = Callable[[Given, Place], Iterable[Asked]]


def _object(operation: str) -> Special:
    """An object's action has another name if a version is named; tags and an ACL that come along need their own."""
    action = _ACTIONS["s3"].get(operation, operation)

    def ask(given: Given, place: Place) -> Iterator[Asked]:
        versioned = "Version" if given.get("VersionId") and action in _VERSIONED else ""
        also = {"Tagging": "PutObjectTagging", "ACL": "PutObjectAcl"} if action == "PutObject" else {}
        (arn,) = _s3(operation, given, place)
        for name in (action + versioned, *(needed for member, needed in also.items() if given.get(member))):
            yield Asked(f"s3:{name}", arn, _context("s3", given))

    return ask


def _copy(given: Given, place: Place) -> Iterator[Asked]:
    source, _, version = str(given.get("CopySource", "")).lstrip("/").partition("?versionId=")
    yield Asked("s3:GetObjectVersion" if version else "s3:GetObject", f"arn:aws:s3:::{source}", _context("s3", given))
    yield from _object("PutObject")(given, place)


def _delete_objects(given: Given, place: Place) -> Iterator[Asked]:
    for key in given.get("Keys", ()):
        yield Asked("s3:DeleteObject", f"arn:aws:s3:::{given['Bucket']}/{key}")


def _transact_write(given: Given, place: Place) -> Iterator[Asked]:
    for step in given.get("TransactItems", ()):
        for kind, item in step.items():
            action = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem"}.get(kind, "ConditionCheckItem")
            yield Asked(f"dynamodb:{action}", _table(item["TableName"], place))


def _put_events(given: Given, place: Place) -> Iterator[Asked]:
    for entry in given.get("Entries", ()):
        bus = str(entry.get("EventBusName") or "default").rpartition("/")[2]
        context = {"events:source": entry.get("Source", ""), "events:detail-type": entry.get("DetailType", "")}
        yield Asked("events:PutEvents", place.arn("events", f"event-bus/{bus}"), context)


def _assume_role(given: Given, place: Place) -> Iterator[Asked]:
    names = {"RoleSessionName": "sts:RoleSessionName", "ExternalId": "sts:ExternalId"}
    context = {key: given[name] for name, key in names.items() if given.get(name)}
    yield Asked("sts:AssumeRole", str(given.get("RoleArn", "")), context)


def _with_role(service: str, operation: str, *path: str) -> Special:
    """Who hands a role to a function, a schedule or a state machine must be allowed to pass it; `path` leads to it."""

    def ask(given: Given, place: Place) -> Iterator[Asked]:
        for resource in _RESOURCES.get(service, _any_arn)(operation, given, place) or ["*"]:
            yield Asked(f"{service}:{operation}", resource)
        role: Any = given
        for name in path:
            role = role.get(name) or {}
        if role:
            yield Asked("iam:PassRole", role, {"iam:PassedToService": f"{service}.amazonaws.com"})

    return ask


def _statement(given: Given, place: Place) -> Iterator[Asked]:
    """PartiQL: the action and the table are in the text."""
    text = str(given.get("Statement", ""))
    kind = text.lstrip().partition(" ")[0].capitalize()
    match = re.search(r'(?:from|into|update)\s+"?([\w.-]+)"?', text, re.IGNORECASE)
    yield Asked(f"dynamodb:PartiQL{kind}", _table(match[1] if match else "*", place))


_PASSING = (  # operations that take a role, and where
    ("lambda", ("Role",), ("CreateFunction", "UpdateFunctionConfiguration")),
    ("states", ("roleArn",), ("CreateStateMachine", "UpdateStateMachine")),
    ("scheduler", ("Target", "RoleArn"), ("CreateSchedule", "UpdateSchedule")),
)
_SPECIAL: dict[tuple[str, str], Special] = {
    **{("s3", name): _object(name) for name in (*_VERSIONED, "HeadObject", "PutObject", "CreateMultipartUpload")},
    ("s3", "CopyObject"): _copy,
    ("s3", "UploadPartCopy"): _copy,
    ("s3", "DeleteObjects"): _delete_objects,
    ("dynamodb", "TransactWriteItems"): _transact_write,
    ("dynamodb", "ExecuteStatement"): _statement,
    ("events", "PutEvents"): _put_events,
    ("sts", "AssumeRole"): _assume_role,
    **{
        (service, operation): _with_role(service, operation, *path)
        for service, path, operations in _PASSING
        for operation in operations
    },
}

_KEYS = {  # parameter -> condition key
    "s3": {
        "Prefix": "s3:prefix",
        "Delimiter": "s3:delimiter",
        "MaxKeys": "s3:max-keys",
        "VersionId": "s3:VersionId",
        "ACL": "s3:x-amz-acl",
        "ServerSideEncryption": "s3:x-amz-server-side-encryption",
        "StorageClass": "s3:x-amz-storage-class",
        "CopySource": "s3:x-amz-copy-source",
    },
    "cloudwatch": {"Namespace": "cloudwatch:namespace"},
    "sns": {"Protocol": "sns:Protocol", "Endpoint": "sns:Endpoint"},
    "secretsmanager": {"SecretId": "secretsmanager:SecretId", "VersionStage": "secretsmanager:VersionStage"},
    "dynamodb": {"Select": "dynamodb:Select", "ReturnValues": "dynamodb:ReturnValues"},
}


def _context(prefix: str, given: Given) -> dict[str, Any]:
    return {key: given[name] for name, key in _KEYS.get(prefix, {}).items() if given.get(name) not in (None, "")}
