"""The function that is being checked, as a client of the sandbox sees it: invoke it, trigger it, read what it logged.

    function.invoke({"name": "Ada"})         # the answer, or the check ends here with the failure's own status
    function.outcome({"name": "Ada"})        # whatever came of it, as a value

Every outcome knows its status, and so does every invocation that an event caused: see `settle`.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from lambda_sandbox import SandboxError
from lambda_sandbox.journal import Kind, Record

from . import web
from .checks import CheckFailed, shown
from .results import Status

if TYPE_CHECKING:
    from lambda_sandbox import Sandbox

    from .role import Role

NAME = "exercise"
CHANGE_S = 1  # on the sandbox's clock, which jumps: a new or changed function is active by then
LOOP = 40  # more invocations than this without an end, and the function is starting itself
LOOK_EVERY_S = 2.0
PATIENCE_S = 60.0
Says = str | Mapping[str, str] | None  # a message id, or one for each errorType

_STATUSES = {
    "Sandbox.Timedout": Status.TIMEOUT,
    "NotImplementedError": Status.NOT_STARTED,
    "Runtime.ExitError": Status.CRASH,
    "Runtime.OutOfMemory": Status.CRASH,
    "Runtime.MarshalError": Status.BAD_RESPONSE,
    "Function.ResponseSizeTooLarge": Status.BAD_RESPONSE,
    "Runtime.TruncatedResponse": Status.BAD_RESPONSE,
    "Runtime.ImportModuleError": Status.INIT_ERROR,
    "Runtime.HandlerNotFound": Status.INIT_ERROR,
    "Runtime.MalformedHandlerName": Status.INIT_ERROR,
    "Runtime.UserCodeSyntaxError": Status.INIT_ERROR,
}
_MESSAGES = {
    Status.FAIL: "function.raised",
    Status.TIMEOUT: "function.timed-out",
    Status.NOT_STARTED: "function.not-started",
    Status.CRASH: "function.crashed",
    Status.BAD_RESPONSE: "function.bad-response",
    Status.INIT_ERROR: "function.init-failed",
}
_FAILURES = (Kind.FAILED, Kind.TIMED_OUT, Kind.EXITED)
_PLATFORM_LINE = re.compile(r"(INIT_START|START RequestId:|END RequestId:|REPORT RequestId:|INIT_REPORT) ")
_END_OF_PRINTS = re.compile(r"\[ERROR\]|.*LAMBDA_WARNING: |RequestId: \S+ Error: |\d{4}-\S+Z \S+ Task timed out ")
_REQUEST = re.compile(r"^RequestId: \S+ Error: ")  # says nothing to a learner, and is never the same
_FRAME = re.compile(
    r'File "/var/task/(?P<file>[^"]+)",? [Ll]ine (?P<line>\d+)(?:, in (?P<name>\S+))?\s*\n?\s*(?P<code>.*)'
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one invocation. `payload` is None if it failed, `error` is None if it did not."""

    payload: Any
    status: Status
    error: dict[str, Any] | None = None
    log: str = ""  # the last 4 KB of what this invocation logged
    request_id: str = ""

    @property
    def error_type(self) -> str:
        return str((self.error or {}).get("errorType", ""))

    @property
    def error_message(self) -> str:
        return str((self.error or {}).get("errorMessage", ""))

    @property
    def where(self) -> list[str]:
        """The learner's own frames, outermost first: `handler.py, line 3, in lambda_handler: return 1 / 0`.

        A library in the package lies in a folder of its own; its frames count only if there are no others.
        """
        trace = "\n".join((self.error or {}).get("stackTrace", [])) or self.error_message + self.log
        found = list(_FRAME.finditer(trace))
        own = [frame for frame in found if "/" not in frame["file"]] or found
        frames = (
            f"{frame['file']}, line {frame['line']}"
            + (f", in {frame['name']}" if frame["name"] else "")
            + (f": {frame['code'].strip()}" if frame["code"].strip() else "")
            for frame in own
        )
        return list(dict.fromkeys(frames))  # retries log the same frames again

    @property
    def printed(self) -> str:
        """What the function itself printed: the log without the platform's lines and what follows the first error."""
        lines = (line for line in self.log.splitlines() if not _PLATFORM_LINE.match(line))
        return "\n".join(takewhile(lambda line: not _END_OF_PRINTS.match(line), lines)).strip()

    def failure(self, says: Says) -> CheckFailed:
        """The check's result if this outcome was not wanted."""
        message = says if isinstance(says, str) else (says or {}).get(self.error_type)
        if self.status is Status.NOT_STARTED or message is None:
            message = _MESSAGES[self.status]
        facts = {"error_type": self.error_type, "error_message": _REQUEST.sub("", self.error_message)}
        return CheckFailed(message, self.status, **facts, where=self.where, printed=self.printed)


class Function:
    """The deployed function. One object a check; the report shows what was `called` last, and what it `answered`."""

    def __init__(self, sandbox: Sandbox, arn: str, handler: str) -> None:
        self.name = NAME
        self.arn = arn
        self.called = ""
        self.answered: dict[str, Any] = {}
        self._sandbox = sandbox
        self._lambda = sandbox.client("lambda")
        self._handler = handler
        self._own: set[str] = set()  # request ids of invoke() and outcome(): they have been judged already
        self._seen = 0
        self._restarts = 0
        self._triggers: dict[str, list[dict[str, Any]]] = {}
        self._addresses: dict[str, str] = {}

    def invoke(self, event: Any = None, *, says: Says = None, called: str = "") -> Any:
        """Calls the function and returns its answer; if it fails, that is the result of the check.

        `called` is for the report, instead of an event that is long or never twice the same.
        """
        outcome = self.outcome(event, called=called)
        if outcome.error is not None:
            raise outcome.failure(says)
        return outcome.payload

    def outcome(self, event: Any = None, *, called: str = "") -> Outcome:
        """Calls the function and returns what came of it, an error too."""
        event = {} if event is None else event
        self.answered = {}
        self.called = called or f"{self._handler}({shown(event)})"
        answer = self._lambda.invoke(FunctionName=NAME, Payload=json.dumps(event).encode(), LogType="Tail")
        request_id = answer["ResponseMetadata"]["RequestId"]
        self._own.add(request_id)
        body = answer["Payload"].read()
        log = base64.b64decode(answer.get("LogResult", "")).decode(errors="replace")
        try:
            document = json.loads(body) if body else None
        except (ValueError, RecursionError):  # nested too deep, or a number of too many digits: no client can read it
            what = {"errorType": "Runtime.MarshalError", "errorMessage": "No JSON parser reads what it returned."}
            return Outcome(None, Status.BAD_RESPONSE, what, log, request_id)
        if "FunctionError" not in answer:
            self.answered = {"got": document}
            return Outcome(document, Status.PASS, None, log, request_id)
        error = document if isinstance(document, dict) else {"errorMessage": str(document)}
        return Outcome(None, self._status(error.get("errorType")), error, log, request_id)

    def concurrently(self, events: Sequence[Any], *, says: Says = None) -> list[Any]:
        """Calls the function with all events at the same moment; the answers come in the order of the events."""
        with ThreadPoolExecutor(max(len(events), 1)) as threads:
            outcomes = list(threads.map(self.outcome, events))
        self.called = f"{self._handler}(…), {len(events)} times at once"
        for outcome in outcomes:
            if outcome.error is not None:
                raise outcome.failure(says)
        return [outcome.payload for outcome in outcomes]

    def ask(
        self, method: str, path: str, body: str | bytes = "", *, api: str = "HTTP", says: Says = None, **headers: str
    ) -> web.Reply:
        """Sends a request to an API whose every path leads to the function; if that fails, it is the check's result.

        `api` is HTTP (payload 2.0) or REST (payload 1.0). An underscore in a header's name stands for a hyphen.
        """
        if api not in self._addresses:
            made = web.http_api if api == "HTTP" else web.rest_api
            self._addresses[api] = made(self._sandbox, self.arn)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        told = "".join(f", {name}: {value}" for name, value in named.items())
        reply = web.ask(method, self._addresses[api] + path, body, named)
        try:
            self.settle(says=says)
        finally:
            sent = body if isinstance(body, str) else f"({len(body)} bytes)"
            self.called = f"{method} {path}{f' {sent}' if sent else ''}{told}"
        return reply

    def works_as(self, role: Role) -> None:
        """Gives the function this execution role; the next invocation is a cold one."""
        self._lambda.update_function_configuration(FunctionName=NAME, Role=role.arn)
        self._sandbox.clock.advance(seconds=CHANGE_S)

    def restart(self) -> None:
        """Makes the next invocation a cold one, as a deployment does."""
        self._restarts += 1
        self._lambda.update_function_configuration(FunctionName=NAME, Description=f"restart {self._restarts}")
        self._sandbox.clock.advance(seconds=CHANGE_S)

    def triggered_by(
        self, bucket: str, *, prefix: str = "", suffix: str = "", events: Sequence[str] = ("s3:ObjectCreated:*",)
    ) -> None:
        """Lets a bucket invoke the function: makes the bucket, gives S3 the permission, stores the notification."""
        s3 = self._sandbox.client("s3")
        if bucket not in self._triggers:
            s3.create_bucket(Bucket=bucket)
            self._lambda.add_permission(
                FunctionName=NAME,
                StatementId=f"s3-{bucket}",
                Action="lambda:InvokeFunction",
                Principal="s3.amazonaws.com",
                SourceArn=f"arn:aws:s3:::{bucket}",
            )
        rules = [{"Name": name, "Value": value} for name, value in (("prefix", prefix), ("suffix", suffix)) if value]
        entry: dict[str, Any] = {"LambdaFunctionArn": self.arn, "Events": list(events)}
        if rules:
            entry["Filter"] = {"Key": {"FilterRules": rules}}
        entries = self._triggers.setdefault(bucket, [])
        entries.append(entry)
        s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": entries}
        )
        self._sandbox.settle()
        self._seen = max((record.seq for record in self._records()), default=0)  # a test event is nobody's failure

    def settle(self, *, says: Says = None) -> None:
        """Waits until nothing is due any more. If an invocation failed meanwhile, that is the result of the check.

        So is a function that starts itself again and again: AWS stops it if it can see the loop, and else we do.
        """
        self._wait_until_settled()
        records = self._records(self._seen)
        self._seen = max((record.seq for record in records), default=self._seen)
        if any(record.kind is Kind.DROPPED and record.data["because"] == "RecursiveInvocation" for record in records):
            raise self._never_settles(sum(record.kind is Kind.STARTED for record in records))
        for record in records:
            if record.kind in _FAILURES and record.request_id not in self._own:
                raise self._outcome_of(record).failure(says)

    def _wait_until_settled(self) -> None:
        waited = 0.0
        while True:
            try:
                return self._sandbox.settle(timeout=LOOK_EVERY_S)
            except SandboxError:
                waited += LOOK_EVERY_S
                if sum(record.kind is Kind.REQUESTED for record in self._records(self._seen)) > LOOP:
                    break
                if waited >= PATIENCE_S:
                    raise
        self._lambda.put_function_concurrency(FunctionName=NAME, ReservedConcurrentExecutions=0)
        self._sandbox.settle()
        raise self._never_settles(LOOP)

    def _never_settles(self, runs: int) -> CheckFailed:
        self.called = f"{self._handler}(…), by an event"
        return CheckFailed("function.never-settles", runs=runs)

    def reports(self) -> list[dict[str, Any]]:
        """What the journal says of each invocation so far: `duration_ms`, `billed_ms`, `cold`, …, in order."""
        records = self._records()
        cold = {record.request_id: record.data["cold"] for record in records if record.kind is Kind.STARTED}
        reported = [record for record in records if record.kind is Kind.REPORTED]
        return [{**record.data, "cold": cold.get(record.request_id, False)} for record in reported]

    def log(self) -> str:
        """All that the function logged in this check, without the platform's lines."""
        return self._text(self._records())

    def _outcome_of(self, record: Record) -> Outcome:
        """The outcome of an invocation that something other than this object asked for, from the journal."""
        error_type = record.data.get("error_type") or "Sandbox.Timedout"
        error = {"errorType": error_type, "errorMessage": record.data.get("message", "Task timed out")}
        records = self._records()
        event = next((r.data for r in records if r.kind is Kind.RECEIVED and r.request_id == record.request_id), {})
        about = " ".join(str(event[name]) for name in ("event_name", "key") if name in event) or "an event"
        self.called = f"{self._handler}(…), by {about}"
        log = self._text(records, record.request_id)
        return Outcome(None, self._status(error_type), error, log, record.request_id)

    def _records(self, since: int = 0) -> list[Record]:
        return [record for record in self._sandbox.journal(since=since) if record.function == NAME]

    def _text(self, records: Sequence[Record], request_id: str = "") -> str:
        wanted = [r for r in records if r.kind is Kind.LOG and request_id in ("", r.request_id)]
        return "".join(f"{str(record.data['message']).removesuffix(chr(10))}\n" for record in wanted)

    def _status(self, error_type: object) -> Status:
        known = _STATUSES.get(str(error_type))
        if known is not None:
            return known
        if any(record.kind is Kind.INIT_FAILED for record in self._records()):
            return Status.INIT_ERROR
        return Status.FAIL
