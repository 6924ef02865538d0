"""SQS: what becomes of a request before moto sees it, queues read without HTTP, and whoever reads one told of changes.

A trace header is kept. A ReceiveMessage that may wait becomes one that does not, asked again: moto would wait inside
its handler, holding a worker and SQS's lock, so that nobody could send the awaited message.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from moto.core.utils import unix_time_millis
from moto.sqs.models import DEDUPLICATION_TIME_IN_SECONDS, Queue, SQSBackend, sqs_backends

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


# -- queues, for who reads them


@dataclass(frozen=True, slots=True)
class QueueMessage:
    """One message that was received; `attributes` are the system's, all of them text."""

    id: str
    receipt_handle: str
    body: str
    md5: str
    attributes: Mapping[str, str]
    message_attributes: Mapping[str, Any]
    md5_of_attributes: str


@dataclass(frozen=True, slots=True)
class Received:
    """What a queue had, and when something hidden in it is visible next (seconds since 1970), if anything is.

    `given_up`: the ids of messages that were received too often, and so went to the queue's dead-letter queue, `to`.
    """

    messages: tuple[QueueMessage, ...]
    next_at: float | None
    given_up: tuple[str, ...] = ()
    to: str = ""


def visibility_timeout(account: str, arn: str) -> int | None:
    """A queue's own, in seconds; None if there is no such queue."""
    queue = _queue(account, arn)
    return None if queue is None else int(queue.visibility_timeout)


def receive(account: str, arn: str, most: int) -> Received | None:
    """Takes up to `most` messages; they are hidden for the queue's visibility timeout. None if there is no queue."""
    queue = _queue(account, arn)
    if queue is None:
        return None
    backend: Any = sqs_backends[account][queue.region]
    dead = queue.dead_letter_queue
    before = len(dead._messages) if dead else 0
    found = backend.receive_message(queue.name, most, 0, queue.visibility_timeout, ["All"])
    given_up = tuple(one.id for one in dead._messages[before:]) if dead else ()
    handles = {one.receipt_handle for one in found}
    together = [one for one in queue.pending_messages if one.receipt_handle in handles]
    for one in together:  # moto reads the clock for each of them; what came together is to come back together
        one.visible_at = together[0].visible_at
    now = unix_time_millis()
    hidden = [] if found else [max(one.visible_at, one.delayed_until) for one in queue._messages]
    next_ms = min((at for at in hidden if at >= now), default=None)
    next_at = None if next_ms is None else (next_ms + 1) / 1000
    return Received(tuple(map(_message, found)), next_at, given_up, dead.queue_arn if given_up else "")


def delete(account: str, arn: str, receipt_handles: Sequence[str]) -> None:
    """Deletes messages; a queue that is gone has none."""
    queue = _queue(account, arn)
    if queue is None:
        return
    handles, kept = set(receipt_handles), []
    for message in queue._messages:
        if message.receipt_handle in handles or not handles.isdisjoint(message._old_receipt_handles):
            queue.pending_messages.discard(message)
            queue.deleted_messages.update(message.all_receipt_handles)
        else:
            kept.append(message)
    queue._messages = kept


def _queue(account: str, arn: str) -> Any:
    region, name = arn.split(":")[3], arn.rsplit(":", 1)[-1]
    return sqs_backends[account][region].queues.get(name)


def _message(message: Any) -> QueueMessage:
    attributes = {
        "ApproximateReceiveCount": str(message.approximate_receive_count),
        "SentTimestamp": str(message.sent_timestamp),
        "SenderId": message.sender_id,
        "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
    }
    optional = {
        "MessageGroupId": message.group_id,
        "MessageDeduplicationId": message.deduplication_id,
        "SequenceNumber": message.sequence_number,
        "AWSTraceHeader": message.system_attributes.get("AWSTraceHeader", {}).get("StringValue"),
    }
    return QueueMessage(
        message.id,
        message.receipt_handle,
        message.body,
        message.body_md5,
        attributes | {name: value for name, value in optional.items() if value},
        message.message_attributes,
        message.attribute_md5 if message.message_attributes else "",
    )


def install(changed: Callable[[str], None]) -> None:
    """Puts the seams in. `changed` is told the ARN of a queue that got a message, shows one again, or is gone."""
    queue_class: Any = Queue
    backend_class: Any = SQSBackend

    def add_message(self: Any, message: Any) -> None:
        if not _is_repeated(self, message):
            _original["add_message"](self, message)
            changed(self.queue_arn)

    def telling(name: str) -> Callable[..., Any]:
        def tell(self: Any, queue_name: str, *args: Any, **settings: Any) -> Any:
            queue = self.queues.get(queue_name)
            try:
                return _original[name](self, queue_name, *args, **settings)
            finally:
                if queue is not None:
                    changed(queue.queue_arn)

        return tell

    def receive_message(self: Any, queue_name: str, *args: Any, **settings: Any) -> Any:
        queue = self.queues.get(queue_name)
        if queue is not None:  # moto frees a group one message after the other, and hands out its last one first
            queue.pending_messages.difference_update(queue.messages)
        return _original["receive_message"](self, queue_name, *args, **settings)

    queue_class.add_message = add_message
    backend_class.receive_message = receive_message
    for name in ("delete_queue", "change_message_visibility", "set_queue_attributes"):
        setattr(backend_class, name, telling(name))
    # moto asks for the time twice a message, and counts all messages whenever one is sent
    queue_class.messages = property(lambda self: [one for one, hidden, late in _seen(self) if not hidden and not late])
    queue_class.approximate_number_of_messages_delayed = property(lambda self: sum(late for *_, late in _seen(self)))
    queue_class.approximate_number_of_messages_not_visible = property(
        lambda self: sum(hidden for _, hidden, _ in _seen(self))
    )


def _is_repeated(queue: Any, message: Any) -> bool:
    """Whether a FIFO queue had this message minutes ago; moto forgets that when the message is deleted."""
    if not queue.fifo_queue or not message.deduplication_id or message.approximate_receive_count:
        return False
    sent: dict[Any, int] = queue.__dict__.setdefault("sandbox_sent", {})
    scope = message.group_id if queue.deduplication_scope == "messageGroup" else ""
    before = sent.get((scope, message.deduplication_id))
    if before is not None and message.sent_timestamp - before < DEDUPLICATION_TIME_IN_SECONDS * 1000:
        return True
    sent[scope, message.deduplication_id] = message.sent_timestamp
    return False


def _seen(queue: Any) -> list[tuple[Any, bool, bool]]:
    """Each message, whether it is hidden, and whether it is delayed."""
    now = unix_time_millis()
    return [(one, now <= one.visible_at, now < one.delayed_until) for one in queue._messages]


_original: dict[str, Any] = {
    "add_message": Queue.add_message,
    "delete_queue": SQSBackend.delete_queue,
    "change_message_visibility": SQSBackend.change_message_visibility,
    "receive_message": SQSBackend.receive_message,
    "set_queue_attributes": SQSBackend.set_queue_attributes,
}
