"""Runs a case folder through a runtime client: a real process, a real socket, and a Runtime API that only remembers.

A case is a folder: the function's files, `event.json` (or `case.json` with several events, headers, environment …), and
`expected.json`, which AWS's own client wrote. `REMAKE_CASES=1 pytest tests/runtimes` writes them anew; review the diff.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

BOOTSTRAP = Path(__file__).parents[2] / "lambda_sandbox/runtimes/python/bootstrap.py"
NODEJS = BOOTSTRAP.parents[1] / "nodejs/index.mjs"
RUNTIME_PACKAGES = os.pathsep.join(dict.fromkeys([sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]))
CLIENTS = ["awslambdaric", "sandbox_client"]
PREFIX = "/2018-06-01/runtime/"
LEVELS = ["", "", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
HEADERS = {
    "Content-Type": "application/json",
    "Lambda-Runtime-Aws-Request-Id": "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
    "Lambda-Runtime-Deadline-Ms": "4102444800000",
    "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:123456789012:function:case",
    "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1",
}
ENVIRONMENT = {
    "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
    "AWS_LAMBDA_FUNCTION_NAME": "case",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/case",
    "AWS_LAMBDA_LOG_STREAM_NAME": "2026/11/21/[$LATEST]0123456789abcdef0123456789abcdef",
    "LANG": "en_US.UTF-8",
    "TZ": ":UTC",
    **({"SYSTEMROOT": os.environ["SYSTEMROOT"]} if os.name == "nt" else {}),  # without it Windows opens no socket
}


@dataclass(frozen=True)
class Story:
    """What a runtime client did: what it posted, what came out of its log pipe, how it ended (None: still waiting)."""

    posts: list[dict[str, Any]]
    log: list[dict[str, str]]
    exit_status: int | None


class FakeRuntimeApi(ThreadingHTTPServer):
    """Hands out the events of a case, one after the other, and keeps what is posted."""

    daemon_threads = True

    def __init__(self, events: list[dict[str, Any]], status: int) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.events, self.status = list(events), status
        self.posts: list[dict[str, Any]] = []
        self.is_waited_for, self.over = False, threading.Event()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def end_with(self, process: subprocess.Popen[bytes]) -> None:
        process.wait()
        self.over.set()


class Conversation(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: FakeRuntimeApi

    def do_GET(self) -> None:
        if self.path == PREFIX + "restore/next":
            self.server.posts.append({"path": "restore/next"})
            self.answer(200, {}, b"")
        elif self.server.events:
            event = self.server.events.pop(0)
            headers = (HEADERS | event.get("headers", {})).items()
            given = {name: value for name, value in headers if value is not None}
            self.answer(200, given, event["body"].encode())
        else:
            self.server.is_waited_for = True
            self.server.over.set()
            self.connection.recv(1)  # no answer, as while an environment is idle; returns when the process is gone
            self.close_connection = True

    def chunked(self) -> bytes:
        """A body in chunks; its trailers become headers."""
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while line := self.rfile.readline().strip():
            name, _, value = line.decode().partition(": ")
            self.headers[name] = value
        return body

    def do_POST(self) -> None:
        body = self.chunked() if "Transfer-Encoding" in self.headers else b""
        body = body or self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.posts.append(
            {
                "path": self.path.removeprefix(PREFIX),
                "content_type": self.headers["Content-Type"],
                "invocation_id": self.headers["Lambda-Runtime-Invocation-Id"],
                "error_type": self.headers["Lambda-Runtime-Function-Error-Type"],
                "error_body": self.headers["Lambda-Runtime-Function-Error-Body"],
                "xray_cause": self.headers["Lambda-Runtime-Function-XRay-Error-Cause"],
                "body": body.decode(errors="backslashreplace"),
            }
        )
        self.answer(self.server.status, {}, b'{"status":"OK"}')

    def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keeps the test's output clean."""


def run_case(folder: Path, client: str, keep_paths: bool = False) -> Story:
    """Starts the client for the function in `folder`, serves it the case's events, and tells what it did."""
    case = json.loads(read(folder / "case.json") or "{}")
    events = case.get("events") or [{"body": read(folder / "event.json") or "{}"}]
    read_end, write_end = os.pipe()
    with FakeRuntimeApi(events, case.get("status", 202)) as api, open(read_end, "rb") as log:
        address = {"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_port}"}
        environment = ENVIRONMENT | address | case.get("environment", {})
        if framed := case.get("framed", True):
            if os.name == "nt":
                pytest.skip("Windows hands no descriptor to a child: its log records go to stdout, unframed")
            environment["_LAMBDA_TELEMETRY_LOG_FD"] = str(write_end)
        if case.get("private_root"):  # a stand-in for one: the function and the runtime's packages are on PYTHONPATH
            environment["PYTHONPATH"] = os.pathsep.join([str(folder), RUNTIME_PACKAGES])
        process = subprocess.Popen(
            command(folder, client, case),
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=write_end,
            stderr=write_end,
            pass_fds=[write_end] if framed else [],
        )
        os.close(write_end)
        threading.Thread(target=api.end_with, args=[process], daemon=True).start()
        assert api.over.wait(timeout=30), f"{client} neither asked for another event nor ended"
        if api.is_waited_for:
            process.kill()
        status = process.wait()
        text = log.read()
        api.shutdown()
    posts = api.posts if keep_paths else [tidy_post(post, folder) for post in api.posts]
    return Story(posts, records(text, folder), None if api.is_waited_for else status)


def command(folder: Path, client: str, case: dict[str, Any]) -> list[str]:
    """How the sandbox starts a runtime; a layer would lie in the folder `opt` beside the function's."""
    if client == "nodejs":
        return [
            str(shutil.which("node")),
            str(NODEJS),
            case.get("handler", "index.handler"),
            str(folder.parent / "opt"),
        ]
    flags = ["--own-client"] if client == "sandbox_client" else []
    if not case.get("private_root"):
        flags += ["--task", str(folder), "--opt", str(folder.parent / "opt"), "--runtime-packages", RUNTIME_PACKAGES]
    utf8 = ["-X", "utf8"] if os.name == "nt" else []
    return [sys.executable, "-S", *utf8, str(BOOTSTRAP), *flags, case.get("handler", "index.handler")]


def read(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""


# -------------------------------------------------------------------------------------- what two runs may differ in

CLIENT_FILE = r"/var/runtime/(awslambdaric|sandbox_client)/\w+\.py"
# A frame in an error's JSON, where quotes and newlines are escaped, or in text; several in a row count as one.
A_FRAME_OF_THE_RUNTIME = re.compile(
    rf'("  File \\"{CLIENT_FILE}\\", line \d+, in \w+\\n([^"\\]|\\[^n])*\\n"(, (?="  File \\"{CLIENT_FILE}))?)+'
    rf'|([ \xa0]+File "{CLIENT_FILE}", line \d+, in \w+[\n\r][ \xa0]+[^\n\r]*[\n\r]?)+'
)
A_LINE_OF_THE_RUNTIME = re.compile(CLIENT_FILE + r":\d+")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z|(?<=\[ERROR\] \[)\d{13}(?=\])")
PLACE_IN_THE_LIBRARY = re.compile(r'(<frozen [\w.]+>|/var/lang/lib/python3\.)(\d*)([^"\\]*\\?", line )\d+')
CRASH = re.compile(rb"(?<=Traceback \(most recent call last\):\n)(  .*\n)+")


def tidy(text: str, folder: Path) -> str:
    """`text` without times, the folder of this machine, and line numbers of code that is not the function's."""
    text = MOMENT.sub("<time>", text.replace(str(folder), "<folder>"))
    text = A_FRAME_OF_THE_RUNTIME.sub("<frames of the runtime>", text)
    text = A_LINE_OF_THE_RUNTIME.sub("<a line of the runtime>", text)
    return PLACE_IN_THE_LIBRARY.sub(r"\1\3N", text)


def tidy_post(post: dict[str, Any], folder: Path) -> dict[str, Any]:
    return {name: value and tidy(value, folder) for name, value in post.items() if value} | tidy_cause(post, folder)


def tidy_cause(post: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The X-Ray cause, of the frames only the function's own, and with an order for what is a set."""
    if not post.get("xray_cause"):
        return {}
    cause = json.loads(tidy(post["xray_cause"], folder))
    cause["paths"] = sorted(path for path in cause["paths"] if path.startswith("/var/task/"))
    for exception in cause["exceptions"]:
        exception["stack"] = [entry for entry in exception["stack"] if entry["path"].startswith("/var/task/")]
    return {"xray_cause": cause}


def records(log: bytes, folder: Path) -> list[dict[str, str]]:
    """Splits a log pipe into frames and what was printed between them."""
    found = []
    while log:
        if log.startswith(b"\xa5\x5a\x00"):
            bits, length = log[3], int.from_bytes(log[4:8], "big")
            kind = f"{'text' if bits & 1 else 'json'} {LEVELS[bits >> 2]}".strip()
            text, log = log[16 : 16 + length], log[16 + length :]
        else:
            end = log.find(b"\xa5\x5a\x00")
            kind, text, log = "printed", log[:end] if end >= 0 else log, log[end:] if end >= 0 else b""
            text = CRASH.sub(b"  <frames of the runtime>\n", text)
        found.append({kind: tidy(text.decode(), folder)})
    return found


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest) -> str:
    """The name of a runtime client; AWS's is skipped where its wheel is not installed."""
    if request.param == "awslambdaric" and importlib.util.find_spec("runtime_client") is None:
        pytest.skip("awslambdaric has no wheel for this platform: only the sandbox's own client is tested")
    return str(request.param)


@pytest.fixture
def story() -> Callable[..., Story]:
    return run_case
