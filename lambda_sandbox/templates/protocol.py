"""CloudFormation's protocol, "query": members in a form, answers in XML, both as botocore's model has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

from lambda_sandbox.clock import iso8601
from lambda_sandbox.wire import AwsError, Request, Response

_MODEL = ServiceModel(Loader().load_service_model("cloudformation", "service-2"), "cloudformation")
_XMLNS = _MODEL.metadata["xmlNamespace"]


def read(request: Request) -> tuple[OperationModel, dict[str, Any]]:
    """The operation, and its members. Raises AwsError: no such operation, a required member is missing."""
    form = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)) or dict(
        request.parameters()
    )
    action = form.get("Action", "")
    if action not in _MODEL.operation_names:
        raise AwsError("InvalidAction", 400, f"Could not find operation {action} for version {_MODEL.api_version}")
    operation = _MODEL.operation_model(action)
    given: dict[str, Any] = _members(operation.input_shape, "", form) or {}
    for name in operation.input_shape.required_members:
        if name not in given:
            what = f"Value null at '{name[0].lower()}{name[1:]}' failed to satisfy constraint: Member must not be null"
            raise AwsError("ValidationError", 400, f"1 validation error detected: {what}")
    return operation, given


def _members(shape: Any, at: str, form: Mapping[str, str]) -> Any:
    """`Parameters.member.1.ParameterKey=Stage` as nested members; None if there is none."""
    if shape.type_name == "structure":
        found = {name: _members(inner, f"{at}.{name}" if at else name, form) for name, inner in shape.members.items()}
        return {name: value for name, value in found.items() if value is not None} or None
    if shape.type_name == "list":
        listed, number = [], 1
        while (one := _members(shape.member, f"{at}.member.{number}", form)) is not None:
            listed.append(one)
            number += 1
        return listed or None
    text = form.get(at)
    if text is not None and shape.type_name == "boolean":
        return text.lower() == "true"
    return text


def answer(operation: OperationModel, made: Mapping[str, Any], request_id: str) -> Response:
    """`made` in the operation's XML."""
    shape, name = operation.output_shape, operation.name
    result = f"<{name}Result>{_xml(shape, made)}</{name}Result>" if shape is not None else ""
    about = f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
    return _response(200, f'<{name}Response xmlns="{_XMLNS}">{result}{about}</{name}Response>', request_id)


def error(refusal: AwsError, request_id: str) -> Response:
    fault = "Sender" if refusal.status < 500 else "Receiver"
    about = f"<Type>{fault}</Type><Code>{refusal.code}</Code><Message>{escape(refusal.message)}</Message>"
    body = f'<ErrorResponse xmlns="{_XMLNS}"><Error>{about}</Error><RequestId>{request_id}</RequestId></ErrorResponse>'
    return _response(refusal.status, body, request_id)


def _response(status: int, body: str, request_id: str) -> Response:
    return Response(status, (("Content-Type", "text/xml"), ("x-amzn-RequestId", request_id)), body.encode())


def _xml(shape: Any, value: Any) -> str:
    if shape.type_name == "structure":
        return "".join(
            f"<{name}>{_xml(inner, value[name])}</{name}>"
            for name, inner in shape.members.items()
            if value.get(name) is not None
        )
    if shape.type_name == "list":
        return "".join(f"<member>{_xml(shape.member, one)}</member>" for one in value)
    if shape.type_name == "timestamp":
        return iso8601(value)
    return escape(str(value).lower() if isinstance(value, bool) else str(value))
