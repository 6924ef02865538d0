"""What SQS does with a request before moto sees it: a long poll is taken apart, a trace header is kept.

A ReceiveMessage that may wait becomes one that does not, asked again.

moto would wait inside its handler, holding a worker and SQS's lock, so that nobody could send the awaited message.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from moto.sqs.models import sqs_backends

from lambda_sandbox.wire import Request, Response

LONGEST_WAIT = 20  # seconds, AWS's limit; a longer one is left to moto, which refuses it


def may_wait(request: Request) -> bool:
    """Whether this looks like a ReceiveMessage; cheap, for the event loop."""
    target = request.headers.get("x-amz-target")
    return target == "AmazonSQS.ReceiveMessage" if target else b"Action=ReceiveMessage" in request.body[:4096]


def without_wait(request: Request, region: str, account: str) -> tuple[Request, float]:
    """The request with WaitTimeSeconds=0, and the seconds it asked to wait. Other requests come back as they are."""
    try:
        if "x-amz-target" in request.headers:
            asked = json.loads(request.body)
            wait = _wait(asked.get("WaitTimeSeconds"), asked.get("QueueUrl"), region, account)
            body = json.dumps({**asked, "WaitTimeSeconds": 0}).encode()
        else:
            form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
            wait = _wait(form.get("WaitTimeSeconds"), form.get("QueueUrl") or request.decoded_path, region, account)
            body = urlencode({**form, "WaitTimeSeconds": 0}).encode()
    except (ValueError, TypeError, AttributeError):
        return request, 0.0  # no ReceiveMessage that an SDK sends: moto says what is wrong
    return (replace(request, body=body), wait) if wait else (request, 0.0)


def traced(request: Request) -> Request:
    """A sent message with the trace header of its sender as SQS keeps it: the system attribute `AWSTraceHeader`.

    moto reads no header, and of a batch not even the attribute. A message that brings it stays as it is.
    """
    trace = request.headers.get("x-amzn-trace-id")
    if trace is None or request.headers.get("x-amz-target") != "AmazonSQS.SendMessage":
        return request
    try:
        sent = json.loads(request.body)
        attributes = sent.setdefault("MessageSystemAttributes", {})
        attributes.setdefault("AWSTraceHeader", {"DataType": "String", "StringValue": trace})
    except (ValueError, TypeError, AttributeError):
        return request  # moto says what is wrong
    return replace(request, body=json.dumps(sent).encode())


def _wait(asked: Any, queue_url: Any, region: str, account: str) -> float:
    """The seconds to wait: the request's, else the queue's own. 0 where there is nothing to take out."""
    if asked is None:
        backend: Any = sqs_backends[account][region]
        queue = backend.queues.get(str(queue_url).rstrip("/").rsplit("/", 1)[-1])
        asked = queue.receive_message_wait_time_seconds if queue is not None else 0
    seconds = int(asked)
    return float(seconds) if 0 < seconds <= LONGEST_WAIT else 0.0


def is_empty(response: Response) -> bool:
    """Whether a ReceiveMessage found nothing."""
    if response.status != 200:
        return False
    return b"<Message>" not in response.body and b'"Messages"' not in response.body
