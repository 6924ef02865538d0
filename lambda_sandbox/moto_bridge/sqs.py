"""SQS: what becomes of a request before moto sees it, queues read without HTTP, and whoever reads one told of changes.

A trace header is kept. A ReceiveMessage that may wait becomes one that does not, asked again: moto would wait inside
its handler, holding a worker and SQS's lock, so that nobody could send the awaited message.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from moto.core.utils import unix_time_millis
from moto.sqs.exceptions import MissingParameter
from moto.sqs.models import DEDUPLICATION_TIME_IN_SECONDS, Queue, SQSBackend, sqs_backends

from lambda_sandbox.moto_bridge import queue_metrics
from lambda_sandbox.wire import Request, Response

RECURS = 20  # receptions after which a message that nothing takes away is no work that `settle()` waits for
FIRST_NUMBER = 18_850_000_000_000_000_000  # sequence numbers of FIFO queues have 20 digits, and grow
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

    `awaited_at`: the same of messages that are not tried again and again for ever (see `_recurs`).
    `given_up`: the ids of messages that were received too often, and so went to the queue's dead-letter queue, `to`.
    """

    messages: tuple[QueueMessage, ...]
    next_at: float | None
    awaited_at: float | None
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
    hidden = [] if found else [one for one in queue._messages if not _is_there(one, now)]
    next_at = min((_shows_at(one) for one in hidden), default=None)
    awaited_at = min((_shows_at(one) for one in hidden if not _recurs(queue, one)), default=None)
    return Received(
        tuple(_message(one, arn) for one in found), next_at, awaited_at, given_up, dead.queue_arn if given_up else ""
    )


def _shows_at(message: Any) -> float:
    return float(max(message.visible_at, message.delayed_until) + 1) / 1000


def _is_there(message: Any, now: float) -> bool:
    return bool(now > message.visible_at and now >= message.delayed_until)


def _recurs(queue: Any, message: Any) -> bool:
    """Whether a message has come back so often that it will go on until it is too old: nothing takes it away."""
    return queue.dead_letter_queue is None and message.approximate_receive_count >= RECURS


def delete(account: str, arn: str, receipt_handles: Sequence[str]) -> None:
    """Deletes messages; a queue that is gone has none."""
    queue = _queue(account, arn)
    if queue is None:
        return
    queue_metrics.note(queue)
    handles, found = set(receipt_handles), []
    for message in queue.pending_messages:  # what is in flight: of a long queue it is the smaller part
        if message.receipt_handle in handles:
            handles.remove(message.receipt_handle)
            found.append(message)
    if handles:  # older handles, or messages that are visible again
        found += [one for one in queue._messages if not handles.isdisjoint(one.all_receipt_handles)]
    for message in found:
        _remove(queue, message)


def hide_longer(account: str, arn: str, receipt_handles: Sequence[str], seconds: float) -> None:
    """Shows messages in flight so much later than they would be."""
    queue = _queue(account, arn)
    if queue is None:
        return
    queue_metrics.note(queue)
    for message in queue.pending_messages:
        if message.receipt_handle in receipt_handles:
            message.visible_at += round(seconds * 1000)


def _remove(queue: Any, message: Any) -> None:
    queue_metrics.count(queue, "NumberOfMessagesDeleted")
    queue.pending_messages.discard(message)
    queue.deleted_messages.update(message.all_receipt_handles)
    with suppress(ValueError):  # it was purged meanwhile
        queue._messages.remove(message)


def _queue(account: str, arn: str) -> Any:
    region, name = arn.split(":")[3], arn.rsplit(":", 1)[-1]
    return sqs_backends[account][region].queues.get(name)


def _message(message: Any, arn: str) -> QueueMessage:
    attributes = {
        "ApproximateReceiveCount": str(message.approximate_receive_count),
        "SentTimestamp": str(message.sent_timestamp),
        "SenderId": message.sender_id,
        "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
    }
    source = getattr(message, "sandbox_source", "")
    optional = {
        "DeadLetterQueueSourceArn": f"{arn.rpartition(':')[0]}:{source}" if source else "",
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
    """Puts the seams in. `changed` is told the ARN of a queue that got a message, shows one again, or loses all."""
    queue_class: Any = Queue
    backend_class: Any = SQSBackend

    def add_message(self: Any, message: Any) -> None:
        if not _is_repeated(self, message):
            queue_metrics.note(self)
            if not message.approximate_receive_count:  # dead letters are moved here, not sent
                queue_metrics.count(self, "NumberOfMessagesSent")
            if self.fifo_queue and not message.approximate_receive_count:
                numbers = self.__dict__.setdefault("sandbox_numbers", itertools.count(FIRST_NUMBER, 256))
                message.sequence_number = str(next(numbers))  # moto draws lots, and only for some
            if message.delayed_until > unix_time_millis():
                self.__dict__.setdefault("sandbox_late", set()).add(message)
            _original["add_message"](self, message)
            changed(self.queue_arn)

    def telling(name: str) -> Callable[..., Any]:
        def tell(self: Any, queue_name: str, *args: Any, **settings: Any) -> Any:
            queue = self.queues.get(queue_name)
            if queue is not None:
                queue_metrics.note(queue)
            try:
                return _original[name](self, queue_name, *args, **settings)
            finally:
                if queue is not None:
                    changed(queue.queue_arn)

        return tell

    def receive_message(self: Any, queue_name: str, *args: Any, **settings: Any) -> Any:
        queue = self.queues.get(queue_name)
        dead = queue.dead_letter_queue if queue is not None else None
        before = len(dead._messages) if dead else 0
        if queue is not None:
            queue_metrics.note(queue)
            _expire(queue)
            # moto frees a group one message after the other, and hands out its last one first
            now = unix_time_millis()
            queue.pending_messages.difference_update([one for one in queue.pending_messages if now > one.visible_at])
        found = _original["receive_message"](self, queue_name, *args, **settings)
        if found:
            queue_metrics.count(queue, "NumberOfMessagesReceived", len(found))
        for message in dead._messages[before:] if dead else ():
            message.sandbox_source = queue_name
        return found

    def change_message_visibility(self: Any, queue_name: str, receipt_handle: str, visibility_timeout: int) -> None:
        queue = self.get_queue(queue_name)
        queue_metrics.note(queue)
        try:
            _original["change_message_visibility"](self, queue_name, receipt_handle, visibility_timeout)
        finally:
            now = unix_time_millis()
            found = (one for one in queue._messages if receipt_handle in one.all_receipt_handles)
            queue.pending_messages.update(one for one in found if now <= one.visible_at)  # hidden anew
            changed(queue.queue_arn)

    def validate_message(self: Any, queue: Any, message_body: str, *args: Any, **settings: Any) -> None:
        if not message_body:
            raise MissingParameter("MessageBody")
        _original["_validate_message"](self, queue, message_body, *args, **settings)

    def delete_message(self: Any, receipt_handle: str) -> None:
        """moto builds the whole queue anew for each."""
        queue_metrics.note(self)
        found = next((one for one in self.pending_messages if one.receipt_handle == receipt_handle), None)
        if found is None:
            _original["delete_message"](self, receipt_handle)
        else:
            _remove(self, found)

    queue_class.add_message, queue_class.delete_message = add_message, delete_message
    backend_class.receive_message, backend_class._validate_message = receive_message, validate_message
    backend_class.change_message_visibility = change_message_visibility
    for name in ("delete_queue", "purge_queue", "set_queue_attributes"):
        setattr(backend_class, name, telling(name))
    # moto walks the whole queue, and asks for the time at each step: nine times a message received, thrice one sent
    backend_class.is_message_valid_based_on_retention_period = lambda self, queue_name, message: True
    queue_class.messages = property(_there)
    queue_class.approximate_number_of_messages = property(
        lambda self: len(self._messages) - _count_hidden(self) - _count_late(self)
    )
    queue_class.approximate_number_of_messages_delayed = property(_count_late)
    queue_class.approximate_number_of_messages_not_visible = property(_count_hidden)


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


def _there(queue: Any) -> Iterator[Any]:
    """The messages that may be handed out. Not a list: who takes ten need not look at ten thousand."""
    now = unix_time_millis()
    return (one for one in queue._messages if _is_there(one, now))


def _count_hidden(queue: Any) -> int:
    now = unix_time_millis()
    return sum(now <= one.visible_at for one in queue.pending_messages)


def _count_late(queue: Any) -> int:
    """Those that were sent with a delay, which few are."""
    now, late = unix_time_millis(), queue.__dict__.setdefault("sandbox_late", set())
    late.difference_update([one for one in late if now >= one.delayed_until])
    return len(late)


def _expire(queue: Any) -> None:
    """Forgets what is older than the retention period; moto hands it out no more, and keeps it in the way."""
    oldest = unix_time_millis() - queue.message_retention_period * 1000
    if any(one.sent_timestamp <= oldest for one in queue._messages):
        queue._messages = [one for one in queue._messages if one.sent_timestamp > oldest]
        queue.pending_messages.intersection_update(queue._messages)


_original: dict[str, Any] = {
    "add_message": Queue.add_message,
    "delete_queue": SQSBackend.delete_queue,
    "purge_queue": SQSBackend.purge_queue,
    "delete_message": Queue.delete_message,
    "change_message_visibility": SQSBackend.change_message_visibility,
    "receive_message": SQSBackend.receive_message,
    "_validate_message": SQSBackend._validate_message,
    "set_queue_attributes": SQSBackend.set_queue_attributes,
}
