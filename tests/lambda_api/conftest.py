"""A Lambda API without a door: boto3 on one side; the real state, clock and packages on the other.

Only what has rooms of its own is faked: running a call, and AWS's other services.
"""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config

from lambda_sandbox.clock import Clock
from lambda_sandbox.environments.outcome import Answered, Outcome
from lambda_sandbox.environments.package import Packages
from lambda_sandbox.invocation import Call
from lambda_sandbox.invocation.resolve import resolve
from lambda_sandbox.journal import Journal, Kind, Record
from lambda_sandbox.lambda_api import LambdaApi
from lambda_sandbox.state import Function, FunctionVersion, State
from lambda_sandbox.wire import AwsError, Request, Response, StoredImage

ROLE = "arn:aws:iam::123456789012:role/lambda-role"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


@dataclass(frozen=True)
class Ahead:
    """Environments that are ready as soon as they are asked for."""

    requested: int
    last_modified: float
    status: str = "READY"
    reason: str | None = None

    @property
    def allocated(self) -> int:
        return self.requested

    @property
    def available(self) -> int:
        return self.requested


@dataclass
class EchoInvoker:
    """Answers every call with its own payload."""

    state: State
    journal: Journal
    calls: list[Call] = field(default_factory=list)
    discarded: list[tuple[str, str, str]] = field(default_factory=list)
    ahead: dict[tuple[str, str, str], Ahead] = field(default_factory=dict)

    async def invoke(self, call: Call) -> Outcome:
        _, version = self.resolve(call.region, call.function, call.qualifier)
        self.calls.append(call)
        return Answered(call.payload, version.version)

    async def invoke_with_log(self, call: Call) -> tuple[Outcome, list[Record]]:
        before = self.journal.last_seq
        outcome = await self.invoke(call)
        self.journal.append(Kind.LOG, request_id=call.request_id, message="x" * 5000 + "end\n")
        return outcome, self.journal.since(before)

    def enqueue(self, call: Call) -> None:
        self.resolve(call.region, call.function, call.qualifier)
        self.calls.append(call)

    def resolve(self, region: str, name: str, qualifier: str | None) -> tuple[Function, FunctionVersion]:
        return resolve(self.state, region, name, qualifier)

    def discard(self, region: str, name: str, reason: str) -> None:
        self.discarded.append((region, name, reason))

    def provision(self, region: str, name: str, qualifier: str, count: int) -> None:
        self.ahead[region, name, qualifier] = Ahead(count, 0.0)

    def provisioned(self, region: str, name: str, qualifier: str) -> Ahead:
        return self.ahead[region, name, qualifier]

    def deprovision(self, region: str, name: str, qualifier: str) -> None:
        del self.ahead[region, name, qualifier]


@dataclass
class OtherServices:
    """S3 objects, images and roles, as plain dictionaries."""

    objects: dict[tuple[str, str], bytes] = field(default_factory=dict)
    images: dict[tuple[str, str, str], StoredImage] = field(default_factory=dict)
    roles: dict[str, dict[str, Any]] = field(default_factory=lambda: {ROLE: TRUST})

    def get_object(self, bucket: str, key: str, version_id: str | None = None) -> bytes:
        if (bucket, key) not in self.objects:
            raise AwsError("NoSuchKey", 404, "The specified key does not exist.")
        return self.objects[bucket, key]

    def image(self, region: str, repository: str, reference: str) -> StoredImage | None:
        return self.images.get((region, repository, reference))

    def trust_policy(self, role_arn: str) -> dict[str, Any] | None:
        return self.roles.get(role_arn)

    def visibility_timeout(self, queue_arn: str) -> int | None:
        return None if queue_arn.endswith(":missing") else 30

    def read_stream(self, arn: str, after: Mapping[str, int]) -> object | None:
        return None if "/missing" in arn else object()


@dataclass
class Mappings:
    """Mappings that come to their state, and deliver nothing."""

    state: State
    clock: Clock
    forbidden: set[str] = field(default_factory=set)

    def begin(self, mapping: dict[str, Any], state: str, then: str) -> None:
        mapping["State"] = state
        gone = self.state.event_source_mappings.pop
        done = partial(gone, mapping["UUID"]) if then == "Deleted" else partial(mapping.update, State=then)
        self.clock.call_later(0.05, done, work=True)

    async def check_role(self, role: str, arn: str, *actions: str) -> None:
        for action in actions:
            if action in self.forbidden:
                raise AwsError("AccessDeniedException", 403, "no", members={"Action": action})


async def whole(response: Response) -> Response:
    """A streamed response, waited for."""
    if response.stream is None:
        return response
    parts: list[bytes] = []
    over = asyncio.Event()
    response.stream.to(lambda chunk: parts.append(chunk) if chunk else over.set())
    await over.wait()
    return Response(response.status, response.headers, b"".join(parts))


class Served:
    """One Lambda API on a loop of its own, that runs while a request is answered or work is waited for."""

    def __init__(self, folder: Path) -> None:
        self.loop = asyncio.new_event_loop()
        self.state = State(seed=1)
        self.clock = Clock(virtual=True)
        self.journal = Journal(self.clock.now)
        self.invoker = EchoInvoker(self.state, self.journal)
        self.services = OtherServices()
        self.packages = Packages(folder)
        self.mappings = Mappings(self.state, self.clock)
        self.api = LambdaApi(
            self.state, self.journal, self.clock, self.invoker, self.packages, self.services, self.mappings
        )

    def answer(self, request: Request) -> Response:
        request_id = self.state.new_uuid()

        async def run() -> Response:
            try:
                return await whole(await self.api.handle(request, request_id))
            except AwsError as error:
                return self.api.render_error(error, request_id)

        return self.loop.run_until_complete(run())

    def settle(self) -> None:
        self.loop.run_until_complete(self.clock.settle())

    def client(self, region: str = "us-east-1") -> Any:
        client = _client(region)
        client.meta.events.unregister("before-send.lambda", unique_id="served")
        client.meta.events.register("before-send.lambda", lambda request, **_: self._send(request), unique_id="served")
        return client

    def _send(self, request: Any) -> AWSResponse:
        parts = urlsplit(request.url)
        headers = {name.lower(): _text(value) for name, value in request.headers.items()}
        headers["host"] = parts.netloc
        body = request.body or b""
        body = body if isinstance(body, bytes) else body.read() if hasattr(body, "read") else body.encode()
        response = self.answer(Request(request.method, parts.path, parts.query, headers, body))
        return AWSResponse(request.url, response.status, dict(response.headers), _Raw(response.body))


@cache
def _client(region: str) -> Any:
    """Made once: boto3 takes longer over this than all else here."""
    config = Config(parameter_validation=False, retries={"total_max_attempts": 1})
    session = boto3.Session("id", "secret", region_name=region)
    return session.client("lambda", endpoint_url="http://127.0.0.1:4566", config=config)


class _Raw(io.BytesIO):
    def stream(self, amount: int = 1024, **_: Any) -> Iterator[bytes]:
        while chunk := self.read(amount):
            yield chunk


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def zipped(source: str = "def handler(event, context):\n    return event\n") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("index.py"), source)
    return out.getvalue()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path)
    yield made
    made.loop.run_until_complete(made.loop.shutdown_default_executor())
    made.loop.close()


@pytest.fixture
def lambda_(served: Served) -> Any:
    return served.client()


@pytest.fixture
def create(served: Served, lambda_: Any) -> Any:
    """Creates a function and waits until it is active; keyword arguments go into CreateFunction."""

    def create(name: str = "hello", **more: Any) -> dict[str, Any]:
        wanted = {
            "FunctionName": name,
            "Runtime": "python3.13",
            "Role": ROLE,
            "Handler": "index.handler",
            "Code": {"ZipFile": zipped()},
            **more,
        }
        made = lambda_.create_function(**{key: value for key, value in wanted.items() if value is not None})
        served.settle()
        return dict(made)

    return create


@pytest.fixture
def refused(lambda_: Any) -> Any:
    """Makes a call that must fail; gives (status, code, message, the other members of the body)."""

    def refused(operation: str, **given: Any) -> tuple[int, str, str, dict[str, Any]]:
        with pytest.raises(lambda_.exceptions.ClientError) as caught:
            getattr(lambda_, operation)(**given)
        answer = caught.value.response
        error = answer["Error"]
        more = {key: value for key, value in answer.items() if key not in ("Error", "ResponseMetadata", "message")}
        return answer["ResponseMetadata"]["HTTPStatusCode"], error["Code"], error["Message"], more

    return refused
