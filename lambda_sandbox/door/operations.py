"""Which operation of AWS a request asks for, and its parameters: by header, by form, or by method and path.

    operation_of(request, "s3")         # -> ("GetObject", {"Bucket": "pictures", "Key": "cat.jpg"})

Only what decides about permissions is read: of a body in XML, nothing but the keys of DeleteObjects.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import unescape
from io import BufferedReader, BytesIO
from typing import Any
from urllib.parse import parse_qsl, unquote

from botocore.loaders import Loader
from botocore.parsers import ResponseParserError, RpcV2CBORParser

from lambda_sandbox.moto_bridge.routing import bucket_in_host
from lambda_sandbox.wire import Request

_CBOR = re.compile(r"/service/\w+/operation/(\w+)")
_FORM = "application/x-www-form-urlencoded"


def operation_of(request: Request, service: str) -> tuple[str, dict[str, Any]]:
    """The operation and its parameters by their names in the model; the HTTP method where no operation fits."""
    if target := request.headers.get("x-amz-target"):
        return target.rpartition(".")[2], _json(request.body)
    if match := _CBOR.fullmatch(request.path):
        return match[1], _cbor(request.body)
    if service == "apigateway":
        return request.method, {"path": request.path}  # whose actions in IAM are the methods
    if service != "s3":
        form = request.body.decode("latin-1") if request.headers.get("content-type", "").startswith(_FORM) else ""
        said = dict([*request.parameters(), *parse_qsl(form)])
        if "Action" in said:
            return said["Action"], said
    path = request.path
    if service == "s3" and (bucket := bucket_in_host(request.headers.get("host", ""))):
        path = f"/{bucket}{path}"
    query, headers = dict(request.parameters()), request.headers
    fitting = [
        (len(operation.constants) + len(operation.required), operation, match)
        for operation in _operations(service)
        if operation.method == request.method
        and (match := operation.path.fullmatch(path))
        and all(query.get(name) == value for name, value in operation.constants)
        and all(name in (query if place == "querystring" else headers) for place, name in operation.required)
    ]
    if not fitting:
        return request.method, {}
    _, operation, match = max(fitting, key=lambda one: one[0])
    given: dict[str, Any] = {name: unquote(value) for name, value in zip(operation.labels, match.groups(), strict=True)}
    for member, place, name in operation.members:
        value = (query if place == "querystring" else headers).get(name)
        if value is not None:
            given[member] = unquote(value) if member == "CopySource" else value
    if operation.name == "DeleteObjects":
        given["Keys"] = [unescape(key) for key in re.findall(r"<Key>(.*?)</Key>", request.body.decode(), re.DOTALL)]
    elif request.body.startswith(b"{"):
        given |= _json(request.body)
    return operation.name, given


@dataclass(frozen=True, slots=True)
class _Operation:
    name: str
    method: str
    path: re.Pattern[str]
    labels: tuple[str, ...]
    constants: tuple[tuple[str, str], ...]  # of the query
    required: tuple[tuple[str, str], ...]  # (place, name on the wire)
    members: tuple[tuple[str, str, str], ...]  # (member, place, name on the wire)


@cache
def _operations(service: str) -> tuple[_Operation, ...]:
    """Of a REST service, from botocore's model; none of a service that it does not know by this name."""
    loader = Loader()
    service = "iot-data" if service == "iotdata" else service
    if service not in loader.list_available_services("service-2"):
        return ()
    model: Any = loader.load_service_model(service, "service-2")
    return tuple(_operation(name, spec, model["shapes"]) for name, spec in model["operations"].items())


def _operation(name: str, spec: Mapping[str, Any], shapes: Mapping[str, Any]) -> _Operation:
    path, _, query = spec["http"]["requestUri"].partition("?")
    shape = shapes[spec["input"]["shape"]] if "input" in spec else {}
    members = tuple(
        (member, at["location"], str(at.get("locationName", member)).lower() if at["location"] == "header" else
         str(at.get("locationName", member)))
        for member, at in shape.get("members", {}).items()
        if at.get("location") in ("querystring", "header")
    )  # fmt: skip
    return _Operation(
        name,
        spec["http"]["method"],
        re.compile(re.sub(r"{\w+}", "([^/]+)", re.sub(r"{\w+\+}", "(.+)", path.rstrip("/"))) + "/?", re.DOTALL),
        tuple(re.findall(r"{(\w+)\+?}", path)),
        tuple((key, value) for key, _, value in (part.partition("=") for part in query.split("&") if part)),
        tuple((place, wire) for member, place, wire in members if member in shape.get("required", ())),
        members,
    )


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}  # the service will say what is wrong
    return found if isinstance(found, dict) else {}


def _cbor(body: bytes) -> dict[str, Any]:
    parser: Any = RpcV2CBORParser()
    stream: Any = BufferedReader(BytesIO(body))
    try:
        found = parser.parse_data_item(stream)
    except (ResponseParserError, ValueError, LookupError, TypeError, struct.error, RecursionError):
        return {}  # the service will say what is wrong
    return found if isinstance(found, dict) else {}
