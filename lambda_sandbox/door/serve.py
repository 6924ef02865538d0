"""The sandbox process: `python -m lambda_sandbox serve`.

Prints `Ready on http://127.0.0.1:PORT` when it accepts calls, and stops cleanly when it is told to. Started by a parent
it stops as soon as that is gone: the parent holds the other end of its standard input, and no way to die, `kill -9`
included, leaves that end open.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
from dataclasses import replace
from types import FrameType

from lambda_sandbox import aws_variables
from lambda_sandbox.door.options import Options
from lambda_sandbox.listener import PortTaken

GIL_SWITCH_S = 0.0001  # moto works in threads: the loop gets the interpreter back 50 times sooner than by default
STOPPING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


def serve(options: Options, *, child: bool = False) -> int:
    """Serves until told to stop; returns the exit code. `child`: a parent writes the token to standard input."""
    _leave_on_signals(child)
    aws_variables.hide_from_here()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    sys.setswitchinterval(GIL_SWITCH_S)
    if child:
        token = sys.stdin.readline().strip()
        if not token:
            return 0  # the parent is gone already
        options = replace(options, token=token)
    try:
        asyncio.run(_serve(options, child))
    except PortTaken as taken:
        print(f"The sandbox did not start: {taken}.", file=sys.stderr)
        return 1
    return 0


async def _serve(options: Options, child: bool) -> None:
    stopped = asyncio.Event()
    _stop_on_signals(stopped, child)
    if child:
        _stop_with_parent(stopped)
    from lambda_sandbox.door.wiring import sandbox  # half a second of imports, in which a signal must count too

    async with sandbox(options) as built:
        with contextlib.suppress(OSError):  # nobody listens: then nobody needs to know
            os.write(1, f"Ready on {built.endpoint_url}\n".encode())
        if child:
            os.dup2(2, 1)  # the parent has read all it wants from that pipe: nothing may ever fill it
        await stopped.wait()


def _leave_on_signals(child: bool) -> None:
    """Until the loop runs there is nothing to clean up."""

    def leave(number: int, frame: FrameType | None) -> None:
        raise SystemExit(0)

    for number in STOPPING:
        signal.signal(number, leave)
    if child:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for the notebook


def _stop_on_signals(stopped: asyncio.Event, child: bool) -> None:
    loop = asyncio.get_running_loop()

    def stop(number: int, frame: FrameType | None) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(stopped.set)

    for number in STOPPING:
        if not (child and number is signal.SIGINT):
            signal.signal(number, stop)


def _stop_with_parent(stopped: asyncio.Event) -> None:
    """Sets `stopped` at the end of standard input."""
    loop = asyncio.get_running_loop()

    def wait() -> None:
        while os.read(0, 1024):
            continue
        if not loop.is_closed():
            loop.call_soon_threadsafe(stopped.set)

    threading.Thread(target=wait, name="parent", daemon=True).start()
