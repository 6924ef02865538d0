"""SQS → Lambda: messages, in batches, to a function; what it does not fail is deleted, the rest comes back by itself.

    changed() → receive → filter (and delete) → batch (size, window, 6 MB) → invoke → delete

Nothing polls: what arrives wakes the poller, and so does the clock when a hidden message is visible again. A message
that failed is left alone: its visibility timeout brings it back, and the queue's redrive policy takes it away (facts
§6.3); for one that nothing takes away `settle()` waits no more after a while. The order of a FIFO group is SQS's doing:
it hands out nothing of a group that has messages in flight.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from lambda_sandbox.clock import Timer
from lambda_sandbox.environments.outcome import Answered, Outcome
from lambda_sandbox.event_sources.mapping import Delivery
from lambda_sandbox.facts import fact
from lambda_sandbox.journal import Kind
from lambda_sandbox.moto_bridge import QueueMessage, Received
from lambda_sandbox.wire import AwsError

ACTIONS: tuple[str, ...] = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
PAYLOAD_BYTES: int = fact("limits.invoke_payload_sync")
FIRST_POLLERS, POLLERS_A_MINUTE, MOST_POLLERS = 5, 300, 1250  # facts §6.3; a poller is a batch in flight

Receive = Callable[[str, int], Awaitable[Received | None]]  # (queue, how many) -> messages, or no such queue
Delete = Callable[[str, Sequence[str]], Awaitable[None]]  # (queue, receipt handles)
Hide = Callable[[str, Sequence[str], float], Awaitable[None]]  # (queue, receipt handles, for how many seconds more)


def record(message: QueueMessage, arn: str, *, window: bool = False) -> dict[str, Any]:
    """One entry of the event's `Records` (facts §6.6). A mapping with a batching window says that a digest is none."""
    made: dict[str, Any] = {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": dict(message.attributes),
        "messageAttributes": {name: _attribute(value) for name, value in message.message_attributes.items()},
    }
    if message.md5_of_attributes or window:  # null was recorded with a window, absence without one
        made["md5OfMessageAttributes"] = message.md5_of_attributes or None
    return made | {
        "md5OfBody": message.md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": arn.split(":")[3],
    }


def _attribute(value: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"stringListValues": [], "binaryListValues": [], "dataType": value["DataType"]}
    if "StringValue" in value:
        made["stringValue"] = value["StringValue"]
    if "BinaryValue" in value:
        binary = value["BinaryValue"]
        made["binaryValue"] = b64encode(binary).decode() if isinstance(binary, bytes) else binary
    return made


def filtered_by(record: dict[str, Any]) -> dict[str, Any]:
    """What a filter's pattern is about: the record, with its body as JSON if that is an object, else as text."""
    try:
        body = json.loads(record["body"])
    except ValueError:
        return record
    return {**record, "body": body} if isinstance(body, dict) else record


def failed(outcome: Outcome, ids: Iterable[str], report: bool) -> set[str]:
    """The messages of a batch that are not to be deleted (facts §6.3): all of them if the answer makes no sense."""
    every = set(ids)
    if not isinstance(outcome, Answered):
        return every
    answer = json.loads(outcome.payload or b"null") if report else None
    if not answer:
        return set()
    if not isinstance(answer, dict):
        return every
    failures = answer.get("batchItemFailures")
    if not failures:
        return set()
    if not isinstance(failures, list):
        return every
    named = [item.get("itemIdentifier") if isinstance(item, dict) else None for item in failures]
    good = all(isinstance(name, str) and name in every for name in named)
    return {str(name) for name in named} if good else every


class SqsPoller:
    """Delivers one queue to one function. Lives on the event loop."""

    def __init__(self, delivery: Delivery, *, receive: Receive, delete: Delete, hide: Hide) -> None:
        self._delivery, self._mapping, self._clock = delivery, delivery.mapping, delivery.clock
        self._arn: str = delivery.mapping["EventSourceArn"]
        self._receive, self._delete, self._hide = receive, delete, hide
        self._waiting: dict[str, tuple[QueueMessage, dict[str, Any], int]] = {}  # with record and its bytes, by id
        self._since = 0.0  # when the first of them came
        self._running, self._busy_since = 0, 0.0
        self._enabled = self._polling = self._again = False
        self._alarms: dict[str, Timer] = {}

    # -- from outside

    def start(self) -> None:
        self._enabled = True
        self.changed()

    def stop(self) -> None:
        """What runs ends first; what waits goes back to the queue when its visibility timeout ends."""
        self._enabled = False
        self._waiting.clear()
        for alarm in self._alarms.values():
            alarm.cancel()

    def changed(self) -> None:
        self._again = True
        if self._enabled and not self._polling:
            self._polling = True
            self._clock.spawn(self._poll())

    # -- receiving

    async def _poll(self) -> None:
        """Takes messages for as long as there are any and pollers are free."""
        try:
            while self._again and self._enabled and self._running < self._limit():
                self._again = False
                await self._delivery.permit(*ACTIONS)
                most = self._mapping["BatchSize"]
                received = await self._receive(self._arn, max(most - len(self._waiting), 1))
                if received is None:
                    self._delivery.note(Kind.REFUSED, because=f"the queue {self._arn} does not exist")
                    return
                if received.given_up:
                    self._delivery.note(Kind.DEAD_LETTERED, to=received.to, ids=list(received.given_up))
                if received.messages:
                    self._again = True
                    await self._take(received.messages)
                else:
                    self._ring("visible", received.next_at, work=False)
                    self._ring("awaited", received.awaited_at)
                self._release()
        except AwsError:  # the frame has said why; whatever changes that wakes us
            return
        finally:
            self._polling = False

    async def _take(self, messages: Sequence[QueueMessage]) -> None:
        """Puts messages in line; those that no filter lets pass are deleted."""
        if not self._enabled:
            return
        self._delivery.note(Kind.RECEIVED, messages=len(messages))
        unwanted = []
        for message in messages:
            made = record(message, self._arn, window=self._mapping["MaximumBatchingWindowInSeconds"] > 0)
            if self._delivery.matches(filtered_by(made)):
                self._since = self._since if self._waiting else self._clock.now()
                self._waiting[message.id] = (message, made, len(json.dumps(made)))  # again, if hidden for too short
            else:
                unwanted.append(message.receipt_handle)
        if unwanted:
            self._delivery.note(Kind.FILTERED, messages=len(unwanted))
            await self._delete(self._arn, unwanted)

    # -- delivering

    def _release(self) -> None:
        """Sends off each batch that is full or has waited long enough, while pollers are free."""
        self._ring("window", None)
        while self._waiting and self._running < self._limit():
            due = self._since + self._mapping["MaximumBatchingWindowInSeconds"]
            size = self._size()
            if size == len(self._waiting) < self._mapping["BatchSize"] and self._clock.now() < due:
                self._ring("window", due)
                return
            batch = [self._waiting.pop(one) for one in list(self._waiting)[:size]]
            self._since = self._clock.now()
            self._busy_since = self._busy_since if self._running else self._clock.now()
            self._running += 1
            self._clock.spawn(self._deliver([(message, made) for message, made, _ in batch]))

    def _size(self) -> int:
        """How many of the messages in line make the next batch."""
        total = 0
        for count, (_, _, size) in enumerate(self._waiting.values()):
            total += size + 1
            if count == self._mapping["BatchSize"] or (count and total > PAYLOAD_BYTES - 100):
                return count
        return len(self._waiting)

    async def _deliver(self, batch: list[tuple[QueueMessage, dict[str, Any]]]) -> None:
        request_id, before = self._delivery.new_uuid(), self._delivery.last_seq()
        try:
            self._delivery.note(Kind.BATCHED, request_id, messages=len(batch), ids=[message.id for message, _ in batch])
            payload = json.dumps({"Records": [made for _, made in batch]}, separators=(",", ":")).encode()
            trace = batch[0][0].attributes.get("AWSTraceHeader", "")
            report = "ReportBatchItemFailures" in self._mapping["FunctionResponseTypes"]
            ids = [message.id for message, _ in batch]
            try:
                left, because = failed(await self._delivery.invoke(payload, request_id, trace), ids, report), ""
            except AwsError as error:
                left, because = set(ids), error.message
            done = [message.receipt_handle for message, _ in batch if message.id not in left]
            if done:
                await self._delete(self._arn, done)
                self._delivery.note(Kind.DELIVERED, request_id, messages=len(done))
            if left:
                # A laptop's cold start may take seconds: they are not taken off the wait for the next try.
                handles = [message.receipt_handle for message, _ in batch if message.id in left]
                await self._hide(self._arn, handles, self._delivery.waited(request_id, before))
                more = {"because": because} if because else {}
                self._delivery.note(Kind.RETRIED, request_id, messages=len(left), ids=sorted(left), **more)
        finally:
            self._running -= 1
            self._release()
            self.changed()

    # -- small things

    def _limit(self) -> int:
        """How many batches may be in flight: 5 at first and 300 more each minute, up to what the mapping says."""
        most: int = (self._mapping.get("ScalingConfig") or {}).get("MaximumConcurrency", MOST_POLLERS)
        if not self._running:
            return min(FIRST_POLLERS, most)
        grown = int((self._clock.now() - self._busy_since) * POLLERS_A_MINUTE / 60)
        limit = min(FIRST_POLLERS + grown, most)
        if self._running >= limit < most:
            self._ring("more", self._clock.now() + 60 / POLLERS_A_MINUTE, work=False)
        return limit

    def _ring(self, name: str, at: float | None, *, work: bool = True) -> None:
        """Wakes the poller at a time of the sandbox's clock, and no more at the time before."""
        if name in self._alarms:
            self._alarms.pop(name).cancel()
        if at is None:
            return

        def ring() -> None:
            self._release()
            self.changed()

        self._alarms[name] = self._clock.call_at(at, ring, work=work)
