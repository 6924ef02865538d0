"""Any service but Lambda, over a real socket: answers, and errors in the service's own protocol."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from lambda_sandbox.clock import VIRTUAL_EPOCH
from lambda_sandbox.moto_bridge import Bridge
from lambda_sandbox.wire import AwsError, Request, Response

Client = Callable[..., Any]


def signed(service: str, region: str = "us-east-1", **headers: str) -> dict[str, str]:
    scope = f"AKIAADMINISTRATOR000/20310101/{region}/{service}/aws4_request"
    return {"authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0", **headers}


def plain(endpoint: str, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection(urlsplit(endpoint).netloc, timeout=10)) as connection:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()


@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        ("cloudwatch", "list_metrics", {}),
        ("dynamodb", "list_tables", {}),
        ("dynamodbstreams", "list_streams", {}),
        ("ec2", "describe_vpcs", {}),
        ("events", "list_rules", {}),
        ("firehose", "list_delivery_streams", {}),
        ("iam", "list_roles", {}),
        ("kinesis", "list_streams", {}),
        ("kms", "list_keys", {}),
        ("logs", "describe_log_groups", {}),
        ("s3", "list_buckets", {}),
        ("scheduler", "list_schedules", {}),
        ("secretsmanager", "list_secrets", {}),
        ("ses", "list_identities", {}),
        ("sesv2", "list_email_identities", {}),
        ("sns", "list_topics", {}),
        ("sqs", "list_queues", {}),
        ("ssm", "describe_parameters", {}),
        ("stepfunctions", "list_state_machines", {}),
        ("sts", "get_caller_identity", {}),
    ],
)
def test_a_service_answers(client: Client, service: str, operation: str, arguments: dict[str, Any]) -> None:
    answer = getattr(client(service), operation)(**arguments)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "mx-central-1", "cn-north-1"])
def test_every_region_of_aws_works_for_every_service(client: Client, region: str) -> None:
    queue = client("sqs", region).create_queue(QueueName="q")["QueueUrl"]
    arn = client("sqs", region).get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    assert arn.split(":")[3] == region
    assert client("logs", region).describe_log_groups()["logGroups"] == []


@pytest.mark.parametrize("service", ["s3", "sqs", "dynamodb", "iam"])
def test_a_region_that_does_not_exist_is_refused_in_the_words_of_aws(client: Client, service: str) -> None:
    operation = {"s3": "list_buckets", "sqs": "list_queues", "dynamodb": "list_tables", "iam": "list_users"}[service]
    with pytest.raises(ClientError) as refusal:
        getattr(client(service, "mars-north-1"), operation)()
    assert refusal.value.response["Error"]["Code"] == "SignatureDoesNotMatch"
    assert refusal.value.response["Error"]["Message"] == "Credential should be scoped to a valid region."


def test_the_region_is_the_one_that_was_signed_for_whatever_the_user_agent_says(bridge: Bridge) -> None:
    headers = signed(
        "sqs", "eu-west-1", **{"x-amz-target": "AmazonSQS.CreateQueue", "user-agent": "x region/us-west-2"}
    )
    bridge.serve(Request("POST", "/", "", headers, b'{"QueueName": "q"}'))
    headers["x-amz-target"] = "AmazonSQS.ListQueues"
    assert b"/q" in bridge.serve(Request("POST", "/", "", headers, b"{}")).body


def test_an_error_of_the_service_is_passed_on(client: Client) -> None:
    with pytest.raises(ClientError) as error:
        client("s3").get_object(Bucket="nowhere", Key="k")
    assert error.value.response["Error"]["Code"] == "NoSuchBucket"
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


GARBAGE = [
    Request("POST", "/", "", signed("sqs", **{"x-amz-target": "AmazonSQS.SendMessage"}), b"not json"),
    Request("POST", "/", "", signed("sqs", **{"x-amz-target": "AmazonSQS.ReceiveMessage"}), b"[1]"),
    Request("POST", "/", "", signed("sqs", **{"x-amz-target": "AmazonSQS.Nothing"}), b"{}"),
    Request("POST", "/", "", signed("dynamodb", **{"x-amz-target": "DynamoDB_20120810.PutItem"}), b"{}"),
    Request("POST", "/", "", signed("dynamodb", **{"x-amz-target": "nonsense"}), b"{}"),
    Request("POST", "/", "", signed("dynamodb"), b"\xff\xfe"),
    Request("POST", "/", "", signed("logs", **{"x-amz-target": "Logs_20140328.PutLogEvents"}), b'{"logEvents": 3}'),
    Request("POST", "/", "", signed("iam", **{"content-type": "application/x-www-form-urlencoded"}), b"Action="),
    Request("POST", "/", "", signed("iam", **{"content-type": "application/x-www-form-urlencoded"}), b"\xff=\xff"),
    Request("POST", "/", "", signed("sns", **{"content-type": "application/x-www-form-urlencoded"}), b"Action=Publish"),
    Request("PUT", "/b?notification", "notification", signed("s3"), b"<not-xml"),
    Request("PUT", "/bucket", "notification", signed("s3"), b"<A/>"),
    Request("POST", "/bucket", "delete", signed("s3"), b"<Delete><Object/></Delete>"),
    Request("PUT", "/bucket", "versioning", signed("s3"), b"<VersioningConfiguration/>"),
    Request("GET", "/bucket/%ff%fe", "", signed("s3")),
    Request("GET", "/" + "a" * 5000, "", signed("s3")),
    Request(
        "PUT", "/bucket/key", "", signed("s3", **{"x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"}), b"z"
    ),
    Request("PUT", "/bucket/key", "", signed("s3", **{"x-amz-copy-source": "no"})),
    Request("GET", "/bucket/key", "", signed("s3", range="bytes=9-1,x")),
    Request("BREW", "/", "", signed("s3")),
    Request("POST", "/", "", signed("teapot")),
    Request("GET", "/nothing/here", "", signed("events")),
    Request("GET", "/", "", {"authorization": "AWS4-HMAC-SHA256 Credential=////, "}),
    Request("GET", "/", "X-Amz-Credential=%00", {}),
    Request("GET", "//", "", {}),
]


@pytest.mark.parametrize("request_", GARBAGE, ids=[f"{number}" for number in range(len(GARBAGE))])
def test_garbage_is_answered_by_an_error_that_is_no_500(bridge: Bridge, request_: Request) -> None:
    bridge.serve(Request("PUT", "/bucket", "", signed("s3")))
    answer = bridge.serve(request_)
    assert answer.status < 500 or answer.status == 501, answer
    assert b"Traceback" not in answer.body


PROTOCOLS = [
    ("s3", {}, b"<Error><Code>"),
    ("sqs", {"x-amz-target": "AmazonSQS.ListQueues", "content-type": "application/x-amz-json-1.0"}, b'{"__type": '),
    ("iam", {"content-type": "application/x-www-form-urlencoded"}, b"<ErrorResponse><Error><Type>Sender</Type><Code>"),
    ("scheduler", {"content-type": "application/json"}, b'{"__type": '),
    ("ec2", {"content-type": "application/x-www-form-urlencoded"}, b"<Response><Errors><Error><Code>"),
]


@pytest.mark.parametrize(("service", "headers", "shape"), PROTOCOLS, ids=[row[0] for row in PROTOCOLS])
def test_our_own_errors_speak_the_protocol_of_the_service(
    bridge: Bridge, service: str, headers: dict[str, str], shape: bytes
) -> None:
    answer = bridge.serve(Request("POST", "/", "", signed(service, "mars-north-1", **headers)))
    assert answer.status == 403
    assert shape in answer.body
    assert dict(answer.headers)["x-amzn-ErrorType"] == "SignatureDoesNotMatch"


def test_an_exception_inside_moto_says_that_the_stand_in_failed(
    bridge: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise KeyError("unexpected")

    bridge.serve(Request("GET", "/", "", signed("s3")))
    monkeypatch.setattr("moto.s3.models.S3Backend.list_buckets", broken)
    answer = bridge.serve(Request("GET", "/", "", signed("s3")))
    assert answer.status == 400
    assert b"<Code>SandboxStandInFailed</Code>" in answer.body
    assert b"stand-in for s3 (moto 5.2.5) failed with KeyError" in answer.body


def test_an_operation_that_moto_has_not_is_refused_honestly(client: Client) -> None:
    with pytest.raises(ClientError) as refusal:
        client("iam").simulate_principal_policy(
            PolicySourceArn="arn:aws:iam::123456789012:role/r", ActionNames=["s3:*"]
        )
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert "does not model" in refusal.value.response["Error"]["Message"]


# -- S3 over HTTP


@pytest.fixture
def s3(client: Client) -> Any:
    s3 = client("s3")
    s3.create_bucket(Bucket="pictures")
    return s3


@pytest.mark.parametrize("key", ["a b+c/d%e.jpg", "größe.jpg", "a//b", "/leading", "@:;,=&?#"])
def test_an_object_comes_back_under_any_key(s3: Any, key: str) -> None:
    s3.put_object(Bucket="pictures", Key=key, Body=b"cat")
    assert s3.get_object(Bucket="pictures", Key=key)["Body"].read() == b"cat"
    assert [item["Key"] for item in s3.list_objects_v2(Bucket="pictures")["Contents"]] == [key]


def test_metadata_keeps_its_underscores(s3: Any) -> None:
    s3.put_object(Bucket="pictures", Key="k", Metadata={"taken_by": "ada", "taken-on": "monday"})
    assert s3.head_object(Bucket="pictures", Key="k")["Metadata"] == {"taken_by": "ada", "taken-on": "monday"}


def test_head_says_the_length_without_the_body(s3: Any) -> None:
    s3.put_object(Bucket="pictures", Key="k", Body=b"123456")
    assert s3.head_object(Bucket="pictures", Key="k")["ContentLength"] == 6


def test_a_response_names_its_request_as_s3_does(s3: Any) -> None:
    metadata = s3.list_buckets()["ResponseMetadata"]
    assert len(metadata["RequestId"]) == 16
    assert metadata["HostId"]


@pytest.mark.parametrize("signature", ["s3", "s3v4"])
def test_presigned_urls_work(endpoint: str, s3: Any, signature: str) -> None:
    url = s3.generate_presigned_url("put_object", Params={"Bucket": "pictures", "Key": "a b"})
    if signature == "s3v4":
        keys = {"aws_access_key_id": "AKIAADMINISTRATOR000", "aws_secret_access_key": "secret"}
        v4 = boto3.client("s3", "eu-west-1", endpoint_url=endpoint, config=Config(signature_version="s3v4"), **keys)
        url = v4.generate_presigned_url("put_object", Params={"Bucket": "pictures", "Key": "a b"})
    path = url.removeprefix(endpoint)
    assert plain(endpoint, "PUT", path, b"cat")[0] == 200
    assert s3.get_object(Bucket="pictures", Key="a b")["Body"].read() == b"cat"


@pytest.mark.parametrize(
    "host",
    [
        "pictures.localhost:4566",
        "pictures.s3.localhost",
        "pictures.s3.amazonaws.com",
        "pictures.s3.eu-west-1.amazonaws.com",
    ],
)
def test_a_bucket_may_be_named_in_the_host(endpoint: str, s3: Any, host: str) -> None:
    s3.put_object(Bucket="pictures", Key="in/cat.jpg", Body=b"cat", ACL="public-read")
    assert plain(endpoint, "GET", "/in/cat.jpg", host=host) == (200, b"cat")


def test_an_unsigned_request_for_a_private_object_is_denied(endpoint: str, s3: Any) -> None:
    s3.put_object(Bucket="pictures", Key="k", Body=b"cat")
    status, body = plain(endpoint, "GET", "/pictures/k")
    assert status == 403
    assert b"<Code>AccessDenied</Code>" in body


def test_a_put_that_calls_itself_a_form_is_stored_as_it_came(endpoint: str, s3: Any) -> None:
    path = s3.generate_presigned_url("put_object", Params={"Bucket": "pictures", "Key": "k"}).removeprefix(endpoint)
    plain(endpoint, "PUT", path, b"a=1&b=\xff", **{"content-type": "application/x-www-form-urlencoded"})
    assert s3.get_object(Bucket="pictures", Key="k")["Body"].read() == b"a=1&b=\xff"


def test_the_sandbox_reads_an_object_without_http(bridge: Bridge, s3: Any) -> None:
    s3.put_object(Bucket="pictures", Key="k", Body=b"cat")
    assert bridge.get_object("pictures", "k") == b"cat"


@pytest.mark.parametrize(
    ("bucket", "key", "version", "code"),
    [
        ("nowhere", "k", None, "NoSuchBucket"),
        ("pictures", "no", None, "NoSuchKey"),
        ("pictures", "k", "v", "NoSuchVersion"),
    ],
)
def test_what_is_not_there_is_named_in_the_words_of_s3(
    bridge: Bridge, s3: Any, bucket: str, key: str, version: str | None, code: str
) -> None:
    s3.put_object(Bucket="pictures", Key="k", Body=b"cat")
    with pytest.raises(AwsError) as error:
        bridge.get_object(bucket, key, version)
    assert (error.value.code, error.value.status) == (code, 404)


def test_reset_forgets_everything(bridge: Bridge, client: Client, s3: Any) -> None:
    client("sqs").create_queue(QueueName="q")
    bridge.reset()
    assert s3.list_buckets()["Buckets"] == []
    assert "QueueUrls" not in client("sqs").list_queues()


def test_a_seed_makes_the_ids_of_services_repeat() -> None:
    def ids() -> list[Response]:
        bridge = Bridge(now=lambda: VIRTUAL_EPOCH, account="123456789012", seed=7)
        requests = [
            Request("PUT", "/pictures", "", signed("s3")),
            Request("POST", "/", "", signed("sqs", **{"x-amz-target": "AmazonSQS.CreateQueue"}), b'{"QueueName": "q"}'),
        ]
        try:
            return [bridge.serve(request) for request in requests]
        finally:
            bridge.close()

    assert ids() == ids()


def test_warming_up_asks_only_what_services_answer(bridge: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    serve, statuses = bridge.serve, []

    def watched(request: Request) -> Response:
        statuses.append(serve(request).status)
        return serve(request)

    monkeypatch.setattr(bridge, "serve", watched)
    bridge.warm_up()
    assert statuses == [200] * 5
