"""AWS/SQS: how many messages each queue holds, minute by minute, how old the oldest is, and what came and went.

    note(queue)                             # before every change: how it was in the minutes up to now
    count(queue, "NumberOfMessagesSent")
    measured(account)                       # {Region: points}, up to now, each once

Nothing ticks: between two changes all follows from when each message shows, so minutes are noted when they are over.
SQS measures a queue that is active: for six hours after somebody did something with it (SQS Developer Guide,
"Monitoring Amazon SQS queues using CloudWatch").
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from typing import Any

from moto.core.utils import unix_time_millis
from moto.sqs.models import sqs_backends

from lambda_sandbox.moto_bridge.cloudwatch import Point
from lambda_sandbox.moto_bridge.metric_store import Series

MINUTE, ACTIVE = 60_000, 6 * 3_600_000  # milliseconds, as moto's times of messages are


def note(queue: Any) -> None:
    """Notes the minutes that are over, as they were before what now happens to the queue."""
    _note_minutes(queue)
    queue.__dict__["sandbox_used"] = int(unix_time_millis())


def count(queue: Any, metric: str, times: int = 1) -> None:
    minute = int(unix_time_millis()) // MINUTE * MINUTE
    queue.__dict__.setdefault("sandbox_counts", Counter())[metric, minute] += times


def measured(account: str) -> dict[str, list[Point]]:
    """What is not yet in CloudWatch, by Region."""
    backends: Any = sqs_backends[account]
    found: defaultdict[str, list[Point]] = defaultdict(list)
    for region, backend in list(backends.items()):
        for queue in list(backend.queues.values()):
            _note_minutes(queue)
            kept = queue.__dict__
            counts: Counter[tuple[str, int]] = kept.pop("sandbox_counts", Counter())
            found[region] += kept.pop("sandbox_points")
            found[region] += [_point(queue, name, minute, times) for (name, minute), times in counts.items()]
    return found


def _note_minutes(queue: Any) -> None:
    now, kept = int(unix_time_millis()), queue.__dict__
    end = min(now, kept.setdefault("sandbox_used", now) + ACTIVE)
    kept.setdefault("sandbox_points", []).extend(_between(queue, kept.get("sandbox_noted", now), end))
    kept["sandbox_noted"] = now


def _between(queue: Any, start: int, end: int) -> list[Point]:
    """Of each minute that ended after `start` and not after `end`, how it ended."""
    ends = range(start // MINUTE * MINUTE + MINUTE, end + 1, MINUTE)
    if not ends:
        return []
    messages = queue._messages
    late = sorted(one.delayed_until for one in messages)
    hidden = sorted(one.visible_at for one in messages)
    oldest = min((one.sent_timestamp for one in messages), default=None)
    points = []
    for at in ends:
        delayed, in_flight = len(late) - bisect_right(late, at), len(hidden) - bisect_right(hidden, at)
        held = {"Delayed": delayed, "NotVisible": in_flight, "Visible": len(messages) - delayed - in_flight}
        minute = at - MINUTE
        points += [_point(queue, f"ApproximateNumberOfMessages{which}", minute, held[which]) for which in held]
        if oldest is not None:
            points.append(_point(queue, "ApproximateAgeOfOldestMessage", minute, (at - oldest) // 1000, "Seconds"))
    return points


def _point(queue: Any, metric: str, minute: int, value: float, unit: str = "Count") -> Point:
    return Point(Series("AWS/SQS", metric, (("QueueName", queue.name),), unit), minute / 1000, [float(value)])
