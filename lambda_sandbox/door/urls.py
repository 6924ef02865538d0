"""The door of function URLs: which function a request is for, whether it is let in, and its answer.

    urls = FunctionUrls(state=…, journal=…, clock=…, invoker=…, caller=bridge.caller)
    if urls.owns(request):
        response = await urls.answer(request)

A URL is named in the Host header, as on AWS (any domain may follow `<id>.lambda-url.<region>.`, so that a name under
`localhost` does too), or in the path: `/_url/<id>/…`.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol
from urllib.parse import unquote

from lambda_sandbox.clock import Clock
from lambda_sandbox.event_sources import function_url, payload2
from lambda_sandbox.event_sources.function_url import Caller, Url
from lambda_sandbox.facts import fact
from lambda_sandbox.iam import Asked, Decision, decide
from lambda_sandbox.invocation import Answered, Call, Outcome, recursion
from lambda_sandbox.journal import Journal, Kind
from lambda_sandbox.lambda_api import errors
from lambda_sandbox.state import Function, State, function_arn
from lambda_sandbox.wire import AwsError, Request, Response, Stream

_HOST = re.compile(r"([a-z0-9]{32})\.lambda-url\.[a-z0-9-]+\..+")
_PATH = re.compile(r"/_url/([^/]+)(/.*)?", re.DOTALL)
_SIGNED = re.compile(r"AWS4-HMAC-SHA256 .*Credential=([^/,]+)/\d+/[^/,]*/([a-z0-9-]+)/aws4_request")
_FORBIDDEN = (
    "Forbidden. For troubleshooting Function URL authorization issues, "
    "see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
)


class Invoker(Protocol):
    """What this door asks of `invocation.Invoker`."""

    async def invoke(self, call: Call) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class _Found:
    """A URL that exists: its function, the alias it is for ("" is none), and its configuration."""

    url: Url
    function: Function
    alias: str
    config: dict[str, Any]


class FunctionUrls:
    """Answers calls of function URLs."""

    def __init__(
        self,
        *,
        state: State,
        journal: Journal,
        clock: Clock,
        invoker: Invoker,
        caller: Callable[[str], Awaitable[Caller]],
        may: Callable[[str, Asked], Awaitable[Decision]],
    ) -> None:
        """`caller` says whose an access key is, `may` what he may do."""
        self._state, self._journal, self._clock, self._invoker = state, journal, clock, invoker
        self._caller, self._may = caller, may

    def owns(self, request: Request) -> bool:
        """Whether the request is for a function URL, existing or not."""
        return _address(request) is not None

    async def answer(self, request: Request) -> Response:
        """Answers as the URL does; never raises AwsError."""
        url_id, path = _address(request) or ("", "/")
        found = self._find(url_id)
        cors = found.config.get("Cors") or {} if found else {}
        if found is None or (cors and function_url.is_preflight(request)):  # runs nothing, and so leaves no trace
            request_id = self._state.new_passing_uuid()
            response = _forbidden(None) if found is None else function_url.preflight(request, cors)
            return _identified(response, request_id)
        request_id = self._state.new_uuid()
        with self._clock.busy():
            response = await self._let_in(request, found, path, request_id)
        return _identified(response, request_id, *function_url.cors_headers(request, cors))

    async def _let_in(self, request: Request, found: _Found, path: str, request_id: str) -> Response:
        caller = await self._signer(request) if found.config["AuthType"] == "AWS_IAM" else None
        decision = await self._may_call(found, caller)
        if not decision:
            self._journal.append(
                Kind.REFUSED,
                function=found.function.name,
                request_id=request_id,
                source="url",
                because=decision.because,
            )
            return _forbidden(_FORBIDDEN)
        at = self._clock.now()
        trace = recursion.root(request.headers.get("x-amzn-trace-id", ""), at, self._state.new_hex)
        event = function_url.event(
            request, found.url, path=path, caller=caller, request_id=request_id, at=at, trace=trace
        )
        payload = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        function = found.function
        call = Call(function.region, function.name, found.alias or None, payload, request_id, source="url", trace=trace)
        streams = found.config.get("InvokeMode") == "RESPONSE_STREAM"
        response = await self._called(call, streams)
        return replace(response, headers=(*response.headers, ("X-Amzn-Trace-Id", f"{trace};Sampled=0")))

    async def _called(self, call: Call, streams: bool) -> Response:
        try:
            if len(call.payload) > fact("limits.invoke_payload_sync"):
                raise errors.request_too_large(fact("limits.invoke_payload_sync"), "InvokeFunction")
            if streams:
                return await self._streamed(call)
            outcome = await self._invoker.invoke(call)
        except AwsError as error:
            return errors.render(error, call.request_id)
        if not isinstance(outcome, Answered):
            return function_url.FAILED
        return function_url.answer(outcome.payload)

    async def _streamed(self, call: Call) -> Response:
        """Answers as soon as the function has said how: with its prelude, or its first bytes. Raises AwsError."""
        stream, kept = Stream(), b""
        begun: asyncio.Future[Response] = asyncio.get_running_loop().create_future()

        def on_chunk(_: str, chunk: bytes) -> None:
            nonlocal kept
            if begun.done():
                stream.put(chunk)
                return
            kept += chunk
            if not kept.startswith(b"{") or function_url.PRELUDE in kept:
                made = function_url.streamed(kept)
                stream.put(made.body)
                begun.set_result(replace(made, body=b"", stream=stream))

        running = self._clock.spawn(self._invoker.invoke(call._replace(on_chunk=on_chunk)))
        running.add_done_callback(lambda _: stream.end())
        await asyncio.wait({running, begun}, return_when=asyncio.FIRST_COMPLETED)
        if begun.done():
            answer: Response = begun.result()
            return answer
        outcome: Outcome = running.result()
        return function_url.streamed(outcome.payload) if isinstance(outcome, Answered) else function_url.FAILED

    def _find(self, url_id: str) -> _Found | None:
        for function in self._state.functions.values():
            for alias, config in function.url_configs.items():
                if config["id"] == url_id:
                    return _Found(Url(url_id, function.region), function, alias, config)
        return None

    async def _signer(self, request: Request) -> Caller | None:
        key = signing_key(request, "lambda")
        return await self._caller(key) if key else None

    async def _may_call(self, found: _Found, caller: Caller | None) -> Decision:
        """Asks the policy of the function or alias (facts §7.3); of this account the caller's own policies, too."""
        function, auth = found.function, found.config["AuthType"]
        if found.alias and found.alias not in function.aliases:
            return Decision(False, f"the alias {found.alias} is gone")
        if auth == "AWS_IAM" and caller is None:
            return Decision(False, "the URL's AuthType is AWS_IAM, and the request is not signed for lambda")
        arn = function_arn(function.region, function.name, found.alias or None, self._state.account)
        context = {"lambda:FunctionUrlAuthType": auth}
        if caller is not None and caller.account == self._state.account:
            return await self._may(caller.access_key, Asked("lambda:InvokeFunctionUrl", arn, context))
        policy = function.policies.get(found.alias)
        return decide(
            policy.statements if policy else [],
            principal=caller.arn if caller else "*",
            action="lambda:InvokeFunctionUrl",
            resource=arn,
            context=context,
        )


def signing_key(request: Request, service: str) -> str | None:
    """The access key that signed the request for a service, in its header or its query. Nothing is recomputed."""
    query = dict(request.parameters())
    if query.get("X-Amz-Signature"):
        text = f"{query.get('X-Amz-Algorithm', '')} Credential={query.get('X-Amz-Credential', '')}"
    else:
        text = request.headers.get("authorization", "")
    match = _SIGNED.match(text)
    signed = match and match[2] == service and "Signature" in f"{text}{request.query}"
    return unquote(match[1]) if match and signed else None


def _address(request: Request) -> tuple[str, str] | None:
    """The URL's id and the path below it, still encoded; None if the request is for something else."""
    named = request.headers.get("host", "")
    if ".lambda-url." in named and (host := _HOST.fullmatch(named.lower())):
        return host[1], request.path
    if request.path.startswith("/_url/") and (path := _PATH.fullmatch(request.path)):
        return path[1], path[2] or "/"
    return None


def _identified(response: Response, request_id: str, *more: tuple[str, str]) -> Response:
    """The response with its request id, which an error carries already, and more headers."""
    known = any(name.lower() == "x-amzn-requestid" for name, _ in response.headers)
    named = () if known else (("x-amzn-RequestId", request_id),)
    return replace(response, headers=(*response.headers, *more, *named))


def _forbidden(message: str | None) -> Response:
    headers = (payload2.JSON, ("x-amzn-ErrorType", "AccessDeniedException"))
    return Response(403, headers, json.dumps({"Message": message}, separators=(",", ":")).encode())
