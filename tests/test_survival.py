"""What the sandbox must survive: after each blow a clear message, nothing left behind, and the next call works."""

from __future__ import annotations

import base64
import concurrent.futures
import http.client
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from lambda_sandbox import Sandbox
from lambda_sandbox.packaging import role, zip_of

pytestmark = pytest.mark.survival
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="limits of Linux namespaces")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture(autouse=True)
def _the_next_call_works(sandbox: Sandbox) -> Iterator[None]:
    yield
    sandbox.deploy("def handler(event, context):\n    return 'fine'\n", name="next")
    assert invoke(sandbox, "next") == (None, "fine")


def invoke(sandbox: Sandbox, name: str, payload: bytes = b"{}", **options: Any) -> tuple[str | None, Any]:
    client = sandbox.client(
        "lambda", config=Config(retries={"total_max_attempts": 1}, read_timeout=60, max_pool_connections=60)
    )
    answer = client.invoke(FunctionName=name, Payload=payload, **options)
    return answer.get("FunctionError"), json.loads(answer["Payload"].read())


def family(sandbox: Sandbox) -> list[psutil.Process]:
    return psutil.Process(sandbox._process.pid).children(recursive=True)


def refused(call: Any, **arguments: Any) -> tuple[str, int, str]:
    with pytest.raises(ClientError) as error:
        call(**arguments)
    response = error.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Message"]


# -- functions that behave badly


def test_an_endless_loop_is_cut(sandbox: Sandbox) -> None:
    sandbox.deploy("def handler(event, context):\n    while True: pass\n", name="loop", Timeout=1)
    error, said = invoke(sandbox, "loop")
    assert error == "Unhandled" and said["errorMessage"].endswith("Task timed out after 1.00 seconds")


@pytest.mark.parametrize(
    "body",
    ["import os; os._exit(1)", "import ctypes; ctypes.string_at(0)", "raise SystemExit(9)", "raise KeyboardInterrupt"],
)
def test_a_runtime_that_ends_is_an_answer(sandbox: Sandbox, body: str) -> None:
    sandbox.deploy(f"def handler(event, context):\n    {body}\n", name="ends")
    error, said = invoke(sandbox, "ends")
    assert error == "Unhandled" and said["errorType"] == "Runtime.ExitError"


def test_600_megabytes_in_a_128_megabyte_function(sandbox: Sandbox) -> None:
    sandbox.deploy(
        "import time\ndef handler(event, context):\n    x = b'x' * 600_000_000\n    time.sleep(9)\n",
        name="big",
        Timeout=20,
    )
    error, said = invoke(sandbox, "big")
    assert error == "Unhandled" and said["errorType"] == "Runtime.OutOfMemory"


def test_100_megabytes_of_prints(sandbox: Sandbox) -> None:
    source = (
        "def handler(event, context):\n    for _ in range(100_000):\n        print('x' * 1000)\n    return 'printed'\n"
    )
    sandbox.deploy(source, name="prints", Timeout=50)
    assert invoke(sandbox, "prints") == (None, "printed")
    messages = [record.data["message"] for record in sandbox.journal(function="prints", kind="invocation.log")]
    assert "the sandbox keeps" in messages[-1] and len(messages) > 1000


@linux_only
def test_a_fork_bomb_meets_its_limit_and_leaves_nobody(sandbox: Sandbox) -> None:
    source = """
import os, time
def bomb(event, context):
    made = 0
    try:
        while made < 5000:
            if os.fork() == 0:
                time.sleep(1000)
            made += 1
    except OSError as error:
        return [made, error.strerror]
"""
    sandbox.deploy(source, name="bomb", MemorySize=3008, Timeout=50, Handler="lambda_function.bomb")
    if "own root" not in json.dumps(sandbox._ask("GET", "health")):
        pytest.skip("plain processes have no limit of their own")
    if os.geteuid() == 0 and os.uname().release.split(".")[:2] < ["6", "14"]:
        pytest.skip("before Linux 6.14 nothing limits the processes of root")
    error, said = invoke(sandbox, "bomb")
    assert error is None and said[0] < 1100 and said[1] == "Resource temporarily unavailable"
    left = [process for process in family(sandbox) if "lambda_function.bomb" in _cmdline(process)]
    assert len(left) > 500
    sandbox.client("lambda").delete_function(FunctionName="bomb")
    assert psutil.wait_procs(left, timeout=20)[1] == []


def test_children_that_stay_behind_go_with_their_environment(sandbox: Sandbox) -> None:
    source = """
import subprocess, sys
def handler(event, context):
    sleep = "import time; time.sleep(1000)"
    subprocess.Popen([sys.executable, "-S", "-c", sleep, "left-behind"], start_new_session=True)
    return "left"
"""
    sandbox.deploy(source, name="leaves")
    assert invoke(sandbox, "leaves") == (None, "left")
    left = [process for process in family(sandbox) if "left-behind" in _cmdline(process)]
    assert left
    sandbox.client("lambda").delete_function(FunctionName="leaves")
    assert psutil.wait_procs(left, timeout=10)[1] == []


def _cmdline(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_an_environment_killed_from_outside_in_the_middle(sandbox: Sandbox) -> None:
    sandbox.deploy(
        "import time\ndef handler(event, context):\n    print('here', flush=True)\n    time.sleep(30)\n",
        name="victim",
        Timeout=60,
    )
    with concurrent.futures.ThreadPoolExecutor() as pool:
        running = pool.submit(invoke, sandbox, "victim")
        while not sandbox.journal(function="victim", kind="invocation.log"):
            continue
        for process in family(sandbox):
            if "bootstrap.py" in " ".join(_cmdline(process)):
                process.kill()
        error, said = running.result(timeout=30)
    assert error == "Unhandled" and said["errorType"] == "Runtime.ExitError"


# -- much at once, and much in one


def test_200_functions_and_50_invocations_at_once(sandbox: Sandbox) -> None:
    client = sandbox.client("lambda", config=Config(max_pool_connections=60, read_timeout=60))
    source = "import os\ndef handler(event, context):\n    return [os.environ['AWS_LAMBDA_FUNCTION_NAME'], event]\n"
    about = {"Runtime": "python3.13", "Handler": "index.handler", "Role": role(sandbox), "Timeout": 60}
    names = [f"one-of-many-{number}" for number in range(200)]
    for name in names:
        client.create_function(FunctionName=name, Code={"ZipFile": zip_of({"index.py": source.encode()})}, **about)
    pages = client.get_paginator("list_functions").paginate()
    assert set(names) <= {function["FunctionName"] for page in pages for function in page["Functions"]}
    client.get_waiter("function_active_v2").wait(FunctionName=names[-1])

    def call(number: int) -> list[Any]:
        answer = client.invoke(FunctionName=names[number * 4], Payload=str(number).encode())
        return list(json.loads(answer["Payload"].read()))

    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        assert list(pool.map(call, range(50))) == [[names[number * 4], number] for number in range(50)]
    for name in names:
        client.delete_function(FunctionName=name)


def test_six_megabytes_pass_and_seven_do_not(sandbox: Sandbox) -> None:
    sandbox.deploy(
        "def handler(event, context):\n    return 'x' * event if isinstance(event, int) else len(event)\n",
        name="size",
        Timeout=20,
        MemorySize=256,
    )
    assert invoke(sandbox, "size", json.dumps("x" * 6_000_000).encode()) == (None, 6_000_000)
    error, said = invoke(sandbox, "size", b"7000000")
    assert (error, said["errorType"]) == ("Unhandled", "Function.ResponseSizeTooLarge")
    code, status, _ = refused(sandbox.client("lambda").invoke, FunctionName="size", Payload=json.dumps("x" * 7_000_000))
    assert (code, status) == ("RequestEntityTooLargeException", 413)


# -- packages that are none


def create(sandbox: Sandbox, archive: bytes, **options: Any) -> tuple[str, int, str]:
    role = sandbox.client("lambda").get_function_configuration(FunctionName="next")["Role"]
    settings = {"FunctionName": "package", "Runtime": "python3.13", "Handler": "a.b", "Role": role, **options}
    return refused(sandbox.client("lambda").create_function, Code={"ZipFile": archive}, **settings)


def test_packages_that_are_refused(sandbox: Sandbox) -> None:
    sandbox.deploy("def handler(event, context):\n    return 1\n", name="next")
    unreadable = "Could not unzip uploaded file. Please check your file, then try to upload again."
    assert create(sandbox, b"no zip") == ("InvalidParameterValueException", 400, unreadable)
    assert create(sandbox, zip_of({"../escape.py": b"x"})) == ("InvalidParameterValueException", 400, unreadable)
    bomb = zip_of({"zeros": bytes(262_144_001)})
    assert create(sandbox, bomb)[2] == "Unzipped size must be smaller than 262144000 bytes"


def test_a_51_megabyte_zip(sandbox: Sandbox) -> None:
    sandbox.deploy("def handler(event, context):\n    return 1\n", name="next")
    code, status, message = create(sandbox, os.urandom(51 * 1024 * 1024))
    assert (code, status, message) == (
        "RequestEntityTooLargeException",
        413,
        "Zipped size must be smaller than 52428800 bytes",
    )


@pytest.mark.parametrize(
    ("handler", "error_type"),
    [
        ("nodot", "Runtime.MalformedHandlerName"),
        ("a.b.c.handler", "Runtime.ImportModuleError"),
        ("deep/er/../module.handler", "Runtime.ImportModuleError"),
        ("/etc/passwd.handler", None),
        ("sys.exit", "Runtime.BuiltInModuleConflict"),
        ("lambda_function.nothing", "Runtime.HandlerNotFound"),
        ("..handler", None),
    ],
)
def test_odd_handler_names_are_errors_of_the_function(sandbox: Sandbox, handler: str, error_type: str | None) -> None:
    sandbox.deploy("def handler(event, context):\n    return 1\n", name="odd", Handler=handler)
    error, said = invoke(sandbox, "odd")
    assert error == "Unhandled" and (error_type is None or said["errorType"] == error_type)


# -- requests that are none


def raw(sandbox: Sandbox, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
    host, port = sandbox.endpoint_url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=20)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


GARBAGE = [
    ("POST", "/2015-03-31/functions", b"{"),
    ("POST", "/2015-03-31/functions", b"\xff\xfe"),
    ("POST", "/2015-03-31/functions", b'{"Code": {"ZipFile": "!!!"}, "FunctionName": "x", "Role": "r"}'),
    ("POST", "/2015-03-31/functions", b'{"FunctionName": 7, "Role": [], "Code": null}'),
    ("POST", "/2015-03-31/functions", b"[" * 100_000),
    ("POST", "/2015-03-31/functions/next/invocations", b"{not json"),
    ("POST", "/2015-03-31/functions/%00/invocations", b"{}"),
    ("GET", "/2015-03-31/functions/..%2f..%2fetc", b""),
    ("PATCH", "/2015-03-31/functions", b""),
    ("GET", "/2015-03-31/functions?MaxItems=banana", b""),
    ("GET", "/2015-03-31/functions/next/nothing", b""),
]


@pytest.mark.parametrize(("method", "path", "body"), GARBAGE, ids=[f"{m} {p[:40]} {b[:12]!r}" for m, p, b in GARBAGE])
def test_garbage_gets_an_error_of_aws_and_never_a_5xx(sandbox: Sandbox, method: str, path: str, body: bytes) -> None:
    sandbox.deploy("def handler(event, context):\n    return 1\n", name="next")
    status, said = raw(sandbox, method, path, body)
    assert 400 <= status < 500, said
    assert b"Traceback" not in said and json.loads(said)


def test_garbage_in_the_signature(sandbox: Sandbox) -> None:
    for signature in (
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=a/b/c",
        "Basic x",
        "AWS4-HMAC-SHA256 Credential=a/20310101/nowhere-9/lambda/aws4_request",
    ):
        status, said = raw(sandbox, "GET", "/2015-03-31/functions", Authorization=signature)
        assert status < 500, said


@pytest.mark.parametrize("payload", [b"{", b"\xff", b"undefined", b"'x'", b"{}{}"])
def test_payloads_that_are_not_json(sandbox: Sandbox, payload: bytes) -> None:
    sandbox.deploy("def handler(event, context):\n    return 1\n", name="next")
    code, status, message = refused(sandbox.client("lambda").invoke, FunctionName="next", Payload=payload)
    assert (code, status) == ("InvalidRequestContentException", 400)
    assert message.startswith("Could not parse request body into json: Could not parse payload into json: ")


def test_client_context_reaches_the_function(sandbox: Sandbox) -> None:
    sandbox.deploy("def handler(event, context):\n    return context.client_context.custom\n", name="client")
    context = base64.b64encode(json.dumps({"custom": {"a": "b"}}).encode()).decode()
    assert invoke(sandbox, "client", ClientContext=context) == (None, {"a": "b"})
