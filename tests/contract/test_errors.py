"""One error shape a protocol, whoever made the error; and a request id on every answer.

A REST-JSON error (Lambda) is a JSON object with a message, and says its type in the header `x-amzn-ErrorType`. A query
or REST-XML error (S3, IAM) is XML with Code and Message; a JSON-1.1 error (CloudWatch Logs) says `__type` in its body.
The control endpoint answers `{"error": sentence}`.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from lambda_sandbox import Sandbox

FUNCTIONS = "/2015-03-31/functions"
LAMBDA_ERRORS = {
    "a function that is not there": ("GET", f"{FUNCTIONS}/nobody", b"", 404, "ResourceNotFoundException"),
    "a body that is not JSON": ("POST", FUNCTIONS, b"{", 400, "InvalidRequestContentException"),
    "a body without what is needed": ("POST", FUNCTIONS, b"{}", 400, "ValidationException"),
    "a name that is none": ("GET", f"{FUNCTIONS}/a%20b", b"", 400, "ValidationException"),
    "a payload that is not JSON": (
        "POST",
        f"{FUNCTIONS}/there/invocations",
        b"{",
        400,
        "InvalidRequestContentException",
    ),
    "an operation that is not modelled": ("GET", "/2025-11-30/capacity-providers", b"", 501, "NotModelledBySandbox"),
    "a path that is nobody's": ("GET", "/2015-03-31/nothing", b"", 404, "UnknownOperationException"),
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=1) as running:
        running.deploy("def handler(event, context):\n    return event\n", name="there")
        yield running


def send(
    sandbox: Sandbox, method: str, path: str, body: bytes = b"", service: str = "lambda", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    scope = f"sandbox/20310101/us-east-1/{service}/aws4_request"
    signed = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}
    connection = http.client.HTTPConnection(urlsplit(sandbox.endpoint_url).netloc, timeout=30)
    connection.request(method, path, body, {**signed, **headers})
    answer = connection.getresponse()
    read = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    connection.close()
    return read


@pytest.mark.parametrize("case", LAMBDA_ERRORS.values(), ids=LAMBDA_ERRORS)
def test_lambda_errors_have_one_shape(sandbox: Sandbox, case: tuple[str, str, bytes, int, str]) -> None:
    method, path, body, wanted_status, wanted_type = case
    status, headers, answer = send(sandbox, method, path, body)
    assert status == wanted_status
    assert headers["x-amzn-errortype"].split(":")[0] == wanted_type
    assert headers["content-type"] == "application/json"
    assert headers["x-amzn-requestid"]
    told = json.loads(answer)
    message = told.get("message", told.get("Message"))
    assert isinstance(message, str) and message
    assert {*told} <= {"message", "Message", "Type", "Reason"}


@pytest.mark.parametrize(
    ("service", "method", "path", "body", "code"),
    [
        ("s3", "GET", "/no-such-bucket", b"", "NoSuchBucket"),
        ("s3", "GET", "/no-such-bucket/key", b"", "NoSuchBucket"),
        ("iam", "POST", "/", b"Action=GetRole&RoleName=nobody&Version=2010-05-08", "NoSuchEntity"),
    ],
    ids=["a bucket", "an object", "a role"],
)
def test_xml_errors_have_a_code_and_a_message(
    sandbox: Sandbox, service: str, method: str, path: str, body: bytes, code: str
) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
    status, _, answer = send(sandbox, method, path, body, service, **form)
    assert status == 404
    found = {node.tag.split("}")[-1]: node.text for node in ElementTree.fromstring(answer).iter()}
    assert found["Code"] == code
    assert found["Message"]


def test_json_services_name_the_type_in_the_body(sandbox: Sandbox) -> None:
    target = {"X-Amz-Target": "Logs_20140328.GetLogEvents", "Content-Type": "application/x-amz-json-1.1"}
    status, _, answer = send(
        sandbox, "POST", "/", b'{"logGroupName": "nothing", "logStreamName": "nothing"}', "logs", **target
    )
    assert status == 400
    assert json.loads(answer)["__type"].endswith("ResourceNotFoundException")


@pytest.mark.parametrize("path", ["/_sandbox/nothing", "/_sandbox/journal"])
def test_the_control_endpoint_answers_with_a_sentence(sandbox: Sandbox, path: str) -> None:
    status, headers, answer = send(sandbox, "GET", path)
    assert status in (403, 404)
    assert headers["content-type"] == "application/json"
    assert {*json.loads(answer)} == {"error"}


@pytest.mark.parametrize("service", ["lambda", "s3", "iam", "logs", "sqs", "nonsense", "execute-api"])
@pytest.mark.parametrize("path", ["/", "/%00", "/a/b/c?d=e", "/2015-03-31/functions/x/y/z"])
def test_garbage_is_nobodys_crash(sandbox: Sandbox, service: str, path: str) -> None:
    status, _, answer = send(sandbox, "POST", path, b"\x00garbage", service)
    assert status < 500 or status == 501
    assert b"Traceback" not in answer
