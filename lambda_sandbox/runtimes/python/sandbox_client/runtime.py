"""The life of a runtime: find the handler, then ask for invocations, run them and answer, one by one (facts §3.2)."""

from __future__ import annotations

import importlib
import logging
import os
import sys

from . import logs, marshal
from .api import Invocation, RuntimeApi
from .context import LambdaContext
from .errors import UNHANDLED, Fault, describe, log_error, xray_cause

TYPE_CHECKING = False  # as in `typing`, which is slow to import
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .errors import Encode

    Handler = Callable[[Any, LambdaContext], Any]


def run(handler_name: str) -> None:
    """Serves invocations until the process is killed; exits with 1 when there is no handler to run."""
    log = logs.set_up()
    encode = marshal.Encoder().encode
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        handler = find_handler(handler_name)
    except Exception as problem:
        error = describe(problem)
        logging.warning(UNHANDLED)
        log_error(error, log, encode)
        api.post_init_error(encode(error), error["errorType"])
        sys.exit(1)
    if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start":
        from . import snapshot

        snapshot.run_hooks(api, log, encode)
    while True:
        invocation = api.next_invocation()
        log.request_id, log.tenant_id = invocation.request_id, invocation.tenant_id
        set_trace_id(invocation.trace_id)
        handle_event_request(api, handler, invocation, log, encode)


def find_handler(name: str) -> Handler:
    """The function that "folder/module.function" names; raises Fault, or what the module raised."""
    try:
        module_name, function_name = name.rsplit(".", 1)
    except ValueError as error:
        raise Fault("Runtime.MalformedHandlerName", f"Bad handler '{name}': {error}") from None
    if module_name.split(".")[0] in sys.builtin_module_names:
        message = f"Cannot use built-in module {module_name} as a handler module"
        raise Fault("Runtime.BuiltInModuleConflict", message)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}") from None
    except SyntaxError as error:
        trace = [f'  File "{error.filename}" Line {error.lineno}\n    {error.text}']
        raise Fault("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}", trace) from None
    try:
        return getattr(module, function_name)  # type: ignore[no-any-return]
    except AttributeError:
        message = f"Handler '{function_name}' missing on module '{module_name}'"
        raise Fault("Runtime.HandlerNotFound", message) from None


def handle_event_request(
    api: RuntimeApi, handler: Handler, invocation: Invocation, log: logs.RootHandler, encode: Encode
) -> None:
    """Runs the handler on one event and posts its answer or its error."""
    try:
        context = LambdaContext(
            invocation,
            parsed(invocation.client_context, "Client Context"),
            parsed(invocation.cognito_identity, "Cognito Identity"),
        )
        event = unmarshal(invocation)
        response = handler(event, context)
        body, content_type = marshal_response(response, encode)
    except Exception as problem:
        error, cause = describe(problem, invocation.request_id), xray_cause(problem)
    else:
        api.post_response(invocation, body, content_type)
        return
    log_error(error, log, encode)
    api.post_error(invocation, encode(error), encode(cause))


def parsed(header: str | None, name: str) -> Any:
    try:
        return marshal.decode(header) if header else None
    except Exception as error:
        raise Fault("Runtime.LambdaContextUnmarshalError", f"Unable to parse {name} JSON: {error}") from None


def unmarshal(invocation: Invocation) -> Any:
    """The event: JSON parsed, anything else as it came."""
    if invocation.content_type != "application/json":
        return invocation.body
    try:
        return marshal.decode(invocation.body.decode())
    except Exception as error:
        raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from None


def marshal_response(response: Any, encode: Encode) -> tuple[str | bytes, str]:
    if isinstance(response, bytes):
        return response, "application/unknown"
    try:
        return encode(response), "application/json"
    except Exception as error:
        raise Fault("Runtime.MarshalError", f"Unable to marshal response: {error}") from None


def set_trace_id(trace_id: str | None) -> None:
    if trace_id is None:
        os.environ.pop("_X_AMZN_TRACE_ID", None)
    else:
        os.environ["_X_AMZN_TRACE_ID"] = trace_id
