"""moto's room: the one place that imports moto, and so has every AWS service but Lambda.

It knows nothing of the rooms above; it calls out through `Bridge.on_object_event` and its like, and
`Bridge.check_notification`. What it leans on inside moto is listed in `private.py`.
"""

from lambda_sandbox.moto_bridge.alarms import COMPARISONS, AlarmChange, AlarmOf
from lambda_sandbox.moto_bridge.apigateway import ApiStage
from lambda_sandbox.moto_bridge.bridge import Bridge
from lambda_sandbox.moto_bridge.changes import S3Change, S3Test, TargetConfiguration
from lambda_sandbox.moto_bridge.cloudwatch import Point
from lambda_sandbox.moto_bridge.events import RuleOf
from lambda_sandbox.moto_bridge.identities import Principal
from lambda_sandbox.moto_bridge.insights import Answer as QueryAnswer
from lambda_sandbox.moto_bridge.insights import LogEvent
from lambda_sandbox.moto_bridge.iot import TopicRule
from lambda_sandbox.moto_bridge.metric_store import Dimensions, Series
from lambda_sandbox.moto_bridge.scheduler import ScheduleOf
from lambda_sandbox.moto_bridge.secrets import Rotation
from lambda_sandbox.moto_bridge.sessions import Credentials
from lambda_sandbox.moto_bridge.sns import Notification
from lambda_sandbox.moto_bridge.sqs import QueueMessage, Received
from lambda_sandbox.moto_bridge.streams import ShardOf, StreamOf, Written
from lambda_sandbox.moto_bridge.subscriptions import LogEvents
from lambda_sandbox.moto_bridge.threads import Waiting

__all__ = [
    "COMPARISONS",
    "AlarmChange",
    "AlarmOf",
    "ApiStage",
    "Bridge",
    "Credentials",
    "Dimensions",
    "LogEvent",
    "LogEvents",
    "Notification",
    "Point",
    "Principal",
    "QueryAnswer",
    "QueueMessage",
    "Received",
    "Rotation",
    "RuleOf",
    "S3Change",
    "S3Test",
    "ScheduleOf",
    "Series",
    "ShardOf",
    "StreamOf",
    "TargetConfiguration",
    "TopicRule",
    "Waiting",
    "Written",
]
