"""rest-json: from a request to typed members, and from a result to a response, by the model's locations and shapes.

    given = parse(operation, labels, query, request)        # typed; constraints are validation's business
    response = serialise(operation, {"Configuration": …})

Wrong types are AWS's SerializationException; a member that is null is a member that was not sent.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from lambda_sandbox.lambda_api import errors, json_text
from lambda_sandbox.lambda_api.model import Member, Operation, Shape
from lambda_sandbox.wire import Request, Response

Query = list[tuple[str, str]]


def parse(operation: Operation, labels: Mapping[str, str], query: Query, request: Request) -> dict[str, Any]:
    """The members of the operation's input that were sent, as Python values; blobs are decoded."""
    shape = operation.input
    if shape is None:
        return {}
    body: Any = None
    if _is_json(shape) and request.body:
        body = json_text.parse(request.body)
        if not isinstance(body, dict) and body is not None:
            raise errors.serialization(_unexpected(body))
    given: dict[str, Any] = {}
    for name, member in shape.members.items():
        value = _find(name, member, shape, labels, query, request, body or {})
        if value is not None:
            given[name] = value
    return given


def _is_json(shape: Shape) -> bool:
    if shape.payload:
        return shape.members[shape.payload].shape.kind == "structure"
    return any(not member.location for member in shape.members.values())


def _find(
    name: str,
    member: Member,
    shape: Shape,
    labels: Mapping[str, str],
    query: Query,
    request: Request,
    body: Mapping[str, Any],
) -> Any:
    if member.location == "uri":
        return _from_text(member.shape, labels[member.wire_name])
    if member.location == "header":
        text = request.headers.get(member.wire_name.lower())
        return None if text is None else _from_text(member.shape, text)
    if member.location == "querystring":
        texts = [value for key, value in query if key == member.wire_name]
        if member.shape.kind == "list":
            return texts or None
        return _from_text(member.shape, texts[-1]) if texts else None
    if name == shape.payload:
        return request.body if member.shape.kind == "blob" else _from_json(member.shape, body)
    return _from_json(member.shape, body.get(member.wire_name))


def _from_text(shape: Shape, text: str) -> Any:
    if shape.kind in ("integer", "long"):
        try:
            return int(text)
        except ValueError:
            raise errors.serialization(_unconvertible("", shape)) from None
    if shape.kind == "boolean":
        return text.lower() == "true"
    return text


def _from_json(shape: Shape, value: Any) -> Any:
    if value is None:
        return None
    match shape.kind:
        case "structure":
            if not isinstance(value, dict):
                raise errors.serialization(_unexpected(value))
            found = {name: _from_json(at.shape, value.get(at.wire_name)) for name, at in shape.members.items()}
            return {name: member for name, member in found.items() if member is not None}
        case "list":
            if not isinstance(value, list):
                raise errors.serialization(_unexpected(value))
            assert shape.element
            return [_from_json(shape.element, element) for element in value]
        case "map":
            if not isinstance(value, dict):
                raise errors.serialization(_unexpected(value))
            assert shape.value
            return {_sendable(key): _from_json(shape.value, element) for key, element in value.items()}
        case "blob":
            return _blob(value)
    return _scalar(shape, value)


def _scalar(shape: Shape, value: Any) -> Any:
    wanted = {"string": str, "boolean": bool, "integer": int, "long": int}.get(shape.kind, (int, float))
    if isinstance(value, wanted) and isinstance(value, bool) == (shape.kind == "boolean"):
        if shape.kind in ("double", "float"):
            return float(str(value))
        return _sendable(value) if isinstance(value, str) else value
    if isinstance(value, (dict, list)):
        raise errors.serialization(_unexpected(value))
    raise errors.serialization(_unconvertible(value, shape))


def _sendable(text: str) -> str:
    """JSON can escape half a surrogate pair, which no file name, variable or answer can hold: it becomes `?`."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _blob(value: Any) -> bytes:
    if not isinstance(value, str):
        raise errors.serialization(_unexpected(value))
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise errors.serialization("Invalid Base64: the value of a blob member must be base64") from None


def _unconvertible(value: Any, shape: Shape) -> str:
    article = "an" if shape.kind.startswith("i") else "a"
    return f"{_token(value)} can not be converted to {article} {shape.kind.capitalize()}"


def _token(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE_VALUE" if value else "FALSE_VALUE"
    return "STRING_VALUE" if isinstance(value, str) else "NUMBER_VALUE"


def _unexpected(value: Any) -> str:
    if isinstance(value, dict):
        return "Start of structure or map found where not expected."
    if isinstance(value, list):
        return "Start of list found where not expected"
    return f"Unexpected token {_token(value)}"


# -- results


def serialise(operation: Operation, result: Mapping[str, Any] | None) -> Response:
    """The response. Members that are None are left out; one that the model does not know is our mistake: KeyError."""
    status, headers, body = operation.status, [], {}
    for name, value in (result or {}).items():
        assert operation.output
        member = operation.output.members[name]
        if value is None:
            continue
        if member.location == "statusCode":
            status = value
        elif member.location == "header":
            headers.append((member.wire_name, str(value)))
        else:
            body[member.wire_name] = _to_json(member.shape, value)
    if status == 204:
        return Response(status, tuple(headers))
    headers.append(("Content-Type", "application/json"))
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(status, tuple(headers), text.encode())


def _to_json(shape: Shape, value: Any) -> Any:
    match shape.kind:
        case "structure":
            return {
                shape.members[name].wire_name: _to_json(shape.members[name].shape, member)
                for name, member in value.items()
                if member is not None
            }
        case "list":
            assert shape.element
            return [_to_json(shape.element, element) for element in value]
        case "map":
            assert shape.value
            return {key: _to_json(shape.value, element) for key, element in value.items()}
        case "blob":
            return base64.b64encode(value).decode()
    return value
