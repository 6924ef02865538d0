"""Every operation of Lambda, thousands of times, with what botocore's model allows and with all that it does not.

Whatever is sent, the answer is one that the model knows: a success, or an error of the operation with its HTTP status.
"""

from __future__ import annotations

import base64
import copy
import json
import string
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from botocore.loaders import Loader
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.strategies import SearchStrategy

from lambda_sandbox.lambda_api.errors import NOT_MODELLED
from lambda_sandbox.lambda_api.model import Operation, Shape, operations
from lambda_sandbox.state import LATEST, Function
from lambda_sandbox.wire import Request, Response

from .conftest import ROLE, Served, zipped

pytestmark = pytest.mark.fuzz
REQUESTS, AT_ONCE = 10_000, 5
BYSTANDER = ("eu-west-1", "bystander")
ARN = "arn:aws:lambda:us-east-1:123456789012:function"

# Errors that the service's own front answers, on every operation.
EVERYWHERE = {
    "ValidationException": 400,
    "SerializationException": 400,
    "InvalidParameterValueException": 400,
    "InvalidRequestContentException": 400,
    "AccessDeniedException": 403,
    "ResourceNotFoundException": 404,
    "UnknownOperationException": 404,
    "RequestEntityTooLargeException": 413,
    NOT_MODELLED: 501,
}

# -- what is sent

ALL, TEN = list(operations().values()), st.integers(0, 9)
NEEDED = {
    "CreateFunction": {"Runtime", "Handler"},
    "UpdateFunctionCode": {"ZipFile"},
}  # though the model does not say so
Kind = Callable[[str, Shape], SearchStrategy[Any]]

HUGE = "x" * 300_000
STRANGE = ["", " ", "\0", "\ud800", "🥳", "..", "%2F", "a:b:c:d", "$LATEST", "-1", "1e9", HUGE, "Ā" * 300, "\r\nX: y"]
WRONG = [None, True, -1, 0, 1.5, 10**30, 1e308, "", "x", [], [None], [[]], {}, {"": {}}, {"a": None}]
NAMES = ["hello"] * 5 + ["new", "nobody", "hello:1", "hello:live", "123456789012:function:hello", f"{ARN}:hello:1"]
NAMES += [f"{ARN.replace('us-east-1', 'eu-west-1')}:bystander", f"{ARN.replace('123456789012', '210987654321')}:hello"]
BLOB = st.sampled_from([b"", b"null", b'"\xff', b"[" * 5000, zipped(), b"PK\x05\x06" + bytes(18)])
ZIP, OTHER_ZIP = (base64.b64encode(zipped(source)).decode() for source in ("x = 1\n", "x = 2\n"))
LIKELY: dict[str, list[Any]] = {
    "FunctionName": NAMES,
    "Qualifier": ["1", "live", LATEST, "9"],
    "FunctionVersion": ["1", LATEST],
    "Name": ["live", "live", "other"],
    "Role": [ROLE],
    "Runtime": ["python3.13", "python3.12"],
    "Handler": ["index.handler"],
    "Code": [{"ZipFile": ZIP}, {"ZipFile": OTHER_ZIP}, {"S3Bucket": "bucket", "S3Key": "nothing"}],
    "ZipFile": [ZIP, OTHER_ZIP],
    "Payload": [b"", b"{}", b'{"a": [1, null]}', b"[", '"é"'.encode()],
    "InvokeArgs": [b"{}", b"x"],
    "ClientContext": ["e30=", "e30", "x"],
    "Resource": [f"{ARN}:hello", f"{ARN}:nobody"],
    "StatementId": ["s", "t"],
    "Action": ["lambda:InvokeFunction", "lambda:InvokeFunctionUrl"],
    "Principal": ["s3.amazonaws.com", "*", "123456789012", "nobody"],
    "SourceArn": ["arn:aws:s3:::bucket"],
    "SourceAccount": ["123456789012"],
    "Marker": ["aGVsbG8=", "x"],
    "Destination": [f"{ARN}:hello", "arn:aws:sqs:us-east-1:123456789012:q", "arn:aws:s3:::bucket"],
    "AllowedPublishers": [
        {"SigningProfileVersionArns": ["arn:aws:signer:us-east-1:123456789012:/signing-profiles/p/0123456789"]}
    ],
    "CodeSigningConfigArn": ["arn:aws:lambda:us-east-1:123456789012:code-signing-config:csc-00000000000000000"],
    "RuntimeVersionArn": ["arn:aws:lambda:us-east-1::runtime:" + "0" * 64],
    "AdditionalVersionWeights": [{}, {"1": 0.5}, {"2": 0.1}, {"1": 0.1, "2": 0.2}],
    "Variables": [{}, {"KEY": "value"}, {"AWS_REGION": "x"}, {"BIG": "x" * 5000}],
    "Tags": [{}, {"key": "value"}, {str(number): "" for number in range(51)}],
    "TagKeys": [["key"]],
    "Architectures": [["x86_64"], ["arm64"]],
    "PackageType": ["Zip"],
    "InvocationType": ["RequestResponse", "Event", "DryRun"],
    "ProvisionedConcurrentExecutions": [1, 2, 3, 901, 1001],
    "ReservedConcurrentExecutions": [0, 1, 5, 900, 901],
}


def right(name: str, shape: Shape) -> SearchStrategy[Any]:
    """Values of a member's own type and range, likely ones where they are known."""
    if name in LIKELY:
        return st.sampled_from(LIKELY[name])
    match shape.kind:
        case "structure":
            required = {
                at.wire_name: strategy(member, at.shape, right)
                for member, at in shape.members.items()
                if member in shape.required
            }
            optional = {
                at.wire_name: strategy(member, at.shape, right)
                for member, at in shape.members.items()
                if member not in shape.required
            }
            return st.fixed_dictionaries(required, optional=optional)
        case "list":
            assert shape.element
            return st.lists(strategy(name, shape.element, right), min_size=int(shape.minimum or 0), max_size=2)
        case "map":
            assert shape.key and shape.value
            return st.dictionaries(strategy(name, shape.key, right), strategy(name, shape.value, right), max_size=2)
        case "blob":
            return st.just(b"{}")
        case "boolean":
            return st.booleans()
        case "integer" | "long" | "double" | "float":
            low, high = shape.minimum or 0, shape.maximum or 10_000
            return st.sampled_from([low, low + 1, high])
    return st.sampled_from(shape.enum or ["x", "abc"])


def wild(name: str, shape: Shape) -> SearchStrategy[Any]:
    """The same, at and beyond every limit, and values of other types."""
    return st.one_of(right(name, shape), right(name, shape), _beyond(name, shape), st.sampled_from(WRONG))


def _beyond(name: str, shape: Shape) -> SearchStrategy[Any]:
    match shape.kind:
        case "structure":
            members = {at.wire_name: strategy(member, at.shape, wild) for member, at in shape.members.items()}
            return st.fixed_dictionaries({}, optional=members)
        case "list":
            assert shape.element
            return st.lists(strategy(name, shape.element, wild), max_size=3) | st.just([None] * 200)
        case "map":
            assert shape.value
            return st.dictionaries(st.sampled_from(STRANGE), strategy(name, shape.value, wild), max_size=3)
        case "blob":
            return BLOB
        case "integer" | "long" | "double" | "float":
            return st.sampled_from([(shape.minimum or 0) - 1, (shape.maximum or 10_000) + 1, 2**31, -(2**63), 0.5])
    return st.sampled_from(STRANGE) | st.text(string.printable, max_size=12)


_STRATEGIES: dict[tuple[str, str, Kind], SearchStrategy[Any]] = {}


def strategy(name: str, shape: Shape, kind: Kind) -> SearchStrategy[Any]:
    """Made once for each member and kind; a shape may hold itself."""
    key = (name, shape.name, kind)
    if key not in _STRATEGIES:
        _STRATEGIES[key] = st.deferred(lambda: kind(name, shape))
    return _STRATEGIES[key]


class Sent:
    def __init__(self, operation: Operation, request: Request) -> None:
        self.operation, self.request = operation, request

    def __repr__(self) -> str:
        asked = self.request
        parts = (asked.path, asked.query, str(asked.headers), str(asked.body)[2:-1])
        return " ".join([asked.method, *(part[:150] for part in parts)])


@st.composite
def requests(draw: Callable[[SearchStrategy[Any]], Any]) -> Sent:
    """A request for any operation. Half of them mean well: what they send is likely, and what is required is there."""
    operation, kind = draw(st.sampled_from(ALL)), draw(st.sampled_from([right, wild]))
    path, query, headers, members, body = operation.uri.partition("?")[0], list(operation.constants), {}, {}, b""
    shape = operation.input
    for name, member in shape.members.items() if shape else ():
        meant = kind is right  # then optional members are few: each is one more that may be refused
        needed = (shape and name in shape.required) or name in NEEDED.get(operation.name, ())
        left_out = (0 if meant else 1) if needed else (9 if meant else 7)
        if member.location != "uri" and draw(TEN) < left_out:
            continue
        value = draw(strategy(name, member.shape, kind))
        if member.location == "uri":
            text = quote(_text(value) or "x", safe="", errors="surrogatepass")
            path = path.replace("{" + member.wire_name + "}", text)
        elif member.location == "querystring":
            query += [(member.wire_name, _text(one)) for one in (value if isinstance(value, list) else [value])]
        elif member.location == "header":
            headers[member.wire_name.lower()] = _text(value)
        elif shape and name == shape.payload and member.shape.kind == "blob":
            body = value if isinstance(value, bytes) else _json(value)
        else:
            members[member.wire_name] = value
    if members:
        body = _json(members)
    if kind is wild and draw(TEN) == 0:
        body = draw(st.binary(max_size=8))
    return Sent(operation, Request(operation.method, path, urlencode(query, errors="surrogatepass"), headers, body))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else _json(value).decode()


def _json(value: Any) -> bytes:
    return json.dumps(value, default=lambda blob: base64.b64encode(blob).decode()).encode()


# -- what must hold


@cache
def modelled() -> dict[str, dict[str, int]]:
    """Operation -> the errors that botocore's model knows of it, with their HTTP status."""
    document: Any = Loader().load_service_model("lambda", "service-2", "2015-03-31")
    return {
        name: {
            error["shape"]: document["shapes"][error["shape"]]["error"]["httpStatusCode"]
            for error in spec.get("errors", ())
        }
        for name, spec in document["operations"].items()
    }


def check_answer(sent: Sent, response: Response) -> None:
    if response.status < 400:
        assert response.status in (200, 201, 202, 204), (sent, response)
        return
    code = dict(response.headers)["x-amzn-ErrorType"]
    known = {**EVERYWHERE, **modelled()[sent.operation.name]}
    assert known.get(code) == response.status, (sent, code, response.body[:300])
    assert {key.lower() for key in json.loads(response.body)} >= {"message"}


def check_state(served: Served, kept: Function) -> None:
    """Nothing dangles, what is published is as it was, other Regions saw nothing, and all of it can be read."""
    for (region, name), function in served.state.functions.items():
        assert (function.region, function.name, function.latest.version) == (region, name, LATEST)
        assert all(number == version.version for number, version in function.versions.items())
        for alias in function.aliases.values():
            assert all(function.version(number) for number in (alias.function_version, *alias.weights))
        assert {*function.policies} <= {"", *function.versions, *function.aliases}
        assert {*function.settings.get("provisioned", ())} <= {*function.versions, *function.aliases}
        for part in ("", "/configuration", "/versions", "/aliases") if region == "us-east-1" else ():
            assert served.answer(Request("GET", f"/2015-03-31/functions/{name}{part}")).status == 200
    assert served.state.functions[BYSTANDER] == kept


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = Served(tmp_path_factory.mktemp("fuzz"))
    restore(made, *BYSTANDER)
    yield made
    made.loop.run_until_complete(made.loop.shutdown_default_executor())
    made.loop.close()


def restore(served: Served, region: str = "us-east-1", name: str = "hello") -> None:
    """A function with a version and an alias, again."""
    lambda_ = served.client(region)
    lambda_.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=ROLE,
        Handler="index.handler",
        Code={"ZipFile": zipped()},
        Publish=True,
    )
    lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    served.settle()


@pytest.fixture(autouse=True, scope="module")
def nothing_is_written_here(tmp_path_factory: pytest.TempPathFactory) -> None:
    set_hypothesis_home_dir(tmp_path_factory.mktemp("hypothesis"))


def test_no_request_brings_more_than_an_error_of_the_model(fuzzed: Served) -> None:
    kept = copy.deepcopy(fuzzed.state.functions[BYSTANDER])
    reached = set()

    @settings(
        max_examples=REQUESTS // AT_ONCE,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],  # what was sent before is part of the story: a smaller one may be another
    )
    @given(st.lists(requests(), min_size=AT_ONCE, max_size=AT_ONCE))
    def fuzz(batch: list[Sent]) -> None:
        if ("us-east-1", "hello") not in fuzzed.state.functions:
            restore(fuzzed)
        for sent in batch:
            check_answer(sent, fuzzed.answer(sent.request))
            reached.add(sent.operation.name)
        fuzzed.settle()
        check_state(fuzzed, kept)

    fuzz()
    assert reached == {*operations()}
