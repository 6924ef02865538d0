"""The trace header of the request that a worker thread serves, for what moto does inside it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from lambda_sandbox.wire import Request

_here = threading.local()


@contextmanager
def tracing(request: Request) -> Iterator[None]:
    """For as long as the block runs, `trace()` in this thread is this request's header."""
    _here.header = request.headers.get("x-amzn-trace-id", "")
    try:
        yield
    finally:
        _here.header = ""


def trace() -> str:
    """ "" if there is none."""
    return str(getattr(_here, "header", ""))
