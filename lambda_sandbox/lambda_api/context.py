"""What an operation is given beside its members: the rooms it may use, and where and by whom it was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from lambda_sandbox.clock import Clock
from lambda_sandbox.invocation import Call, Outcome
from lambda_sandbox.journal import Journal, Record
from lambda_sandbox.state import Code, Function, FunctionVersion, State, function_arn
from lambda_sandbox.wire import StoredImage

Given = Mapping[str, Any]
Answer = dict[str, Any]


class Provisioned(Protocol):
    """How far a provisioned concurrency is: `allocated` of `requested`; none is `available` before all are allocated.

    `status` is IN_PROGRESS, READY or FAILED, with a `reason`; `last_modified` is epoch seconds.
    """

    @property
    def requested(self) -> int: ...
    @property
    def allocated(self) -> int: ...
    @property
    def available(self) -> int: ...
    @property
    def status(self) -> str: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def last_modified(self) -> float: ...


class Provisioner(Protocol):
    """Environments ahead of need, for a version or an alias. Asked for again, an amount replaces the one before."""

    def provision(self, region: str, name: str, qualifier: str, count: int) -> None: ...
    def provisioned(self, region: str, name: str, qualifier: str) -> Provisioned: ...
    def deprovision(self, region: str, name: str, qualifier: str) -> None: ...


class Invoker(Provisioner, Protocol):
    """What this room asks of `invocation.Invoker`."""

    async def invoke(self, call: Call) -> Outcome: ...
    async def invoke_with_log(self, call: Call) -> tuple[Outcome, list[Record]]: ...
    def enqueue(self, call: Call) -> None: ...
    def resolve(self, region: str, name: str, qualifier: str | None) -> tuple[Function, FunctionVersion]: ...
    def discard(self, region: str, name: str, reason: str) -> None: ...


class Packages(Protocol):
    """What this room asks of `environments.package.Packages`; all block."""

    def unpack(self, archive: bytes, *, direct: bool = True) -> Code: ...
    def unpack_image(self, stored: StoredImage, uri: str) -> Code: ...
    def archive(self, digest: str) -> Path | None: ...


class Bridge(Protocol):
    """What this room asks of `moto_bridge.Bridge`; all block."""

    def get_object(self, bucket: str, key: str, version_id: str | None = None) -> bytes: ...
    def image(self, region: str, repository: str, reference: str) -> StoredImage | None: ...
    def trust_policy(self, role_arn: str) -> dict[str, Any] | None: ...
    def visibility_timeout(self, queue_arn: str) -> int | None: ...
    def read_stream(self, arn: str, after: Mapping[str, int]) -> object | None: ...


class Mappings(Protocol):
    """What this room asks of `event_sources.mapping.Mappings`."""

    def begin(self, mapping: dict[str, Any], state: str, then: str) -> None: ...
    async def check_role(self, role: str, arn: str, *actions: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Rooms:
    """The rooms below, as `door/wiring.py` made them."""

    state: State
    journal: Journal
    clock: Clock
    invoker: Invoker
    packages: Packages
    bridge: Bridge
    mappings: Mappings


class Context(NamedTuple):
    """One request: `endpoint` is how its sender reached us, for links in answers."""

    rooms: Rooms
    operation: str
    region: str
    request_id: str
    endpoint: str

    @property
    def state(self) -> State:
        return self.rooms.state

    def arn(self, name: str, qualifier: str | None = None) -> str:
        return function_arn(self.region, name, qualifier, self.rooms.state.account)
