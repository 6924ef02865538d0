"""Where requests go, and which are not let in, spoken over the socket."""

from __future__ import annotations

import http.client
import io
import json
import zipfile
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from lambda_sandbox import Sandbox
from lambda_sandbox.door.door import signed_service
from lambda_sandbox.wire import Request

LAMBDA, S3 = "/2015-03-31/functions", "/a-bucket"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock="virtual", seed=1) as running:
        running.deploy("def handler(event, context):\n    return event\n", name="echo")
        yield running


def ask(sandbox: Sandbox, method: str, url: str, body: bytes = b"", **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(urlsplit(sandbox.endpoint_url).netloc, timeout=20)
    path = url.removeprefix(sandbox.endpoint_url)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    answer.body = answer.read()  # type: ignore[attr-defined]
    connection.close()
    return answer


def scope(service: str) -> str:
    return (
        f"AWS4-HMAC-SHA256 Credential=AKIA/20310101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )


# -- identify and route


@pytest.mark.parametrize(
    ("request_", "service"),
    [
        (Request("GET", "/", headers={"authorization": scope("lambda")}), "lambda"),
        (Request("GET", "/", headers={"authorization": scope("s3")}), "s3"),
        (Request("GET", "/k", "X-Amz-Credential=AKIA%2F20310101%2Fus-east-1%2Fs3%2Faws4_request"), "s3"),
        (Request("GET", "/k", "X-Amz-Credential=AKIA"), ""),
        (Request("GET", "/", headers={"authorization": "Bearer token"}), ""),
        (Request("GET", "/"), ""),
    ],
    ids=["header", "another service", "presigned", "half presigned", "another scheme", "unsigned"],
)
def test_a_request_says_its_service_in_what_it_was_signed_for(request_: Request, service: str) -> None:
    assert signed_service(request_) == service


def test_lambdas_paths_are_lambdas_also_unsigned(sandbox: Sandbox) -> None:
    answer = ask(sandbox, "GET", LAMBDA)
    assert [each["FunctionName"] for each in json.loads(answer.body)["Functions"]] == ["echo"]  # type: ignore[attr-defined]
    assert answer.headers["x-amzn-RequestId"]


def test_a_path_of_lambda_that_is_signed_for_s3_is_a_bucket(sandbox: Sandbox) -> None:
    answer = ask(sandbox, "GET", LAMBDA, authorization=scope("s3"))
    assert answer.status == 404 and b"<Code>NoSuchBucket</Code>" in answer.body  # type: ignore[attr-defined]


def test_an_error_carries_its_type_and_a_request_id(sandbox: Sandbox) -> None:
    answer = ask(sandbox, "GET", f"{LAMBDA}/nobody")
    assert (answer.status, answer.headers["x-amzn-ErrorType"]) == (404, "ResourceNotFoundException")
    assert answer.headers["x-amzn-RequestId"]


def test_the_request_id_of_an_invocation_is_the_functions(sandbox: Sandbox) -> None:
    sandbox.deploy("def handler(event, context):\n    return context.aws_request_id\n", name="id")
    answer = ask(sandbox, "POST", f"{LAMBDA}/id/invocations", b"{}")
    assert json.loads(answer.body) == answer.headers["x-amzn-RequestId"]  # type: ignore[attr-defined]


def test_the_place_of_a_functions_code_is_its_zip(sandbox: Sandbox) -> None:
    place = sandbox.client("lambda").get_function(FunctionName="echo")["Code"]["Location"]
    answer = ask(sandbox, "GET", place)
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.body)) as package:  # type: ignore[attr-defined]
        assert package.namelist() == ["lambda_function.py"]
    assert ask(sandbox, "GET", "/_sandbox/code/0123").status == 404
    assert ask(sandbox, "GET", "/_sandbox/code/..%2f..%2fpackage").status == 404


def test_large_objects_go_in_and_come_out(sandbox: Sandbox) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="large")
    body = bytes(range(256)) * 4096 * 20  # 20 MB
    s3.put_object(Bucket="large", Key="a/ä+ b//c", Body=body)
    assert s3.get_object(Bucket="large", Key="a/ä+ b//c")["Body"].read() == body
    assert s3.head_object(Bucket="large", Key="a/ä+ b//c")["ContentLength"] == len(body)


# -- who is not let in


@pytest.mark.parametrize("path", [f"{LAMBDA}/echo/invocations", LAMBDA, S3, "/"])
@pytest.mark.parametrize("origin", ["https://example.com", "null", "http://127.0.0.1.example.com", "http://["])
def test_a_web_page_of_another_site_changes_nothing(sandbox: Sandbox, path: str, origin: str) -> None:
    """A page may POST plain text without asking first, and a function that it makes would run on this machine."""
    answer = ask(sandbox, "POST", path, b"{}", Origin=origin, Content_Type="text/plain")
    assert answer.status == 403


@pytest.mark.parametrize(
    "origin", ["http://localhost:8888", "http://127.0.0.1:3000", "http://[::1]:1", "http://a.localhost"]
)
def test_a_web_page_of_this_machine_may(sandbox: Sandbox, origin: str) -> None:
    assert ask(sandbox, "POST", f"{LAMBDA}/echo/invocations", b"{}", Origin=origin).status == 200


def test_reading_is_not_refused(sandbox: Sandbox) -> None:
    assert ask(sandbox, "GET", LAMBDA, Origin="https://example.com").status == 200


@pytest.mark.parametrize("host", ["[", "a b", "example.com:x", "\x7f"])
def test_a_host_that_is_none_is_no_fault_of_ours(sandbox: Sandbox, host: str) -> None:
    for path in ("/_sandbox/health", LAMBDA, S3):
        assert ask(sandbox, "GET", path, Host=host, x_sandbox_token=sandbox._token).status < 500


# -- what is no request of any service


@pytest.mark.parametrize("service", ["lambda", "s3", "sqs", "logs", "dynamodb", "nonsense", ""])
@pytest.mark.parametrize("path", ["/", "//", "/a//b", "/%zz", "/%00", "*", "/?Action=", f"{LAMBDA}/%ff", "/_sandbox"])
def test_garbage_is_refused_by_whomever_it_reaches(sandbox: Sandbox, service: str, path: str) -> None:
    for body in (b"", b"{", b"\xff\xfe", b"[" * 100_000, b"<a>", b"Action=Nothing"):
        headers = {"authorization": scope(service)} if service else {}
        answer = ask(sandbox, "POST", path, body, x_amz_target="Nothing.Nothing", **headers)
        assert answer.status < 500 or answer.status == 501  # "the sandbox does not model this"
        assert b"Traceback" not in answer.body  # type: ignore[attr-defined]
