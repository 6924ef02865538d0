"""The engine without its door, for tests of environments and invocation: real rooms, real processes, one event loop.

with_engine(lambda engine: …)      # runs a coroutine function against a fresh engine
"""

from __future__ import annotations

import asyncio
import io
import tempfile
import zipfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from lambda_sandbox.clock import Clock
from lambda_sandbox.environments.package import Packages
from lambda_sandbox.environments.pool import Pool
from lambda_sandbox.environments.rooms import open_rooms
from lambda_sandbox.environments.runtime import RuntimeFolder
from lambda_sandbox.environments.variables import Credentials
from lambda_sandbox.invocation import Call, Invoker, Outcome
from lambda_sandbox.invocation.admission import SCALING, Admission
from lambda_sandbox.invocation.provisioning import Provisioning
from lambda_sandbox.journal import Journal, Kind, Record
from lambda_sandbox.state import LATEST, Code, Function, FunctionVersion, State

REGION = "us-east-1"


def zipped(**sources: str) -> bytes:
    """A zip with one Python module for each keyword."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in sources.items():
            archive.writestr(f"{name}.py", text)
    return out.getvalue()


class Engine:
    def __init__(self, root: Path, *, virtual: bool = True, own_client: bool | None = None) -> None:
        self.root, self.own_client = root, own_client
        self.clock = Clock(virtual=virtual)
        self.journal = Journal(self.clock.now)
        self.state = State(seed=1)
        self.packages = Packages(root / "packages")

    async def open(self, private: bool | None = None, scaling: int = SCALING) -> Engine:
        self.pool = Pool(
            rooms=await open_rooms(self.root, private=private),
            runtime=RuntimeFolder(self.root / "runtime", own_client=self.own_client),
            journal=self.journal,
            clock=self.clock,
            state=self.state,
            credentials=self._credentials,
            endpoint_url=lambda: "http://127.0.0.1:9",
            opt=lambda version: asyncio.to_thread(self.packages.merged, [layer.code for layer in version.layers]),
        )
        provisioning = Provisioning(state=self.state, clock=self.clock, pool=self.pool)
        self.invoker = Invoker(
            state=self.state,
            journal=self.journal,
            clock=self.clock,
            pool=self.pool,
            admission=Admission(self.state, provisioning.ready, now=self.clock.now, scaling=scaling),
            provisioning=provisioning,
        )
        return self

    async def _credentials(self, version: FunctionVersion) -> Credentials:
        return Credentials("ASIAEXAMPLE", "secret", "token")

    def deploy(self, source: str | bytes | Code, name: str = "f", **settings: Any) -> None:
        if not isinstance(source, Code):
            source = self.packages.unpack(source if isinstance(source, bytes) else zipped(index=source))
        version = FunctionVersion(
            REGION,
            name,
            LATEST,
            self.state.new_uuid(),
            "arn:aws:iam::123456789012:role/r",
            source,
            0.0,
            **{"runtime": "python3.13", "handler": "index.handler", "log_group": f"/aws/lambda/{name}", **settings},
        )
        self.state.functions[REGION, name] = Function(version)
        self.pool.discard(REGION, name, "updated")

    def call(self, payload: bytes = b"{}", name: str = "f") -> Call:
        return Call(REGION, name, None, payload, self.state.new_uuid())

    async def invoke(self, payload: bytes = b"{}", name: str = "f") -> Outcome:
        return await self.invoker.invoke(self.call(payload, name))

    def records(self, kind: Kind) -> list[Record]:
        return self.journal.since(0, kind=kind)

    def logged(self) -> list[str]:
        return [record.data["message"] for record in self.records(Kind.LOG)]


def with_engine(
    story: Callable[[Engine], Awaitable[Any]],
    *,
    private: bool | None = None,
    virtual: bool = True,
    own_client: bool | None = None,
    scaling: int = SCALING,
) -> Any:
    """Runs `story` against a fresh engine and closes it."""

    async def run() -> Any:
        with tempfile.TemporaryDirectory() as root:
            engine = await Engine(Path(root), virtual=virtual, own_client=own_client).open(private, scaling)
            try:
                return await asyncio.wait_for(story(engine), 60)
            finally:
                await engine.pool.close()

    return asyncio.run(run())
