"""Back from the dead: StartMessageMoveTask, ListMessageMoveTasks and CancelMessageMoveTask of SQS, which moto lacks.

Every message of a dead-letter queue becomes a new one, in the queue that it came from or in the one that is named. AWS
takes its time; here a task is complete when it is started.
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import unix_time_millis
from moto.moto_api._internal import mock_random
from moto.sqs.responses import SQSResponse

from lambda_sandbox.wire import AwsError


def install() -> None:
    """Puts the operations in; doing it twice changes nothing."""
    responses: Any = SQSResponse
    responses.start_message_move_task = _start
    responses.list_message_move_tasks = _list
    responses.cancel_message_move_task = _cancel


def _start(self: Any) -> ActionResult:
    backend, dead = self.sqs_backend, _queue(self, self._get_param("SourceArn"))
    sources = [queue for queue in backend.queues.values() if queue.dead_letter_queue is dead]
    if not sources:
        text = "Source queue must be configured as a Dead Letter Queue."
        raise AwsError("InvalidParameterValue", 400, text)
    named = self._get_param("DestinationArn")
    destination = _queue(self, named) if named else None
    moved = [message for message in dead._messages if not message.delayed and message.visible]
    for message in moved:
        dead._messages.remove(message)
        origin = backend.queues.get(getattr(message, "sandbox_source", "")) or sources[0]
        backend.send_message(
            (destination or origin).name,
            message.body,
            message.message_attributes,
            deduplication_id=str(mock_random.uuid4()) if message.group_id else None,
            group_id=message.group_id,
            system_attributes=message.system_attributes,
        )
    task = {
        "Status": "COMPLETED",
        "SourceArn": dead.queue_arn,
        "ApproximateNumberOfMessagesMoved": len(moved),
        "ApproximateNumberOfMessagesToMove": len(moved),
        "StartedTimestamp": int(unix_time_millis()),
    }
    dead.__dict__.setdefault("sandbox_moves", []).insert(0, task | ({"DestinationArn": named} if named else {}))
    return ActionResult({"TaskHandle": str(mock_random.uuid4())})


def _list(self: Any) -> ActionResult:
    tasks = _queue(self, self._get_param("SourceArn")).__dict__.get("sandbox_moves", [])
    return ActionResult({"Results": tasks[: int(self._get_param("MaxResults") or 1)]})


def _cancel(self: Any) -> ActionResult:
    raise AwsError("ResourceNotFoundException", 404, "Task does not exist.")  # none is running any more


def _queue(self: Any, arn: str) -> Any:
    found = self.sqs_backend.queues.get(str(arn).rpartition(":")[2])
    if found is None:
        text = "The resource that you specified for the SourceArn parameter doesn't exist."
        raise AwsError("ResourceNotFoundException", 404, text)
    return found
