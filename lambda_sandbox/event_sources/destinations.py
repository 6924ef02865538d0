"""Where the outcome of an asynchronous event goes: destinations and dead-letter queues (facts §4.3).

The mirror of the event sources: shape the record → send it to a service → note it in the journal.

destinations = Destinations(state=…, journal=…, now=…, send=bridge.serve_async, invoke=invoker.enqueue, may=…)
invoker.on_ended = destinations.on
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote, unquote

from lambda_sandbox.clock import iso8601
from lambda_sandbox.environments.outcome import Answered
from lambda_sandbox.event_sources.to_services import json_request, message, notification, parts, signed
from lambda_sandbox.iam import Decision
from lambda_sandbox.invocation.call import Call, Ended
from lambda_sandbox.journal import Journal, Kind
from lambda_sandbox.state import LATEST, State, function_arn
from lambda_sandbox.wire import AwsError, Request, Response

_ACTIONS = {  # what the execution role must be allowed (facts §4.3)
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
    "lambda": "lambda:InvokeFunction",
    "events": "events:PutEvents",
    "s3": "s3:PutObject",
}
ERROR_TEXT = 1024  # bytes of the error message that a dead letter carries


def record(ended: Ended, now: float) -> dict[str, Any]:
    """The JSON that a destination gets, as recorded."""
    call, outcome = ended.call, ended.outcome
    said: dict[str, Any] = {
        "version": "1.0",
        "timestamp": iso8601(now),
        "requestContext": {
            "requestId": call.request_id,
            "functionArn": function_arn(call.region, call.function, call.qualifier or LATEST),
            "condition": ended.condition,
            "approximateInvokeCount": ended.attempts,
        },
        "requestPayload": json.loads(call.payload or b"null"),
    }
    if outcome is not None:
        said["responseContext"] = {"statusCode": 200, "executedVersion": outcome.version}
        if outcome.function_error:
            said["responseContext"]["functionError"] = outcome.function_error
        said["responsePayload"] = _json(outcome.payload)
    return said


class Destinations:
    """Sends the end of each asynchronous event to where its function says."""

    def __init__(
        self,
        *,
        state: State,
        journal: Journal,
        now: Callable[[], float],
        send: Callable[[Request], Awaitable[Response]],
        invoke: Callable[[Call], None],
        may: Callable[[str, str, str], Decision],
    ) -> None:
        """`may` says whether a role may do something to a resource, and blocks."""
        self._state, self._journal, self._now, self._send, self._invoke = state, journal, now, send, invoke
        self._may = may

    async def on(self, ended: Ended) -> None:
        """One event is over, well or badly."""
        call = ended.call
        function = self._state.function(call.region, call.function)
        if function is None:
            return
        config = function.event_invoke_configs.get(call.qualifier or LATEST, {}).get("DestinationConfig", {})
        good = isinstance(ended.outcome, Answered)
        about = {"function": call.function, "request_id": call.request_id}
        about |= {"region": call.region, "qualifier": call.qualifier or LATEST}
        ran = ended.outcome.version if ended.outcome is not None else LATEST
        role = (function.version(ran) or function.latest).role
        target = config.get("OnSuccess" if good else "OnFailure", {}).get("Destination")
        if target:
            what = self._to_destination(ended, target, good)
            await self._deliver(about, role, ended.condition, target, Kind.DELIVERED, what)
        if not good and function.latest.dead_letter_arn:
            target = function.latest.dead_letter_arn
            dead_letter = self._dead_letter(ended, target)
            await self._deliver(about, role, ended.condition, target, Kind.DEAD_LETTERED, dead_letter)

    async def on_batch(self, target: str, said: dict[str, Any], folder: str) -> None:
        """A batch of a stream was given up: tells the mapping's on-failure destination, a queue, topic or bucket."""
        region, _, _, name = said["requestContext"]["functionArn"].split(":")[3:7]
        body = json.dumps(said, separators=(",", ":"))
        match parts(target)[0]:
            case "sqs":
                what = message(target, body, {})
            case "sns":
                what = notification(target, body, {})
            case _:
                what = self._object(target, region, folder, body)
        about = {"function": name, "request_id": said["requestContext"]["requestId"], "region": region}
        function = self._state.function(region, name)
        if function is not None:
            role, condition = function.latest.role, said["requestContext"]["condition"]
            await self._deliver(about, role, condition, target, Kind.DELIVERED, what)

    def _to_destination(self, ended: Ended, target: str, good: bool) -> Request | Call:
        said = record(ended, self._now())
        body = json.dumps(said, separators=(",", ":"))
        service, region, name = parts(target)
        match service:
            case "sqs":
                return message(target, body, {})
            case "sns":
                return notification(target, body, {})
            case "events":
                entry = {
                    "Source": "lambda",
                    "DetailType": f"Lambda Function Invocation Result - {'Success' if good else 'Failure'}",
                    "Resources": [target, said["requestContext"]["functionArn"]],
                    "Detail": body,
                    "EventBusName": target,
                }
                return json_request("events", region, "AWSEvents.PutEvents", {"Entries": [entry]})
            case "s3":
                return self._object(target, ended.call.region, f"async/{ended.call.function}", body)
            case _:
                function, _, qualifier = name.removeprefix("function:").partition(":")
                return Call(region, function, qualifier or None, body.encode(), self._state.new_uuid(), source="lambda")

    def _object(self, bucket_arn: str, region: str, folder: str, body: str) -> Request:
        moment = iso8601(self._now())[:19].replace(":", ".")
        key = f"aws/lambda/{folder}/{moment[:10].replace('-', '/')}/{moment}-{self._state.new_uuid()}"
        headers = {**signed("s3", region), "content-type": "application/json"}
        return Request("PUT", f"/{parts(bucket_arn)[2]}/{quote(key)}", headers=headers, body=body.encode())

    def _dead_letter(self, ended: Ended, target: str) -> Request:
        """The event itself; what went wrong is in the attributes."""
        said = ""
        if ended.outcome is not None and isinstance(error := _json(ended.outcome.payload), dict):
            said = str(error.get("errorMessage", ""))
        attributes = {
            "RequestID": ("String", ended.call.request_id),
            "ErrorCode": ("Number", "200" if ended.outcome is not None else "429"),
            "ErrorMessage": ("String", said.encode()[:ERROR_TEXT].decode(errors="ignore") or ended.condition),
        }
        make = notification if parts(target)[0] == "sns" else message
        return make(target, ended.call.payload.decode(), attributes)

    async def _deliver(
        self, about: dict[str, str], role: str, condition: str, target: str, kind: Kind, what: Request | Call
    ) -> None:
        refused = await self._forbidden(role, target, what) or await self._sent(what)
        if refused:
            because = f"{target}: {refused}"
            self._journal.append(Kind.REFUSED, **about, source="lambda", undelivered=kind, because=because)
        else:
            self._journal.append(kind, **about, to=target, condition=condition)

    async def _forbidden(self, role: str, target: str, what: Request | Call) -> str:
        """Why the execution role may not deliver this; "" if it may."""
        service = parts(target)[0]
        resource = f"arn:aws:s3:::{unquote(what.path[1:])}" if isinstance(what, Request) and service == "s3" else target
        decision = await asyncio.to_thread(self._may, role, _ACTIONS[service], resource)
        return "" if decision else f"{role} may not deliver, {decision.because}"

    async def _sent(self, what: Request | Call) -> str:
        """Sends it, or says why that was refused."""
        if isinstance(what, Call):
            try:
                self._invoke(what)
            except AwsError as error:
                return error.message
            return ""
        response = await self._send(what)
        return "" if response.status < 300 else response.body.decode(errors="replace")[:300]


def _json(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return payload.decode(errors="replace")
