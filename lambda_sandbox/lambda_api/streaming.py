"""InvokeWithResponseStream: the answer of a function as a stream of events.

The sandbox reads a runtime's answer to its end before it sends the first event: the events are AWS's, their pace is
not. AWS documents the members of InvokeComplete, not what an error puts there: ours are FunctionError and the payload.
"""

from __future__ import annotations

import json

from lambda_sandbox.invocation import Answered, Call, Outcome
from lambda_sandbox.lambda_api import event_stream, invoke
from lambda_sandbox.lambda_api.context import Context, Given
from lambda_sandbox.lambda_api.names import locate
from lambda_sandbox.wire import Response

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
    if given.get("LogType") == "Tail":
        return _answer(*await invoke.with_tail(context, call))
    return _answer(await context.rooms.invoker.invoke(call), None)


def _answer(outcome: Outcome, log: str | None) -> Response:
    headers = (("Content-Type", event_stream.CONTENT_TYPE), ("X-Amz-Executed-Version", outcome.version))
    end: dict[str, str] = {}
    chunks: list[bytes] = []
    if isinstance(outcome, Answered):
        payload = outcome.payload
        chunks = [
            event_stream.event("PayloadChunk", payload[start : start + _CHUNK], "application/octet-stream")
            for start in range(0, len(payload), _CHUNK)
        ]
    else:
        end = {"ErrorCode": outcome.function_error, "ErrorDetails": outcome.payload.decode("utf-8", "replace")}
    if log is not None:
        end["LogResult"] = log
    complete = json.dumps(end, separators=(",", ":")).encode()
    return Response(
        200, headers, b"".join([*chunks, event_stream.event("InvokeComplete", complete, "application/json")])
    )
