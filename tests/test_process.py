"""The sandbox process seen from its parent: what may go wrong around it, and what it says then."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from lambda_sandbox import Sandbox, SandboxDidNotStart, SandboxError
from lambda_sandbox.__main__ import main
from lambda_sandbox.process import ROOT, Process

posix_only = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX systems")


def left_of(family: list[psutil.Process]) -> list[psutil.Process]:
    return list(psutil.wait_procs(family, timeout=10)[1])


def test_a_port_that_is_taken_is_said_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SandboxDidNotStart) as refused:
            Sandbox(port=port)
    assert refused.value.what == "The sandbox did not start (exit status 1)."
    assert f"port {port} of 127.0.0.1 cannot be used" in refused.value.last_lines
    assert "choose another" in str(refused.value) and "Traceback" not in str(refused.value)


def test_a_module_beside_the_notebook_is_not_taken_for_a_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("json.py", "boto3.py", "signal.py", "lambda_sandbox.py"):
        (tmp_path / name).write_text("raise SystemExit('a learner wrote this')\n")
    monkeypatch.chdir(tmp_path)
    with Sandbox() as sandbox:
        assert sandbox.journal() == []


def test_a_proxy_of_the_network_is_not_in_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # where nobody answers
    import boto3

    with Sandbox() as sandbox:
        assert boto3.client("sts").get_caller_identity()["Account"]
        assert sandbox.client("s3").list_buckets()["Buckets"] == []


@posix_only
def test_a_sandbox_that_was_killed_says_so_and_leaves_no_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # its folder stays: nobody was left to remove it
    with Sandbox() as sandbox:
        sandbox.deploy("def handler(event, context):\n    return 1\n", name="one")
        sandbox.client("lambda").invoke(FunctionName="one")
        process = psutil.Process(sandbox._process.pid)
        environments = process.children(recursive=True)
        assert environments
        process.kill()
        assert left_of(environments) == []
        with pytest.raises(SandboxError, match=r"does not answer .*; make a new one with Sandbox\(\)"):
            sandbox.journal()
    assert "AWS_ENDPOINT_URL" not in os.environ


@posix_only
def test_an_interrupt_while_it_stops_leaves_nothing() -> None:
    program = """
import _thread, threading
from lambda_sandbox import Sandbox
sandbox = Sandbox()
print(sandbox._process.pid, flush=True)
input()
threading.Timer(0.02, _thread.interrupt_main).start()
sandbox.stop()
"""
    command = [sys.executable, "-c", program]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT
    ) as parent:
        assert parent.stdin is not None and parent.stdout is not None
        process = psutil.Process(int(parent.stdout.readline()))
        family = [process, *process.children(recursive=True)]
        parent.communicate("\n", timeout=20)
    assert left_of(family) == []


@posix_only
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP], ids=lambda number: number.name)
def test_signals_of_the_notebooks_terminal(number: signal.Signals) -> None:
    """Ctrl-C is for the notebook; the end of the terminal is the end."""
    process = Process(["--port", "0"])
    try:
        os.kill(process.pid, number)
        if number is signal.SIGHUP:
            assert left_of([psutil.Process(process.pid)]) == []
        else:
            assert process.ask("GET", "health")["ready"] is True
    finally:
        process.end()


@posix_only
@pytest.mark.parametrize("after_s", [0.15, 0.3, 0.45, 0.6])
def test_serve_may_be_stopped_at_any_moment_of_its_start(after_s: float) -> None:
    command = [sys.executable, "-m", "lambda_sandbox", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            process.wait(after_s)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode in (0, 130, -signal.SIGINT)  # the last two: before it had read what is wanted of it


def test_the_token_is_on_no_command_line_and_in_no_environment() -> None:
    with Sandbox() as sandbox:
        process = psutil.Process(sandbox._process.pid)
        assert sandbox._token not in " ".join(process.cmdline())
        assert sandbox._token not in process.environ().values()


def test_a_cell_that_is_run_again_leaves_one_sandbox() -> None:
    """`sandbox = Sandbox()` a second time: nobody can stop the first one any more."""
    sandbox = Sandbox()
    first = psutil.Process(sandbox._process.pid)
    sandbox = Sandbox()
    assert left_of([first]) == []
    assert os.environ["AWS_ENDPOINT_URL"] == sandbox.endpoint_url
    del sandbox
    assert os.environ["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
    with Sandbox():
        pass
    assert "AWS_ENDPOINT_URL" not in os.environ


@pytest.mark.parametrize("region", ["mars", "", "eu-west-1; exit"])
def test_a_region_that_cannot_be_one_is_wrong_usage(region: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["serve", "--region", region])
    assert stopped.value.code == 2
    assert "a Region looks like us-east-1" in capsys.readouterr().err
