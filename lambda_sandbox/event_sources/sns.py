"""SNS → Lambda: a message that a subscription lets through becomes an asynchronous invocation (facts §6.6).

bridge.on_notification = lambda notification: loop.call_soon_threadsafe(source.on, notification)

What SNS may not deliver (the function is gone, or does not let it in) goes to the subscription's dead-letter queue.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from lambda_sandbox.clock import Clock, iso8601
from lambda_sandbox.event_sources.push import By, Push
from lambda_sandbox.event_sources.to_services import message
from lambda_sandbox.moto_bridge import Notification
from lambda_sandbox.wire import Request, Response

BY = By("sns", "sns.amazonaws.com")


def event(notification: Notification, at: float) -> dict[str, Any]:
    """The event that the function gets: one record, with capitals; `Subject` is null where there is none."""
    region = notification.topic_arn.split(":")[3]
    subscription = notification.subscription_arn
    return {
        "Records": [
            {
                "EventSource": "aws:sns",
                "EventVersion": "1.0",
                "EventSubscriptionArn": subscription,
                "Sns": {
                    "Type": "Notification",
                    "MessageId": notification.message_id,
                    "TopicArn": notification.topic_arn,
                    "Subject": notification.subject,
                    "Message": notification.message,
                    "Timestamp": iso8601(at),
                    "SignatureVersion": "1",
                    "Signature": "EXAMPLE",  # nobody signs here
                    "SigningCertUrl": f"https://sns.{region}.amazonaws.com/SimpleNotificationService-EXAMPLE.pem",
                    "UnsubscribeUrl": f"https://sns.{region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn="
                    + subscription,
                    "MessageAttributes": {
                        name: {"Type": value["Type"], "Value": value["Value"]}
                        for name, value in notification.attributes.items()
                    },
                },
            }
        ]
    }


class SnsSource:
    """Tells functions of messages. Lives on the event loop."""

    def __init__(self, push: Push, clock: Clock, send: Callable[[Request], Awaitable[Response]]) -> None:
        self._push, self._clock, self._send = push, clock, send

    def on(self, notification: Notification) -> None:
        """Invokes the function of one subscription, or gives the message to its dead-letter queue."""
        refused = self._push.deliver(
            notification.function_arn,
            event(notification, self._clock.now()),
            by=BY,
            source_arn=notification.topic_arn,
            trace=notification.trace,
            event_name="Notification",
            topic=notification.topic_arn,
        )
        if refused and notification.dead_letter_arn:
            self._clock.spawn(self._bury(notification.dead_letter_arn, notification.message))

    async def _bury(self, queue_arn: str, text: str) -> None:
        await self._send(message(queue_arn, text, {}))
