"""Function URLs, called over the socket as a browser, a script and an attacker would."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from lambda_sandbox import Sandbox

FORBIDDEN = {
    "Message": "Forbidden. For troubleshooting Function URL authorization issues, "
    "see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
}
PUBLIC = {"Action": "lambda:InvokeFunctionUrl", "Principal": "*", "FunctionUrlAuthType": "NONE"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock="virtual", seed=1) as running:
        running.deploy("def handler(event, context):\n    return event\n", name="echo")
        yield running


@pytest.fixture(scope="module")
def lambda_(sandbox: Sandbox) -> Any:
    return boto3.client("lambda", endpoint_url=sandbox.endpoint_url, region_name="us-east-1")


@pytest.fixture
def url(lambda_: Any) -> Iterator[str]:
    made = lambda_.create_function_url_config(FunctionName="echo", AuthType="NONE")
    lambda_.add_permission(FunctionName="echo", StatementId="url", **PUBLIC)
    yield made["FunctionUrl"]
    lambda_.delete_function_url_config(FunctionName="echo")
    lambda_.remove_permission(FunctionName="echo", StatementId="url")


class Answer:
    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.status, self.headers, self.body = answer.status, answer.headers, answer.read()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(sandbox: Sandbox, method: str, url: str, body: bytes | None = None, **headers: str) -> Answer:
    """Asks the sandbox for a URL whose host is AWS's: the name goes into the Host header."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(urlsplit(sandbox.endpoint_url).netloc, timeout=20)
    sent = {"Host": parts.netloc, **{name.replace("_", "-"): value for name, value in headers.items()}}
    connection.request(method, f"{parts.path}?{parts.query}" if parts.query else parts.path, body, sent)
    try:
        return Answer(connection.getresponse())
    finally:
        connection.close()


def test_a_url_is_reached_by_its_name_by_a_local_name_and_by_a_path(sandbox: Sandbox, url: str) -> None:
    name = urlsplit(url).netloc
    local = f"http://{name.replace('on.aws', 'localhost')}:4566"
    by_path = f"{sandbox.endpoint_url}/_url/{name.split('.')[0]}"
    for base in (url.rstrip("/"), local, by_path):
        event = ask(sandbox, "POST", f"{base}/a%20b?x=1&x=2", b"text", content_type="text/plain").json
        assert (event["rawPath"], event["queryStringParameters"], event["body"]) == ("/a%20b", {"x": "1,2"}, "text")
        assert event["requestContext"]["domainName"] == event["headers"]["host"] == name


def test_the_answer_carries_the_request_id_of_the_invocation(sandbox: Sandbox, url: str) -> None:
    answer = ask(sandbox, "GET", url)
    assert answer.headers["x-amzn-RequestId"] == answer.json["requestContext"]["requestId"]
    assert answer.headers["Content-Type"] == "application/json"


def test_the_trace_in_the_event_is_that_of_the_invocation(sandbox: Sandbox, lambda_: Any) -> None:
    source = (
        "import os\ndef handler(e, c):\n    return [e['headers']['x-amzn-trace-id'], os.environ['_X_AMZN_TRACE_ID']]\n"
    )
    sandbox.deploy(source, name="traced")
    url = lambda_.create_function_url_config(FunctionName="traced", AuthType="NONE")["FunctionUrl"]
    lambda_.add_permission(FunctionName="traced", StatementId="url", **PUBLIC)
    for sent in ({}, {"X_Amzn_Trace_Id": "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"}):
        answer = ask(sandbox, "GET", url, **sent)
        said, seen = answer.json
        assert answer.headers["X-Amzn-Trace-Id"] == said.partition(";")[0] + ";Sampled=0"
        assert seen.startswith(said.partition(";")[0] + ";Parent=")
        assert not sent or said == sent["X_Amzn_Trace_Id"]


def test_the_answer_of_invoke_has_the_trace_that_the_function_saw(sandbox: Sandbox, lambda_: Any) -> None:
    sandbox.deploy("import os\ndef handler(e, c):\n    return os.environ['_X_AMZN_TRACE_ID']\n", name="seen")
    answer = lambda_.invoke(FunctionName="seen")
    assert answer["ResponseMetadata"]["HTTPHeaders"]["x-amzn-trace-id"] == json.load(answer["Payload"])


def test_a_function_that_fails_is_502(sandbox: Sandbox, lambda_: Any) -> None:
    sandbox.deploy("def handler(event, context):\n    raise ValueError\n", name="broken")
    url = lambda_.create_function_url_config(FunctionName="broken", AuthType="NONE")["FunctionUrl"]
    lambda_.add_permission(FunctionName="broken", StatementId="url", **PUBLIC)
    answer = ask(sandbox, "GET", url)
    assert (answer.status, answer.body) == (502, b"Internal Server Error")


def test_a_throttled_function_is_429(sandbox: Sandbox, lambda_: Any, url: str) -> None:
    lambda_.put_function_concurrency(FunctionName="echo", ReservedConcurrentExecutions=0)
    answer = ask(sandbox, "GET", url)
    lambda_.delete_function_concurrency(FunctionName="echo")
    assert answer.status == 429 and answer.headers["x-amzn-ErrorType"] == "TooManyRequestsException"
    assert answer.json["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"


def test_without_the_statement_nobody_is_let_in(sandbox: Sandbox, lambda_: Any, url: str) -> None:
    lambda_.remove_permission(FunctionName="echo", StatementId="url")
    answer = ask(sandbox, "POST", url, b"text")
    lambda_.add_permission(FunctionName="echo", StatementId="url", **{**PUBLIC, "FunctionUrlAuthType": "AWS_IAM"})
    other = ask(sandbox, "GET", url)
    for one in (answer, other):
        assert (one.status, one.json) == (403, FORBIDDEN)
        assert one.headers["x-amzn-ErrorType"] == "AccessDeniedException"
    refused = [record for record in sandbox.journal() if record.kind == "delivery.refused"]
    assert refused[-1].data["because"].startswith("the statement 'url' would allow it, but ")


def test_a_url_that_is_not_there_is_403_too(sandbox: Sandbox) -> None:
    for url in (f"https://{'x' * 32}.lambda-url.us-east-1.on.aws/", f"{sandbox.endpoint_url}/_url/x/"):
        answer = ask(sandbox, "GET", url)
        assert (answer.status, answer.body) == (403, b'{"Message":null}')


def test_the_url_of_a_deleted_alias_is_403(sandbox: Sandbox, lambda_: Any) -> None:
    lambda_.publish_version(FunctionName="echo")
    lambda_.create_alias(FunctionName="echo", Name="live", FunctionVersion="1")
    url = lambda_.create_function_url_config(FunctionName="echo", Qualifier="live", AuthType="NONE")["FunctionUrl"]
    lambda_.add_permission(FunctionName="echo", Qualifier="live", StatementId="url", **PUBLIC)
    assert ask(sandbox, "GET", url).status == 200
    lambda_.delete_alias(FunctionName="echo", Name="live")
    answer = ask(sandbox, "GET", url)
    assert (answer.status, answer.json) == (403, FORBIDDEN)


def test_with_iam_only_signed_requests_are_let_in(sandbox: Sandbox, lambda_: Any, url: str) -> None:
    lambda_.update_function_url_config(FunctionName="echo", AuthType="AWS_IAM")
    assert ask(sandbox, "GET", url).status == 403
    request = AWSRequest("GET", url)
    SigV4Auth(Credentials("AKIAME", "secret"), "lambda", "us-east-1").add_auth(request)
    context = ask(sandbox, "GET", url, **dict(request.headers)).json["requestContext"]
    assert context["accountId"] == "123456789012"
    assert context["authorizer"]["iam"]["accessKey"] == "AKIAME"
    assert context["authorizer"]["iam"]["userArn"].endswith(":user/learner")


def test_with_iam_a_user_needs_the_permission(sandbox: Sandbox, lambda_: Any, url: str) -> None:
    lambda_.update_function_url_config(FunctionName="echo", AuthType="AWS_IAM")
    iam = sandbox.client("iam")
    iam.create_user(UserName="ada")
    made = iam.create_access_key(UserName="ada")["AccessKey"]
    request = AWSRequest("GET", url)
    SigV4Auth(Credentials(made["AccessKeyId"], "secret"), "lambda", "us-east-1").add_auth(request)
    assert ask(sandbox, "GET", url, **dict(request.headers)).status == 403
    statement = {"Effect": "Allow", "Action": "lambda:InvokeFunctionUrl", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": statement})
    iam.put_user_policy(UserName="ada", PolicyName="p", PolicyDocument=document)
    context = ask(sandbox, "GET", url, **dict(request.headers)).json["requestContext"]
    assert context["authorizer"]["iam"]["userArn"].endswith(":user/ada")


def test_a_page_of_another_site_is_answered_as_cors_says(sandbox: Sandbox, lambda_: Any, url: str) -> None:
    page = {"origin": "https://a.example"}
    assert ask(sandbox, "POST", url, b"{}", **page).headers["Access-Control-Allow-Origin"] is None
    lambda_.update_function_url_config(
        FunctionName="echo", Cors={"AllowOrigins": ["https://a.example"], "AllowMethods": ["POST"]}
    )
    asked = ask(sandbox, "OPTIONS", url, **page, access_control_request_method="POST")
    assert (asked.status, asked.headers["Access-Control-Allow-Methods"], asked.body) == (200, "POST", b"")
    assert ask(sandbox, "POST", url, b"{}", **page).headers["Access-Control-Allow-Origin"] == "https://a.example"


def test_more_than_6_mb_is_refused(sandbox: Sandbox, url: str) -> None:
    answer = ask(sandbox, "POST", url, b"x" * (6 * 1024 * 1024), content_type="text/plain")
    assert (answer.status, answer.headers["x-amzn-ErrorType"]) == (413, "RequestEntityTooLargeException")
