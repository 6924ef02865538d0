"""What a stack makes of the services around Lambda, each by its own API: the kinds that functions' templates use."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from lambda_sandbox.templates.resource import Aws, CannotMake, Made, Properties, Resource, tags, text, without

# ---------------------------------------------------------------------------------------------------------------- S3


class Bucket(Resource):
    service, name, longest = "s3", "BucketName", 63
    fixed = ("BucketName",)
    properties: tuple[str, ...] = ("NotificationConfiguration", "VersioningConfiguration", "CorsConfiguration", "Tags")
    properties += ("PublicAccessBlockConfiguration",)
    ignored = (
        "AccessControl",
        "BucketEncryption",
        "LifecycleConfiguration",
        "OwnershipControls",
        "LoggingConfiguration",
    )

    def create(self, aws: Aws, p: Properties) -> Made:
        where = {} if aws.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": aws.region}}
        name = p["BucketName"]
        aws("s3", "CreateBucket", Bucket=name, **where)
        attributes = {
            "Arn": f"arn:aws:s3:::{name}",
            "DomainName": f"{name}.s3.amazonaws.com",
            "RegionalDomainName": f"{name}.s3.{aws.region}.amazonaws.com",
            "WebsiteURL": f"http://{name}.s3-website-{aws.region}.amazonaws.com",
        }
        made = Made(name, attributes)
        try:
            return self.update(aws, made, p, {})
        except CannotMake:
            self.delete(aws, made, p)
            raise

    def update(self, aws: Aws, made: Made, p: Properties, old: Properties) -> Made:
        def changed(name: str) -> bool:
            return p.get(name) != old.get(name)

        if changed("VersioningConfiguration"):
            status = p.get("VersioningConfiguration") or {"Status": "Suspended"}
            aws("s3", "PutBucketVersioning", Bucket=made.ref, VersioningConfiguration=status)
        if changed("NotificationConfiguration"):
            told = _notifications(p.get("NotificationConfiguration") or {})
            aws("s3", "PutBucketNotificationConfiguration", Bucket=made.ref, NotificationConfiguration=told)
        if changed("CorsConfiguration"):
            cors = [
                {_CORS.get(key, key): value for key, value in rule.items()}
                for rule in (p.get("CorsConfiguration") or {}).get("CorsRules", [])
            ]
            aws("s3", "PutBucketCors", Bucket=made.ref, CORSConfiguration={"CORSRules": cors})
        if changed("PublicAccessBlockConfiguration"):
            block = p.get("PublicAccessBlockConfiguration") or {}
            aws("s3", "PutPublicAccessBlock", Bucket=made.ref, PublicAccessBlockConfiguration=block)
        if changed("Tags"):
            tag_set = [{"Key": key, "Value": value} for key, value in tags(p).items()]
            aws("s3", "PutBucketTagging", Bucket=made.ref, Tagging={"TagSet": tag_set})
        return made

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        aws("s3", "DeleteBucket", Bucket=made.ref)

    def new_name(self, aws: Aws, p: Properties) -> str:
        return super().new_name(aws, p).lower()


_CORS = {"ExposedHeaders": "ExposeHeaders", "MaxAge": "MaxAgeSeconds", "Id": "ID"}


def _notifications(p: Properties) -> Properties:
    """CloudFormation's spelling of a notification configuration as S3's."""

    def told(entry: Properties, target: str, arn: str) -> Properties:
        made: Properties = {arn: entry[target], "Events": [entry["Event"]]}
        if "Filter" in entry:
            made["Filter"] = {"Key": {"FilterRules": entry["Filter"]["S3Key"]["Rules"]}}
        return made

    spelled = {
        "LambdaConfigurations": ("LambdaFunctionConfigurations", "Function", "LambdaFunctionArn"),
        "QueueConfigurations": ("QueueConfigurations", "Queue", "QueueArn"),
        "TopicConfigurations": ("TopicConfigurations", "Topic", "TopicArn"),
    }
    made = {s3: [told(one, target, arn) for one in p.get(key, [])] for key, (s3, target, arn) in spelled.items()}
    bridge: Properties = {"EventBridgeConfiguration": {}} if p.get("EventBridgeConfiguration") else {}
    return {**{key: value for key, value in made.items() if value}, **bridge}


class BucketPolicy(Resource):
    service = "s3"
    fixed = ("Bucket",)
    properties = ("Bucket", "PolicyDocument")

    def create(self, aws: Aws, p: Properties) -> Made:
        aws("s3", "PutBucketPolicy", Bucket=p["Bucket"], Policy=text(p["PolicyDocument"]))
        return Made(p["Bucket"])

    def update(self, aws: Aws, made: Made, p: Properties, old: Properties) -> Made:
        return self.create(aws, p)

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        aws("s3", "DeleteBucketPolicy", Bucket=p["Bucket"])


# ------------------------------------------------------------------------------------------- queues, topics, streams


class Queue(Resource):
    service, name, longest = "sqs", "QueueName", 80
    fixed = ("QueueName", "FifoQueue")
    _numbers = ("DelaySeconds", "MaximumMessageSize", "MessageRetentionPeriod", "ReceiveMessageWaitTimeSeconds")
    _attributes: tuple[str, ...] = (*_numbers, "VisibilityTimeout", "RedrivePolicy", "RedriveAllowPolicy", "FifoQueue")
    _attributes += ("ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit", "KmsMasterKeyId")
    _attributes += ("KmsDataKeyReusePeriodSeconds", "SqsManagedSseEnabled")
    properties = (*_attributes, "QueueName", "Tags")

    def _of(self, p: Properties) -> dict[str, str]:
        return {key: _said(p[key]) for key in self._attributes if key in p and p[key] not in (False, "false")}

    def create(self, aws: Aws, p: Properties) -> Made:
        made = aws("sqs", "CreateQueue", QueueName=p["QueueName"], Attributes=self._of(p), tags=tags(p))
        arn = aws.arn("sqs", p["QueueName"])
        return Made(made["QueueUrl"], {"Arn": arn, "QueueName": p["QueueName"], "QueueUrl": made["QueueUrl"]})

    def update(self, aws: Aws, made: Made, p: Properties, old: Properties) -> Made:
        defaults = {"VisibilityTimeout": "30", "DelaySeconds": "0", "RedrivePolicy": ""}
        gone = {key: value for key, value in defaults.items() if key in old and key not in p}
        given = without({**gone, **self._of(p)}, "FifoQueue")
        aws("sqs", "SetQueueAttributes", QueueUrl=made.ref, Attributes=given)
        return made

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        aws("sqs", "DeleteQueue", QueueUrl=made.ref)

    def new_name(self, aws: Aws, p: Properties) -> str:
        return super().new_name(aws, p)[-75:] + (".fifo" if _said(p.get("FifoQueue", "")) == "true" else "")


class QueuePolicy(Resource):
    service = "sqs"
    properties = ("Queues", "PolicyDocument")

    def create(self, aws: Aws, p: Properties) -> Made:
        for queue in p["Queues"]:
            aws("sqs", "SetQueueAttributes", QueueUrl=queue, Attributes={"Policy": text(p["PolicyDocument"])})
        return Made(self.new_name(aws, p))

    def update(self, aws: Aws, made: Made, p: Properties, old: Properties) -> Made:
        self.create(aws, p)
        return made

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        for queue in p["Queues"]:
            aws("sqs", "SetQueueAttributes", QueueUrl=queue, Attributes={"Policy": ""})


class Topic(Resource):
    service, name = "sns", "TopicName"
    longest = 256
    fixed = ("TopicName", "FifoTopic")
    _attributes = ("DisplayName", "FifoTopic", "ContentBasedDeduplication", "KmsMasterKeyId")
    properties = (*_attributes, "TopicName", "Subscription", "Tags")

    def create(self, aws: Aws, p: Properties) -> Made:
        given = {key: _said(p[key]) for key in self._attributes if key in p}
        tag_list = [{"Key": key, "Value": value} for key, value in tags(p).items()]
        arn = aws("sns", "CreateTopic", Name=p["TopicName"], Attributes=given, Tags=tag_list)["TopicArn"]
        for one in p.get("Subscription", []):
            aws("sns", "Subscribe", TopicArn=arn, Protocol=one["Protocol"], Endpoint=one["Endpoint"])
        return Made(arn, {"TopicArn": arn, "TopicName": p["TopicName"]})

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        aws("sns", "DeleteTopic", TopicArn=made.ref)


class TopicPolicy(Resource):
    service = "sns"
    properties = ("Topics", "PolicyDocument")

    def create(self, aws: Aws, p: Properties) -> Made:
        document = text(p["PolicyDocument"])
        for topic in p["Topics"]:
            aws("sns", "SetTopicAttributes", TopicArn=topic, AttributeName="Policy", AttributeValue=document)
        return Made(self.new_name(aws, p))

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        """A topic keeps its last policy."""


class Subscription(Resource):
    service = "sns"
    _attributes = ("FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy", "DeliveryPolicy")
    properties = (*_attributes, "TopicArn", "Protocol", "Endpoint", "SubscriptionRoleArn")
    ignored = ("Region",)

    def create(self, aws: Aws, p: Properties) -> Made:
        given = {key: _said(p[key]) for key in self._attributes if key in p}
        to = {key: p[key] for key in ("TopicArn", "Protocol", "Endpoint") if key in p}
        arn = aws("sns", "Subscribe", **to, Attributes=given, ReturnSubscriptionArn=True)["SubscriptionArn"]
        return Made(arn, {"Arn": arn})

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        aws("sns", "Unsubscribe", SubscriptionArn=made.ref)


class Stream(Resource):
    service, name, longest = "kinesis", "Name", 128
    fixed = ("Name",)
    properties = ("Name", "ShardCount", "StreamModeDetails", "RetentionPeriodHours", "Tags")
    ignored = ("StreamEncryption",)

    def create(self, aws: Aws, p: Properties) -> Made:
        mode = p.get("StreamModeDetails") or {"StreamMode": "PROVISIONED" if "ShardCount" in p else "ON_DEMAND"}
        shards = {"ShardCount": p.get("ShardCount", 1)} if mode["StreamMode"] == "PROVISIONED" else {}
        aws("kinesis", "CreateStream", StreamName=p["Name"], StreamModeDetails=mode, **shards)
        if int(p.get("RetentionPeriodHours", 24)) != 24:
            hours = p["RetentionPeriodHours"]
            aws("kinesis", "IncreaseStreamRetentionPeriod", StreamName=p["Name"], RetentionPeriodHours=hours)
        return Made(p["Name"], {"Arn": aws.arn("kinesis", f"stream/{p['Name']}")})

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        aws("kinesis", "DeleteStream", StreamName=made.ref)


class Table(Resource):
    service, name, longest, like = "dynamodb", "TableName", 255, "CreateTable"
    fixed = ("TableName", "KeySchema", "LocalSecondaryIndexes")
    properties = ("StreamSpecification", "TimeToLiveSpecification", "Tags")
    ignored = ("PointInTimeRecoverySpecification", "ContributorInsightsSpecification", "KinesisStreamSpecification")

    def create(self, aws: Aws, p: Properties) -> Made:
        given = without(p, "StreamSpecification", "TimeToLiveSpecification", *self.ignored)
        made = aws("dynamodb", "CreateTable", **given, **self._stream(p))["TableDescription"]
        self._time_to_live(aws, p)
        return Made(p["TableName"], self._attributes(made))

    def update(self, aws: Aws, made: Made, p: Properties, old: Properties) -> Made:
        known = ("AttributeDefinitions", "BillingMode", "ProvisionedThroughput", "DeletionProtectionEnabled")
        changed = {key: p[key] for key in known if key in p and p[key] != old.get(key)}
        if p.get("StreamSpecification") != old.get("StreamSpecification"):
            changed |= self._stream(p) or {"StreamSpecification": {"StreamEnabled": False}}
        if p.get("GlobalSecondaryIndexes") != old.get("GlobalSecondaryIndexes"):
            raise CannotMake("The sandbox does not model changes of GlobalSecondaryIndexes; make a new table.")
        if changed:
            aws("dynamodb", "UpdateTable", TableName=made.ref, **changed)
        if p.get("TimeToLiveSpecification") != old.get("TimeToLiveSpecification"):
            self._time_to_live(aws, p)
        return Made(made.ref, self._attributes(aws("dynamodb", "DescribeTable", TableName=made.ref)["Table"]))

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        aws("dynamodb", "DeleteTable", TableName=made.ref)

    @staticmethod
    def _attributes(table: Any) -> Properties:
        return {"Arn": table["TableArn"], "StreamArn": table.get("LatestStreamArn")}

    @staticmethod
    def _stream(p: Properties) -> Properties:
        wanted = p.get("StreamSpecification")
        return {"StreamSpecification": {"StreamEnabled": True, **wanted}} if wanted else {}

    @staticmethod
    def _time_to_live(aws: Aws, p: Properties) -> None:
        if wanted := p.get("TimeToLiveSpecification"):
            aws("dynamodb", "UpdateTimeToLive", TableName=p["TableName"], TimeToLiveSpecification=wanted)


# --------------------------------------------------------------------------------------------------------------- IAM


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
    fixed = ("PolicyName", "Roles")
    properties = ("PolicyName", "PolicyDocument", "Roles")

    def create(self, aws: Aws, p: Properties) -> Made:
        for role in p.get("Roles", []):
            document = _document(p["PolicyDocument"])
            aws("iam", "PutRolePolicy", RoleName=role, PolicyName=p["PolicyName"], PolicyDocument=document)
        return Made(p["PolicyName"])

    def update(self, aws: Aws, made: Made, p: Properties, old: Properties) -> Made:
        return self.create(aws, p)

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        for role in p.get("Roles", []):
            aws("iam", "DeleteRolePolicy", RoleName=role, PolicyName=p["PolicyName"])


class ManagedPolicy(Resource):
    service, name, longest = "iam", "ManagedPolicyName", 128
    properties = ("ManagedPolicyName", "PolicyDocument", "Roles", "Description", "Path")

    def create(self, aws: Aws, p: Properties) -> Made:
        given = {key: p[key] for key in ("Description", "Path") if key in p}
        document = _document(p["PolicyDocument"])
        made = aws("iam", "CreatePolicy", PolicyName=p["ManagedPolicyName"], PolicyDocument=document, **given)
        arn = made["Policy"]["Arn"]
        for role in p.get("Roles", []):
            aws("iam", "AttachRolePolicy", RoleName=role, PolicyArn=arn)
        return Made(arn, {"PolicyArn": arn})

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        for role in p.get("Roles", []):
            aws("iam", "DetachRolePolicy", RoleName=role, PolicyArn=made.ref)
        aws("iam", "DeletePolicy", PolicyArn=made.ref)


# ------------------------------------------------------------------------------------------------ events and the rest


class Rule(Resource):
    service, name, like = "events", "Name", "PutRule"
    fixed = ("Name", "EventBusName")
    properties = ("Targets", "EventPattern")

    def create(self, aws: Aws, p: Properties) -> Made:
        bus = {"EventBusName": p["EventBusName"]} if "EventBusName" in p else {}
        pattern = {"EventPattern": text(p["EventPattern"])} if "EventPattern" in p else {}
        arn = aws("events", "PutRule", **without(p, "Targets", "EventPattern"), **pattern)["RuleArn"]
        if targets := p.get("Targets"):
            failed = aws("events", "PutTargets", Rule=p["Name"], Targets=targets, **bus).get("FailedEntries")
            if failed:
                raise CannotMake(failed[0].get("ErrorMessage", "PutTargets failed"))
        return Made(p["Name"], {"Arn": arn})

    def update(self, aws: Aws, made: Made, p: Properties, old: Properties) -> Made:
        lost = {one["Id"] for one in old.get("Targets", [])} - {one["Id"] for one in p.get("Targets", [])}
        self._remove(aws, made, p, lost)
        return self.create(aws, p)

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        self._remove(aws, made, p, {one["Id"] for one in p.get("Targets", [])})
        bus = {"EventBusName": p["EventBusName"]} if "EventBusName" in p else {}
        aws("events", "DeleteRule", Name=made.ref, **bus)

    @staticmethod
    def _remove(aws: Aws, made: Made, p: Properties, ids: set[str]) -> None:
        bus = {"EventBusName": p["EventBusName"]} if "EventBusName" in p else {}
        if ids:
            aws("events", "RemoveTargets", Rule=made.ref, Ids=sorted(ids), **bus)


class LogGroup(Resource):
    service, name, longest = "logs", "LogGroupName", 512
    fixed = ("LogGroupName",)
    properties = ("LogGroupName", "RetentionInDays", "Tags")
    ignored = ("LogGroupClass", "KmsKeyId", "DataProtectionPolicy")

    def create(self, aws: Aws, p: Properties) -> Made:
        aws("logs", "CreateLogGroup", logGroupName=p["LogGroupName"], tags=tags(p))
        arn = aws.arn("logs", f"log-group:{p['LogGroupName']}:*")
        return self.update(aws, Made(p["LogGroupName"], {"Arn": arn}), p, {})

    def update(self, aws: Aws, made: Made, p: Properties, old: Properties) -> Made:
        if "RetentionInDays" in p:
            days = p["RetentionInDays"]
            aws("logs", "PutRetentionPolicy", logGroupName=made.ref, retentionInDays=days)
        elif "RetentionInDays" in old:
            aws("logs", "DeleteRetentionPolicy", logGroupName=made.ref)
        return made

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        aws("logs", "DeleteLogGroup", logGroupName=made.ref)


class Plain(Resource):
    """A kind whose properties are the members of one operation: no more to say than the operations' names."""

    def __init__(
        self, service: str, name: str | None, put: str, remove: str, by: str, ref: str = "", arn: str = "", **more: Any
    ) -> None:
        """`by`: the member that names it to `remove`; `ref`, `arn`: members of the answer, instead of the name."""
        self.service, self.name, self.like = service, name, put
        self._put, self._remove, self._by, self._ref, self._arn = put, remove, by, ref, arn
        self._extra: Properties = more.pop("extra", {})
        for key, value in more.items():
            setattr(self, key, value)

    def create(self, aws: Aws, p: Properties) -> Made:
        answer = aws(self.service, self._put, **{key: _json(value, key) for key, value in p.items()}, **self._extra)
        ref = answer[self._ref] if self._ref else p[self.name or ""]
        return Made(ref, {"Arn": answer.get(self._arn or self._ref, ref), "Name": p.get(self.name or "", ref)})

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        parents = {key: p[key] for key in ("GroupName", "logGroupName", "LogGroupName") if key in p}
        aws(self.service, self._remove, **{self._by: made.ref}, **parents)


def _json(value: Any, key: str) -> Any:
    return json.dumps(value) if key.endswith(("Policy", "PolicyDocument")) and isinstance(value, dict) else value


class StateMachine(Resource):
    service, name = "stepfunctions", "StateMachineName"
    longest = 80
    fixed = ("StateMachineName", "StateMachineType")
    properties: tuple[str, ...] = (
        "StateMachineName",
        "StateMachineType",
        "DefinitionString",
        "Definition",
        "DefinitionS3Location",
    )
    properties += ("DefinitionSubstitutions", "RoleArn", "Tags", "LoggingConfiguration", "TracingConfiguration")

    def create(self, aws: Aws, p: Properties) -> Made:
        kind = {"type": p["StateMachineType"]} if "StateMachineType" in p else {}
        given = {"definition": self._definition(aws, p), "roleArn": p["RoleArn"], **kind}
        arn = aws("stepfunctions", "CreateStateMachine", name=p["StateMachineName"], **given)["stateMachineArn"]
        return Made(arn, {"Arn": arn, "Name": p["StateMachineName"]})

    def update(self, aws: Aws, made: Made, p: Properties, old: Properties) -> Made:
        given = {"definition": self._definition(aws, p), "roleArn": p["RoleArn"]}
        aws("stepfunctions", "UpdateStateMachine", stateMachineArn=made.ref, **given)
        return made

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        aws("stepfunctions", "DeleteStateMachine", stateMachineArn=made.ref)

    @staticmethod
    def _definition(aws: Aws, p: Properties) -> str:
        if "DefinitionS3Location" in p:
            at = p["DefinitionS3Location"]
            definition = aws("s3", "GetObject", Bucket=at["Bucket"], Key=at["Key"])["Body"].read().decode()
        else:
            definition = p.get("DefinitionString") or text(p["Definition"])
        for name, value in (p.get("DefinitionSubstitutions") or {}).items():
            definition = definition.replace(f"${{{name}}}", _said(value))
        return str(definition)


def _said(value: Any) -> str:
    """An attribute as SQS and SNS want it: text, JSON for an object."""
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)
