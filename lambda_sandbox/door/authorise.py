"""May he? Every request that is signed with a key made here (a role's session, a user's access key) is decided by IAM.

    authorise = Authorise(state=…, bridge=…, now=clock.now)
    if refusal := await authorise.refusal(request):
        return refusal
    response = await bridge.serve_async(request, refusal=authorise.check)    # in one worker, one after the other

All other keys are the learner's: he is the administrator of the account, and nothing is looked up for him, but whether
a role that he wants to assume trusts him. In a sealed sandbox that is so of one key `only`, which its owner knows, and
all others are nobody's.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from lambda_sandbox.clock import iso8601
from lambda_sandbox.door.operations import operation_of
from lambda_sandbox.facts import fact
from lambda_sandbox.iam import Asked, Caller, Decision, Statement, access, asked, decide, denied, statements_of
from lambda_sandbox.lambda_api import errors as lambda_errors
from lambda_sandbox.moto_bridge import Bridge, Principal, errors
from lambda_sandbox.moto_bridge.routing import Scope, scope_of
from lambda_sandbox.state import State
from lambda_sandbox.wire import AwsError, Request, Response


class Authorise:
    """Asks IAM, which blocks: in worker threads."""

    def __init__(self, *, state: State, bridge: Bridge, now: Callable[[], float], only: str | None = None) -> None:
        self._state, self._bridge, self._now, self._only = state, bridge, now, only
        self._mark = bridge.key_mark
        self.asked: Counter[tuple[str, str, str]] = Counter()  # (a role's session, service, operation): for the bill
        self._counting = threading.Lock()

    async def refusal(self, request: Request) -> Response | None:
        """AWS's answer to who may not do what he asks for; None if he may."""
        return await asyncio.to_thread(self.check, request) if self._concerns(request) else None

    def check(self, request: Request) -> Response | None:
        """The same. Blocks."""
        if not self._concerns(request):
            return None
        scope = scope_of(request)
        try:
            session, service, operation, times = self._granted(request, scope)
        except AwsError as error:
            if scope.service == "lambda":
                return lambda_errors.render(error, self._state.new_passing_uuid())
            answer = errors.render(error, request, scope.service)
            return replace(answer, body=b"") if request.method == "HEAD" else answer
        if session:
            with self._counting:
                self.asked[session, service, operation] += times
        return None

    async def decide(self, access_key: str, one: Asked) -> Decision:
        """The same for what the door answers itself: calls of function URLs."""
        if not self._is_somebodys(access_key):
            return Decision(True, "the administrator may everything")

        def decide() -> Decision:
            principal = self._bridge.principal(access_key)
            if principal is None or self._is_over(principal):
                return Decision(False, _INVALID)
            resource, policy = self._resource(one.resource)
            return access(replace(one, resource=resource), _caller(principal), policy)

        return await asyncio.to_thread(decide)

    def may(self, role_arn: str, action: str, resource: str, **context: Any) -> Decision:
        """Whether a role may do something, for what Lambda does in its name: pollers, destinations, logs. Blocks."""
        caller = _caller(self._bridge.role(role_arn))
        full, policy = self._resource(resource)
        return access(Asked(action, full, context), caller, policy)

    def lets_in(self, service: str, action: str, resource: str, context: Mapping[str, Any]) -> Decision | None:
        """Whether a queue's or a topic's own policy lets one of AWS's services in; None: there is none. Blocks."""
        if not self._bridge.exists(resource):
            return None
        return decide(self._resource(resource)[1], principal=service, action=action, resource=resource, context=context)

    def _concerns(self, request: Request) -> bool:
        """Whether the key is not the administrator's, or a role may be assumed; costs a microsecond."""
        signed = request.headers.get("authorization", "").partition("Credential=")[2]
        if not signed and request.query:
            signed = request.query.partition("X-Amz-Credential=")[2] or request.query.partition("AWSAccessKeyId=")[2]
        if "/sts/aws4_request" in signed:
            return True
        return self._is_somebodys(re.split("/|%2F", signed, maxsplit=1)[0] if self._only else signed)

    def _is_somebodys(self, access_key: str) -> bool:
        return access_key[4:12] == self._mark or (self._only is not None and access_key != self._only)

    def _granted(self, request: Request, scope: Scope) -> tuple[str, str, str, int]:
        """Who asks (a role's session) for what, and how many requests that is billed as.

        Raises AwsError: unknown or expired credentials, access denied.
        """
        somebodys = self._is_somebodys(scope.access_key)
        principal = self._bridge.principal(scope.access_key) if somebodys else self._bridge.learner()
        speaks = _protocol(request, scope.service)
        if principal is None:
            raise AwsError(*_UNKNOWN[speaks])
        if self._is_over(principal):
            raise AwsError(*_EXPIRED[speaks])
        caller = _caller(principal, request, scope.region, self._now())
        try:
            operation, given = operation_of(request, scope.service)
            wanted = asked(scope.service, operation, given, region=scope.region, account=self._state.account)
            seconds = int(given.get("DurationSeconds") or 0) if operation == "AssumeRole" else 0
        except (ValueError, TypeError, AttributeError, LookupError) as error:  # a list where a name should be, …
            raise AwsError("SerializationException", 400, "The request is not what the operation takes.") from error
        if seconds > _CHAINED_S and not principal.user_name:
            raise AwsError("ValidationError", 400, _CHAINED)
        if scope.service == "s3" and operation in ("GetObject", "HeadObject"):
            bucket, key = given["Bucket"], given["Key"]
            if not self._bridge.has_object(bucket, key):  # who may not list a bucket is not told what is not there
                wanted.append(Asked("s3:ListBucket", f"arn:aws:s3:::{bucket}"))
        for one in wanted:
            self._demand(one, caller, speaks)
        session = "" if principal.user_name or scope.service == "lambda" else principal.arn.rpartition("/")[2]
        return session, *_billed(scope.service, operation, given, len(request.body))

    def _is_over(self, principal: Principal) -> bool:
        return principal.expires_at is not None and principal.expires_at <= self._now()

    def _demand(self, one: Asked, caller: Caller, speaks: str) -> None:
        resource, policy = self._resource(one.resource)
        decision = access(replace(one, resource=resource), caller, policy)
        if not decision:
            raise _denied(speaks, denied(caller.arn, one, decision))

    def _resource(self, arn: str) -> tuple[str, list[Statement]]:
        """The resource's full ARN, and the statements of its own policy."""
        if not arn.startswith("arn:") or arn.count(":") < 5:
            return arn, []
        service, region, _, name = arn.split(":", 5)[2:]
        if service == "lambda":
            kind, _, function = name.partition(":")
            function, _, qualifier = function.partition(":")
            found = self._state.function(region, function) if kind == "function" else None
            policy = found.policies.get(qualifier) if found else None
            return arn, list(policy.statements) if policy else []
        full, document = self._bridge.resource(arn)
        return full, statements_of(document)


def _billed(service: str, operation: str, given: Mapping[str, Any], size: int) -> tuple[str, str, int]:
    """Service and operation as the bill tells them apart; a message is a request for each 64 KB (facts §2.5)."""
    if service != "sqs":
        return service, operation, 1
    fifo = str(given.get("QueueUrl", "")).endswith(".fifo")
    return "sqs.fifo" if fifo else service, operation, max(1, -(-size // fact("prices.neighbours.sqs_chunk")))


def _caller(who: Principal, request: Request | None = None, region: str = "", now: float = 0.0) -> Caller:
    context: dict[str, Any] = {
        "aws:PrincipalArn": who.role_or_user,
        "aws:PrincipalAccount": who.arn.split(":")[4],
        "aws:PrincipalType": "User" if who.user_name else "AssumedRole",
        "aws:userid": who.user_id,
        **{f"aws:PrincipalTag/{key}": value for key, value in who.tags.items()},
    }
    if who.user_name:
        context["aws:username"] = who.user_name
    if request is not None:
        context |= {
            "aws:SourceIp": request.peer,
            "aws:UserAgent": request.headers.get("user-agent", ""),
            "aws:RequestedRegion": region,
            "aws:CurrentTime": iso8601(now),
            "aws:EpochTime": int(now),
            "aws:SecureTransport": True,  # an SDK speaks TLS to AWS; here nothing leaves the machine
            "aws:ViaAWSService": False,
        }
    return Caller(
        who.arn,
        identity=[statement for document in who.policies for statement in statements_of(document)],
        boundary=None if who.boundary is None else statements_of(who.boundary),
        session=None if who.session_policy is None else statements_of(who.session_policy),
        context=context,
    )


# -- refusals, in the protocol of the service


def _protocol(request: Request, service: str) -> str:
    """How the service says no: its protocol, or "older" where a new protocol keeps the codes of the older one."""
    if service in ("s3", "sns"):
        return service
    if service in ("sqs", "monitoring"):
        return "older"
    if service in ("cloudfront", "route53"):
        return "query"
    if "x-amz-target" in request.headers or request.path.startswith("/service/"):
        return "json"
    form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    return "query" if form else "rest"


def _denied(speaks: str, message: str) -> AwsError:
    if speaks == "older":
        return AwsError("AccessDenied", 403, message, headers={"x-amzn-query-error": "AccessDenied;Sender"})
    if speaks == "sns":
        return AwsError("AuthorizationError", 403, message)
    if speaks in ("s3", "query"):
        return AwsError("AccessDenied", 403, message)
    return AwsError("AccessDeniedException", 403 if speaks == "rest" else 400, message, capital=True)


_CHAINED_S = 3600  # a session that a session asks for
_CHAINED = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
_INVALID = "The security token included in the request is invalid."
_OVER = "The security token included in the request is expired"
_UNKNOWN = {
    "sns": ("InvalidClientTokenId", 403, _INVALID),
    "older": ("InvalidClientTokenId", 403, _INVALID),
    "s3": ("InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records."),
    "query": ("InvalidClientTokenId", 403, _INVALID),
    "json": ("UnrecognizedClientException", 400, _INVALID),
    "rest": ("UnrecognizedClientException", 403, _INVALID),
}
_EXPIRED = {
    "sns": ("ExpiredToken", 403, _OVER),
    "older": ("ExpiredToken", 403, _OVER),
    "s3": ("ExpiredToken", 400, "The provided token has expired."),
    "query": ("ExpiredToken", 403, _OVER),
    "json": ("ExpiredTokenException", 400, _OVER),
    "rest": ("ExpiredTokenException", 403, _OVER),
}
