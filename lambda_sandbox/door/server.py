"""The sandbox's one port: a listener in front of `answer`.

server = Server(listen(4566), answer)
await server.open()
…
await server.close()
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from lambda_sandbox.listener import Listener, Reply
from lambda_sandbox.wire import Request, Response

LARGEST_BODY = 1 << 30  # bytes; S3 objects are what is large
_TOO_LARGE = Response(
    413, (("content-type", "text/plain"),), f"The sandbox takes up to {LARGEST_BODY} bytes.\n".encode()
)


class Server:
    """Answers requests side by side, each in a task of its own."""

    def __init__(self, listening: socket.socket, answer: Callable[[Request], Awaitable[Response]]) -> None:
        self._listening, self._answer = listening, answer
        self.listener = Listener(self._take, largest_body=LARGEST_BODY)
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """From now on calls are accepted."""
        await self.listener.open(self._listening)

    async def close(self) -> None:
        """Drops what is being answered and every connection."""
        for task in self._tasks:
            task.cancel()
        self.listener.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _take(self, request: Request, size: int, reply: Reply) -> None:
        if size > LARGEST_BODY:
            reply(_TOO_LARGE)
            return
        task = _start(self._respond(request, reply))
        if not task.done():
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _respond(self, request: Request, reply: Reply) -> None:
        reply(await self._answer(request))


def _start(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """A task; from Python 3.12 on it takes its first steps at once, and a call is on its way to the runtime sooner."""
    loop = asyncio.get_running_loop()
    if sys.version_info >= (3, 12):
        return asyncio.Task(work, loop=loop, eager_start=True)
    return loop.create_task(work)
