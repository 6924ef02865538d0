"""The life of a runtime: find the handler, then ask for invocations, run them and answer, one after the other (facts §3.2)."""

import importlib
import logging
import os
import sys

from sandbox_client import logs, marshal
from sandbox_client.api import RuntimeApi
from sandbox_client.context import LambdaContext
from sandbox_client.errors import UNHANDLED, Fault, describe, log_error, xray_cause

def run(handler_name):
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
        run_snapshot_hooks(api, log, encode)
    while True:
        invocation = api.next_invocation()
        log.request_id, log.tenant_id = invocation.request_id, invocation.tenant_id
        set_trace_id(invocation.trace_id)
        handle_event_request(api, handler, invocation, log, encode)


def find_handler(name):
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
        return getattr(module, function_name)
    except AttributeError:
        message = f"Handler '{function_name}' missing on module '{module_name}'"
        raise Fault("Runtime.HandlerNotFound", message) from None


def handle_event_request(api, handler, invocation, log, encode):
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
        error = describe(problem, invocation.request_id)
        log_error(error, log, encode)
        api.post_error(invocation, encode(error), encode(xray_cause(problem)))
    else:
        api.post_response(invocation, body, content_type)


def parsed(header, name):
    try:
        return marshal.decode(header) if header else None
    except Exception as error:
        raise Fault("Runtime.LambdaContextUnmarshalError", f"Unable to parse {name} JSON: {error}") from None


def unmarshal(invocation):
    """The event: JSON parsed, anything else as it came."""
    if invocation.content_type != "application/json":
        return invocation.body
    try:
        return marshal.decode(invocation.body.decode())
    except Exception as error:
        raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from None


def marshal_response(response, encode):
    if isinstance(response, bytes):
        return response, "application/unknown"
    try:
        return encode(response), "application/json"
    except Exception as error:
        raise Fault("Runtime.MarshalError", f"Unable to marshal response: {error}") from None


def set_trace_id(trace_id):
    if trace_id is None:
        os.environ.pop("_X_AMZN_TRACE_ID", None)
    else:
        os.environ["_X_AMZN_TRACE_ID"] = trace_id


def run_snapshot_hooks(api, log, encode):
    """Runs the hooks of SnapStart around the snapshot; exits with 64 or 65 when one raises (facts §3.8)."""
    hooks = sys.modules.get("snapshot_restore_py")  # not imported: then nobody registered any
    try:
        while hooks and hooks.get_before_snapshot():
            hook, arguments, options = hooks.get_before_snapshot().pop()  # the last registered comes first
            hook(*arguments, **options)
        api.wait_for_restore()
    except BaseException as problem:
        error = describe(problem)
        log_error(error, log, encode)
        api.post_init_error(encode(error), "Runtime.BeforeSnapshotError")
        sys.exit(64)
    try:
        for hook, arguments, options in hooks.get_after_restore() if hooks else ():
            hook(*arguments, **options)
    except BaseException as problem:
        error = describe(problem)
        log_error(error, log, encode)
        api.post_restore_error(encode(error))
        sys.exit(65)
