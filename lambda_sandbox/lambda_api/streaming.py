"""InvokeWithResponseStream: the answer of a function as a stream of events.

What a runtime streams is sent on as it comes; what it answers as a whole comes as a whole. AWS documents the members of
InvokeComplete, not what an error puts there: ours are FunctionError and the payload.
"""

from __future__ import annotations

import asyncio
import json

from lambda_sandbox.invocation import Answered, Call, Outcome
from lambda_sandbox.lambda_api import event_stream, invoke
from lambda_sandbox.lambda_api.context import Context, Given
from lambda_sandbox.lambda_api.names import locate
from lambda_sandbox.wire import Response, Stream

_CHUNK = 64 * 1024  # bytes of payload in an event


async def invoke_with_response_stream(context: Context, given: Given) -> Response:
    target = locate(context, given)
    invoke.refuse_tenants(given.get("TenantId"), None)
    call = Call(
        region=context.region,
        function=target.name,
        qualifier=target.qualifier,
        payload=invoke.payload(given.get("Payload", b""), "RequestResponse"),
        request_id=context.request_id,
        client_context=invoke.client_context(given.get("ClientContext")),
    )
    if given.get("InvocationType") == "DryRun":
        context.rooms.invoker.resolve(call.region, call.function, call.qualifier)
        return Response(204)
    stream, begun = Stream(), asyncio.get_running_loop().create_future()

    def on_chunk(version: str, chunk: bytes) -> None:
        stream.put(_chunks(chunk))
        if not begun.done():
            begun.set_result(version)

    async def run() -> tuple[Outcome, str | None]:
        try:
            if given.get("LogType") == "Tail":
                outcome, log = await invoke.with_tail(context, call._replace(on_chunk=on_chunk))
            else:
                outcome, log = await context.rooms.invoker.invoke(call._replace(on_chunk=on_chunk)), None
            stream.put(_complete(outcome, log))
            return outcome, log
        finally:
            stream.end()

    running = context.rooms.clock.spawn(run())
    await asyncio.wait({running, begun}, return_when=asyncio.FIRST_COMPLETED)
    if begun.done():
        return Response(200, _headers(begun.result()), stream=stream)
    outcome, log = running.result()
    whole = _chunks(outcome.payload) if isinstance(outcome, Answered) else b""
    return Response(200, _headers(outcome.version), whole + _complete(outcome, log))


def _headers(version: str) -> tuple[tuple[str, str], ...]:
    return ("Content-Type", event_stream.CONTENT_TYPE), ("X-Amz-Executed-Version", version)


def _chunks(payload: bytes) -> bytes:
    parts = (payload[start : start + _CHUNK] for start in range(0, len(payload), _CHUNK))
    return b"".join(event_stream.event("PayloadChunk", part, "application/octet-stream") for part in parts)


def _complete(outcome: Outcome, log: str | None) -> bytes:
    end: dict[str, str] = {}
    if not isinstance(outcome, Answered):
        end = {"ErrorCode": outcome.function_error, "ErrorDetails": outcome.payload.decode("utf-8", "replace")}
    if log is not None:
        end["LogResult"] = log
    return event_stream.event("InvokeComplete", json.dumps(end, separators=(",", ":")).encode(), "application/json")
