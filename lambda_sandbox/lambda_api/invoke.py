"""Invoke, the one operation that must be quick: nothing is built on its way but the call itself."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from lambda_sandbox.cloudwatch.logs import lines
from lambda_sandbox.facts import fact
from lambda_sandbox.invocation import Call, Outcome
from lambda_sandbox.journal import Record
from lambda_sandbox.lambda_api import errors, json_text, protocol, validation
from lambda_sandbox.lambda_api.context import Context, Given
from lambda_sandbox.lambda_api.model import operations
from lambda_sandbox.lambda_api.names import Target, locate
from lambda_sandbox.wire import Request, Response

PATH = re.compile(r"/2015-03-31/functions/([^/]+)/invocations/?")
_PLAIN_NAME = re.compile(r"[a-zA-Z0-9-_]{1,64}", re.ASCII)
_REMAPPED = ("x-amzn-Remapped-Content-Length", "0")  # as recorded, whatever it may mean
_KINDS = (None, "RequestResponse", "Event", "DryRun")
_SYNC_LIMIT: int = fact("limits.invoke_payload_sync")
_ASYNC_LIMIT: int = fact("limits.invoke_payload_async")
_TAIL: int = fact("limits.log_tail")


async def invoke(context: Context, label: str, request: Request) -> Response:
    """Answers one Invoke. `label` is the function's name as it stands in the path. Raises AwsError."""
    header = request.headers.get
    refuse_tenants(header("x-amz-tenant-id"), header("x-amz-durable-execution-name"))
    kind = header("x-amz-invocation-type") or "RequestResponse"
    target = _target(context, label, request)
    traces: list[str] = []
    call = Call(
        region=context.region,
        function=target.name,
        qualifier=target.qualifier,
        payload=payload(request.body, kind),
        request_id=context.request_id,
        client_context=client_context(request.headers.get("x-amz-client-context")),
        trace=header("x-amzn-trace-id", ""),
        on_trace=traces.append,
    )
    if kind == "Event":
        context.rooms.invoker.enqueue(call)
        return Response(202, (_REMAPPED,))
    if kind == "DryRun":
        context.rooms.invoker.resolve(call.region, call.function, call.qualifier)
        return Response(204)
    if request.headers.get("x-amz-log-type") == "Tail":
        return _answer(*await with_tail(context, call), traces)
    return _answer(await context.rooms.invoker.invoke(call), None, traces)


def refuse_tenants(tenant: str | None, durable: str | None) -> None:
    """No function here has tenants or is durable, whatever a call says."""
    if tenant or durable:
        raise errors.not_modelled("tenant isolation" if tenant else "durable functions")


def _target(context: Context, label: str, request: Request) -> Target:
    """A plain name, the usual case, needs no validation; everything else goes by the model."""
    header = request.headers.get
    usual = header("x-amz-invocation-type") in _KINDS and header("x-amz-log-type") in (None, "Tail")
    if usual and not request.query and _PLAIN_NAME.fullmatch(label):
        return Target(label)
    operation = operations()["Invoke"]
    given = protocol.parse(operation, {"FunctionName": unquote(label)}, request.parameters(), request)
    validation.check(operation, given)
    return locate(context, given)


def payload(body: bytes, kind: str) -> bytes:
    """The event, checked: its size, then that it is JSON. An empty body is an empty object."""
    limit = _ASYNC_LIMIT if kind == "Event" else _SYNC_LIMIT
    if len(body) > limit:
        if kind == "Event":
            raise errors.too_large(
                f"{len(body)} byte payload is too large for the Event invocation type (limit {limit} bytes)"
            )
        raise errors.request_too_large(limit, "InvokeFunction")
    if not body:
        return b"{}"
    json_text.parse(body, payload=True)
    return body


def client_context(header: str | None) -> str | None:
    """The client context as JSON text. Raises InvalidRequestContentException."""
    if not header:
        return None
    if len(header) > fact("limits.client_context"):
        raise errors.content(f"Client context must be at most {fact('limits.client_context')} bytes of base64")
    text = _decoded(header)
    if text is None:
        raise errors.content("Client context must be a valid Base64-encoded JSON object.")
    return text


def _decoded(header: str) -> str | None:
    """The JSON text of an object in base64, or None if it is anything else."""
    try:
        text = base64.b64decode(header, validate=True).decode()
        return text if isinstance(json.loads(text), dict) else None
    except (binascii.Error, ValueError, RecursionError):
        return None


def _answer(outcome: Outcome, log: str | None, traces: Iterable[str]) -> Response:
    headers = [("Content-Type", "application/json"), ("X-Amz-Executed-Version", outcome.version), _REMAPPED]
    headers += [("X-Amzn-Trace-Id", trace) for trace in traces]
    if outcome.function_error:
        headers.append(("X-Amz-Function-Error", outcome.function_error))
    if log is not None:
        headers.append(("X-Amz-Log-Result", log))
    return Response(200, tuple(headers), outcome.payload)


async def with_tail(context: Context, call: Call) -> tuple[Outcome, str]:
    """Runs a call; its outcome and its LogResult."""
    outcome, records = await context.rooms.invoker.invoke_with_log(call)
    function = context.state.function(call.region, call.function)
    version = function.version(outcome.version) if function else None
    return outcome, tail(records, version.logging if version else {})


def tail(records: Iterable[Record], logging: Mapping[str, Any]) -> str:
    """LogResult: the last 4 KB of an invocation's log, base64."""
    said = (line for record in records for line in lines(record, logging))
    text = "".join(line if line.endswith("\n") else line + "\n" for line in said)
    return base64.b64encode(text.encode("utf-8", "replace")[-_TAIL:]).decode()


def invoke_async(context: Context, given: Given) -> dict[str, int]:
    """The deprecated InvokeAsync: an Invoke of type Event by another name."""
    target = locate(context, given)
    event = payload(given.get("InvokeArgs", b""), "Event")
    context.rooms.invoker.enqueue(Call(context.region, target.name, target.qualifier, event, context.request_id))
    return {"Status": 202}
