"""What all sources that push have in common: a permission, a queue, a journal (facts §4.2, §7.3).

    push = Push(state, journal, invoker)
    refused = push.deliver(arn, event, by=S3, source_arn=bucket_arn, bucket="photos", key="cat.jpg")

A source asks the resource policy of exactly the function, version or alias that it names, each time it fires. Without a
statement for it nothing happens, and the journal says why.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from lambda_sandbox.iam import Decision, decide
from lambda_sandbox.invocation.call import Call
from lambda_sandbox.journal import Journal, Kind
from lambda_sandbox.state import State, function_arn
from lambda_sandbox.wire import AwsError


class Queue(Protocol):
    """What sources ask of `invocation.Invoker`."""

    def enqueue(self, call: Call) -> None: ...


@dataclass(frozen=True, slots=True)
class By:
    """A service that invokes: its name in the journal, and the principal that a policy must let in."""

    name: str
    principal: str


class Push:
    """Hands events to functions, asynchronously. Lives on the event loop; `may_invoke` only reads."""

    def __init__(self, *, state: State, journal: Journal, invoker: Queue) -> None:
        self._state, self._journal, self._invoker = state, journal, invoker

    def deliver(self, arn: str, event: Any, *, by: By, source_arn: str, trace: str = "", **about: str) -> str:
        """Takes an event for a function; returns why it was refused, or "". `about` goes into the journal."""
        region, name, qualifier = function_of(arn)
        request_id = self._state.new_uuid()
        self._note(Kind.RECEIVED, name, request_id, by, about)
        decision = self.may_invoke(arn, by.principal, source_arn)
        refused = "" if decision else decision.because
        if decision:
            payload = json.dumps(event, separators=(",", ":")).encode()
            try:
                self._invoker.enqueue(Call(region, name, qualifier, payload, request_id, source=by.name, trace=trace))
            except AwsError as error:
                refused = error.message
        if refused:
            self._note(Kind.REFUSED, name, request_id, by, {**about, "because": refused})
        return refused

    def filtered(self, arn: str, *, by: By, **about: str) -> None:
        """Records that an event is not for a function that asked for its kind."""
        self._note(Kind.FILTERED, function_of(arn)[1], self._state.new_uuid(), by, about)

    def _note(self, kind: Kind, function: str, request_id: str, by: By, about: Mapping[str, str]) -> None:
        self._journal.append(kind, function=function, request_id=request_id, source=by.name, **about)

    def may_invoke(self, arn: str, principal: str, source_arn: str) -> Decision:
        """Asks the resource policy of what the ARN names."""
        region, name, qualifier = function_of(arn)
        function = self._state.function(region, name)
        if function is None:
            return Decision(False, f"there is no function {arn}")
        policy = function.policies.get(qualifier or "")
        return decide(
            policy.statements if policy else [],
            principal=principal,
            action="lambda:InvokeFunction",
            resource=function_arn(region, name, qualifier, self._state.account),
            context={"aws:SourceArn": source_arn, "aws:SourceAccount": self._state.account},
        )


def function_of(arn: str) -> tuple[str, str, str | None]:
    """Region, name and qualifier of a function's ARN."""
    region, _, _, name, *qualifier = arn.split(":")[3:]
    return region, name, qualifier[0] if qualifier else None
