"""Lambda's errors: each text as AWS was recorded to say it (facts §1.7), and how one is written on the wire.

raise errors.function_not_found(arn)
response = errors.render(error, request_id)
"""

from __future__ import annotations

import json

from lambda_sandbox.wire import NOT_MODELLED as NOT_MODELLED
from lambda_sandbox.wire import AwsError, Response
from lambda_sandbox.wire import invalid as invalid
from lambda_sandbox.wire import not_modelled as not_modelled

_NO_TYPE = {
    "ValidationException",
    "SerializationException",
    "UnknownOperationException",
    "RequestEntityTooLargeException",
    "AccessDeniedException",
    NOT_MODELLED,
}
_UNTYPED = {"Type": None}


def render(error: AwsError, request_id: str) -> Response:
    """The rest-json form: the name in `x-amzn-ErrorType`, the message (capital M when not found) in a JSON body."""
    body = dict(error.members)
    if error.status < 500 and error.code not in _NO_TYPE:
        body.setdefault("Type", "User")
    capital = error.capital or error.code == "ResourceNotFoundException"
    body["Message" if capital else "message"] = error.message
    body = {name: value for name, value in body.items() if value is not None}
    headers = {
        "Content-Type": "application/json",
        "x-amzn-RequestId": request_id,
        "x-amzn-ErrorType": error.code,
        **error.headers,
    }
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=str)
    return Response(error.status, tuple(headers.items()), text.encode("utf-8", "replace"))


# -- 400


def validation(*problems: str) -> AwsError:
    """Constraint errors, joined as AWS joins them."""
    count = len(problems)
    text = f"{count} validation error{'s' if count > 1 else ''} detected: {'; '.join(problems)}"
    return AwsError("ValidationException", 400, text)


def invalid_untyped(message: str) -> AwsError:
    """As `invalid`; but a few answers were recorded without a Type."""
    return AwsError("InvalidParameterValueException", 400, message, members=_UNTYPED)


def serialization(message: str) -> AwsError:
    return AwsError("SerializationException", 400, message)


def content(message: str) -> AwsError:
    return AwsError("InvalidRequestContentException", 400, message)


def derived_qualifier() -> AwsError:
    return invalid("The derived qualifier from the function name does not match the specified qualifier.")


def functions_only() -> AwsError:
    return invalid(
        "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. "
        "Please specify either a function name or an unqualified function ARN."
    )


# -- 403, 404


def access_denied(account: str, action: str, arn: str) -> AwsError:
    """A resource of another account: nothing there lets this account in."""
    return AwsError(
        "AccessDeniedException",
        403,
        f"User: arn:aws:iam::{account}:root is not authorized to perform: lambda:{action} on resource: {arn} "
        f"because no resource-based policy allows the lambda:{action} action",
        capital=True,
    )


def not_found(message: str) -> AwsError:
    return AwsError("ResourceNotFoundException", 404, message)


def function_not_found(arn: str) -> AwsError:
    return not_found(f"Function not found: {arn}")


def alias_not_found(arn: str) -> AwsError:
    return not_found(f"Cannot find alias arn: {arn}")


def no_resource() -> AwsError:
    return not_found("The resource you requested does not exist.")


def other_region(asked: str, here: str) -> AwsError:
    return not_found(f"Functions from '{asked}' are not reachable in this region ('{here}')")


def unknown_operation(method: str, path: str) -> AwsError:
    return AwsError("UnknownOperationException", 404, f"No operation of Lambda's API answers {method} {path}")


# -- 409, 412, 413


def conflict(message: str) -> AwsError:
    return AwsError("ResourceConflictException", 409, message)


def update_in_progress(arn: str) -> AwsError:
    return conflict(f"The operation cannot be performed at this time. An update is in progress for resource: {arn}")


def still_pending() -> AwsError:
    return conflict(
        "The operation cannot be performed at this time. The function is currently in the following state: Pending"
    )


def stale_revision(where: str = "GetFunction/GetAlias") -> AwsError:
    return AwsError(
        "PreconditionFailedException",
        412,
        "The Revision Id provided does not match the latest Revision Id. "
        f"Call the {where} API to retrieve the latest Revision Id",
    )


def too_large(message: str) -> AwsError:
    return AwsError("RequestEntityTooLargeException", 413, message)


def request_too_large(limit: int, operation: str) -> AwsError:
    return too_large(f"Request must be smaller than {limit} bytes for the {operation} operation")
