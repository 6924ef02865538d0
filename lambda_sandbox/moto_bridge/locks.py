"""Which locks a request holds. moto is not thread-safe, so requests to one service take turns.

A service that calls another one inside moto (SNS delivers to SQS) holds both locks. Locks are taken in one fixed order,
so that two requests can never wait for each other. No lock is held during a long poll or while a function runs.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

_FAMILY = {  # services that share their backends
    "sts": "iam",
    "dynamodbstreams": "dynamodb",
    "dynamodb_v20111205": "dynamodb",
    "s3control": "s3",
    "s3bucket_path": "s3",
    "apigatewayv2": "apigateway",
}
_OWN = (
    "stepfunctions",
    "s3",
    "sqs",
    "sns",
    "iam",
    "dynamodb",
    "kinesis",
    "logs",
    "events",
    "cloudwatch",
    "ssm",
    "secretsmanager",
    "apigateway",
)
EVERYTHING = _REST = "every other service"
_REACHES = {  # what a service calls inside moto
    "sns": ("sqs", _REST),
    "events": ("sqs", "sns", "logs", "kinesis", _REST),
    "logs": ("kinesis", "s3", "cloudwatch", _REST),
    "kinesis": ("cloudwatch",),
    "dynamodb": ("kinesis", "s3"),
    "cloudwatch": ("sns",),
    "stepfunctions": ("iam",),
    "secretsmanager": ("ssm",),
    "ssm": ("secretsmanager",),
    _REST: _OWN,  # CloudFormation, resource groups, … may touch anything
}


class Locks:
    """One lock a family of services."""

    def __init__(self) -> None:
        self._locks = {name: threading.RLock() for name in (*_OWN, _REST)}

    @contextmanager
    def holding(self, *services: str) -> Iterator[None]:
        """Holds the locks of these services and of those they reach."""
        wanted: set[str] = set()
        for service in services:
            family = _FAMILY.get(service, service)
            family = family if family in _OWN else _REST
            wanted.update((family, *_REACHES.get(family, ())))
        with ExitStack() as stack:
            for name in self._locks:  # the dict's order is the one order
                if name in wanted:
                    stack.enter_context(self._locks[name])
            yield
