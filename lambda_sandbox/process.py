"""The sandbox process, as its parent sees it: started, asked, ended.

    process = Process(["--clock", "virtual"])
    process.ask("POST", "settle", {"timeout": 60})
    process.end()

It ends when its standard input does, so it cannot outlive its parent, whatever ends that.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lambda_sandbox import aws_variables

ROOT = Path(__file__).resolve().parent.parent
TOKEN_HEADER = "x-sandbox-token"
END_S = 10.0  # real seconds in which the process ends by itself


class SandboxDidNotStart(RuntimeError):
    """What happened, the last lines that the process wrote, and what to do."""

    def __init__(self, what: str, last_lines: str, do: str) -> None:
        self.what, self.last_lines, self.do = what, last_lines, do
        super().__init__("\n".join(part for part in (what, last_lines, do) if part))


class SandboxError(RuntimeError):
    """The sandbox refused a request of its owner; the message says why."""


class Process:
    """A running sandbox process. Raises SandboxDidNotStart; interrupted while starting, it leaves none behind."""

    def __init__(self, options: Sequence[str]) -> None:
        self.token = secrets.token_hex(16)
        self._words = tempfile.TemporaryFile()  # noqa: SIM115 - what the process says; goes with this object
        self._popen = subprocess.Popen(
            # -P: a json.py beside the notebook is the learner's business, not the sandbox's
            [sys.executable, "-P", "-m", "lambda_sandbox", "serve", "--child", *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._words,
            bufsize=0,
            env={**aws_variables.without_aws(os.environ), "PYTHONPATH": _python_path()},
            **_apart(),
        )
        try:
            self.endpoint_url = self._wait_until_ready()
        except BaseException:
            self.end()
            raise

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def ended(self) -> bool:
        """Whether `end` was called."""
        return self._words.closed

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None, patience: float = 60.0) -> Any:
        """The answer of the control endpoint within `patience` seconds. Raises SandboxError."""
        if self.ended:
            raise SandboxError("This sandbox is stopped; make a new one with Sandbox().")
        given = None if body is None else json.dumps(body)
        headers = {TOKEN_HEADER: self.token, "content-type": "application/json"}
        address = self.endpoint_url.removeprefix("http://")
        try:
            with contextlib.closing(http.client.HTTPConnection(address, timeout=patience)) as connection:
                connection.request(method, f"/_sandbox/{path}", given, headers)  # whatever proxy the machine names
                answer = connection.getresponse()
                said = json.load(answer)
        except (OSError, http.client.HTTPException) as error:
            what = f"The sandbox does not answer ({error}); make a new one with Sandbox()."
            raise SandboxError("\n".join(filter(None, (what, self._last_words())))) from None
        if answer.status != 200:
            raise SandboxError(said.get("error", f"The sandbox answered {answer.status}."))
        return said

    def end(self) -> None:
        """Ends the process and all that runs in it. If interrupted meanwhile, it still ends by itself."""
        with self._popen as process:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(END_S)
            except subprocess.TimeoutExpired:
                process.kill()
        self._words.close()

    def _wait_until_ready(self) -> str:
        process = self._popen
        assert process.stdin is not None and process.stdout is not None
        with contextlib.suppress(OSError):  # it has ended already: the next line says so
            process.stdin.write(f"{self.token}\n".encode())  # not an argument: other processes can read those
        said = bytes(process.stdout.readline()).decode()
        if not said.startswith("Ready on "):
            raise SandboxDidNotStart(
                f"The sandbox did not start (exit status {process.wait()}).",
                self._last_words(),
                "`python -m lambda_sandbox serve` in a terminal shows more.",
            )
        return said.removeprefix("Ready on ").strip()

    def _last_words(self) -> str:
        self._words.seek(0)
        return "\n".join(self._words.read().decode(errors="replace").splitlines()[-10:])


def _apart() -> dict[str, Any]:
    """A Ctrl-C in the notebook's terminal is not for the sandbox."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def _python_path() -> str:
    """Where the process finds this package, wherever the notebook runs."""
    return os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
