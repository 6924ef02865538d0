"""Secrets Manager → Lambda: a rotation calls its function four times, one after the other, and waits for each (§7.3).

bridge.check_rotation = source.check                    # when a rotation is asked for (in a worker thread)
bridge.on_rotation = lambda rotation: loop.call_soon_threadsafe(source.on, rotation)

A call that fails ends the rotation: the new version keeps the label AWSPENDING until somebody rotates again. Rotations
that AWS would begin by itself, on a schedule, are not modelled.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Protocol

from lambda_sandbox.clock import Clock
from lambda_sandbox.environments.outcome import Answered, Outcome
from lambda_sandbox.event_sources.push import By, Push, function_of
from lambda_sandbox.invocation.call import Call
from lambda_sandbox.journal import Journal, Kind
from lambda_sandbox.moto_bridge import Rotation
from lambda_sandbox.state import State
from lambda_sandbox.wire import AwsError

BY = By("secretsmanager", "secretsmanager.amazonaws.com")


class Invoker(Protocol):
    """What rotation asks of `invocation.Invoker`."""

    async def invoke(self, call: Call) -> Outcome: ...


class SecretsSource:
    """Calls rotation functions. `on` runs on the event loop; `check` only reads, and may run anywhere."""

    def __init__(
        self,
        *,
        push: Push,
        state: State,
        journal: Journal,
        clock: Clock,
        invoker: Invoker,
        rotated: Callable[[str], Awaitable[None]],
    ) -> None:
        self._push, self._state, self._journal, self._clock = push, state, journal, clock
        self._invoker, self._rotated = invoker, rotated

    def check(self, function_arn: str, secret_arn: str) -> None:
        """Raises AwsError, in Secrets Manager's words, if it may not invoke the function or there is none."""
        if function_arn.count(":") < 6 or not self._push.may_invoke(function_arn, BY.principal, secret_arn):
            text = (
                "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants "
                "access to the principal secretsmanager.amazonaws.com."
            )
            raise AwsError("AccessDeniedException", 400, text, capital=True)

    def on(self, rotation: Rotation) -> None:
        self._clock.spawn(self._rotate(rotation))

    async def _rotate(self, rotation: Rotation) -> None:
        region, name, qualifier = function_of(rotation.function_arn)
        for step in rotation.steps:
            event = {"Step": step, "SecretId": rotation.secret_arn, "ClientRequestToken": rotation.token}
            payload = json.dumps(event).encode()
            call = Call(region, name, qualifier, payload, self._state.new_uuid(), source=BY.name)
            about = {"source": BY.name, "event_name": step, "secret": rotation.secret_arn}
            self._journal.append(Kind.RECEIVED, function=name, request_id=call.request_id, **about)
            try:
                because = "" if isinstance(await self._invoker.invoke(call), Answered) else f"{step} failed"
            except AwsError as error:
                because = error.message
            if because:
                about["because"] = f"the rotation has ended early: {because}"
                self._journal.append(Kind.REFUSED, function=name, request_id=call.request_id, **about)
                return
        if len(rotation.steps) > 1:
            await self._rotated(rotation.secret_arn)
