"""Requests × policies: what a function with a role may do, from the operation and its parameters to yes or no.

One row is one request under one set of policies. Rows "moto: …" are those that moto itself gets wrong (its resource is
"*" but for four services, its actions are named after operations, most conditions hold always, …).
"""

from __future__ import annotations

from typing import Any

import pytest

from lambda_sandbox.iam import Asked, Caller, access, asked, denied
from lambda_sandbox.iam.actions import Place

ACCOUNT, REGION = "123456789012", "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/thumbnail-role"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/thumbnail-role/thumbnail"
USER = f"arn:aws:iam::{ACCOUNT}:user/ada"
HERE = Place(REGION, ACCOUNT)

TABLE = HERE.arn("dynamodb", "table/orders")
QUEUE = HERE.arn("sqs", "work")
QUEUE_URL = f"http://127.0.0.1:4566/{ACCOUNT}/work"
TOPIC = HERE.arn("sns", "news")
FUNCTION = HERE.arn("lambda", "function:resize")
STREAM = HERE.arn("kinesis", "stream/clicks")
SECRET = HERE.arn("secretsmanager", "secret:db")
GROUP = HERE.arn("logs", "log-group:/aws/lambda/resize:*")
BUCKET = "arn:aws:s3:::pictures"


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {**allow(action, resource, **more), "Effect": "Deny"}


def when(**condition: Any) -> dict[str, Any]:
    """`when(StringEquals={"s3:prefix": "a"})`."""
    return {"Condition": condition}


CAT = {"Bucket": "pictures", "Key": "cats/cat.jpg"}
ITEM = {"TableName": "orders", "Key": {"id": {"S": "1"}}}
PUT_T = {"Put": {"TableName": "orders", "Item": {}}}

Row = tuple[str, list[dict[str, Any]], str, str, dict[str, Any], bool]
ROWS: list[Row] = [
    ("nothing is allowed to a role without policies", [], "s3", "GetObject", CAT, False),
    ("who he is may everybody ask", [], "sts", "GetCallerIdentity", {}, True),
    ("an administrator", [allow("*")], "dynamodb", "PutItem", ITEM, True),
    ("an administrator but for one thing", [allow("*"), deny("s3:DeleteObject")], "s3", "DeleteObject", CAT, False),
    ("a Deny of one table only", [allow("*"), deny("dynamodb:*", TABLE)], "dynamodb", "GetItem",
     {"TableName": "other"}, True),
    # -- S3
    ("an object of the bucket", [allow("s3:GetObject", BUCKET + "/*")], "s3", "GetObject", CAT, True),
    ("the bucket is not its objects", [allow("s3:GetObject", BUCKET)], "s3", "GetObject", CAT, False),
    ("an object of another bucket", [allow("s3:GetObject", BUCKET + "-small/*")], "s3", "GetObject", CAT, False),
    ("objects below a prefix", [allow("s3:GetObject", BUCKET + "/cats/*")], "s3", "GetObject", CAT, True),
    ("objects below another prefix", [allow("s3:GetObject", BUCKET + "/dogs/*")], "s3", "GetObject", CAT, False),
    ("head is get", [allow("s3:GetObject", BUCKET + "/*")], "s3", "HeadObject", CAT, True),
    ("there is no action HeadObject", [allow("s3:HeadObject", BUCKET + "/*")], "s3", "HeadObject", CAT, False),
    ("a version has its own action", [allow("s3:GetObject", BUCKET + "/*")], "s3", "GetObject",
     {**CAT, "VersionId": "1"}, False),
    ("a version with its own action", [allow("s3:GetObjectVersion", BUCKET + "/*")], "s3", "GetObject",
     {**CAT, "VersionId": "1"}, True),
    ("s3:Get*", [allow("s3:Get*", BUCKET + "/*")], "s3", "GetObjectTagging", CAT, True),
    ("reading is not writing", [allow("s3:Get*", BUCKET + "/*")], "s3", "PutObject", CAT, False),
    ("listing is about the bucket", [allow("s3:ListBucket", BUCKET)], "s3", "ListObjectsV2",
     {"Bucket": "pictures"}, True),
    ("listing is not about the objects", [allow("s3:ListBucket", BUCKET + "/*")], "s3", "ListObjectsV2",
     {"Bucket": "pictures"}, False),
    ("there is no action ListObjectsV2", [allow("s3:ListObjectsV2", BUCKET)], "s3", "ListObjectsV2",
     {"Bucket": "pictures"}, False),
    ("a bucket's head is its list", [allow("s3:ListBucket", BUCKET)], "s3", "HeadBucket", {"Bucket": "pictures"}, True),
    ("all buckets", [allow("s3:ListAllMyBuckets")], "s3", "ListBuckets", {}, True),
    ("all buckets, on one bucket", [allow("s3:ListAllMyBuckets", BUCKET)], "s3", "ListBuckets", {}, False),
    ("a list below a prefix", [allow("s3:ListBucket", BUCKET, **when(StringLike={"s3:prefix": "cats/*"}))],
     "s3", "ListObjectsV2", {"Bucket": "pictures", "Prefix": "cats/2026"}, True),
    ("a list below another prefix", [allow("s3:ListBucket", BUCKET, **when(StringLike={"s3:prefix": "cats/*"}))],
     "s3", "ListObjectsV2", {"Bucket": "pictures", "Prefix": "dogs/"}, False),
    ("a list without a prefix", [allow("s3:ListBucket", BUCKET, **when(StringLike={"s3:prefix": "cats/*"}))],
     "s3", "ListObjectsV2", {"Bucket": "pictures"}, False),
    ("a copy reads and writes", [allow("s3:PutObject", BUCKET + "/*")], "s3", "CopyObject",
     {**CAT, "CopySource": "originals/cat.jpg"}, False),
    ("a copy with both", [allow("s3:PutObject", BUCKET + "/*"), allow("s3:GetObject", "arn:aws:s3:::originals/*")],
     "s3", "CopyObject", {**CAT, "CopySource": "originals/cat.jpg"}, True),
    ("tags of a new object need their own action", [allow("s3:PutObject")], "s3", "PutObject",
     {**CAT, "Tagging": "a=b"}, False),
    ("tags of a new object with both", [allow(["s3:PutObject", "s3:PutObjectTagging"])], "s3", "PutObject",
     {**CAT, "Tagging": "a=b"}, True),
    ("a multipart upload is a put", [allow("s3:PutObject", BUCKET + "/*")], "s3", "CreateMultipartUpload", CAT, True),
    ("a part is a put", [allow("s3:PutObject", BUCKET + "/*")], "s3", "UploadPart", CAT, True),
    ("many deletes, all allowed", [allow("s3:DeleteObject", BUCKET + "/cats/*")], "s3", "DeleteObjects",
     {"Bucket": "pictures", "Keys": ["cats/1", "cats/2"]}, True),
    ("many deletes, one not", [allow("s3:DeleteObject", BUCKET + "/cats/*")], "s3", "DeleteObjects",
     {"Bucket": "pictures", "Keys": ["cats/1", "dogs/2"]}, False),
    ("a notification by its name in IAM", [allow("s3:PutBucketNotification", BUCKET)], "s3",
     "PutBucketNotificationConfiguration", {"Bucket": "pictures"}, True),
    ("encryption demanded, and given",
     [allow("s3:PutObject", **when(StringEquals={"s3:x-amz-server-side-encryption": "aws:kms"}))],
     "s3", "PutObject", {**CAT, "ServerSideEncryption": "aws:kms"}, True),
    ("encryption demanded by a Deny",
     [allow("s3:*"), deny("s3:PutObject", **when(Null={"s3:x-amz-server-side-encryption": "true"}))],
     "s3", "PutObject", CAT, False),
    # -- DynamoDB
    ("moto: a table by its ARN", [allow("dynamodb:PutItem", TABLE)], "dynamodb", "PutItem", ITEM, True),
    ("moto: another table", [allow("dynamodb:PutItem", TABLE)], "dynamodb", "PutItem", {"TableName": "other"}, False),
    ("moto: a table by a star", [allow("dynamodb:*", HERE.arn("dynamodb", "table/ord*"))], "dynamodb", "Query",
     ITEM, True),
    ("a table given by its ARN", [allow("dynamodb:GetItem", TABLE)], "dynamodb", "GetItem", {"TableName": TABLE}, True),
    ("a table of another Region", [allow("dynamodb:GetItem", TABLE.replace(REGION, "eu-west-1"))], "dynamodb",
     "GetItem",
     ITEM, False),
    ("an index is not its table", [allow("dynamodb:Query", TABLE)], "dynamodb", "Query",
     {"TableName": "orders", "IndexName": "by-day"}, False),
    ("an index below its table", [allow("dynamodb:Query", TABLE + "/index/*")], "dynamodb", "Query",
     {"TableName": "orders", "IndexName": "by-day"}, True),
    ("a batch of two tables needs both", [allow("dynamodb:BatchWriteItem", TABLE)], "dynamodb", "BatchWriteItem",
     {"RequestItems": {"orders": [], "other": []}}, False),
    ("a batch of one table", [allow("dynamodb:BatchWriteItem", TABLE)], "dynamodb", "BatchWriteItem",
     {"RequestItems": {"orders": []}}, True),
    ("a batch has its own action", [allow("dynamodb:PutItem", TABLE)], "dynamodb", "BatchWriteItem",
     {"RequestItems": {"orders": []}}, False),
    ("a transaction is its steps", [allow("dynamodb:PutItem", TABLE)], "dynamodb", "TransactWriteItems",
     {"TransactItems": [PUT_T]}, True),
    ("a transaction's every step", [allow("dynamodb:PutItem", TABLE)], "dynamodb", "TransactWriteItems",
     {"TransactItems": [PUT_T, {"Delete": {"TableName": "orders"}}]}, False),
    ("a transaction that reads", [allow("dynamodb:GetItem", TABLE)], "dynamodb", "TransactGetItems",
     {"TransactItems": [{"Get": {"TableName": "orders"}}]}, True),
    ("PartiQL by its kind", [allow("dynamodb:PartiQLSelect", TABLE)], "dynamodb", "ExecuteStatement",
     {"Statement": 'SELECT * FROM "orders"'}, True),
    ("PartiQL of another kind", [allow("dynamodb:PartiQLSelect", TABLE)], "dynamodb", "ExecuteStatement",
     {"Statement": "INSERT INTO orders VALUE {'id': '1'}"}, False),
    ("reading a table is not reading its stream", [allow("dynamodb:Get*", TABLE)], "dynamodb", "GetRecords",
     {"ShardIterator": TABLE + "/stream/2031|1|abc"}, False),
    ("a table's stream", [allow("dynamodb:GetRecords", TABLE + "/stream/*")], "dynamodb", "GetRecords",
     {"ShardIterator": TABLE + "/stream/2031|1|abc"}, True),
    ("all tables' names", [allow("dynamodb:ListTables", TABLE)], "dynamodb", "ListTables", {}, False),
    # -- SQS
    ("a queue by its ARN", [allow("sqs:SendMessage", QUEUE)], "sqs", "SendMessage", {"QueueUrl": QUEUE_URL}, True),
    ("another queue", [allow("sqs:SendMessage", QUEUE + "2")], "sqs", "SendMessage", {"QueueUrl": QUEUE_URL}, False),
    ("a batch is a send", [allow("sqs:SendMessage", QUEUE)], "sqs", "SendMessageBatch", {"QueueUrl": QUEUE_URL}, True),
    ("there is no action SendMessageBatch", [allow("sqs:SendMessageBatch", QUEUE)], "sqs", "SendMessageBatch",
     {"QueueUrl": QUEUE_URL}, False),
    ("reading needs ReceiveMessage", [allow("sqs:SendMessage", QUEUE)], "sqs", "ReceiveMessage",
     {"QueueUrl": QUEUE_URL}, False),
    ("a queue's URL by its name", [allow("sqs:GetQueueUrl", QUEUE)], "sqs", "GetQueueUrl", {"QueueName": "work"}, True),
    ("a queue of another account", [allow("sqs:*", HERE.arn("sqs", "*"))], "sqs", "SendMessage",
     {"QueueUrl": QUEUE_URL.replace(ACCOUNT, "210987654321")}, False),
    ("moto: an action in other case", [allow("SQS:sendmessage", QUEUE)], "sqs", "SendMessage", {"QueueUrl": QUEUE_URL},
     True),
    # -- SNS
    ("moto: a topic by its ARN", [allow("sns:Publish", TOPIC)], "sns", "Publish", {"TopicArn": TOPIC}, True),
    ("moto: another topic", [allow("sns:Publish", TOPIC + "2")], "sns", "Publish", {"TopicArn": TOPIC}, False),
    ("a batch is a publish", [allow("sns:Publish", TOPIC)], "sns", "PublishBatch", {"TopicArn": TOPIC}, True),
    ("a text message is no topic", [allow("sns:Publish", TOPIC)], "sns", "Publish", {"PhoneNumber": "+491"}, False),
    ("a subscription belongs to its topic", [allow("sns:Unsubscribe", TOPIC)], "sns", "Unsubscribe",
     {"SubscriptionArn": TOPIC + ":8d0c"}, True),
    ("only subscriptions by queue", [allow("sns:Subscribe", TOPIC, **when(StringEquals={"sns:Protocol": "sqs"}))],
     "sns", "Subscribe", {"TopicArn": TOPIC, "Protocol": "lambda"}, False),
    # -- Lambda
    ("moto: a function calls a function", [allow("lambda:InvokeFunction", FUNCTION)], "lambda", "Invoke",
     {"FunctionName": "resize"}, True),
    ("moto: there is no action Invoke", [allow("lambda:Invoke", FUNCTION)], "lambda", "Invoke",
     {"FunctionName": "resize"}, False),
    ("moto: another function", [allow("lambda:InvokeFunction", FUNCTION)], "lambda", "Invoke",
     {"FunctionName": "other"}, False),
    ("a function given by its ARN", [allow("lambda:InvokeFunction", FUNCTION)], "lambda", "Invoke",
     {"FunctionName": FUNCTION}, True),
    ("a function given by half an ARN", [allow("lambda:InvokeFunction", FUNCTION)], "lambda", "Invoke",
     {"FunctionName": f"{ACCOUNT}:function:resize"}, True),
    ("a function whose name ends so", [allow("lambda:InvokeFunction", HERE.arn("lambda", "function:my-function"))],
     "lambda", "Invoke", {"FunctionName": "my-function"}, True),
    ("an alias is not its function", [allow("lambda:InvokeFunction", FUNCTION)], "lambda", "Invoke",
     {"FunctionName": "resize", "Qualifier": "prod"}, False),
    ("an alias by its ARN", [allow("lambda:InvokeFunction", FUNCTION + ":prod")], "lambda", "Invoke",
     {"FunctionName": "resize:prod"}, True),
    ("all of a function's versions", [allow("lambda:InvokeFunction", FUNCTION + ":*")], "lambda", "Invoke",
     {"FunctionName": "resize", "Qualifier": "3"}, True),
    ("a stream of an answer is an invocation", [allow("lambda:InvokeFunction", FUNCTION)], "lambda",
     "InvokeWithResponseStream", {"FunctionName": "resize"}, True),
    ("a new function needs its role passed", [allow("lambda:*")], "lambda", "CreateFunction",
     {"FunctionName": "new", "Role": ROLE}, False),
    ("a new function with its role passed", [allow("lambda:*"), allow("iam:PassRole", ROLE)], "lambda",
     "CreateFunction",
     {"FunctionName": "new", "Role": ROLE}, True),
    ("a role passed to Lambda only",
     [allow("lambda:*"), allow("iam:PassRole",
     ROLE, **when(StringEquals={"iam:PassedToService": "ec2.amazonaws.com"}))],
     "lambda", "CreateFunction", {"FunctionName": "new", "Role": ROLE}, False),
    ("an update that keeps the role passes none", [allow("lambda:UpdateFunctionConfiguration", FUNCTION)], "lambda",
     "UpdateFunctionConfiguration", {"FunctionName": "resize"}, True),
    ("a layer's version", [allow("lambda:GetLayerVersion", HERE.arn("lambda", "layer:pillow:*"))], "lambda",
     "GetLayerVersion", {"LayerName": "pillow", "VersionNumber": "2"}, True),
    # -- Logs
    ("a log stream in a function's group", [allow("logs:PutLogEvents", GROUP)], "logs", "PutLogEvents",
     {"logGroupName": "/aws/lambda/resize", "logStreamName": "2031/01/01/[$LATEST]ab"}, True),
    ("a log stream in another group", [allow("logs:PutLogEvents", GROUP)], "logs", "PutLogEvents",
     {"logGroupName": "/aws/lambda/other", "logStreamName": "s"}, False),
    ("a new group of the account", [allow("logs:CreateLogGroup", HERE.arn("logs", "*"))], "logs", "CreateLogGroup",
     {"logGroupName": "/aws/lambda/resize"}, True),
    ("a group by its ARN", [allow("logs:FilterLogEvents", GROUP)], "logs", "FilterLogEvents",
     {"logGroupIdentifier": HERE.arn("logs", "log-group:/aws/lambda/resize")}, True),
    # -- Kinesis, EventBridge
    ("moto: a stream by its ARN", [allow("kinesis:PutRecord", STREAM)], "kinesis", "PutRecord",
     {"StreamName": "clicks"}, True),
    ("moto: another stream", [allow("kinesis:PutRecord", STREAM)], "kinesis", "PutRecord",
     {"StreamName": "other"}, False),
    ("a stream given by its ARN", [allow("kinesis:PutRecords", STREAM)], "kinesis", "PutRecords",
     {"StreamARN": STREAM}, True),
    ("the stream of an iterator", [allow("kinesis:GetRecords", STREAM)], "kinesis", "GetRecords",
     {"ShardIterator": "Y2xpY2tzOnNoYXJkSWQtMDAwMDAwMDAwMDAwOjA="}, True),
    ("moto: the default bus", [allow("events:PutEvents", HERE.arn("events", "event-bus/default"))], "events",
     "PutEvents",
     {"Entries": [{"Source": "shop"}]}, True),
    ("moto: another bus", [allow("events:PutEvents", HERE.arn("events", "event-bus/default"))], "events", "PutEvents",
     {"Entries": [{"Source": "shop"}, {"EventBusName": "orders"}]}, False),
    ("events of one source", [allow("events:PutEvents", **when(StringEquals={"events:source": "shop"}))], "events",
     "PutEvents", {"Entries": [{"Source": "shop"}, {"Source": "bank"}]}, False),
    ("a rule of the default bus", [allow("events:PutRule", HERE.arn("events", "rule/nightly"))], "events", "PutRule",
     {"Name": "nightly"}, True),
    ("a rule of another bus", [allow("events:PutTargets", HERE.arn("events", "rule/orders/nightly"))], "events",
     "PutTargets", {"Rule": "nightly", "EventBusName": "orders"}, True),
    ("a repository of images", [allow("ecr:PutImage", HERE.arn("ecr", "repository/till"))], "ecr", "PutImage",
     {"repositoryName": "till", "imageTag": "1"}, True),
    ("repositories, one of them another", [allow("ecr:*", HERE.arn("ecr", "repository/till"))], "ecr",
     "DescribeRepositories", {"repositoryNames": ["till", "shop"]}, False),
    # -- Secrets, parameters, metrics, sessions
    ("moto: a secret by its ARN", [allow("secretsmanager:GetSecretValue", SECRET)], "secretsmanager", "GetSecretValue",
     {"SecretId": SECRET}, True),
    ("moto: another secret", [allow("secretsmanager:GetSecretValue", SECRET)], "secretsmanager", "GetSecretValue",
     {"SecretId": "other"}, False),
    ("moto: a parameter by its path", [allow("ssm:GetParameter", HERE.arn("ssm", "parameter/shop/*"))], "ssm",
     "GetParameter", {"Name": "/shop/db"}, True),
    ("moto: a parameter of another path", [allow("ssm:GetParameter", HERE.arn("ssm", "parameter/shop/*"))], "ssm",
     "GetParameter", {"Name": "/bank/db"}, False),
    ("many parameters need all", [allow("ssm:GetParameters", HERE.arn("ssm", "parameter/shop/*"))], "ssm",
     "GetParameters", {"Names": ["/shop/db", "/bank/db"]}, False),
    ("one parameter's action is not that of many", [allow("ssm:GetParameter")], "ssm", "GetParameters",
     {"Names": ["/shop/db"]}, False),
    ("moto: metrics by their name in IAM", [allow("cloudwatch:PutMetricData")], "monitoring", "PutMetricData",
     {"Namespace": "Shop"}, True),
    ("moto: metrics of one namespace",
     [allow("cloudwatch:PutMetricData", **when(StringEquals={"cloudwatch:namespace": "Shop"}))],
     "monitoring", "PutMetricData", {"Namespace": "Bank"}, False),
    ("an alarm by its ARN", [allow("cloudwatch:PutMetricAlarm", HERE.arn("cloudwatch", "alarm:late"))], "monitoring",
     "PutMetricAlarm", {"AlarmName": "late"}, True),
    ("a role by its name", [allow("iam:GetRole", f"arn:aws:iam::{ACCOUNT}:role/thumbnail-role")], "iam", "GetRole",
     {"RoleName": "thumbnail-role"}, True),
    ("a role that trusts nobody known", [allow("sts:AssumeRole")], "sts", "AssumeRole", {"RoleArn": ROLE}, False),
    ("API Gateway's actions are methods", [allow("apigateway:GET", "arn:aws:apigateway:us-east-1::/restapis*")],
     "apigateway", "GET", {"path": "/restapis"}, True),
    ("an ARN among the parameters of any service", [allow("states:StartExecution", HERE.arn("states",
     "stateMachine:m"))],
     "states", "StartExecution", {"stateMachineArn": HERE.arn("states", "stateMachine:m")}, True),
    ("a stack by its name", [allow("cloudformation:*", HERE.arn("cloudformation", "stack/shop/*"))], "cloudformation",
     "CreateStack", {"StackName": "shop"}, True),
    ("another stack", [allow("cloudformation:*", HERE.arn("cloudformation", "stack/shop/*"))], "cloudformation",
     "DeleteStack", {"StackName": "bank"}, False),
    ("a schedule by its group and name, with its role passed",
     [allow("scheduler:CreateSchedule", HERE.arn("scheduler", "schedule/default/reminder-*")),
      allow("iam:PassRole", ROLE)],
     "scheduler", "CreateSchedule", {"Name": "reminder-1", "Target": {"Arn": FUNCTION, "RoleArn": ROLE}}, True),
    ("a schedule needs its role passed", [allow("scheduler:*")],
     "scheduler", "CreateSchedule", {"Name": "reminder-1", "Target": {"Arn": FUNCTION, "RoleArn": ROLE}}, False),
    ("a schedule of another group", [allow("scheduler:*", HERE.arn("scheduler", "schedule/default/*"))],
     "scheduler", "DeleteSchedule", {"Name": "reminder-1", "GroupName": "late"}, False),
    ("a state machine needs its role passed", [allow("states:*")],
     "states", "CreateStateMachine", {"name": "m", "roleArn": ROLE}, False),
    ("no ARN among the parameters", [allow("xray:PutTraceSegments")], "xray", "PutTraceSegments", {}, True),
    # -- statements
    ("NotAction", [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], "s3", "PutObject", CAT, True),
    ("NotAction of this", [{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}], "s3", "PutObject", CAT, False),
    ("moto: NotResource", [{"Effect": "Allow", "Action": "s3:*", "NotResource": BUCKET + "/*"}], "s3", "GetObject", CAT,
     False),
    ("moto: NotResource of another", [{"Effect": "Deny", "Action": "*", "NotResource": BUCKET + "/*"}, allow("s3:*")],
     "s3", "GetObject", CAT, True),
    ("moto: a question mark", [allow("s3:GetObjec?", BUCKET + "/cats/???.jpg")], "s3", "GetObject", CAT, True),
    ("moto: a dot is a dot", [allow("s3:GetObject", BUCKET + "/cats/cat.jpg")], "s3", "GetObject",
     {"Bucket": "pictures", "Key": "cats/catXjpg"}, False),
    ("moto: an address elsewhere", [allow("s3:*", **when(IpAddress={"aws:SourceIp": "10.0.0.0/8"}))], "s3", "GetObject",
     CAT, False),
    ("moto: a time that is over", [allow("s3:*", **when(DateLessThan={"aws:CurrentTime": "2020-01-01T00:00:00Z"}))],
     "s3",
     "GetObject", CAT, False),
    ("moto: StringNotEquals", [allow("s3:*", **when(StringNotEquals={"aws:RequestedRegion": REGION}))], "s3",
     "GetObject",
     CAT, False),
    ("moto: Bool", [allow("s3:*"), deny("*", **when(Bool={"aws:SecureTransport": "false"}))], "s3", "GetObject",
     CAT, True),
    ("moto: a number", [allow("s3:ListBucket", BUCKET, **when(NumericLessThanEquals={"s3:max-keys": "10"}))], "s3",
     "ListObjectsV2", {"Bucket": "pictures", "MaxKeys": "100"}, False),
    ("moto: ArnLike", [allow("s3:*", **when(ArnLike={"aws:PrincipalArn": ROLE + "*"}))], "s3", "GetObject", CAT, True),
    ("a tag of the role", [allow("s3:*", **when(StringEquals={"aws:PrincipalTag/team": "art"}))], "s3", "GetObject",
     CAT,
     True),
    ("a variable", [allow("s3:*", BUCKET + "/${aws:PrincipalTag/team}/*")], "s3", "GetObject", CAT, False),
]  # fmt: skip

CONTEXT = {
    "aws:PrincipalArn": ROLE,
    "aws:PrincipalTag/team": "art",
    "aws:SourceIp": "127.0.0.1",
    "aws:CurrentTime": "2031-01-01T00:00:00Z",
    "aws:RequestedRegion": REGION,
    "aws:SecureTransport": True,
}


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_a_role_may(row: Row) -> None:
    _, statements, service, operation, given, expected = row
    caller = Caller(SESSION, statements, context=CONTEXT)
    needs = asked(service, operation, given, region=REGION, account=ACCOUNT)
    assert all(access(one, caller) for one in needs) is expected, needs


# -- several policies

GET = Asked("s3:GetObject", BUCKET + "/cat.jpg")
YES, NO, QUEUES = [allow("s3:*")], [deny("s3:*")], [allow("sqs:*")]


def bucket(effect: str, principal: Any, **more: Any) -> list[dict[str, Any]]:
    return [{"Effect": effect, "Principal": principal, "Action": "s3:*", "Resource": BUCKET + "/*", **more}]


NOT_ALLOWED = "because no {} allows the s3:GetObject action"
DENIED = "with an explicit deny in a{}"


@pytest.mark.parametrize(
    ("caller", "resource", "because"),
    [
        (Caller(SESSION, YES), [], ""),
        (Caller(SESSION), [], NOT_ALLOWED.format("identity-based policy")),
        (Caller(SESSION, [*YES, *NO]), [], DENIED.format("n identity-based policy")),
        (Caller(SESSION), bucket("Allow", {"AWS": ROLE}), ""),
        (Caller(SESSION), bucket("Allow", {"AWS": SESSION}), ""),
        (Caller(SESSION), bucket("Allow", "*"), ""),
        (Caller(SESSION), bucket("Allow", {"AWS": ROLE + "2"}), NOT_ALLOWED.format("identity-based policy")),
        (Caller(SESSION), bucket("Allow", {"AWS": ACCOUNT}), NOT_ALLOWED.format("identity-based policy")),
        (Caller(SESSION, YES), bucket("Allow", {"AWS": ACCOUNT}), ""),
        (Caller(SESSION, YES), bucket("Deny", {"AWS": ROLE}), DENIED.format(" resource-based policy")),
        (Caller(SESSION, YES), bucket("Deny", {"AWS": ROLE + "2"}), ""),
        (
            Caller(SESSION, YES, context=CONTEXT),
            bucket("Deny", "*", **when(Bool={"aws:SecureTransport": "false"})),
            "",
        ),
        (Caller(SESSION, YES, boundary=YES), [], ""),
        (Caller(SESSION, YES, boundary=[allow("sqs:*")]), [], NOT_ALLOWED.format("permissions boundary")),
        (Caller(SESSION, YES, boundary=NO), [], DENIED.format(" permissions boundary")),
        (Caller(SESSION, [], boundary=YES), [], NOT_ALLOWED.format("identity-based policy")),
        (Caller(SESSION, YES, session=[allow("sqs:*")]), [], NOT_ALLOWED.format("session policy")),
        (Caller(SESSION, YES, session=NO), [], DENIED.format(" session policy")),
        (Caller(SESSION, YES, session=YES), [], ""),
        # who is named himself needs no more; a role is named for all its sessions
        (Caller(USER, boundary=[allow("sqs:*")]), bucket("Allow", {"AWS": USER}), ""),
        (Caller(USER, boundary=NO), bucket("Allow", {"AWS": USER}), DENIED.format(" permissions boundary")),
        (Caller(SESSION, session=QUEUES), bucket("Allow", {"AWS": [SESSION]}), ""),
        (Caller(SESSION, session=QUEUES), bucket("Allow", {"AWS": ROLE}), NOT_ALLOWED.format("session policy")),
        (Caller(SESSION, session=QUEUES), bucket("Allow", "*"), NOT_ALLOWED.format("session policy")),
    ],
)  # fmt: skip
def test_the_policies_of_all_sides_are_asked(caller: Caller, resource: list[dict[str, Any]], because: str) -> None:
    decision = access(GET, caller, resource)
    assert decision.allowed is (because == "")
    if because:
        assert decision.because == because


ASSUME = Asked("sts:AssumeRole", ROLE)


@pytest.mark.parametrize(
    ("identity", "trusted", "expected"),
    [
        ([allow("sts:AssumeRole")], {"AWS": ACCOUNT}, True),
        ([], {"AWS": ACCOUNT}, False),
        ([], {"AWS": SESSION}, True),
        ([allow("*")], {"Service": "lambda.amazonaws.com"}, False),
        ([deny("sts:*")], {"AWS": SESSION}, False),
    ],
    ids=["the account trusts, the policy allows", "the account trusts only", "the role itself is trusted",
         "somebody else is trusted", "a Deny wins"],
)  # fmt: skip
def test_a_role_is_assumed_by_whom_it_trusts(identity: list[dict[str, Any]], trusted: Any, expected: bool) -> None:
    trust = [{"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}]
    assert access(ASSUME, Caller(SESSION, identity), trust).allowed is expected


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (GET, f's3:GetObject on resource: "{BUCKET}/cat.jpg" because no identity-based policy allows the s3:GetObject'),
        (Asked("sqs:SendMessage", QUEUE),
         f"sqs:sendmessage on resource: {QUEUE} because no identity-based policy allows the sqs:sendmessage"),
        (Asked("sns:Publish", TOPIC),
         f"SNS:Publish on resource: {TOPIC} because no identity-based policy allows the SNS:Publish"),
        (Asked("cloudwatch:PutMetricData", "*"),
         "cloudwatch:PutMetricData because no identity-based policy allows the cloudwatch:PutMetricData"),
        (Asked("dynamodb:PutItem", TABLE),
         f"dynamodb:PutItem on resource: {TABLE} because no identity-based policy allows the dynamodb:PutItem"),
    ],
    ids=["S3 quotes", "SQS whispers", "SNS shouts", "CloudWatch names no resource", "the others"],
)  # fmt: skip
def test_a_refusal_says_who_what_and_why(one: Asked, said: str) -> None:
    caller = Caller(SESSION)
    assert denied(SESSION, one, access(one, caller)) == f"User: {SESSION} is not authorized to perform: {said} action"
