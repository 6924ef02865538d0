"""`/_sandbox/…`: what a notebook, a grader or another program asks of the sandbox itself, as JSON.

    GET  health              {"ready": true, "virtual": …, "environments": …}
    POST reset               forgets functions, services and the journal
    GET  clock               {"now": seconds since 1970}
    POST clock               {"advance": seconds} → {"now": …}
    POST settle              {"timeout": seconds} → {"settled": true} or {"settled": false, "why": "…"}
    GET  journal?since=SEQ   {"records": […], "last": SEQ}
    GET  asked               {"asked": [[function, service, operation, how many requests], …]}: what the bill counts

With a token (header `x-sandbox-token`) only its owner may ask; functions never get it. Web pages may never ask.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from lambda_sandbox.clock import END, Clock, Unsettled
from lambda_sandbox.journal import Journal
from lambda_sandbox.wire import Request, Response

TOKEN_HEADER = "x-sandbox-token"
FARTHEST_S = 100 * 365 * 86_400.0  # a jump of a hundred years


class Refused(Exception):
    """A request that cannot be carried out: an HTTP status and a sentence."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Control:
    """The sandbox's own endpoint."""

    def __init__(
        self,
        *,
        clock: Clock,
        journal: Journal,
        token: str | None,
        reset: Callable[[], Awaitable[None]],
        settled: Callable[[float], Awaitable[None]],
        reported: Callable[[], Awaitable[None]],
        about: Callable[[], dict[str, Any]],
        asked: Callable[[], list[Any]],
    ) -> None:
        self._clock, self._journal, self._token = clock, journal, token
        self._settled = settled
        self._reset, self._reported, self._about, self._asked = reset, reported, about, asked
        self._routes: dict[tuple[str, str], Callable[[Request], Awaitable[dict[str, Any]]]] = {
            ("GET", "health"): self.health,
            ("POST", "reset"): self.reset,
            ("GET", "clock"): self.clock,
            ("POST", "clock"): self.advance,
            ("POST", "settle"): self.settle,
            ("GET", "journal"): self.journal,
            ("GET", "asked"): self.asked,
        }

    async def answer(self, request: Request) -> Response:
        try:
            self._check(request)
            method = "GET" if request.method == "HEAD" else request.method  # the listener leaves the body out
            action = self._routes.get((method, request.path.removeprefix("/_sandbox/").rstrip("/")))
            if action is None:
                known = ", ".join(f"{method} {name}" for method, name in self._routes)
                raise Refused(404, f"{request.method} {request.path} is not part of the control endpoint: {known}")
            return _json(200, await action(request))
        except Refused as refused:
            return _json(refused.status, {"error": str(refused)})

    async def health(self, request: Request) -> dict[str, Any]:
        return {"ready": True, "virtual": self._clock.virtual, **self._about()}

    async def reset(self, request: Request) -> dict[str, Any]:
        await self._reset()
        return {"reset": True}

    async def clock(self, request: Request) -> dict[str, Any]:
        return {"now": self._clock.now(), "virtual": self._clock.virtual}

    async def advance(self, request: Request) -> dict[str, Any]:
        seconds = _number(request, "advance", 0.0, max(min(FARTHEST_S, END - self._clock.now()), 0.0))
        return {"now": await self._clock.advance(seconds)}

    async def settle(self, request: Request) -> dict[str, Any]:
        timeout = _number(request, "timeout", 0.0, 86_400.0, otherwise=60.0)
        try:
            await self._settled(timeout)
        except Unsettled as unsettled:
            return {"settled": False, "why": str(unsettled)}
        return {"settled": True}

    async def journal(self, request: Request) -> dict[str, Any]:
        given = dict(request.parameters()).get("since", "0")
        if not given.isascii() or not given.isdigit():
            raise Refused(400, f"since is the number of a record, not {given!r}")
        await self._reported()  # who has an answer may read its report
        records = self._journal.since(int(given))
        return {"records": [record.as_json() for record in records], "last": self._journal.last_seq}

    async def asked(self, request: Request) -> dict[str, Any]:
        return {"asked": self._asked()}

    def _check(self, request: Request) -> None:
        if is_foreign_page(request) or not _is_here(f"//{request.headers.get('host') or 'localhost'}"):
            raise Refused(403, "The control endpoint is for programs on this machine, not for web pages.")
        given = request.headers.get(TOKEN_HEADER, "")
        if self._token is not None and not hmac.compare_digest(given.encode(), self._token.encode()):
            raise Refused(403, f"This sandbox has an owner: send its token in the header {TOKEN_HEADER}.")


def is_foreign_page(request: Request) -> bool:
    """Whether a web page that is not of this machine sent this: browsers say so in `Origin`."""
    return "origin" in request.headers and not _is_here(request.headers["origin"])


def _is_here(url: str) -> bool:
    """Whether a URL's host is this machine. A name that somebody rebinds to loopback is not."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return host in ("127.0.0.1", "::1", "localhost") or host.endswith(".localhost")


def _number(request: Request, name: str, least: float, most: float, otherwise: float | None = None) -> float:
    try:
        body = json.loads(request.body or b"{}")
        value = body.get(name, otherwise)
    except (ValueError, AttributeError, RecursionError):
        raise Refused(400, f'the body is a JSON object such as {{"{name}": 60}}') from None
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise Refused(400, f'"{name}" is a number of seconds, not {json.dumps(value)}')
    if not least <= value <= most:
        raise Refused(400, f'"{name}" is from {least:g} to {most:g} seconds, not {json.dumps(value)[:40]}')
    return float(value)


def _json(status: int, body: dict[str, Any]) -> Response:
    return Response(status, (("content-type", "application/json"),), json.dumps(body).encode())
