"""What REST and HTTP APIs have in common at the door: a request on its way, calling a function, asking an authorizer.

outcome = await gateway.call(asked, uri, payload, source_arn=…, limit_s=29.0)       # raises AwsError, TimeoutError
verdict = await gateway.ask(asked, authorizer_id, uri, event, …)                    # raises Unauthorized, Misconfigured
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any, Protocol

from lambda_sandbox.clock import Clock
from lambda_sandbox.event_sources.authorizers import Memory, Misconfigured, Verdict, judged
from lambda_sandbox.event_sources.payload1 import Asked
from lambda_sandbox.facts import fact
from lambda_sandbox.iam import decide
from lambda_sandbox.invocation import Answered, Call, Outcome
from lambda_sandbox.journal import Journal, Kind
from lambda_sandbox.lambda_api import errors
from lambda_sandbox.state import State, function_arn
from lambda_sandbox.wire import AwsError, Response

_FUNCTION = re.compile(
    r"(?:.*/functions/)?(arn:[^:]+:lambda:([^:]+):[^:]+:function:([^:/]+)(?::([^:/]+))?)(?:/invocations)?"
)
_VARIABLE = re.compile(r"\$\{stageVariables\.(\w+)\}")


class Refused(Exception):
    """The API answers by itself."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


class NotModelled(Exception):
    """What was asked for exists on AWS, and not here; the text says what."""


class Unauthorized(Exception):
    """The authorizer raised its one well-known error."""


class Invoker(Protocol):
    """What this door asks of `invocation.Invoker`."""

    async def invoke(self, call: Call) -> Outcome: ...


class Gateway:
    """Calls functions for APIs, if their resource policies let API Gateway do so."""

    def __init__(self, *, state: State, journal: Journal, clock: Clock, invoker: Invoker) -> None:
        self._state, self._journal, self._clock, self._invoker = state, journal, clock, invoker
        self._remembered = Memory()

    def reset(self) -> None:
        """Forgets what authorizers said."""
        self._remembered.forget()

    async def call(
        self,
        asked: Asked,
        uri: str | None,
        event: Any,
        *,
        source_arn: str,
        limit_s: float,
        by_role: bool = False,
    ) -> Outcome:
        """Calls the function that an integration's URI names. A function that runs on after the limit is not stopped.

        With credentials of a role (`by_role`) the resource policy is not asked. Raises TimeoutError, NotModelled, and
        AwsError where Lambda refuses.
        """
        variables = asked.stage.variables
        named = _FUNCTION.fullmatch(_VARIABLE.sub(lambda one: variables.get(one[1], ""), uri or ""))
        if named is None:
            raise NotModelled("integrations of API Gateway with anything but a Lambda function")
        _, region, function, qualifier = named.groups()
        request_id = self._state.new_uuid()
        if not by_role:
            self._check_permission(region, function, qualifier, source_arn, request_id)
        payload = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        if len(payload) > fact("limits.invoke_payload_sync"):
            raise errors.request_too_large(fact("limits.invoke_payload_sync"), "InvokeFunction")
        call = Call(region, function, qualifier, payload, request_id, source="apigateway")
        running = self._clock.spawn(self._invoker.invoke(call))
        done, _ = await asyncio.wait({running}, timeout=limit_s)
        if not done:
            running.add_done_callback(lambda task: task.cancelled() or task.exception())  # nobody waits for it any more
            raise TimeoutError
        outcome: Outcome = running.result()
        return outcome

    async def ask(
        self,
        asked: Asked,
        authorizer: str,
        uri: str | None,
        event: Mapping[str, Any],
        *,
        key: tuple[str, ...],
        ttl_s: float,
        resource: str,
        limit_s: float,
        simple: bool = False,
        by_role: bool = False,
    ) -> Verdict:
        """What an authorizer says of a request, or said of the same `key` less than `ttl_s` ago.

        Raises Unauthorized, and Misconfigured for whatever else goes wrong with it.
        """
        stage = asked.stage
        known = (stage.api, stage.name, authorizer, *key)
        payload = self._remembered.get(known, self._clock.now()) if ttl_s else None
        if payload is not None:
            return judged(payload, resource=resource, simple=simple)
        source = stage.arn("authorizers", authorizer)
        try:
            outcome = await self.call(asked, uri, event, source_arn=source, limit_s=limit_s, by_role=by_role)
        except (AwsError, TimeoutError):
            raise Misconfigured from None
        if not isinstance(outcome, Answered):
            if getattr(outcome, "message", "") == "Unauthorized":
                raise Unauthorized
            raise Misconfigured
        verdict = judged(outcome.payload, resource=resource, simple=simple)
        if ttl_s:
            self._remembered.put(known, outcome.payload, self._clock.now() + ttl_s)
        return verdict

    def _check_permission(self, region: str, name: str, qualifier: str | None, source: str, request_id: str) -> None:
        """Asks the resource policy of exactly the function, version or alias that is called (facts §7.3)."""
        function = self._state.function(region, name)
        policy = function.policies.get(qualifier or "") if function else None
        arn = function_arn(region, name, qualifier, self._state.account)
        decision = decide(
            policy.statements if policy else [],
            principal="apigateway.amazonaws.com",
            action="lambda:InvokeFunction",
            resource=arn,
            context={"aws:SourceArn": source, "aws:SourceAccount": self._state.account},
        )
        if not decision:
            because = decision.because if function else f"there is no function {arn}"
            self._journal.append(
                Kind.REFUSED, function=name, request_id=request_id, source="apigateway", because=because
            )
            raise AwsError("AccessDeniedException", 403, because)
