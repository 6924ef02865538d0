"""The second argument of a handler (facts §3.5)."""

from __future__ import annotations

import logging
import os
import sys
import time

TYPE_CHECKING = False  # as in `typing`, which is slow to import
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from .api import Invocation

W3C_FIELDS = ("traceparent", "tracestate", "baggage")


class Fields:
    """A record of named values, None where nothing was given, shown as `Name([field=value,field=value])`."""

    __slots__: tuple[str, ...] = ()
    _shown: tuple[str, ...] = ()  # the fields of repr, if not all slots

    def __init__(self, values: Mapping[str, Any]) -> None:
        for field in self.__slots__:
            setattr(self, field, values.get(field))

    def __repr__(self) -> str:
        values = ",".join(f"{field}={getattr(self, field)}" for field in self._shown or self.__slots__)
        return f"{type(self).__name__}([{values}])"


class CognitoIdentity(Fields):
    __slots__ = ("cognito_identity_id", "cognito_identity_pool_id")

    def __init__(self, header: Mapping[str, Any]) -> None:
        self.cognito_identity_id = header.get("cognitoIdentityId")
        self.cognito_identity_pool_id = header.get("cognitoIdentityPoolId")


class Client(Fields):
    __slots__ = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")


class ClientContext(Fields):
    __slots__ = ("custom", "env", "client")

    def __init__(self, header: Mapping[str, Any]) -> None:
        super().__init__(header)
        self.client = optional(Client, header.get("client"))


class LambdaContext(Fields):
    """What a function may know about the invocation that it serves."""

    _shown = (
        *("aws_request_id", "log_group_name", "log_stream_name", "function_name", "memory_limit_in_mb"),
        *("function_version", "invoked_function_arn", "client_context", "identity", "tenant_id"),
    )

    def __init__(self, invocation: Invocation, client_context: Any, cognito_identity: Any) -> None:
        """`client_context` and `cognito_identity` are parsed JSON, or None."""
        self.aws_request_id = invocation.request_id
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")  # a string, on AWS too
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = invocation.invoked_function_arn
        self.tenant_id = invocation.tenant_id
        self._w3c = take_w3c(client_context)
        self.client_context = optional(ClientContext, client_context)
        self.identity = CognitoIdentity({} if cognito_identity is None else cognito_identity)
        self._deadline_ms = invocation.deadline_ms

    def get_remaining_time_in_millis(self) -> int:
        return max(0, self._deadline_ms - int(time.time() * 1000))

    def w3c(self) -> dict[str, str]:
        """The W3C trace context that the caller sent in its client context."""
        return dict(self._w3c)

    def log(self, message: object) -> None:
        """Writes `message` to the log as it is, with no prefix and no newline."""
        for handler in logging.getLogger().handlers:
            if hasattr(handler, "log_sink"):
                handler.log_sink.log(str(message))
                return
        sys.stdout.write(str(message))


def optional(kind: type[Fields], values: Any) -> Any:
    return None if values is None else kind(values)


def take_w3c(client_context: Any) -> dict[str, str]:
    """Takes the trace context out of the client context, so that functions see it in `w3c()` only."""
    fields = client_context.pop("w3c", None) if isinstance(client_context, dict) else None
    if not isinstance(fields, dict):
        return {}
    return {name: fields[name] for name in W3C_FIELDS if isinstance(fields.get(name), str)}
