"""Lambda's API, from a request to a response: route → parse → validate → run → serialise.

api = LambdaApi(state, journal, clock, invoker, packages, bridge, mappings)
response = await api.handle(request, request_id)        # raises AwsError; `render_error` writes it
"""

from __future__ import annotations

import asyncio
import inspect
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from lambda_sandbox.clock import Clock
from lambda_sandbox.facts import fact
from lambda_sandbox.journal import Journal
from lambda_sandbox.lambda_api import code, errors, invoke, model, operations, protocol, validation
from lambda_sandbox.lambda_api.context import Bridge, Context, Invoker, Mappings, Packages, Rooms
from lambda_sandbox.state import State
from lambda_sandbox.wire import AwsError, Request, Response

DEFAULT_REGION = "us-east-1"
_IN_A_THREAD = 1024 * 1024  # bytes of a body from which parsing it would hold up everybody else
_SCOPE = re.compile(r"Credential=[^/]*/\d+/([a-z0-9-]+)/")


class LambdaApi:
    """Lambda's operations over one state. Everything but unpacking, S3 and IAM happens on the loop."""

    def __init__(
        self,
        state: State,
        journal: Journal,
        clock: Clock,
        invoker: Invoker,
        packages: Packages,
        bridge: Bridge,
        mappings: Mappings,
        *,
        default_region: str = DEFAULT_REGION,
    ) -> None:
        self._rooms = Rooms(state, journal, clock, invoker, packages, bridge, mappings)
        self._default_region = default_region

    def owns(self, request: Request) -> bool:
        """Whether the path is one of Lambda's, whoever the request says it is for."""
        return model.owns(request.path)

    async def handle(self, request: Request, request_id: str) -> Response:
        """Answers a request. Raises AwsError, and nothing else that a request can cause."""
        if request.method == "POST" and (match := invoke.PATH.fullmatch(request.path)):
            return await invoke.invoke(self._context(operations.FIRST, request, request_id), match[1], request)
        query = request.parameters()
        operation, labels = model.route(request.method, request.path, query)
        _check_request_size(operation, request)
        if len(request.body) > _IN_A_THREAD:
            given = await asyncio.to_thread(protocol.parse, operation, labels, query, request)
        else:
            given = protocol.parse(operation, labels, query, request)
        _check_code_size(operation, given, request)
        validation.check(operation, given)
        context = self._context(operation.name, request, request_id)
        handler = operations.HANDLERS.get(operation.name)
        if handler is None:
            raise errors.not_modelled(f"{operation.name} ({operations.refusal(operation.name)})")
        made = handler(context, given)
        answer = await made if inspect.isawaitable(made) else made
        return answer if isinstance(answer, Response) else protocol.serialise(operation, answer)

    def render_error(self, error: AwsError, request_id: str) -> Response:
        return errors.render(error, request_id)

    def code_archive(self, digest: str) -> Path | None:
        """The zip behind GetFunction's Code.Location, by the hex digits of its SHA-256; None if there is none."""
        return self._rooms.packages.archive(digest)

    def _context(self, operation: str, request: Request, request_id: str) -> Context:
        endpoint = f"http://{request.headers.get('host', '127.0.0.1')}"
        return Context(self._rooms, operation, self._region(request), request_id, endpoint)

    def _region(self, request: Request) -> str:
        """The Region that the request is signed for, in its header or its query."""
        signed = request.headers.get("authorization", "")
        if not signed and "X-Amz-Credential" in request.query:
            signed = "Credential=" + parse_qs(request.query)["X-Amz-Credential"][0]
        scope = _SCOPE.search(signed)
        return scope[1] if scope else self._default_region


def _check_request_size(operation: model.Operation, request: Request) -> None:
    limit = fact("limits.update_configuration_request")
    if operation.name == "UpdateFunctionConfiguration" and len(request.body) > limit:
        raise errors.request_too_large(limit, operation.name)


def _check_code_size(operation: model.Operation, given: dict[str, Any], request: Request) -> None:
    if operation.name == "CreateFunction":
        code.check_size(operation.name, given.get("Code", {}), len(request.body))
    elif operation.name == "UpdateFunctionCode":
        code.check_size(operation.name, given, len(request.body))
