"""The notebook's side of a sandbox: starts its process, addresses it, and leaves nothing behind.

    with Sandbox(clock="virtual") as sandbox:
        sandbox.deploy("def handler(event, context): return 'hello'\\n", name="hello")
        boto3.client("lambda").invoke(FunctionName="hello")

Knows nothing of AWS's semantics: everything is a request to the process.
"""

from __future__ import annotations

import json
import re
import weakref
from collections.abc import Iterable, Mapping
from datetime import timedelta
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from lambda_sandbox import aws_variables
from lambda_sandbox.journal import Kind, Record
from lambda_sandbox.packaging import Deployed, deploy
from lambda_sandbox.process import Process, SandboxDidNotStart, SandboxError
from lambda_sandbox.tuning import SIZES, power_tune
from lambda_sandbox.views.journal import Records

if TYPE_CHECKING:
    from lambda_sandbox.views.attempts import Attempts
    from lambda_sandbox.views.batches import Batches
    from lambda_sandbox.views.bill import Bill
    from lambda_sandbox.views.schedules import Schedules
    from lambda_sandbox.views.timeline import Timeline
    from lambda_sandbox.views.tuning import Tuning

__all__ = ["Sandbox", "SandboxClock", "SandboxDidNotStart", "SandboxError"]


class Sandbox:
    """A running sandbox. Stops with `stop()`, with its `with` block, with its last reference, or with the interpreter.

    clock: "real", or "virtual" for one that starts far from today and jumps over waits. seed: makes ids repeat.
    account_concurrency: concurrent executions of all functions together; a new AWS account often has 10.
    cpu_share: CPU in proportion to memory, 1,769 MB for one vCPU; else every function has all there is.
    Raises SandboxDidNotStart.
    """

    _exported = True  # boto3's defaults point to it; the workbook's own sandbox stays unknown to them
    _sealed = False  # only this object is the administrator, and not whoever signs with any key

    def __init__(
        self,
        *,
        clock: Literal["real", "virtual"] = "real",
        seed: int | None = None,
        region: str = "us-east-1",
        port: int = 0,
        account_concurrency: int = 1000,
        cpu_share: bool = False,
    ) -> None:
        if clock not in ("real", "virtual"):
            raise ValueError(f'clock is "real" or "virtual", not {clock!r}')
        if not isinstance(region, str) or not re.fullmatch(r"(eusc-)?[a-z]{2}(-gov|-iso[a-z]?)?-[a-z]+-[0-9]", region):
            raise ValueError(f"region looks like us-east-1, not {region!r}")
        _check_number("port", port, 0, 65_535)
        _check_number("account_concurrency", account_concurrency, 1)
        if seed is not None:
            _check_number("seed", seed)
        self.region, self._cpu_share = region, cpu_share
        options = ["--port", str(port), "--clock", clock, "--region", region]
        options += ["--account-concurrency", str(account_concurrency)]
        options += ["--sealed"] if self._sealed else []
        options += ["--cpu-share"] if cpu_share else []
        options += [] if seed is None else ["--seed", str(seed)]
        self._process = Process(options)
        self.endpoint_url, self._token = self._process.endpoint_url, self._process.token
        self.clock = SandboxClock(self._process)
        self._clients: dict[str, Any] = {}
        self._address = aws_variables.Address(self.endpoint_url, region)
        self._dropped = weakref.finalize(self, _dropped, self._process, self._address)  # a cell that is run again
        if self._exported:
            aws_variables.point_to(self._address)

    # -- life

    def stop(self) -> None:
        """Ends the process and all environments, and restores the environment variables. Safe to call again."""
        try:
            self._process.end()
        finally:
            aws_variables.forget(self._address)
            self._dropped.detach()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        return "Sandbox (stopped)" if self._process.ended else f"Sandbox on {self.endpoint_url}"

    # -- what it offers

    def client(self, service: str, **options: Any) -> Any:
        """A boto3 client of this very sandbox, whatever else is running. Without options it is always the same one."""
        if options:
            return self._session.client(service, **{"endpoint_url": self.endpoint_url, **options})
        if service not in self._clients:  # to make one takes as long as 50 calls
            self._clients[service] = self._session.client(service, endpoint_url=self.endpoint_url)
        return self._clients[service]

    @cached_property
    def _session(self) -> Any:
        import boto3

        key = aws_variables.owner_key(self._token) if self._sealed else aws_variables.NOBODY
        keys = dict.fromkeys(("aws_access_key_id", "aws_secret_access_key"), key)
        return boto3.session.Session(**keys, region_name=self.region)

    def deploy(self, source: str | Path, name: str | None = None, **create_function: Any) -> Deployed:
        """Creates or updates a function from a file, a folder, a zip, a jar or source text; waits until it is active.

        `create_function` goes into CreateFunction: Handler, Runtime, MemorySize, Timeout, Environment, …
        """
        return deploy(self, source, name, create_function)

    def push_image(self, source: str | Path | Mapping[str, str | bytes], name: str) -> str:
        """Builds a container image of a folder with a Dockerfile, or of files by name, and pushes it to ECR.

        name: `repository:tag`. Returns the image's URI, for CreateFunction's `Code={"ImageUri": …}`.
        """
        from lambda_sandbox.images import push

        return push(self, source, name)

    def emit(self, event: Any, *, to: str) -> str:
        """Hands an event of any source to a function, as that source would: asynchronously. Returns the request id.

        What `event` says is yours: this is how a source that the sandbox does not have, or your own, fires.
        """
        lambda_ = self.client("lambda")
        answer = lambda_.invoke(FunctionName=to, InvocationType="Event", Payload=json.dumps(event))
        return str(answer["ResponseMetadata"]["RequestId"])

    def settle(self, timeout: float = 60.0) -> None:
        """Returns when no event, retry, batch or poll is due any more. Raises SandboxError after `timeout` seconds.

        What never ends is not waited for: schedules, and messages that fail again and again in a queue that sets none
        aside. `clock.advance` goes on with them.
        """
        if isinstance(timeout, bool) or not isinstance(timeout, int | float):
            raise ValueError(f"timeout is a number of seconds, not {timeout!r}")
        answer = self._ask("POST", "settle", {"timeout": timeout}, patience=timeout + 10)
        if not answer["settled"]:
            raise SandboxError(answer["why"])

    def reset(self) -> None:
        """Forgets all functions, all services' contents and the journal; the clock goes on."""
        self._ask("POST", "reset", {})

    def journal(self, since: int = 0, **where: Any) -> Records:
        """What happened, oldest first: the records after number `since` whose fields equal all of `where`."""
        known = Record._fields
        if unknown := set(where) - set(known):
            raise TypeError(f"a record has no {unknown.pop()!r}; it has {', '.join(known)}")
        _check_number("since", since, 0)
        if "kind" in where:
            _check_kind(where["kind"])
        answer = self._ask("GET", f"journal?since={since:d}")
        records = (Record.from_json(record) for record in answer["records"])
        return Records(r for r in records if all(getattr(r, field) == value for field, value in where.items()))

    def bill(self, function: str | None = None, **options: Any) -> Bill:
        """What one function, or all and APIs, has cost so far: region=, free_tier=True, times=1_000_000 (facts §2)."""
        from lambda_sandbox.views.bill import Asked, Bill

        records = self.journal() if function is None else self.journal(function=function)
        asked = (Asked(*one) for one in self._ask("GET", "asked")["asked"])
        of_these = [one for one in asked if function in (None, one.function)]
        return Bill(records, of_these, **{"region": self.region, "until": self.clock.now(), **options})

    def power_tune(self, function: str, payload: Any = None, *, memory: Iterable[int] = SIZES, runs: int = 5) -> Tuning:
        """Runs a function at each memory size in MB, `runs` times and once to warm up: time, cost, and the best."""
        return power_tune(self, function, payload, memory, runs, cpu_share=self._cpu_share)

    def timeline(
        self, function: str | None = None, *, of: str = "environments", since: int = 0, **options: Any
    ) -> Timeline | Batches | Attempts | Schedules:
        """What happened to one function, or to all, as lanes: text, and SVG made of the same rows.

        of: "environments" (scale="order" or "time"); "batches" of a queue or a shard, which show a message's life
        (names={message id: word}); "attempts" of asynchronous events; "schedules", hour by hour.
        """
        from lambda_sandbox.views.drawings import DRAWINGS

        if of not in DRAWINGS:
            raise ValueError(f"of is one of {', '.join(DRAWINGS)}, not {of!r}")
        where = {} if function is None else {"function": function}
        return DRAWINGS[of](self.journal(since, **where), **options)

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None, patience: float = 60.0) -> Any:
        return self._process.ask(method, path, body, patience)


class SandboxClock:
    """The sandbox's clock, from outside."""

    def __init__(self, process: Process) -> None:
        self._process = process

    def now(self) -> float:
        """Seconds since 1970 on the sandbox's clock."""
        return float(self._process.ask("GET", "clock")["now"])

    def advance(self, **amount: float) -> float:
        """Moves the clock forward by seconds=, minutes=, hours= or days=; all that falls due on the way happens."""
        seconds = timedelta(**amount).total_seconds()
        return float(self._process.ask("POST", "clock", {"advance": seconds}, patience=600)["now"])


def _check_number(name: str, value: Any, least: int | None = None, most: int | None = None) -> None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or (least is not None and value < least) or (most is not None and value > most):
        limits = "" if least is None else f" from {least}" + ("" if most is None else f" to {most}")
        raise ValueError(f"{name} is a number{limits}, not {value!r}")


def _check_kind(kind: Any) -> None:
    kinds = [one.value for one in Kind]
    if kind not in kinds:
        near = get_close_matches(str(kind), kinds, 1, 0.3)
        instead = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(kinds)}"
        raise ValueError(f"there is no kind {kind!r}; {instead}")


def _dropped(process: Process, address: aws_variables.Address) -> None:
    """Ends what nobody refers to any more. boto3 is not let go to AWS for that: only `stop()` says so."""
    aws_variables.forget(address, restore=False)
    process.end()
