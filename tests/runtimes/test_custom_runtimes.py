"""A runtime of one's own (`provided.al2023`): a program named bootstrap, in the package or in a layer (facts §1.7)."""

import base64
import json
import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from lambda_sandbox import Sandbox
from lambda_sandbox.packaging import role, zip_of
from tests.engine import Engine, with_engine

pytestmark = pytest.mark.skipif(os.name == "nt", reason="bootstraps are not run on Windows")

# AWS's tutorial "Building a custom runtime", word for word but for the interpreter: a shell with `source` and pipefail
BOOTSTRAP = b"""#!/bin/bash

set -euo pipefail

# Initialization - load function handler
source $LAMBDA_TASK_ROOT/"$(echo $_HANDLER | cut -d. -f1).sh"

# Processing
while true
do
  HEADERS="$(mktemp)"
  # Get an event. The HTTP request will block until one is received
  EVENT_DATA=$(curl -sS -LD "$HEADERS" "http://${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation/next")

  # Extract request ID by scraping response headers received above
  REQUEST_ID=$(grep -Fi Lambda-Runtime-Aws-Request-Id "$HEADERS" | tr -d '[:space:]' | cut -d: -f2)

  # Run the handler function from the script
  RESPONSE=$($(echo "$_HANDLER" | cut -d. -f2) "$EVENT_DATA")

  # Send the response
  curl "http://${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation/$REQUEST_ID/response"  -d "$RESPONSE"
done
"""
FUNCTION = b"""function handler () {
  EVENT_DATA=$1
  echo "$EVENT_DATA" 1>&2;
  RESPONSE="Echoing request: '$EVENT_DATA'"

  echo $RESPONSE
}
"""
ECHO = 'Echoing request: \'{"text":"Hello"}\''
needs_curl = pytest.mark.skipif(not (shutil.which("bash") and shutil.which("curl")), reason="needs bash and curl")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock="virtual") as sandbox:
        yield sandbox


def create(sandbox: Sandbox, name: str, files: dict[str, bytes], **settings: Any) -> None:
    settings = {"Runtime": "provided.al2023", "Handler": "function.handler", "Role": role(sandbox), **settings}
    sandbox.client("lambda").create_function(FunctionName=name, Code={"ZipFile": zip_of(files)}, **settings)
    sandbox.settle()


@needs_curl
def test_the_bash_runtime_of_awss_tutorial_runs_from_the_package_and_from_a_layer(sandbox: Sandbox) -> None:
    lambda_ = sandbox.client("lambda")
    create(sandbox, "bash", {"bootstrap": BOOTSTRAP, "function.sh": FUNCTION})
    for _ in range(2):  # cold and warm
        answer = lambda_.invoke(FunctionName="bash", Payload=b'{"text":"Hello"}', LogType="Tail")
        assert answer["Payload"].read().decode() == ECHO
        assert '{"text":"Hello"}\n' in base64.b64decode(answer["LogResult"]).decode()
    layer = lambda_.publish_layer_version(LayerName="runtime", Content={"ZipFile": zip_of({"bootstrap": BOOTSTRAP})})
    create(sandbox, "thin", {"function.sh": FUNCTION}, Layers=[layer["LayerVersionArn"]])
    assert lambda_.invoke(FunctionName="thin", Payload=b'{"text":"Hello"}')["Payload"].read().decode() == ECHO


@needs_curl
def test_a_plain_process_runs_it_too() -> None:
    async def story(engine: Engine) -> None:
        files = {"bootstrap": BOOTSTRAP, "function.sh": FUNCTION}
        engine.deploy(zip_of(files), runtime="provided.al2023", handler="function.handler")
        assert (await engine.invoke(b'{"text":"Hello"}')).payload.decode() == ECHO

    with_engine(story, private=False)


NOT_STARTED = {
    "missing": ({"function.sh": FUNCTION}, "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"),
    "not_executable": ({"bootstrap": b"echo"}, "fork/exec /var/task/bootstrap: permission denied"),
    "not_a_program": ({"bootstrap": b"\x7fELF?"}, "fork/exec /var/task/bootstrap: exec format error"),
    "without_its_interpreter": (
        {"bootstrap": b"#!/none\n"},
        "fork/exec /var/task/bootstrap: no such file or directory",
    ),
}


@pytest.mark.parametrize("private", [None, False], ids=["private", "plain"])
def test_a_bootstrap_that_cannot_be_started_is_an_invalid_entrypoint(private: bool | None) -> None:
    async def story(engine: Engine) -> None:
        for name, (files, why) in NOT_STARTED.items():
            engine.deploy(zip_of(files), name, runtime="provided.al2023")
            for _ in range(2):  # the second is a cold start again
                outcome = await engine.invoke(name=name)
                error = json.loads(outcome.payload)
                assert outcome.function_error == "Unhandled"
                assert error["errorType"] == "Runtime.InvalidEntrypoint"
                assert error["errorMessage"].endswith(f" Error: {why}")

    with_engine(story, private=private)


def test_a_bootstrap_that_ends_says_how_and_why_not(sandbox: Sandbox) -> None:
    lambda_ = sandbox.client("lambda")
    ends = {
        "fails": (b"#!/bin/sh\necho no such handler\nexit 3\n", "Runtime exited with error: exit status 3"),
        "leaves": (b"#!/bin/sh\nexit 0\n", "Runtime exited without providing a reason"),
        "dies": (b"#!/bin/sh\nkill -9 $$\n", "Runtime exited with error: signal: killed"),
    }
    for name, (bootstrap, how) in ends.items():
        create(sandbox, name, {"bootstrap": bootstrap})
        answer = lambda_.invoke(FunctionName=name, LogType="Tail")
        error = json.load(answer["Payload"])
        request_id = answer["ResponseMetadata"]["RequestId"]
        assert error == {"errorType": "Runtime.ExitError", "errorMessage": f"RequestId: {request_id} Error: {how}"}
        assert ("no such handler" in base64.b64decode(answer["LogResult"]).decode()) == (name == "fails")


REPORTS = b"""#!/bin/bash
API="http://${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime"
if [ "$_HANDLER" = init ]; then
  curl -s -d '{"errorType":"Runtime.NoHandler","errorMessage":"there is no handler init"}' "$API/init/error"
  exit 1
fi
while true; do
  ID=$(curl -s -D - "$API/invocation/next" -o /tmp/event | grep -Fi aws-request-id | tr -d '\\r' | cut -d' ' -f2)
  curl -s -d '{"errorType":"Spoiled","errorMessage":"milk"}' "$API/invocation/$ID/error"
done
"""


@needs_curl
def test_the_errors_that_a_runtime_reports_are_the_answer_as_they_are(sandbox: Sandbox) -> None:
    lambda_ = sandbox.client("lambda")
    create(sandbox, "reports", {"bootstrap": REPORTS})
    for handler, error in (
        ("function.handler", {"errorType": "Spoiled", "errorMessage": "milk"}),
        ("init", {"errorType": "Runtime.NoHandler", "errorMessage": "there is no handler init"}),
    ):
        lambda_.update_function_configuration(FunctionName="reports", Handler=handler)
        sandbox.settle()
        answer = lambda_.invoke(FunctionName="reports")
        assert (answer["FunctionError"], json.load(answer["Payload"])) == ("Unhandled", error)


@pytest.mark.parametrize("runtime", ["dotnet8", "dotnet10"])
def test_runtimes_that_are_not_run_say_what_is(sandbox: Sandbox, runtime: str) -> None:
    lambda_ = sandbox.client("lambda")
    create(sandbox, runtime.replace(".", "-"), {"app": b"?"}, Runtime=runtime)
    with pytest.raises(
        lambda_.exceptions.InvalidRuntimeException, match=f"does not run {runtime} functions .+ it runs"
    ):
        lambda_.invoke(FunctionName=runtime.replace(".", "-"))
