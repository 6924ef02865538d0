"""The notebook's side of a sandbox: starts its process, addresses it, and leaves nothing behind.

    with Sandbox(clock="virtual") as sandbox:
        sandbox.deploy("def handler(event, context): return 'hello'\\n", name="hello")
        boto3.client("lambda").invoke(FunctionName="hello")

Knows nothing of AWS's semantics: everything is a request to the process.
"""

from __future__ import annotations

import atexit
import json
import os
import secrets
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from lambda_sandbox.journal import Record
from lambda_sandbox.packaging import Deployed, deploy
from lambda_sandbox.views.journal import Records

if TYPE_CHECKING:
    from lambda_sandbox.views.timeline import Timeline

ROOT = Path(__file__).resolve().parent.parent
TOKEN_HEADER = "x-sandbox-token"
_running: list[Sandbox] = []  # oldest first; the environment variables are the newest one's


class SandboxDidNotStart(RuntimeError):
    """What happened, the last lines that the process wrote, and what to do."""

    def __init__(self, what: str, last_lines: str, do: str) -> None:
        self.what, self.last_lines, self.do = what, last_lines, do
        super().__init__("\n".join(part for part in (what, last_lines, do) if part))


class SandboxError(RuntimeError):
    """The sandbox refused a request of its owner; the message says why."""


class Sandbox:
    """A running sandbox. Stops with `stop()`, with its `with` block, or with the interpreter.

    clock: "real", or "virtual" for one that starts far from today and jumps over waits. seed: makes ids repeat.
    Raises SandboxDidNotStart.
    """

    _exported = True  # boto3's defaults point to it; the workbook's own sandbox stays unknown to them

    def __init__(
        self,
        *,
        clock: Literal["real", "virtual"] = "real",
        seed: int | None = None,
        region: str = "us-east-1",
        port: int = 0,
    ) -> None:
        if clock not in ("real", "virtual"):
            raise ValueError(f'clock is "real" or "virtual", not {clock!r}')
        self.region = region
        self.endpoint_url = ""
        self.clock = SandboxClock(self)
        self._token = secrets.token_hex(16)
        self._process: subprocess.Popen[str] | None = None
        options = ["--port", str(port), "--clock", clock, "--region", region, "--child"]
        options += [] if seed is None else ["--seed", str(seed)]
        try:
            self._start(options)
        except BaseException:
            self.stop()
            raise
        if self._exported:
            _running.append(self)
            _set_environment()
        atexit.register(self.stop)

    def _start(self, options: list[str]) -> None:
        command = [sys.executable, "-m", "lambda_sandbox", "serve", *options]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None,
            text=True,
            env={**_without_aws(os.environ), "PYTHONPATH": _python_path(), "LAMBDA_SANDBOX_TOKEN": self._token},
            start_new_session=True,
        )
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        if not said.startswith("Ready on "):
            status = self._process.wait()
            raise SandboxDidNotStart(
                f"The sandbox did not start (exit status {status}).",
                said.strip(),
                "Its own words are above. Try `python -m lambda_sandbox serve` in a terminal.",
            )
        self.endpoint_url = said.removeprefix("Ready on ").strip()

    # -- life

    def stop(self) -> None:
        """Ends the process and all environments, and restores the environment variables. Safe to call again."""
        process, self._process = self._process, None
        if process is not None:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.close()  # the process sees this and stops cleanly
            try:
                process.wait(timeout=10)
            except BaseException:
                process.kill()
                process.wait()
                raise
            finally:
                process.stdout.close()
        if self in _running:
            _running.remove(self)
            _set_environment()
        atexit.unregister(self.stop)

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        if self._process is None:
            return "Sandbox (stopped)"
        return f"Sandbox on {self.endpoint_url}"

    # -- what it offers

    def client(self, service: str, **options: Any) -> Any:
        """A boto3 client of this very sandbox, whatever else is running."""
        import boto3

        keys = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox", "region_name": self.region}
        return boto3.session.Session(**keys).client(service, **{"endpoint_url": self.endpoint_url, **options})

    def deploy(self, source: str | Path, name: str | None = None, **create_function: Any) -> Deployed:
        """Creates or updates a function from a file, a folder or source text, and waits until it is active.

        `create_function` goes into CreateFunction: Handler, Runtime, MemorySize, Timeout, Environment, …
        """
        return deploy(self, source, name, create_function)

    def settle(self, timeout: float = 60.0) -> None:
        """Returns when no event, retry, batch or poll is due any more. Raises SandboxError after `timeout` seconds."""
        answer = self._ask("POST", "settle", {"timeout": timeout}, patience=timeout + 10)
        if not answer["settled"]:
            raise SandboxError(answer["why"])

    def reset(self) -> None:
        """Forgets all functions, all services' contents and the journal; the clock goes on."""
        self._ask("POST", "reset", {})

    def journal(self, since: int = 0, **where: Any) -> Records:
        """What happened, oldest first: the records after number `since` whose fields equal all of `where`."""
        answer = self._ask("GET", f"journal?since={since}")
        records = (Record.from_json(record) for record in answer["records"])
        return Records(r for r in records if all(getattr(r, field) == value for field, value in where.items()))

    def timeline(self, function: str | None = None, **options: Any) -> Timeline:
        """The environments of one function, or of all, as lanes."""
        from lambda_sandbox.views.timeline import Timeline

        return Timeline(self.journal(**({} if function is None else {"function": function})), **options)

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None, patience: float = 60.0) -> Any:
        if self._process is None:
            raise SandboxError("This sandbox is stopped; make a new one with Sandbox().")
        request = urllib.request.Request(
            f"{self.endpoint_url}/_sandbox/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={TOKEN_HEADER: self._token, "content-type": "application/json"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=patience) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            raise SandboxError(json.load(refused).get("error", str(refused))) from None
        except OSError as error:
            raise SandboxError(f"The sandbox does not answer ({error}); make a new one with Sandbox().") from None


class SandboxClock:
    """The sandbox's clock, from outside."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def now(self) -> float:
        """Seconds since 1970 on the sandbox's clock."""
        return float(self._sandbox._ask("GET", "clock")["now"])

    def advance(self, **amount: float) -> float:
        """Moves the clock forward by seconds=, minutes=, hours= or days=; all that falls due on the way happens."""
        seconds = timedelta(**amount).total_seconds()
        return float(self._sandbox._ask("POST", "clock", {"advance": seconds}, patience=600)["now"])


# ------------------------------------------------------------------------------------------------ the environment

_saved: dict[str, str | None] | None = None  # what the variables were before the first sandbox


def _variables(sandbox: Sandbox) -> dict[str, str | None]:
    return {
        "AWS_ENDPOINT_URL": sandbox.endpoint_url,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_SESSION_TOKEN": None,
        "AWS_PROFILE": None,
        "AWS_DEFAULT_PROFILE": None,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_DEFAULT_REGION": sandbox.region,
        "AWS_REGION": sandbox.region,
        "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": None,
    }


def _set_environment() -> None:
    """Points boto3 of this process to the newest running sandbox, or puts everything back as it was."""
    global _saved
    if _running:
        wanted = _variables(_running[-1])
        if _saved is None:
            service_urls = [name for name in os.environ if name.startswith("AWS_ENDPOINT_URL_")]
            _saved = {name: os.environ.get(name) for name in (*wanted, *service_urls)}
        wanted |= {name: None for name in _saved if name.startswith("AWS_ENDPOINT_URL_")}
        _apply(wanted)
    elif _saved is not None:
        _apply(_saved)
        _saved = None


def _apply(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    boto3 = sys.modules.get("boto3")
    if boto3 is not None:
        boto3.DEFAULT_SESSION = None  # clients made from now on read the variables again


def _without_aws(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith(("AWS_", "BOTO_"))}


def _python_path() -> str:
    there = os.environ.get("PYTHONPATH")
    return str(ROOT) if not there else os.pathsep.join([str(ROOT), there])
