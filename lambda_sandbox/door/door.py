"""Where a request goes: a function URL or an API, control, a package's bytes, Lambda's API, any other service (moto).

    response = await door.answer(request)

This is the one place that turns an `AwsError` into an answer; anything else that escapes is a bug of ours, is written
to the log of the process, and answers 500.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable

from lambda_sandbox.clock import Clock
from lambda_sandbox.door.apis import Apis
from lambda_sandbox.door.authorise import Authorise
from lambda_sandbox.door.control import Control, is_foreign_page
from lambda_sandbox.door.urls import FunctionUrls
from lambda_sandbox.lambda_api import LambdaApi
from lambda_sandbox.moto_bridge import Bridge
from lambda_sandbox.state import State
from lambda_sandbox.templates import CloudFormation
from lambda_sandbox.wire import AwsError, Request, Response

logger = logging.getLogger(__name__)

_SCOPE = re.compile(r"Credential=[^/,]*/\d+/[^/,]*/([a-z0-9-]+)/aws4_request")
_CODE = "/_sandbox/code/"


class Door:
    """Identify → route → authorise → answer."""

    def __init__(
        self,
        *,
        state: State,
        clock: Clock,
        lambda_api: LambdaApi,
        urls: FunctionUrls,
        apis: Apis,
        bridge: Bridge,
        cloudformation: CloudFormation,
        authorise: Authorise,
        flush_logs: Callable[[], Awaitable[None]],
        flush_metrics: Callable[[], Awaitable[None]],
        control: Control,
    ) -> None:
        self._state, self._clock, self._authorise = state, clock, authorise
        self._lambda_api, self._bridge, self._control = lambda_api, bridge, control
        self._flush_logs, self._flush_metrics = flush_logs, flush_metrics
        self._cloudformation = cloudformation
        self._routes: list[tuple[Callable[[Request, str], bool], Callable[[Request], Awaitable[Response]]]] = [
            (lambda request, service: urls.owns(request), urls.answer),  # also for pages of other sites
            (lambda request, service: apis.owns(request), apis.answer),
            (lambda request, service: request.path.startswith(_CODE), self._code),
            (lambda request, service: request.path.startswith("/_sandbox/"), self._control.answer),
            (lambda request, service: may_be_a_trap(request), self._refuse),
            (lambda request, service: service == "lambda", self._lambda),
            (lambda request, service: not service and lambda_api.owns(request), self._lambda),
            (lambda request, service: service == "cloudformation", self._stacks),
            (lambda request, service: service in ("logs", "iam"), self._after_logs),
            (lambda request, service: service == "monitoring", self._after_metrics),
            (lambda request, service: True, self._moto),
        ]

    async def answer(self, request: Request) -> Response:
        """Answers any request; never raises."""
        try:
            service = signed_service(request)
            for belongs, application in self._routes:
                if belongs(request, service):
                    return await application(request)
        except Exception:
            logger.exception("%s %s", request.method, request.path)
        return self._lambda_api.render_error(
            AwsError("ServiceException", 500, "The sandbox failed to answer; its own log says why."),
            self._state.new_uuid(),
        )

    async def _lambda(self, request: Request) -> Response:
        invocation = request.path.rstrip("/").endswith(("invocations", "/invoke-async"))
        if refusal := await self._authorise.refusal(request):
            return refusal
        request_id = self._state.new_uuid() if invocation else self._state.new_passing_uuid()
        try:
            with self._clock.busy():
                response = await self._lambda_api.handle(request, request_id)
        except AwsError as error:
            response = self._lambda_api.render_error(error, request_id)
        if any(name.lower() == "x-amzn-requestid" for name, _ in response.headers):
            return response
        headers = (*response.headers, ("x-amzn-RequestId", request_id))
        return Response(response.status, headers, response.body, response.stream)

    async def _stacks(self, request: Request) -> Response:
        if refusal := await self._authorise.refusal(request):
            return refusal
        with self._clock.busy():
            return await self._cloudformation.answer(request)

    async def _after_logs(self, request: Request) -> Response:
        """CloudWatch Logs: what was logged up to now is there before anyone reads, or changes who may write it."""
        await self._flush_logs()
        return await self._moto(request)

    async def _after_metrics(self, request: Request) -> Response:
        """CloudWatch: what was measured up to now is there before anyone reads."""
        await self._flush_metrics()
        return await self._moto(request)

    async def _moto(self, request: Request) -> Response:
        if self._bridge.may_wait(request):  # a long poll waits for others: it is not work in flight
            return await self._bridge.serve_async(request, self._authorise.check)
        with self._clock.busy():
            return await self._bridge.serve_async(request, self._authorise.check)

    async def _refuse(self, request: Request) -> Response:
        said = b"A web page of another site may not change anything in this sandbox.\n"
        return Response(403, (("content-type", "text/plain"),), said)

    async def _code(self, request: Request) -> Response:
        """GetFunction's Code.Location: the package, to whoever has the address."""
        archive = self._lambda_api.code_archive(request.path.removeprefix(_CODE))
        if archive is None:
            return Response(404, (("content-type", "text/plain"),), b"No function has this package.\n")
        zipped = await asyncio.to_thread(archive.read_bytes)
        return Response(200, (("content-type", "application/zip"),), zipped)


def may_be_a_trap(request: Request) -> bool:
    """Whether a page of another site sent this to change something. Who can make a function runs code on this machine.

    Nothing need be signed, so any page could, in the browser of whoever runs a sandbox. Reading is harmless: browsers
    keep the answer from the page.
    """
    return request.method not in ("GET", "HEAD", "OPTIONS") and is_foreign_page(request)


def signed_service(request: Request) -> str:
    """The service that a request is signed for, in its header or its query; "" if it is not signed."""
    signature = request.headers.get("authorization", "")
    match = _SCOPE.search(signature)
    if match is None and "X-Amz-Credential" in request.query:
        scope = dict(request.parameters()).get("X-Amz-Credential", "").split("/")
        return scope[3] if len(scope) == 5 else ""
    return match[1] if match else ""
