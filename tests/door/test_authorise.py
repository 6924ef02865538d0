"""Requests of roles and users through the port: refused in AWS's words, in the protocol of each service."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from lambda_sandbox import Sandbox

ACCOUNT = "123456789012"
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
CALLS = """
import boto3
def handler(event, context):
    try:
        getattr(boto3.client(event["service"]), event["operation"])(**event["arguments"])
        return "done"
    except Exception as error:
        return str(error)
"""
Client = Callable[[str], Any]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock="virtual", seed=1) as running:
        s3, sqs = running.client("s3"), running.client("sqs")
        s3.create_bucket(Bucket="pictures")
        s3.put_object(Bucket="pictures", Key="cat.jpg", Body=b"miaow")
        sqs.create_queue(QueueName="work")
        running.client("sns").create_topic(Name="news")
        running.client("secretsmanager").create_secret(Name="db", SecretString="hush")
        yield running


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


@pytest.fixture
def role(sandbox: Sandbox) -> Iterator[str]:
    """A fresh role without policies that the account may assume."""
    iam, name = sandbox.client("iam"), "thumbnail-role"
    trust = document(TRUST, {**TRUST, "Principal": {"AWS": ACCOUNT}})
    yield iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    for attached in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=attached["PolicyArn"])
    iam.delete_role(RoleName=name)


def with_keys(sandbox: Sandbox, access_key: str, secret: str, token: str | None = None) -> Client:
    session = boto3.session.Session(access_key, secret, token, region_name="us-east-1")
    config = Config(retries={"total_max_attempts": 1})
    return lambda service: session.client(service, endpoint_url=sandbox.endpoint_url, config=config)


def assumed(sandbox: Sandbox, role: str, **options: Any) -> Client:
    made = sandbox.client("sts").assume_role(RoleArn=role, RoleSessionName="thumbnail", **options)["Credentials"]
    return with_keys(sandbox, made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])


def grant(sandbox: Sandbox, *statements: dict[str, Any]) -> None:
    sandbox.client("iam").put_role_policy(
        RoleName="thumbnail-role", PolicyName="p", PolicyDocument=document(*statements)
    )


def refused(call: Callable[..., Any], **arguments: Any) -> tuple[str, int, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Message"]


QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:work"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:news"


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "code", "status", "what"),
    [
        ("s3", "get_object", {"Bucket": "pictures", "Key": "cat.jpg"}, "AccessDenied", 403,
         's3:GetObject on resource: "arn:aws:s3:::pictures/cat.jpg"'),
        ("s3", "list_objects_v2", {"Bucket": "pictures"}, "AccessDenied", 403,
         's3:ListBucket on resource: "arn:aws:s3:::pictures"'),
        ("s3", "put_object_tagging", {"Bucket": "pictures", "Key": "cat.jpg", "Tagging": {"TagSet": []}},
         "AccessDenied", 403, 's3:PutObjectTagging on resource: "arn:aws:s3:::pictures/cat.jpg"'),
        ("s3", "upload_part", {"Bucket": "pictures", "Key": "a b", "UploadId": "u", "PartNumber": 1}, "AccessDenied",
         403, 's3:PutObject on resource: "arn:aws:s3:::pictures/a b"'),
        ("s3", "copy_object", {"Bucket": "pictures", "Key": "k", "CopySource": "other/a b"}, "AccessDenied", 403,
         's3:GetObject on resource: "arn:aws:s3:::other/a b"'),
        ("s3", "delete_objects", {"Bucket": "pictures", "Delete": {"Objects": [{"Key": "a&b"}]}}, "AccessDenied", 403,
         's3:DeleteObject on resource: "arn:aws:s3:::pictures/a&b"'),
        ("dynamodb", "put_item", {"TableName": "orders", "Item": {}}, "AccessDeniedException", 400,
         f"dynamodb:PutItem on resource: arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/orders"),
        ("sqs", "send_message", {"QueueUrl": f"http://127.0.0.1/{ACCOUNT}/work", "MessageBody": "x"}, "AccessDenied",
         403, f"sqs:sendmessage on resource: {QUEUE}"),
        ("sns", "publish", {"TopicArn": TOPIC, "Message": "x"}, "AuthorizationError", 403,
         f"SNS:Publish on resource: {TOPIC}"),
        ("lambda", "invoke", {"FunctionName": "resize", "Qualifier": "prod"}, "AccessDeniedException", 403,
         f"lambda:InvokeFunction on resource: arn:aws:lambda:us-east-1:{ACCOUNT}:function:resize:prod"),
        ("lambda", "list_functions", {}, "AccessDeniedException", 403, "lambda:ListFunctions on resource: *"),
        ("logs", "create_log_group", {"logGroupName": "/mine"}, "AccessDeniedException", 400,
         f"logs:CreateLogGroup on resource: arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/mine:log-stream:"),
        ("kinesis", "put_record", {"StreamName": "s", "Data": b"x", "PartitionKey": "p"}, "AccessDeniedException", 400,
         f"kinesis:PutRecord on resource: arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/s"),
        ("events", "put_events", {"Entries": [{"Source": "a"}]}, "AccessDeniedException", 400,
         f"events:PutEvents on resource: arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default"),
        ("secretsmanager", "get_secret_value", {"SecretId": "db"}, "AccessDeniedException", 400,
         f"secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:db"),
        ("ssm", "get_parameter", {"Name": "/shop/db"}, "AccessDeniedException", 400,
         f"ssm:GetParameter on resource: arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/shop/db"),
        ("cloudwatch", "put_metric_data", {"Namespace": "Shop", "MetricData": [{"MetricName": "m", "Value": 1}]},
         "AccessDenied", 403, "cloudwatch:PutMetricData"),
        ("iam", "list_roles", {}, "AccessDenied", 403, "iam:ListRoles on resource: *"),
        ("scheduler", "list_schedules", {}, "AccessDeniedException", 403, "scheduler:ListSchedules on resource: *"),
        ("apigateway", "get_rest_apis", {}, "AccessDeniedException", 403,
         "apigateway:GET on resource: arn:aws:apigateway:us-east-1::/restapis"),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value else "",
)  # fmt: skip
def test_what_no_policy_allows_is_refused_in_the_words_of_the_service(
    sandbox: Sandbox, role: str, service: str, operation: str, arguments: Any, code: str, status: int, what: str
) -> None:
    client = assumed(sandbox, role)(service)
    action = what.partition(" ")[0]
    assert refused(getattr(client, operation), **arguments) == (
        code,
        status,
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/thumbnail-role/thumbnail is not authorized to perform: {what} "
        f"because no identity-based policy allows the {action} action",
    )
    grant(sandbox, allow([action, "s3:PutObject"]))
    with suppress(client.exceptions.ClientError):
        getattr(client, operation)(**arguments)
        return
    assert "not authorized" not in refused(getattr(client, operation), **arguments)[2]  # but not there, or garbage


def test_a_head_request_is_refused_without_a_word(sandbox: Sandbox, role: str) -> None:
    assert refused(assumed(sandbox, role)("s3").head_object, Bucket="pictures", Key="cat.jpg") == (
        "403",
        403,
        "Forbidden",
    )


def test_who_may_not_list_a_bucket_is_not_told_what_is_missing(sandbox: Sandbox, role: str) -> None:
    s3 = assumed(sandbox, role)("s3")
    grant(sandbox, allow("s3:GetObject", "arn:aws:s3:::pictures/*"))
    assert s3.get_object(Bucket="pictures", Key="cat.jpg")["Body"].read() == b"miaow"
    assert "s3:ListBucket" in refused(s3.get_object, Bucket="pictures", Key="dog.jpg")[2]
    grant(sandbox, allow("s3:*", ["arn:aws:s3:::pictures", "arn:aws:s3:::pictures/*"]))
    assert refused(s3.get_object, Bucket="pictures", Key="dog.jpg")[0] == "NoSuchKey"


def test_a_resource_s_own_policy_lets_in_and_keeps_out(sandbox: Sandbox, role: str) -> None:
    session = assumed(sandbox, role)
    s3, sqs = session("s3"), session("sqs")
    mine = {"Principal": {"AWS": role}}
    admin = sandbox.client("s3")
    admin.put_bucket_policy(
        Bucket="pictures", Policy=document(allow("s3:GetObject", "arn:aws:s3:::pictures/*", **mine))
    )
    assert s3.get_object(Bucket="pictures", Key="cat.jpg")["Body"].read() == b"miaow"
    grant(sandbox, allow("*"))
    denies = {**allow("s3:PutObject", "arn:aws:s3:::pictures/*", **mine), "Effect": "Deny"}
    admin.put_bucket_policy(Bucket="pictures", Policy=document(denies))
    said = refused(s3.put_object, Bucket="pictures", Key="k", Body=b"")[2]
    assert said.endswith('"arn:aws:s3:::pictures/k" with an explicit deny in a resource-based policy')
    admin.put_object(Bucket="pictures", Key="k", Body=b"")  # the Deny is about the role
    admin.delete_bucket_policy(Bucket="pictures")
    grant(sandbox, allow("sns:Publish"))
    url = sandbox.client("sqs").get_queue_url(QueueName="work")["QueueUrl"]
    policy = document(allow("sqs:SendMessage", QUEUE, **mine))
    sandbox.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    sqs.send_message(QueueUrl=url, MessageBody="x")
    assert refused(sqs.receive_message, QueueUrl=url)[0] == "AccessDenied"


MINE = {"Principal": {"AWS": ACCOUNT}}


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ("[]", "Policies must be valid JSON and the first byte must be '{'"),
        ('{"Statement": ' + "[" * 9000, "This policy contains invalid Json"),
        ('{"Version": "2012-10-17"}', "Missing required field Statement"),
        (document(), "Could not parse the policy: Statement is empty!"),
        ('{"Statement": ["Allow"]}', "This policy contains invalid Json"),
        (document(allow("s3:GetObject", "arn:aws:s3:::pictures/*")), "Missing required field Principal"),
        (document(allow("s3:GetObject", "arn:aws:s3:::others/*", **MINE)), "Policy has invalid resource"),
        (document(allow("s3:GetObject", "pictures/*", **MINE)), "Policy has invalid resource"),
        (document(allow(["s3:ListBucket", "s3:GetObject"], "arn:aws:s3:::pictures", **MINE)),
         "Action does not apply to any resource(s) in statement"),
        (document(allow("s3:ListBucket", "arn:aws:s3:::pictures/*", **MINE)),
         "Action does not apply to any resource(s) in statement"),
    ],
)  # fmt: skip
def test_s3_looks_at_a_bucket_s_policy(sandbox: Sandbox, policy: str, said: str) -> None:
    s3 = sandbox.client("s3")
    assert refused(s3.put_bucket_policy, Bucket="pictures", Policy=policy) == ("MalformedPolicy", 400, said)
    for action, resource in (("s3:*", "arn:aws:s3:::pictures"), ("s3:Get*", "arn:aws:s3:::pictures*"), ("s3:*", "*")):
        s3.put_bucket_policy(Bucket="pictures", Policy=document(allow(action, resource, **MINE)))
    s3.delete_bucket_policy(Bucket="pictures")


def test_managed_policies_boundaries_and_session_policies_are_read(sandbox: Sandbox, role: str) -> None:
    iam = sandbox.client("iam")
    s3 = assumed(sandbox, role)("s3")
    iam.attach_role_policy(RoleName="thumbnail-role", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    s3.get_object(Bucket="pictures", Key="cat.jpg")
    assert refused(s3.put_object, Bucket="pictures", Key="k")[0] == "AccessDenied"
    narrow = assumed(sandbox, role, Policy=document(allow("s3:ListBucket")))("s3")
    narrow.list_objects_v2(Bucket="pictures")
    assert "no session policy allows" in refused(narrow.get_object, Bucket="pictures", Key="cat.jpg")[2]
    boundary = iam.create_policy(PolicyName="only-sqs", PolicyDocument=document(allow("sqs:*")))["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName="thumbnail-role", PermissionsBoundary=boundary)
    assert "no permissions boundary allows" in refused(s3.get_object, Bucket="pictures", Key="cat.jpg")[2]
    iam.create_policy_version(PolicyArn=boundary, PolicyDocument=document(allow("*")), SetAsDefault=True)
    s3.get_object(Bucket="pictures", Key="cat.jpg")


def test_a_secret_is_known_by_its_whole_arn(sandbox: Sandbox, role: str) -> None:
    secrets = assumed(sandbox, role)("secretsmanager")
    arn = sandbox.client("secretsmanager").describe_secret(SecretId="db")["ARN"]
    for pattern, said in ((arn, None), (arn[:-6] + "??????", None), (arn[:-7], "AccessDeniedException")):
        grant(sandbox, allow("secretsmanager:GetSecretValue", pattern))
        if said is None:
            assert secrets.get_secret_value(SecretId="db")["SecretString"] == "hush"
        else:
            assert refused(secrets.get_secret_value, SecretId="db")[0] == said


def test_a_session_ends(sandbox: Sandbox, role: str) -> None:
    session = assumed(sandbox, role, DurationSeconds=900)
    sandbox.clock.advance(seconds=901)
    assert refused(session("s3").list_buckets)[0] == "ExpiredToken"
    assert refused(session("dynamodb").list_tables)[:2] == ("ExpiredTokenException", 400)
    assert refused(session("lambda").list_functions)[:2] == ("ExpiredTokenException", 403)
    assert refused(session("sts").get_caller_identity)[:2] == ("ExpiredToken", 403)


def test_a_user_has_his_own_policies_and_those_of_his_groups(sandbox: Sandbox) -> None:
    iam = sandbox.client("iam")
    iam.create_user(UserName="ada")
    made = iam.create_access_key(UserName="ada")["AccessKey"]
    ada = with_keys(sandbox, made["AccessKeyId"], made["SecretAccessKey"])
    said = refused(ada("s3").list_buckets)[2]
    assert said.startswith(f"User: arn:aws:iam::{ACCOUNT}:user/ada is not authorized to perform: s3:ListAllMyBuckets")
    iam.create_group(GroupName="readers")
    iam.attach_group_policy(GroupName="readers", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    iam.add_user_to_group(GroupName="readers", UserName="ada")
    ada("s3").list_buckets()
    variable = "arn:aws:s3:::pictures/${aws:username}/*"
    iam.put_user_policy(UserName="ada", PolicyName="home", PolicyDocument=document(allow("s3:PutObject", variable)))
    ada("s3").put_object(Bucket="pictures", Key="ada/x")
    assert refused(ada("s3").put_object, Bucket="pictures", Key="bob/x")[0] == "AccessDenied"
    iam.delete_access_key(UserName="ada", AccessKeyId=made["AccessKeyId"])
    assert refused(ada("s3").list_buckets)[0] == "InvalidAccessKeyId"
    assert refused(ada("dynamodb").list_tables)[0] == "UnrecognizedClientException"


def test_a_role_that_is_gone_may_nothing(sandbox: Sandbox) -> None:
    iam = sandbox.client("iam")
    trust = document({**TRUST, "Principal": {"AWS": ACCOUNT}})
    made = iam.create_role(RoleName="gone", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName="gone", PolicyName="p", PolicyDocument=document(allow("*")))
    session = assumed(sandbox, made)
    session("s3").list_buckets()
    iam.delete_role_policy(RoleName="gone", PolicyName="p")
    iam.delete_role(RoleName="gone")
    assert refused(session("s3").list_buckets)[0] == "AccessDenied"


def test_roles_are_assumed_by_whom_they_trust_the_learner_too_and_in_a_circle(sandbox: Sandbox, role: str) -> None:
    iam, sts = sandbox.client("iam"), sandbox.client("sts")
    other = role.replace("thumbnail", "other")

    def trusted_by(*arns: str) -> str:
        return document(*({**TRUST, "Principal": {"AWS": arn}} for arn in arns))

    named = {"RoleArn": other, "RoleSessionName": "other"}
    said = (
        f"User: arn:aws:iam::{ACCOUNT}:user/learner is not authorized to perform: sts:AssumeRole on resource: {other}"
    )
    assert refused(sts.assume_role, **named) == ("AccessDenied", 403, said)  # there is no such role
    iam.create_role(RoleName="other-role", AssumeRolePolicyDocument=trusted_by(role))
    assert refused(sts.assume_role, **named) == ("AccessDenied", 403, said)
    longer = {"RoleArn": role, "RoleSessionName": "long", "DurationSeconds": 3601}
    said = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    assert refused(sts.assume_role, **longer) == ("ValidationError", 400, said)
    iam.update_role(RoleName="thumbnail-role", MaxSessionDuration=7200)
    sts.assume_role(**longer)

    iam.update_assume_role_policy(RoleName="thumbnail-role", PolicyDocument=trusted_by(ACCOUNT, other))
    for name in ("thumbnail-role", "other-role"):
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document(allow("sts:AssumeRole")))
    client = assumed(sandbox, role)
    for arn in (other, role, other, role):
        made = client("sts").assume_role(RoleArn=arn, RoleSessionName="round")["Credentials"]
        client = with_keys(sandbox, made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])
    assert client("sts").get_caller_identity()["Arn"].endswith("assumed-role/thumbnail-role/round")
    assert "role chaining" in refused(client("sts").assume_role, DurationSeconds=3601, **named)[2]
    assert refused(client("s3").list_buckets)[0] == "AccessDenied"


REMOVES_ITS_ROLE = """
import json, boto3
lambda_, s3 = boto3.client("lambda"), boto3.client("s3")
def handler(event, context):
    if event == "remove":
        s3.list_buckets()
        assert "FunctionError" not in lambda_.invoke(FunctionName="remover")
    try:
        s3.list_buckets()
        return "done"
    except Exception as error:
        return str(error)
"""
REMOVER = """
import boto3
iam = boto3.client("iam")
def handler(event, context):
    iam.delete_role_policy(RoleName="brief", PolicyName="p")
    iam.delete_role(RoleName="brief")
"""


def test_a_role_deleted_while_its_function_runs_takes_its_rights_and_nothing_else(sandbox: Sandbox) -> None:
    iam, lambda_ = sandbox.client("iam"), sandbox.client("lambda")
    made = iam.create_role(RoleName="brief", AssumeRolePolicyDocument=document(TRUST))["Role"]["Arn"]
    iam.put_role_policy(RoleName="brief", PolicyName="p", PolicyDocument=document(allow("*")))
    sandbox.deploy(REMOVES_ITS_ROLE, name="brief", Role=made, Timeout=60)
    sandbox.deploy(REMOVER, name="remover", Timeout=60)

    def run(event: str) -> Any:
        return json.loads(lambda_.invoke(FunctionName="brief", Payload=json.dumps(event))["Payload"].read())

    assert run("look") == "done"
    sandbox.clock.advance(hours=13)
    assert run("look") == "done"  # the session of a function does not end
    assert "assumed-role/brief/brief is not authorized to perform: s3:ListAllMyBuckets" in run("remove")
    assert "not authorized" in run("look")
    lambda_.update_function_configuration(FunctionName="brief", MemorySize=256)
    sandbox.clock.advance(seconds=1)
    assert "not authorized" in run("look")  # in a new environment
    assert refused(lambda_.update_function_configuration, FunctionName="brief", Role=made)[2] == (
        "The role defined for the function cannot be assumed by Lambda."
    )
    sandbox.settle()


def test_policies_are_no_longer_than_iam_lets_them_be(sandbox: Sandbox, role: str) -> None:
    iam, name = sandbox.client("iam"), "thumbnail-role"
    iam.create_user(UserName="bob")
    iam.create_group(GroupName="bobs")

    def long(characters: int) -> str:
        """A policy of so many characters, besides white space."""
        missing = characters - len(document(allow("s3:*", "arn:aws:s3:::")).replace(" ", ""))
        return document(allow("s3:*", "arn:aws:s3:::" + "b" * missing)) + 99 * " "

    for policy, characters in (("one", 5000), ("one", 5000), ("two", 5240)):  # the second instead of the first
        iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=long(characters))
    iam.create_policy(PolicyName="longest", PolicyDocument=long(6144))
    assert refused(assumed(sandbox, role)("s3").list_buckets)[0] == "AccessDenied"
    trust = document(*[TRUST] * 50)
    for call, arguments, said in (
        (iam.put_role_policy, {"RoleName": name, "PolicyName": "one", "PolicyDocument": long(5001)},
         "Maximum policy size of 10240 bytes exceeded for role thumbnail-role"),
        (iam.put_user_policy, {"UserName": "bob", "PolicyName": "p", "PolicyDocument": long(2049)},
         "Maximum policy size of 2048 bytes exceeded for user bob"),
        (iam.put_group_policy, {"GroupName": "bobs", "PolicyName": "p", "PolicyDocument": long(5121)},
         "Maximum policy size of 5120 bytes exceeded for group bobs"),
        (iam.create_policy, {"PolicyName": "longer", "PolicyDocument": long(6145)},
         "Cannot exceed quota for PolicySize: 6144"),
        (iam.create_role, {"RoleName": "long", "AssumeRolePolicyDocument": trust},
         "Cannot exceed quota for ACLSizePerRole: 2048"),
        (iam.update_assume_role_policy, {"RoleName": name, "PolicyDocument": trust},
         "Cannot exceed quota for ACLSizePerRole: 2048"),
    ):  # fmt: skip
        assert refused(call, **arguments) == ("LimitExceeded", 409, said)


@pytest.mark.parametrize("policy", ["[" * 9000, "[]", '{"Statement": [1, {"Effect": "Allow", "Condition": "x"}]}'])
def test_a_policy_that_is_none_allows_nothing(sandbox: Sandbox, role: str, policy: str) -> None:
    grant(sandbox, allow("*"))
    assert refused(assumed(sandbox, role, Policy=policy[:2048])("s3").list_buckets)[0] == "AccessDenied"


GARBAGE: list[tuple[str, str, str, bytes]] = [
    ("dynamodb", "DynamoDB_20120810.", "/", b"[1]"),
    ("dynamodb", "DynamoDB_20120810.PutItem", "/", b'{"TableName": {}}'),
    ("dynamodb", "DynamoDB_20120810.BatchGetItem", "/", b'{"RequestItems": 7}'),
    ("dynamodb", "DynamoDB_20120810.TransactWriteItems", "/", b'{"TransactItems": [{"Put": 1}]}'),
    ("events", "AWSEvents.PutEvents", "/", b'{"Entries": {"a": 1}}'),
    ("sqs", "AmazonSQS.SendMessage", "/", b'{"QueueUrl": [1]}'),
    ("ssm", "AmazonSSM.GetParameters", "/", b'{"Names": [1]}'),
    ("kinesis", "Kinesis_20131202.GetRecords", "/", b'{"ShardIterator": 1}'),
    ("secretsmanager", "secretsmanager.GetSecretValue", "/", b'{"SecretId": "arn:"}'),
    ("monitoring", "", "/service/GraniteServiceVersion20100801/operation/PutMetricData", b"\xff\x00"),
    ("sns", "", "/?Action=Publish&TopicArn=arn:::", b""),
    ("sts", "", "/?Action=AssumeRole&RoleArn=arn:aws:iam::1:role", b""),
    ("s3", "", "/pictures?delete", b"\xff<Key>\xff</Key>"),
    ("s3", "", "/", b""),
    ("lambda", "", "/2015-03-31/functions/%00/invocations", b"{"),
    ("lambda", "", "/nowhere", b"{"),
    ("xray", "", "/nowhere", b"{"),
    ("nothing", "", "/", b"\xff"),
]


def test_garbage_is_refused_and_never_a_500(sandbox: Sandbox, role: str) -> None:
    made = sandbox.client("sts").assume_role(RoleArn=role, RoleSessionName="thumbnail")["Credentials"]
    signed = f"AWS4-HMAC-SHA256 Credential={made['AccessKeyId']}/20310101/us-east-1"
    for service, target, path, body in GARBAGE:
        headers = {"authorization": f"{signed}/{service}/aws4_request, Signature=0", "x-amz-target": target}
        connection = http.client.HTTPConnection(sandbox.endpoint_url.removeprefix("http://"), timeout=20)
        connection.request("POST", path, body, {name: value for name, value in headers.items() if value})
        assert 400 <= connection.getresponse().status < 500, (service, target, path)
        connection.close()


def test_a_presigned_url_is_as_good_as_who_signed_it(sandbox: Sandbox, role: str) -> None:
    import urllib.error
    import urllib.request

    s3 = assumed(sandbox, role)("s3")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "pictures", "Key": "cat.jpg"})
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(url)
    grant(sandbox, allow("s3:GetObject"))
    assert urllib.request.urlopen(url).read() == b"miaow"


def test_a_function_may_what_its_role_may(sandbox: Sandbox, role: str) -> None:
    sandbox.deploy(CALLS, name="calls", Role=role)
    sandbox.deploy("def handler(event, context):\n    return 'resized'\n", name="resize")
    lambda_ = sandbox.client("lambda")

    def call(service: str, operation: str, **arguments: Any) -> str:
        asked = json.dumps({"service": service, "operation": operation, "arguments": arguments})
        return str(json.loads(lambda_.invoke(FunctionName="calls", Payload=asked)["Payload"].read()))

    resize = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:resize"
    said = call("lambda", "invoke", FunctionName="resize")
    assert (
        f"assumed-role/thumbnail-role/calls is not authorized to perform: lambda:InvokeFunction on resource: {resize}"
        in said
    )
    lambda_.add_permission(FunctionName="resize", StatementId="s", Action="lambda:InvokeFunction", Principal=role)
    assert call("lambda", "invoke", FunctionName="resize") == "done"
    assert "not authorized" in call("s3", "list_buckets")
    grant(sandbox, allow("s3:ListAllMyBuckets"))
    assert call("s3", "list_buckets") == "done"
    sandbox.client("iam").delete_role_policy(RoleName="thumbnail-role", PolicyName="p")
    assert "not authorized" in call("s3", "list_buckets")


def test_a_role_that_may_not_write_logs_leaves_none(sandbox: Sandbox, role: str) -> None:
    logs, group = sandbox.client("logs"), "/aws/lambda/silent"
    sandbox.deploy("def handler(event, context):\n    print(event)\n", name="silent", Role=role)

    def say(word: str) -> None:
        sandbox.client("lambda").invoke(FunctionName="silent", Payload=json.dumps(word))

    say("before")
    assert logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"] == []
    (record,) = sandbox.journal(kind="delivery.refused", function="silent")
    assert "no identity-based policy allows the logs:CreateLogGroup action" in record.data["because"]
    sandbox.client("iam").attach_role_policy(
        RoleName="thumbnail-role", PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    )
    say("after")
    said = [event["message"].strip() for event in logs.filter_log_events(logGroupName=group)["events"]]
    assert "after" in said
    assert "before" not in said


def test_the_default_role_may_everything_and_so_may_the_learner(sandbox: Sandbox) -> None:
    sandbox.deploy(CALLS, name="admin")
    asked = json.dumps({"service": "iam", "operation": "list_users", "arguments": {}})
    assert json.loads(sandbox.client("lambda").invoke(FunctionName="admin", Payload=asked)["Payload"].read()) == "done"
    sandbox.client("iam").list_users()


def test_in_a_sealed_sandbox_only_the_owner_is_the_administrator() -> None:
    class Sealed(Sandbox):
        _sealed = True

    with Sealed(clock="virtual", seed=1) as sandbox:
        sandbox.deploy(CALLS, name="probe")
        assert sandbox.client("lambda").list_functions()["Functions"]
        for key in ("sandbox", "AKIAIOSFODNN7EXAMPLE", "OWNER"):
            stranger = sandbox.client("lambda", aws_access_key_id=key, aws_secret_access_key=key)
            with pytest.raises(ClientError, match="UnrecognizedClientException"):
                stranger.list_functions()
        unsigned = sandbox.client("s3", config=Config(signature_version=UNSIGNED))
        with pytest.raises(ClientError, match="InvalidAccessKeyId"):
            unsigned.list_buckets()
