"""The sandbox as a notebook has it: it starts, points boto3 to itself, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import psutil
import pytest
from botocore.config import Config

from lambda_sandbox import Sandbox, SandboxError

ROOT = Path(__file__).resolve().parent.parent
ECHO = "def handler(event, context):\n    return event\n"
posix_only = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX systems")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock="virtual", seed=1) as running:
        yield running


def run_python(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        env={**os.environ, **environment},
    )


def gone(pid: int, seconds: float = 10) -> bool:
    """Whether a process ends by itself within some seconds."""
    try:
        psutil.Process(pid).wait(seconds)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return False
    return True


# -- what it offers


def test_boto3_reaches_it_without_being_told(sandbox: Sandbox) -> None:
    deployed = sandbox.deploy(ECHO, name="echo")
    assert repr(deployed) == "echo (handler lambda_function.handler) is deployed"
    answer = boto3.client("lambda").invoke(FunctionName="echo", Payload=b'{"a": 1}')
    assert (answer["StatusCode"], json.load(answer["Payload"])) == (200, {"a": 1})
    assert boto3.client("sts").get_caller_identity()["Account"] == "123456789012"


def test_deploying_again_updates(sandbox: Sandbox) -> None:
    client = sandbox.client("lambda")
    sandbox.deploy("def handler(event, context):\n    return 1\n", name="again", Timeout=3)
    sandbox.deploy("def handler(event, context):\n    return 2\n", name="again", Timeout=9)
    assert client.invoke(FunctionName="again")["Payload"].read() == b"2"
    assert client.get_function_configuration(FunctionName="again")["Timeout"] == 9


def test_a_seed_makes_ids_repeat() -> None:
    def ids() -> list[str]:
        with Sandbox(clock="virtual", seed=7) as running:
            running.deploy(ECHO, name="echo")
            client = running.client("lambda")
            answers = [client.invoke(FunctionName="echo") for _ in range(2)]
            return [answer["ResponseMetadata"]["RequestId"] for answer in answers] + [
                record.environment for record in running.journal() if record.environment
            ]

    assert ids() == ids()


def test_a_small_account_throttles() -> None:
    with Sandbox(account_concurrency=2) as running:
        running.deploy("import time\n\ndef handler(event, context):\n    time.sleep(0.5)\n", name="sleeps")
        client = running.client("lambda", config=Config(retries={"total_max_attempts": 1}))
        assert client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"] == 2

        def call(number: int) -> str:
            try:
                return str(client.invoke(FunctionName="sleeps")["StatusCode"])
            except client.exceptions.TooManyRequestsException as refused:
                return str(refused.response["Reason"])

        with ThreadPoolExecutor(3) as pool:
            assert sorted(pool.map(call, range(3))) == ["200", "200", "ConcurrentInvocationLimitExceeded"]


def test_the_journal_and_settle_over_a_retry(sandbox: Sandbox) -> None:
    sandbox.deploy("def handler(event, context):\n    raise ValueError('no')\n", name="fails")
    before = sandbox.clock.now()
    sandbox.client("lambda").invoke(FunctionName="fails", InvocationType="Event")
    sandbox.settle()
    started = sandbox.journal(function="fails", kind="invocation.started")
    assert len(started) == 3
    assert sandbox.clock.now() - before > 180
    waits = [when for _, when, _ in sandbox.timeline("fails", of="attempts").rows()]
    assert waits == ["0 s", "1 min", "3 min", "3 min"]
    assert repr(sandbox.timeline("fails", of="batches")) == "(no batches)"


def test_jumps_of_decades_up_to_the_end_of_dates() -> None:
    with Sandbox(clock="virtual", seed=1) as running:
        running.deploy("def handler(event, context):\n    raise ValueError('no')\n", name="fails")
        running.deploy(ECHO, name="echo")
        client, s3 = running.client("lambda"), running.client("s3")
        client.invoke(FunctionName="echo")
        client.invoke(FunctionName="fails", InvocationType="Event")
        running.clock.advance(days=30 * 365)
        attempts = [record.at for record in running.journal(function="fails", kind="invocation.started")]
        assert [round(later - attempts[0]) for later in attempts] == [0, 60, 180]
        s3.create_bucket(Bucket="later")
        s3.put_object(Bucket="later", Key="k", Body=b"")
        assert s3.head_object(Bucket="later", Key="k")["LastModified"].year == 2060
        with pytest.raises(SandboxError, match="from 0 to"):  # noqa: PT012 - as often as it takes
            while True:
                running.clock.advance(days=100 * 365)
        assert client.invoke(FunctionName="echo", Payload=b"1")["Payload"].read() == b"1"
        s3.put_object(Bucket="later", Key="k", Body=b"")
        assert s3.list_objects_v2(Bucket="later")["KeyCount"] == 1
        reasons = [record.data["reason"] for record in running.journal(function="echo", kind="environment.stopped")]
        assert reasons == ["idle"]


def test_settle_on_a_real_clock_says_what_it_waits_for() -> None:
    with Sandbox() as running:
        running.deploy("def handler(event, context):\n    raise ValueError('no')\n", name="fails")
        running.client("lambda").invoke(FunctionName="fails", InvocationType="Event")
        with pytest.raises(SandboxError, match=r"1 waiting, the next one due in .* give settle"):
            running.settle(timeout=1)
        running.clock.advance(minutes=4)
        running.settle(timeout=10)


def test_reset_forgets_everything(sandbox: Sandbox) -> None:
    sandbox.deploy(ECHO, name="echo")
    sandbox.client("s3").create_bucket(Bucket="pictures")
    sandbox.reset()
    assert sandbox.client("lambda").list_functions()["Functions"] == []
    assert sandbox.client("s3").list_buckets()["Buckets"] == []
    assert sandbox.journal() == []


def test_what_was_due_before_a_reset_does_not_happen_after_it(sandbox: Sandbox) -> None:
    sandbox.deploy("def handler(event, context):\n    raise ValueError('no')\n", name="same")
    sandbox.client("lambda").invoke(FunctionName="same", InvocationType="Event")
    while not sandbox.journal(kind="delivery.retried"):
        continue
    sandbox.reset()
    sandbox.deploy(ECHO, name="same")
    sandbox.settle()
    assert sandbox.journal(function="same") == []


def test_a_reset_answers_who_waits_for_a_function(sandbox: Sandbox) -> None:
    sandbox.deploy("import time\ndef handler(event, context):\n    time.sleep(30)\n", name="slow", Timeout=60)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(sandbox.client("lambda").invoke, FunctionName="slow")
        while not sandbox.journal(kind="invocation.started"):
            continue
        sandbox.reset()
        assert json.load(waiting.result(10)["Payload"])["errorType"] == "Runtime.ExitError"
    sandbox.settle()


def test_journal_records_are_shown_without_times(sandbox: Sandbox) -> None:
    sandbox.reset()
    sandbox.deploy("def handler(event, context):\n    print('<hi>')\n", name="shown")
    sandbox.client("lambda").invoke(FunctionName="shown")
    sandbox.settle()
    records = sandbox.journal(function="shown")
    assert "shown            invocation.log           message <hi>" in repr(records)
    assert "<td>message &lt;hi&gt;</td>" in records._repr_html_()


def test_two_sandboxes_know_nothing_of_each_other() -> None:
    with Sandbox() as one, Sandbox() as other:
        one.deploy(ECHO, name="mine")
        assert [f["FunctionName"] for f in one.client("lambda").list_functions()["Functions"]] == ["mine"]
        assert other.client("lambda").list_functions()["Functions"] == []


def test_a_stopped_sandbox_says_so() -> None:
    running = Sandbox()
    running.stop()
    running.stop()
    assert repr(running) == "Sandbox (stopped)"
    with pytest.raises(SandboxError, match="stopped; make a new one"):
        running.journal()


# -- what it leaves alone


def test_the_environment_is_as_it_was_afterwards() -> None:
    program = """
        import os
        from lambda_sandbox import Sandbox
        before = dict(os.environ)
        with Sandbox() as outer:
            assert os.environ["AWS_ENDPOINT_URL"] == outer.endpoint_url
            assert "AWS_PROFILE" not in os.environ and "AWS_ENDPOINT_URL_S3" not in os.environ
            with Sandbox(region="eu-west-1") as inner:
                assert (os.environ["AWS_ENDPOINT_URL"], os.environ["AWS_REGION"]) == (inner.endpoint_url, "eu-west-1")
            assert (os.environ["AWS_ENDPOINT_URL"], os.environ["AWS_REGION"]) == (outer.endpoint_url, "us-east-1")
        assert dict(os.environ) == before
        print("the same")
    """
    real = {"AWS_PROFILE": "production", "AWS_ACCESS_KEY_ID": "AKIAREAL", "AWS_ENDPOINT_URL_S3": "https://example.com"}
    done = run_python(program, **real)
    assert done.stdout == "the same\n", done.stderr


def test_a_real_profile_and_keys_are_never_used(tmp_path: Path) -> None:
    """They are there, and would break everything if anybody read them; afterwards they are untouched."""
    config, credentials = tmp_path / "config", tmp_path / "credentials"
    config.write_text(
        "[profile production]\nregion = mars-north-1\nendpoint_url = http://127.0.0.1:9\nthis line is broken\n"
    )
    credentials.write_text("[production]\naws_access_key_id = AKIAREALREALREALREAL\naws_secret_access_key = real\n")
    stamps = [path.stat().st_mtime_ns for path in (config, credentials)]
    program = """
        from lambda_sandbox import Sandbox
        import boto3
        source = \"\"\"
        import os, boto3
        def handler(event, context):
            return [dict(os.environ), boto3.client("sts").get_caller_identity()["Arn"]]
        \"\"\"
        with Sandbox(clock="virtual") as sandbox:
            sandbox.deploy(source, name="show", Timeout=30, MemorySize=256)
            seen = boto3.client("lambda").invoke(FunctionName="show")["Payload"].read().decode()
            print(boto3.client("sts").get_caller_identity()["Arn"], seen)
    """
    done = run_python(
        program,
        AWS_PROFILE="production",
        AWS_CONFIG_FILE=str(config),
        AWS_SHARED_CREDENTIALS_FILE=str(credentials),
        AWS_ACCESS_KEY_ID="AKIAREALREALREALREAL",
        AWS_SECRET_ACCESS_KEY="real-secret",
        AWS_SESSION_TOKEN="real-token",
        HOME=str(tmp_path),
    )
    assert done.returncode == 0, done.stderr
    assert "assumed-role/lambda-role/show" in done.stdout
    for secret in ("AKIAREAL", "real-secret", "real-token", "mars-north-1", "production"):
        assert secret not in done.stdout + done.stderr
    assert [path.stat().st_mtime_ns for path in (config, credentials)] == stamps


def test_a_read_only_home_is_enough(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o500)
    done = run_python("from lambda_sandbox import Sandbox\nwith Sandbox() as s: print(s.endpoint_url)", HOME=str(home))
    assert done.stdout.startswith("http://127.0.0.1:"), done.stderr
    assert list(home.iterdir()) == []


# -- how it ends

STARTS = """
    import os, sys
    from lambda_sandbox import Sandbox
    sandbox = Sandbox()
    sandbox.deploy("import time\\ndef handler(event, context):\\n    time.sleep(event)\\n", name="sleeps", Timeout=60)
    sandbox.client("lambda").invoke(FunctionName="sleeps", Payload=b"0")
    print(sandbox._process.pid, flush=True)
"""


def processes_of(pid: int) -> list[psutil.Process]:
    first = psutil.Process(pid)
    return [first, *first.children(recursive=True)]


@posix_only
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_nothing_outlives_the_notebook(number: signal.Signals) -> None:
    program = textwrap.dedent(STARTS) + "import time\ntime.sleep(100)\n"
    parent = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=ROOT, stderr=subprocess.DEVNULL
    )
    assert parent.stdout is not None
    family = processes_of(int(parent.stdout.readline()))
    assert len(family) >= 2
    parent.send_signal(number)
    parent.wait(20)
    parent.stdout.close()
    assert all(gone(process.pid) for process in family)


@posix_only
def test_a_killed_notebook_in_the_middle_of_an_invocation_leaves_nothing() -> None:
    program = textwrap.dedent(STARTS) + 'sandbox.client("lambda").invoke(FunctionName="sleeps", Payload=b"50")\n'
    parent = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=ROOT, stderr=subprocess.DEVNULL
    )
    assert parent.stdout is not None
    family = processes_of(int(parent.stdout.readline()))
    parent.kill()
    parent.wait(20)
    parent.stdout.close()
    assert all(gone(process.pid) for process in family)


@posix_only
@pytest.mark.parametrize("after_s", [0.0, 0.05, 0.15, 0.3, 0.5, 0.8])
def test_an_interrupt_at_any_moment_of_the_start_leaves_nothing(after_s: float) -> None:
    marker = f"interrupt-{os.getpid()}-{after_s}"
    program = f"from lambda_sandbox import Sandbox  # {marker}\nSandbox()\n"
    parent = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "SANDBOX_TEST_MARKER": marker},
    )
    try:
        parent.wait(after_s)
    except subprocess.TimeoutExpired:
        parent.send_signal(signal.SIGINT)
    parent.wait(20)
    left = [process for process in psutil.process_iter() if _marked(process, marker)]
    assert psutil.wait_procs(left, timeout=10)[1] == []


def _marked(process: psutil.Process, marker: str) -> bool:
    try:
        return process.environ().get("SANDBOX_TEST_MARKER") == marker
    except (psutil.Error, OSError):
        return False


# -- serve


def serve(*options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "lambda_sandbox", "serve", *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)


@posix_only
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_serve_is_open_to_this_machine_and_stops_cleanly(number: signal.Signals) -> None:
    with serve("--port", "0", "--clock", "virtual") as process:
        assert process.stdout is not None and process.stderr is not None
        url = process.stdout.readline().removeprefix("Ready on ").strip()
        with urllib.request.urlopen(f"{url}/_sandbox/health", timeout=10) as answer:
            health = json.load(answer)
        assert health["ready"] is True and health["virtual"] is True
        process.send_signal(number)
        assert process.wait(10) == 0
        assert process.stderr.read() == ""


def test_a_taken_port_is_one_sentence_and_exit_1(sandbox: Sandbox) -> None:
    port = sandbox.endpoint_url.rpartition(":")[2]
    with serve("--port", port) as process:
        said, complaint = process.communicate(timeout=20)
    assert (process.returncode, said) == (1, "")
    assert complaint.startswith(f"The sandbox did not start: port {port} of 127.0.0.1 cannot be used")
    assert complaint.count("\n") == 1


@pytest.mark.parametrize("options", [["--port", "x"], ["--clock", "lunar"], ["--nothing"], ["--port", "70000"]])
def test_wrong_usage_is_exit_2(options: list[str]) -> None:
    with serve(*options) as process:
        process.communicate(timeout=20)
    assert process.returncode == 2


def test_wrong_clock_is_told_at_once() -> None:
    with pytest.raises(ValueError, match='clock is "real" or "virtual", not \'fast\''):
        Sandbox(clock="fast")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"seed": "x"}, "seed is a number, not 'x'"),
        ({"port": -1}, "port is a number from 0 to 65535, not -1"),
        ({"account_concurrency": 0}, "account_concurrency is a number from 1, not 0"),
        ({"region": "mars"}, "region looks like us-east-1, not 'mars'"),
    ],
)
def test_options_that_cannot_be_are_one_sentence(options: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(words)}$"):
        Sandbox(**options)  # type: ignore[arg-type]


def test_questions_that_cannot_be_answered_are_one_sentence(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match=r"^since is a number from 0, not 'x'$"):
        sandbox.journal(since="x")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"^timeout is a number of seconds, not 'x'$"):
        sandbox.settle(timeout="x")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"no kind 'invocation\.logs'; did you mean 'invocation\.log'"):
        sandbox.journal(kind="invocation.logs")
    with pytest.raises(ValueError, match=r"no kind 'zz'; there are environment\.starting, "):
        sandbox.journal(kind="zz")
    with pytest.raises(ValueError, match=r"^of is one of environments, batches, attempts, schedules, not 'days'$"):
        sandbox.timeline(of="days")
