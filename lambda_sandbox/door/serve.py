"""The sandbox process: `python -m lambda_sandbox serve`.

Prints `Ready on http://127.0.0.1:PORT` when it accepts calls. It stops cleanly on SIGINT and SIGTERM and, when a parent
started it, as soon as the parent is gone: the parent holds the other end of its standard input.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from types import FrameType

from lambda_sandbox.door.wiring import Options, sandbox
from lambda_sandbox.listener import PortTaken

GIL_SWITCH_S = 0.0005  # moto works in threads: the loop gets the interpreter back sooner than after Python's 5 ms


def serve(options: Options, *, child: bool = False) -> int:
    """Serves until told to stop; returns the exit code. `child`: end when standard input ends, ignore Ctrl-C."""
    forget_aws()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    sys.setswitchinterval(GIL_SWITCH_S)
    try:
        asyncio.run(_serve(options, child))
    except PortTaken as taken:
        print(f"The sandbox did not start: {taken}.", file=sys.stderr)
        return 1
    return 0


async def _serve(options: Options, child: bool) -> None:
    stopped = asyncio.Event()
    _stop_on_signals(stopped, child)
    async with sandbox(options) as built:
        print(f"Ready on {built.endpoint_url}", flush=True)
        if child:
            _stop_with_parent(stopped)
        await stopped.wait()


def _stop_on_signals(stopped: asyncio.Event, child: bool) -> None:
    loop = asyncio.get_running_loop()

    def stop(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stopped.set)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN if child else stop)


def _stop_with_parent(stopped: asyncio.Event) -> None:
    """Sets `stopped` at the end of standard input: however the parent went, its end of the pipe is closed."""
    loop = asyncio.get_running_loop()

    def wait() -> None:
        while os.read(0, 1024):
            continue
        loop.call_soon_threadsafe(stopped.set)

    threading.Thread(target=wait, name="parent", daemon=True).start()


def forget_aws() -> None:
    """Takes everything of AWS out of this process: no key, profile or file of the machine's owner is ever read."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "BOTO_"))]:
        del os.environ[name]
    os.environ.update(
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        AWS_EC2_METADATA_DISABLED="true",
        AWS_ACCESS_KEY_ID="sandbox",
        AWS_SECRET_ACCESS_KEY="sandbox",
    )
