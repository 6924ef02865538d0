"""What a stack makes of the services around Lambda, each by its own API: the kinds that functions' templates use."""

from __future__ import annotations

import json
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
        self.delete(aws, made, {"Queues": [queue for queue in old["Queues"] if queue not in p["Queues"]]})
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
        self._subscribe(aws, arn, p, {})
        return Made(arn, {"TopicArn": arn, "TopicName": p["TopicName"]})

    def update(self, aws: Aws, made: Made, p: Properties, old: Properties) -> Made:
        for key in self._attributes:
            if p.get(key) != old.get(key):
                value = _said(p.get(key, ""))
                aws("sns", "SetTopicAttributes", TopicArn=made.ref, AttributeName=key, AttributeValue=value)
        self._subscribe(aws, made.ref, p, old)
        return made

    @staticmethod
    def _subscribe(aws: Aws, topic: str, p: Properties, old: Properties) -> None:
        wanted, before = p.get("Subscription", []), old.get("Subscription", [])
        gone = [one["Endpoint"] for one in before if one not in wanted]
        for one in aws("sns", "ListSubscriptionsByTopic", TopicArn=topic)["Subscriptions"] if gone else []:
            if one["Endpoint"] in gone:
                aws("sns", "Unsubscribe", SubscriptionArn=one["SubscriptionArn"])
        for one in wanted:
            if one not in before:
                aws("sns", "Subscribe", TopicArn=topic, Protocol=one["Protocol"], Endpoint=one["Endpoint"])

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
    fixed, ignored = ("TopicArn", "Protocol", "Endpoint"), ("Region",)

    def create(self, aws: Aws, p: Properties) -> Made:
        given = {key: _said(p[key]) for key in self._attributes if key in p}
        to = {key: p[key] for key in ("TopicArn", "Protocol", "Endpoint") if key in p}
        arn = aws("sns", "Subscribe", **to, Attributes=given, ReturnSubscriptionArn=True)["SubscriptionArn"]
        return Made(arn, {"Arn": arn})

    def update(self, aws: Aws, made: Made, p: Properties, old: Properties) -> Made:
        for key in self._attributes:
            if p.get(key) != old.get(key):
                value = _said(p.get(key, {} if key.endswith("Policy") else ""))
                aws(
                    "sns",
                    "SetSubscriptionAttributes",
                    SubscriptionArn=made.ref,
                    AttributeName=key,
                    AttributeValue=value,
                )
        return made

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        aws("sns", "Unsubscribe", SubscriptionArn=made.ref)


class Stream(Resource):
    service, name, longest = "kinesis", "Name", 128
    fixed = ("Name",)
    properties = ("Name", "ShardCount", "StreamModeDetails", "RetentionPeriodHours", "Tags")
    ignored = ("StreamEncryption",)

    def create(self, aws: Aws, p: Properties) -> Made:
        mode = self._mode(p)
        shards = {"ShardCount": p.get("ShardCount", 1)} if mode["StreamMode"] == "PROVISIONED" else {}
        aws("kinesis", "CreateStream", StreamName=p["Name"], StreamModeDetails=mode, **shards)
        self._keep(aws, p, {})
        return Made(p["Name"], {"Arn": aws.arn("kinesis", f"stream/{p['Name']}")})

    def update(self, aws: Aws, made: Made, p: Properties, old: Properties) -> Made:
        mode, arn = self._mode(p), made.attributes["Arn"]
        if mode != self._mode(old):
            aws("kinesis", "UpdateStreamMode", StreamARN=arn, StreamModeDetails=mode)
        if mode["StreamMode"] == "PROVISIONED" and p.get("ShardCount", 1) != old.get("ShardCount", 1):
            shards = {"TargetShardCount": p.get("ShardCount", 1), "ScalingType": "UNIFORM_SCALING"}
            aws("kinesis", "UpdateShardCount", StreamName=made.ref, **shards)
        self._keep(aws, p, old)
        return made

    @staticmethod
    def _mode(p: Properties) -> Properties:
        return p.get("StreamModeDetails") or {"StreamMode": "PROVISIONED" if "ShardCount" in p else "ON_DEMAND"}

    @staticmethod
    def _keep(aws: Aws, p: Properties, old: Properties) -> None:
        hours, before = (int(one.get("RetentionPeriodHours", 24)) for one in (p, old))
        if hours != before:
            verb = "Increase" if hours > before else "Decrease"
            aws("kinesis", f"{verb}StreamRetentionPeriod", StreamName=p["Name"], RetentionPeriodHours=hours)

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


_PARENTS = ("GroupName", "logGroupName", "LogGroupName")


class Plain(Resource):
    """A kind whose properties are the members of one operation: no more to say than the operations' names."""

    def __init__(
        self, service: str, name: str, put: str, remove: str, by: str, ref: str = "", arn: str = "", **more: Any
    ) -> None:
        """`by`: the member that names it to `remove`; `ref`, `arn`: members of the answer, instead of the name.

        more: `change`, the operation that changes it if it is another than `put`, and what is given to it besides.
        """
        self.service, self.name, self.like, self.fixed = service, name, put, (name, *_PARENTS)
        self._name, self._put, self._remove, self._by, self._ref, self._arn = name, put, remove, by, ref, arn
        self._change, self._extra = more.get("change", put), more.get("extra", {})
        self._shown = more.get("shown", ())

    def create(self, aws: Aws, p: Properties) -> Made:
        answer = aws(self.service, self._put, **{key: _json(value, key) for key, value in p.items()})
        ref = answer[self._ref] if self._ref else p[self._name]
        return Made(ref, {"Arn": answer.get(self._arn or self._ref, ref), "Name": p[self._name], **self._told(p)})

    def update(self, aws: Aws, made: Made, p: Properties, old: Properties) -> Made:
        given = {key: _json(value, key) for key, value in without(p, "Tags").items()}
        aws(self.service, self._change, **{**given, self._by: made.ref, **self._extra})
        return Made(made.ref, {**made.attributes, **self._told(p)})

    def _told(self, p: Properties) -> Properties:
        return {key: p[key] for key in self._shown if key in p}

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        parents = {key: p[key] for key in _PARENTS if key in p}
        aws(self.service, self._remove, **{self._by: [made.ref] if self._by == "AlarmNames" else made.ref}, **parents)


def _json(value: Any, key: str) -> Any:
    return json.dumps(value) if key.endswith(("Policy", "PolicyDocument")) and isinstance(value, dict) else value


class Secret(Plain):
    """A secret that is given, or made up by Secrets Manager, alone or as a member of a JSON object."""

    properties = ("GenerateSecretString",)

    def __init__(self) -> None:
        names = ("Name", "CreateSecret", "DeleteSecret", "SecretId")
        super().__init__("secretsmanager", *names, ref="ARN", change="UpdateSecret")

    def create(self, aws: Aws, p: Properties) -> Made:
        return super().create(aws, self._with_value(aws, p, {}))

    def update(self, aws: Aws, made: Made, p: Properties, old: Properties) -> Made:
        return super().update(aws, made, self._with_value(aws, p, old), old)

    @staticmethod
    def _with_value(aws: Aws, p: Properties, old: Properties) -> Properties:
        wanted = p.get("GenerateSecretString")
        if not wanted or wanted == old.get("GenerateSecretString"):
            return without(p, "GenerateSecretString")
        made = aws("secretsmanager", "GetRandomPassword", **wanted)["RandomPassword"]
        if key := wanted.get("GenerateStringKey"):
            made = json.dumps({**json.loads(wanted.get("SecretStringTemplate") or "{}"), key: made})
        return {**without(p, "GenerateSecretString"), "SecretString": made}


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
