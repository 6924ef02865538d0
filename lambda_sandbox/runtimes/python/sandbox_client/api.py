"""The Runtime API (facts §3.2) over one connection that is kept open."""

from __future__ import annotations

import _socket
import sys
import time

USER_AGENT = f"aws-lambda-python/{'.'.join(map(str, sys.version_info[:3]))}-sandbox"
MAX_CAUSE_BYTES = 1024 * 1024


class Invocation:
    """One event and what came with it; None for a header that was not sent."""

    def __init__(self, headers: dict[str, str], body: bytes) -> None:
        self.body = body
        self.content_type = headers.get("content-type")
        self.request_id = headers.get("lambda-runtime-aws-request-id", "")
        self.invocation_id = headers.get("lambda-runtime-invocation-id")
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.deadline_ms = int(headers.get("lambda-runtime-deadline-ms", 0))
        self.trace_id = headers.get("lambda-runtime-trace-id")
        self.client_context = headers.get("lambda-runtime-client-context")
        self.cognito_identity = headers.get("lambda-runtime-cognito-identity")
        self.tenant_id = headers.get("lambda-runtime-aws-tenant-id")


class RuntimeApi:
    """Requests and answers. Answers must have a Content-Length, as the sandbox's have."""

    def __init__(self, address: str) -> None:
        host, port = address.rsplit(":", 1)
        self.address = address
        self.socket = _socket.socket()  # the compiled half: importing `socket` would be a tenth of a cold start
        self.socket.connect((host, int(port)))
        self.socket.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
        self.about = f"HTTP/1.1\r\nHost: {address}\r\nUser-Agent: {USER_AGENT}\r\n"
        self.left = b""  # read, and not yet part of an answer

    def next_invocation(self) -> Invocation:
        """Waits for the next event, for as long as it takes."""
        _, headers, body = self.call("GET", "invocation/next")
        return Invocation(headers, body)

    def post_response(self, invocation: Invocation, body: str | bytes, content_type: str) -> None:
        self.post(invocation, "response", body, {"Content-Type": content_type})

    def post_error(self, invocation: Invocation, error: str, cause: str) -> None:
        cause = cause if len(cause.encode()) < MAX_CAUSE_BYTES else ""
        headers = {"Content-Type": "application/json", "Lambda-Runtime-Function-XRay-Error-Cause": cause}
        self.post(invocation, "error", error, headers)

    def post(self, invocation: Invocation, what: str, body: str | bytes, headers: dict[str, str]) -> None:
        """Posts an invocation's outcome; raises RuntimeError when it is refused, which ends the runtime as on AWS."""
        if invocation.invocation_id is not None:
            headers["Lambda-Runtime-Invocation-Id"] = invocation.invocation_id
        status, _, answer = self.call("POST", f"invocation/{invocation.request_id}/{what}", body, headers)
        if not 200 <= status < 300:
            problem = f"Failed to post handler success response. Http response code: {status}. {answer.decode()}"
            print(f"[ERROR] [{int(time.time() * 1000)}] LAMBDA_RUNTIME {problem}")  # says "success" of an error, too
            raise RuntimeError(f"Failed to post invocation {what}")

    def post_init_error(self, error: str, kind: str) -> None:
        self.call("POST", "init/error", error, {"Lambda-Runtime-Function-Error-Type": kind})

    def post_restore_error(self, error: str) -> None:
        self.call("POST", "restore/error", error, {"Lambda-Runtime-Function-Error-Type": "Runtime.AfterRestoreError"})

    def wait_for_restore(self) -> None:
        self.call("GET", "restore/next")

    def call(
        self, method: str, path: str, body: str | bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Sends a request; returns the answer's status, its headers in lower case, and its body."""
        body = body.encode() if isinstance(body, str) else body
        head = f"{method} /2018-06-01/runtime/{path} {self.about}Content-Length: {len(body)}\r\n"
        for name, value in (headers or {}).items():
            head += f"{name}: {value}\r\n"
        self.socket.sendall((head + "\r\n").encode() + body)
        return self.read()

    def read(self) -> tuple[int, dict[str, str], bytes]:
        read = self.left
        while (end := read.find(b"\r\n\r\n")) < 0:
            read += self.receive()
        start, *lines = read[:end].decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in [line.partition(":") for line in lines]}
        body, size = [read[end + 4 :]], int(headers.get("content-length", 0))
        missing = size - len(body[0])
        while missing > 0:
            body.append(self.receive())
            missing -= len(body[-1])
        whole = b"".join(body)
        self.left = whole[size:]
        return int(start.split(" ", 2)[1]), headers, whole[:size]

    def receive(self) -> bytes:
        if not (received := self.socket.recv(65536)):
            raise ConnectionError(f"the Runtime API at {self.address} closed the connection")
        return received
