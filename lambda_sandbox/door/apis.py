"""The door of API Gateway: which API and stage a request is for.

    apis = Apis(state=…, clock=…, gateway=…, caller=…, stages=…)
    if apis.owns(request):
        response = await apis.answer(request)

An API is named in the Host header, as on AWS (`<id>.execute-api.<region>.amazonaws.com`; any domain may follow the
Region), or in the path: `/restapis/<id>/<stage>/_user_request_/<path>`, for HTTP APIs too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace

from lambda_sandbox.clock import Clock
from lambda_sandbox.door import http_apis, rest_apis
from lambda_sandbox.door.gateway import Gateway, NotModelled, Refused
from lambda_sandbox.door.urls import signing_key
from lambda_sandbox.event_sources import http_api, rest_answers
from lambda_sandbox.event_sources.function_url import Caller
from lambda_sandbox.event_sources.payload1 import Asked
from lambda_sandbox.facts import fact
from lambda_sandbox.invocation import recursion
from lambda_sandbox.lambda_api import errors
from lambda_sandbox.moto_bridge import ApiStage
from lambda_sandbox.state import State
from lambda_sandbox.wire import Request, Response

_HOST = re.compile(r"([a-z0-9]+)\.execute-api\.[a-z0-9-]+(?:\..+|:\d+)?")
_PATH = re.compile(r"/restapis/([^/]+)/([^/]+)/_user_request_(/.*)?", re.DOTALL)


class Apis:
    """Answers calls of REST and HTTP APIs."""

    def __init__(
        self,
        *,
        state: State,
        clock: Clock,
        gateway: Gateway,
        caller: Callable[[str], Awaitable[Caller]],
        stages: Callable[[str], Awaitable[list[ApiStage]]],
    ) -> None:
        """`caller` says whose an access key is, `stages` what an API has deployed."""
        self._state, self._clock, self._gateway, self._caller, self._stages = state, clock, gateway, caller, stages
        self.asked: Counter[tuple[str, str, str]] = Counter()  # ("", kind of API, API): how many calls are billed

    def owns(self, request: Request) -> bool:
        """Whether the request is for an API, existing or not."""
        return _address(request) is not None

    async def answer(self, request: Request) -> Response:
        """Answers as the API does; never raises AwsError."""
        with self._clock.busy():
            api, stage_name, path = _address(request) or ("", None, "/")
            stages = await self._stages(api)
            stage, path = _chosen(stages, stage_name, path)
            request_id, extended_id = self._state.new_uuid(), f"{self._state.new_hex(15)}="
            is_http = any(one.protocol == "HTTP" for one in stages)
            if stage is None:  # nothing of that name is deployed
                response = (
                    http_api.refusal(404, "Not Found") if is_http else rest_answers.refusal(None, "INVALID_API_KEY")
                )
            else:
                at = self._clock.now()
                units = -(-len(request.body) // fact("prices.neighbours.http_api_unit")) if is_http else 1
                self.asked["", "http-api" if is_http else "rest-api", api] += max(units, 1)
                trace_id = recursion.root("", at, self._state.new_hex)
                asked = Asked(_traced(request, trace_id), stage, path, request_id, extended_id, at)
                response = await self._served(asked)
                if not is_http and all(name.lower() != "x-amzn-errortype" for name, _ in response.headers):
                    trace = ("X-Amzn-Trace-Id", asked.request.headers["x-amzn-trace-id"])  # an integration has answered
                    response = replace(response, headers=(*response.headers, trace))
        ids = [("x-amzn-RequestId", request_id), ("x-amz-apigw-id", extended_id)]
        if is_http:
            ids = [("Apigw-Requestid", extended_id)]
        return replace(response, headers=(*response.headers, *ids))

    async def _served(self, asked: Asked) -> Response:
        key = signing_key(asked.request, "execute-api")
        caller = await self._caller(key) if key else None
        answer = rest_apis.answer if asked.stage.protocol == "REST" else http_apis.answer
        try:
            return await answer(asked, self._gateway, caller)
        except Refused as refused:
            return refused.response
        except NotModelled as what:
            return errors.render(errors.not_modelled(str(what)), asked.request_id)


def _address(request: Request) -> tuple[str, str | None, str] | None:
    """The API's id, its stage if the address says so, and the path that is left; None if it is for something else."""
    if path := _PATH.fullmatch(request.path):
        return path[1], path[2], path[3] or "/"
    if host := _HOST.fullmatch(request.headers.get("host", "").lower()):
        return host[1], None, request.path
    return None


def _traced(request: Request, trace_id: str) -> Request:
    """The request with the trace header that the front end adds."""
    if "x-amzn-trace-id" in request.headers:
        return request
    headers = {**request.headers, "x-amzn-trace-id": trace_id}
    return replace(request, headers=headers, sent=(*request.sent, (b"X-Amzn-Trace-Id", trace_id.encode())))


def _chosen(stages: list[ApiStage], name: str | None, path: str) -> tuple[ApiStage | None, str]:
    """The stage that serves, and the path below it: of an address the first segment, or else `$default`."""
    named = {stage.name: stage for stage in stages}
    if name is not None:
        return named.get(name.replace("%24", "$")), path
    first, _, rest = path.removeprefix("/").partition("/")
    if first in named:
        return named[first], f"/{rest}"
    return named.get("$default"), path
