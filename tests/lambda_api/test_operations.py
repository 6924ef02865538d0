"""Every operation of the model is classified, routed, and answers garbage with an error of AWS's kind."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from typing import Any

import pytest

from lambda_sandbox.lambda_api import operations
from lambda_sandbox.lambda_api.coverage import page
from lambda_sandbox.lambda_api.errors import NOT_MODELLED
from lambda_sandbox.lambda_api.model import Operation, owns, route
from lambda_sandbox.lambda_api.model import operations as model
from lambda_sandbox.wire import Request

from .conftest import ROLE, Served, zipped

ALL = list(model().values())
BY_NAME = [operation.name for operation in ALL]


def test_every_operation_of_the_model_is_lived_stored_or_refused_and_only_one_of_them() -> None:
    lived = [*operations.LIVED, operations.FIRST]
    refused = [name for names in operations.REFUSED.values() for name in names]
    classified = [*lived, *operations.STORED, *refused]
    assert sorted(classified) == sorted(model()) == sorted(operations.statuses())


def test_the_coverage_page_names_every_operation() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "lambda_sandbox.lambda_api.coverage"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    assert printed == page()
    for operation in ALL:
        assert f"| {operation.name} | `{operation.method} {operation.uri}` |" in printed


@pytest.mark.parametrize("operation", ALL, ids=BY_NAME)
def test_every_route_leads_to_its_operation(operation: Operation) -> None:
    found, labels = route(operation.method, _path(operation, "a%3Ab"), list(operation.constants))
    assert found is operation
    assert labels == dict.fromkeys(operation.labels, "a:b")
    assert owns(_path(operation, "x"))


@pytest.mark.parametrize("path", ["/", "/bucket/key", "/2015-03-31", "/2015-03-31/buckets", "/2015-02-01/file-systems"])
def test_other_services_paths_are_not_lambdas(path: str) -> None:
    assert not owns(path)


GARBAGE = [b"", b"{}", b"[]", b"null", b'"x"', b"{", b"\xff\xfe", b"1e999", b"[" * 100_000, b"1" * 10_000, b'{"a":NaN}']


@pytest.mark.parametrize("operation", ALL, ids=BY_NAME)
def test_garbage_gets_an_error_of_awss_kind(served: Served, operation: Operation) -> None:
    for label in ("x", "%00", "..", "%2F%2F", "a" * 5000, "%F0%9F%A5%B3", "arn%3Aaws%3Alambda"):
        for query in ("", "Qualifier=%00", "MaxItems=x&Marker=%F0", "tagKeys=&tagKeys=%00", "%%%"):
            body = GARBAGE[(len(label) + len(query)) % len(GARBAGE)]
            _expect_no_crash(served, operation, Request(operation.method, _path(operation, label), query, {}, body))
    for body in GARBAGE:
        _expect_no_crash(served, operation, Request(operation.method, _path(operation, "x"), "", {}, body))


VALUES = [None, True, 1, -1, 1.5, "", "x", "\ud800", [], [None], [[]], {}, {"a": None}, {"": {}}]


@pytest.mark.parametrize("operation", [o for o in ALL if o.method in ("POST", "PUT")], ids=lambda o: o.name)
def test_every_member_may_be_of_any_type_without_a_crash(served: Served, create: Any, operation: Operation) -> None:
    create("x")
    assert operation.input
    members = [member.wire_name for member in operation.input.members.values() if not member.location]
    good = GOOD.get(operation.name, {})
    for value in VALUES:
        for body in (dict.fromkeys(members, value), *({**good, name: value} for name in members)):
            text = json.dumps(body).encode()
            _expect_no_crash(served, operation, Request(operation.method, _path(operation, "x"), "", {}, text))
        served.state.functions.pop(("us-east-1", "new"), None)


GOOD: dict[str, dict[str, Any]] = {
    "CreateFunction": {
        "FunctionName": "new",
        "Runtime": "python3.13",
        "Role": ROLE,
        "Handler": "index.handler",
        "Code": {"ZipFile": base64.b64encode(zipped()).decode()},
    },
    "UpdateFunctionCode": {"ZipFile": base64.b64encode(zipped("x = 1")).decode()},
    "CreateAlias": {"Name": "live", "FunctionVersion": "$LATEST"},
    "AddPermission": {"StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"},
    "PutFunctionEventInvokeConfig": {"MaximumRetryAttempts": 1},
}


def test_a_refused_operation_says_so_plainly(refused: Any) -> None:
    status, code, message, _ = refused("list_capacity_providers")
    assert (status, code) == (501, NOT_MODELLED)
    assert message == "The sandbox does not model ListCapacityProviders (capacity providers)."


def test_a_refused_operation_is_validated_first(refused: Any) -> None:
    status, code, message, _ = refused("publish_layer_version", LayerName="l", CompatibleArchitectures=["pdp11"])
    assert (status, code) == (400, "ValidationException")
    assert "Member must satisfy enum value set: [x86_64, arm64]" in message


def test_an_unknown_path_is_an_unknown_operation(served: Served) -> None:
    response = served.answer(Request("PATCH", "/2015-03-31/functions"))
    assert response.status == 404
    assert dict(response.headers)["x-amzn-ErrorType"] == "UnknownOperationException"


def _path(operation: Operation, label: str) -> str:
    path = operation.uri.partition("?")[0]
    for name in operation.labels:
        path = path.replace("{" + name + "}", label)
    return path


def _expect_no_crash(served: Served, operation: Operation, request: Request) -> None:
    """`answer` lets any exception but AwsError through."""
    response = served.answer(request)
    assert response.status < 500 or response.status == 501, response
    if response.status >= 400:
        assert "x-amzn-ErrorType" in dict(response.headers)
        assert "message" in {key.lower() for key in json.loads(response.body)}
