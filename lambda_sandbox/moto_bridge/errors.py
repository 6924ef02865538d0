"""An AwsError as the answer of another service than Lambda: one writer for every protocol that moto speaks.

render(AwsError("NoSuchKey", 404, "The specified key does not exist."), request, service="s3") -> Response
"""

from __future__ import annotations

import json
from xml.sax.saxutils import escape

from lambda_sandbox.wire import AwsError, Request, Response

_REQUEST_ID = "00000000-0000-0000-0000-000000000000"  # the door writes the real one into the headers
_REST_XML = ("cloudfront", "route53", "s3control")


def render(error: AwsError, request: Request, service: str) -> Response:
    """The error in the protocol that the request was made in."""
    code, message = error.code, error.message
    content_type = request.headers.get("content-type", "")
    if service == "s3":
        resource = escape(request.decoded_path)
        more = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in error.members.items())
        body = f"<Code>{code}</Code><Message>{escape(message)}</Message>{more}<Resource>{resource}</Resource>"
        return _answer(error, "application/xml", f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{body}</Error>')
    if service == "ec2":
        body = f"<Response><Errors><Error><Code>{code}</Code><Message>{escape(message)}</Message></Error></Errors>"
        return _answer(error, "text/xml", f"{body}<RequestID>{_REQUEST_ID}</RequestID></Response>")
    if content_type.startswith("application/x-www-form-urlencoded") or service in _REST_XML:
        fault = "Sender" if error.status < 500 else "Receiver"
        body = f"<Error><Type>{fault}</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
        return _answer(error, "text/xml", f"<ErrorResponse>{body}<RequestId>{_REQUEST_ID}</RequestId></ErrorResponse>")
    content_type = content_type if content_type.startswith("application/x-amz-json") else "application/json"
    return _answer(error, content_type, json.dumps({"__type": code, "message": message}))


def _answer(error: AwsError, content_type: str, body: str) -> Response:
    headers = (("Content-Type", content_type), ("x-amzn-ErrorType", error.code), *error.headers.items())
    return Response(error.status, headers, body.encode())
