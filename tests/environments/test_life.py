"""One environment's life, in real processes: reuse, freeze, failures, and what survives them."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import re
import sys
from pathlib import Path

import pytest

from lambda_sandbox.environments import plain_rooms, private_rooms
from lambda_sandbox.environments.environment import Environment
from lambda_sandbox.environments.outcome import Answered, Exited, Failed, TimedOut
from lambda_sandbox.environments.states import ALLOWED, IllegalTransition, State
from lambda_sandbox.environments.variables import Credentials
from lambda_sandbox.journal import Kind
from lambda_sandbox.state import FunctionVersion
from lambda_sandbox.wire import AwsError
from tests.engine import Engine, with_engine

KINDS = [pytest.param(False, id="plain")]
if sys.platform == "linux":
    KINDS.append(pytest.param(None, id="private"))


@pytest.fixture(params=KINDS)
def run(request: pytest.FixtureRequest):
    return lambda story, **options: with_engine(story, private=request.param, **options)


def test_an_environment_is_reused_and_keeps_its_globals(run) -> None:
    async def story(engine: Engine) -> None:
        engine.deploy("n = 0\ndef handler(e, c):\n    global n; n += 1; return n")
        assert [(await engine.invoke()).payload for _ in range(3)] == [b"1", b"2", b"3"]
        assert len(engine.records(Kind.STARTING)) == 1
        assert [record.data["cold"] for record in engine.records(Kind.STARTED)] == [True, False, False]
        assert len(engine.records(Kind.THAWED)) == 2

    run(story)


def test_concurrent_invocations_get_environments_of_their_own(run) -> None:
    async def story(engine: Engine) -> None:
        engine.deploy("import time\ndef handler(e, c):\n    time.sleep(0.3); return c.log_stream_name")
        streams = {outcome.payload for outcome in await asyncio.gather(*[engine.invoke() for _ in range(3)])}
        assert len(streams) == 3

    run(story)


def test_a_frozen_thread_stops_until_the_thaw(run) -> None:
    source = """
import threading, time
count = 0
def work():
    global count
    while True:
        count += 1
        time.sleep(0.001)
threading.Thread(target=work, daemon=True).start()
def handler(e, c):
    return count
"""

    async def story(engine: Engine) -> None:
        engine.deploy(source)
        before = int((await engine.invoke()).payload)
        await asyncio.sleep(0.5)  # what is measured: time in which a frozen thread must not run
        assert int((await engine.invoke()).payload) - before < 100

    run(story)


def test_a_timeout_keeps_tmp_and_resets_memory(run) -> None:
    source = """
import os, tempfile, time
n = 0
NOTE = os.path.join(tempfile.gettempdir(), "note")
def handler(e, c):
    global n
    n += 1
    if e == "write":
        open(NOTE, "w").write("kept")
    if e == "sleep":
        time.sleep(9)
    return [n, open(NOTE).read()]
"""

    async def story(engine: Engine) -> None:
        engine.deploy(source, timeout=1)
        assert (await engine.invoke(b'"write"')).payload == b'[1, "kept"]'
        late = await engine.invoke(b'"sleep"')
        assert isinstance(late, TimedOut)
        assert list(json.loads(late.payload)) == ["errorType", "errorMessage"]
        assert re.fullmatch(
            r"RequestId: [0-9a-f-]{36} Error: Task timed out after 1\.00 seconds",
            json.loads(late.payload)["errorMessage"],
        )
        assert (await engine.invoke(b'"read"')).payload == b'[1, "kept"]'
        report = engine.records(Kind.REPORTED)[1].data
        assert (report["status"], report["duration_ms"]) == ("timeout", 1000.0)
        assert engine.records(Kind.STARTING)[-1].data["phase"] == "invoke"

    run(story)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("import sys; sys.exit(0)", "Runtime exited without providing a reason"),
        ("import os; os._exit(3)", "Runtime exited with error: exit status 3"),
        ("import ctypes; ctypes.string_at(0)", "Runtime exited with error: signal: segmentation fault"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "Runtime exited with error: signal: killed"),
    ],
    ids=["exit 0", "exit 3", "segfault", "killed"],
)
@pytest.mark.skipif(os.name == "nt", reason="Windows has other exit statuses")
def test_an_exit_is_an_answer_and_the_next_call_works(run, body: str, message: str) -> None:
    async def story(engine: Engine) -> None:
        engine.deploy(f"def handler(e, c):\n    if e:\n        {body}\n    return 'fine'")
        outcome = await engine.invoke(b"1")
        assert isinstance(outcome, Exited)
        assert json.loads(outcome.payload)["errorType"] == "Runtime.ExitError"
        assert json.loads(outcome.payload)["errorMessage"].endswith(f" Error: {message}")
        assert (await engine.invoke(b"0")).payload == b'"fine"'

    run(story)


def test_who_has_answered_and_asks_for_no_more_is_ended_at_the_timeout(run) -> None:
    source = """
import os, urllib.request
def handler(e, c):
    if e: return e
    answer = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation/{c.aws_request_id}/response"
    urllib.request.urlopen(answer, data=b'"early"')
    while True: pass
"""

    async def story(engine: Engine) -> None:
        engine.deploy(source, timeout=1)
        assert (await engine.invoke(b"0")).payload == b'"early"'
        assert (await engine.invoke(b"1")).payload == b"1"
        await engine.pool.reported()
        assert len(engine.records(Kind.REPORTED)) == 2

    run(story)


def test_an_exception_resets_nothing(run) -> None:
    async def story(engine: Engine) -> None:
        engine.deploy(
            "n = 0\ndef handler(e, c):\n    global n; n += 1\n    if n == 1: raise ValueError('first')\n    return n"
        )
        outcome = await engine.invoke()
        assert isinstance(outcome, Failed)
        assert outcome.error_type == "ValueError"
        assert json.loads(outcome.payload)["stackTrace"][0].startswith(
            '  File "/var/task/index.py", line 4, in handler'
        )
        assert (await engine.invoke()).payload == b"2"

    run(story)


def test_what_a_module_raises_is_named_in_the_journal_and_is_unknown_to_the_log(run) -> None:
    async def story(engine: Engine) -> None:
        engine.deploy("raise ValueError('no')")
        outcome = await engine.invoke()
        assert json.loads(outcome.payload)["errorType"] == "ValueError"
        (failed,) = engine.records(Kind.FAILED)
        assert failed.data["error_type"] == "ValueError"
        said = [record.data["error_type"] for record in engine.records(Kind.INIT_FAILED)]
        assert said == ["Runtime.Unknown", "Runtime.Unknown"]

    run(story)


def test_a_failed_import_is_tried_again_inside_the_invocation(run) -> None:
    async def story(engine: Engine) -> None:
        engine.deploy("import nowhere\ndef handler(e, c): pass")
        outcome = await engine.invoke()
        assert json.loads(outcome.payload) == {
            "errorMessage": "Unable to import module 'index': No module named 'nowhere'",
            "errorType": "Runtime.ImportModuleError",
            "requestId": "",
            "stackTrace": [],
        }
        assert [record.data["phase"] for record in engine.records(Kind.INIT_FAILED)] == ["init", "invoke"]
        assert engine.records(Kind.REPORTED)[0].data["error_type"] == "Runtime.ImportModuleError"

    run(story)


def test_an_init_that_never_ends_is_cut_by_the_function_timeout_in_the_end(
    run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lambda_sandbox.environments.environment.INIT_LIMIT_S", 0.5)

    async def story(engine: Engine) -> None:
        engine.deploy("import time\ntime.sleep(99)\ndef handler(e, c): pass", timeout=1)
        assert isinstance(await engine.invoke(), TimedOut)
        failed = [(record.data["phase"], record.data["status"]) for record in engine.records(Kind.INIT_FAILED)]
        assert failed == [("init", "timeout"), ("invoke", "timeout")]

    run(story)


def test_what_outgrows_its_memory_is_killed(run) -> None:
    async def story(engine: Engine) -> None:
        engine.deploy(
            "import time\ndef handler(e, c):\n    x = b'x' * 600_000_000\n    time.sleep(5); return len(x)", timeout=30
        )
        outcome = await engine.invoke()
        assert isinstance(outcome, Exited)
        assert outcome.error_type == "Runtime.OutOfMemory"
        assert engine.records(Kind.REPORTED)[0].data["max_memory_mb"] == 128

    run(story)


def test_memory_is_what_a_function_and_its_children_use_together(run) -> None:
    source = """
import subprocess, sys, os, time
def handler(e, c):
    if e == "forks":
        held = b"x" * 60_000_000  # which they all share
        children = [os.fork() for _ in range(2)]
        if 0 in children: time.sleep(0.3); os._exit(0)
        [os.waitpid(child, 0) for child in children]
        return len(held)
    command = "x = b'x' * 600_000_000; import time; time.sleep(20)"
    subprocess.run([sys.executable, "-c", command])
"""

    async def story(engine: Engine) -> None:
        engine.deploy(source, timeout=10)
        assert (await engine.invoke(b'"forks"')).payload == b"60000000"
        outcome = await engine.invoke(b'"a command"')
        assert isinstance(outcome, Exited)
        assert outcome.error_type == "Runtime.OutOfMemory"

    run(story)


def test_one_look_that_finds_too_much_memory_is_looked_at_again(run, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = itertools.cycle([(10**12, 0), (0, 0)])
    for rooms in (plain_rooms, private_rooms):
        monkeypatch.setattr(rooms, "process_memory", lambda pid: next(looks))

    async def story(engine: Engine) -> None:
        engine.deploy(
            "import time\ndef handler(e, c):\n    time.sleep(0.3)\n    return c.memory_limit_in_mb", timeout=10
        )
        assert (await engine.invoke(b"{}")).payload == b'"128"'
        await engine.pool.reported()
        [report] = engine.records(Kind.REPORTED)
        assert report.data["max_memory_mb"] == 128

    run(story)


def test_a_response_over_six_megabytes_is_refused(run) -> None:
    async def story(engine: Engine) -> None:
        engine.deploy("def handler(e, c):\n    return 'a' * e", timeout=10)
        largest = await engine.invoke(str(6_291_556 - 2).encode())
        assert isinstance(largest, Answered)
        assert json.loads((await engine.invoke(b"6291555")).payload) == {
            "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
            "errorType": "Function.ResponseSizeTooLarge",
        }
        assert (await engine.invoke(b"1")).payload == b'"a"'

    run(story)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_function_opens_at_most_1024_descriptors_and_gets_them_back(run) -> None:
    source = """
import os
def handler(e, c):
    opened = []
    try:
        while True: opened.append(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return [error.strerror, max(opened)]
    finally:
        for descriptor in opened: os.close(descriptor)
"""

    async def story(engine: Engine) -> None:
        engine.deploy(source)
        for _ in range(2):
            assert json.loads((await engine.invoke()).payload) == ["Too many open files", 1023]

    run(story)


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux namespaces")
def test_a_function_starts_at_most_1024_threads() -> None:
    source = """
import threading
def handler(e, c):
    over, started = threading.Event(), []
    try:
        while len(started) < 2000:
            thread = threading.Thread(target=over.wait)
            thread.start()
            started.append(thread)
    except RuntimeError as error:
        return [str(error), len(started) < 1024]
    finally:
        over.set()
"""

    async def story(engine: Engine) -> None:
        if "own root" not in engine.pool.about:
            pytest.skip("plain processes have no limit of their own")
        if os.geteuid() == 0 and os.uname().release.split(".")[:2] < ["6", "14"]:
            pytest.skip("before Linux 6.14 nothing limits the processes of root")
        engine.deploy(source, memory_mb=512, timeout=30)
        assert json.loads((await engine.invoke()).payload) == ["can't start new thread", True]

    with_engine(story)


def test_log_lines_tracebacks_and_order(run) -> None:
    source = """
import logging, sys
def handler(e, c):
    print("one\\ntwo")
    print("to stderr", file=sys.stderr)
    logging.getLogger().warning("careful\\nhere")
    sys.stdout.write("no end")
    raise ValueError("bad")
"""

    async def story(engine: Engine) -> None:
        engine.deploy(source)
        await engine.invoke()
        lines = engine.logged()
        assert lines[:3] == ["one\n", "two\n", "to stderr\n"]
        assert re.fullmatch(r"\[WARNING\]\t[-\dT:.]+Z\t[0-9a-f-]{36}\tcareful\nhere\n", lines[3])
        assert lines[4] == "no end"
        assert lines[5].startswith(
            '[ERROR] ValueError: bad\nTraceback (most recent call last):\n\u00a0\u00a0File "/var/task/index.py"'
        )
        assert len(lines) == 6

    run(story)


def test_nothing_is_inherited_and_nothing_else_is_importable(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("MY_SECRET", "x")

    async def story(engine: Engine) -> None:
        engine.deploy("import os\ndef handler(e, c):\n    return dict(os.environ)")
        names = json.loads((await engine.invoke()).payload)
        assert "MY_SECRET" not in names and "AWS_PROFILE" not in names
        assert (names["AWS_ACCESS_KEY_ID"], names["_HANDLER"]) == ("ASIAEXAMPLE", "index.handler")
        engine.deploy("import PIL\ndef handler(e, c): pass")
        assert b"No module named 'PIL'" in (await engine.invoke()).payload

    run(story)


@pytest.mark.skipif(os.name == "nt", reason="no process groups to look into")
def test_no_process_outlives_its_environment(run) -> None:
    source = """
import os, subprocess, sys
def handler(e, c):
    sleep = [sys.executable, "-S", "-c", "import time; time.sleep(1000)", e]
    child = subprocess.Popen(sleep, start_new_session=e == "apart")
    if os.fork() == 0:
        import time; time.sleep(1000)
    return 1
"""

    async def story(engine: Engine) -> None:
        engine.deploy(source)
        for payload in (b'"marker-of-this-test"', b'"apart"'):
            assert isinstance(await engine.invoke(payload), Answered)
        assert _running("marker-of-this-test")
        engine.pool.reset()
        for _ in range(200):
            if not _running("marker-of-this-test"):
                return
            await asyncio.sleep(0.02)
        raise AssertionError("a child is still there")

    run(story)


def _running(marker: str) -> bool:
    import psutil

    found = []
    for process in psutil.process_iter():
        try:
            if marker in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
        except psutil.Error:
            continue
    return bool(found)


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux namespaces")
def test_a_private_room_shows_what_aws_shows_and_no_more() -> None:
    source = """
import getpass, os
def attempt(path):
    try:
        open(path, "w").write("x"); return "written"
    except OSError as error:
        return error.strerror
def handler(e, c):
    return {"cwd": os.getcwd(), "user": getpass.getuser(), "root": sorted(os.listdir("/")), "home": os.path.exists(e),
            "task": attempt("/var/task/x"), "tmp": attempt("/tmp/x"), "usr": attempt("/usr/x"),
            "pids": len([p for p in os.listdir("/proc") if p.isdigit()]),
            "tmp_mb": os.statvfs("/tmp").f_blocks * os.statvfs("/tmp").f_frsize // 2**20}
"""

    async def story(engine: Engine) -> None:
        if "own root" not in engine.pool.about:
            pytest.skip(f"this machine makes no private rooms: {engine.pool.about}")
        engine.deploy(source, ephemeral_storage_mb=600)
        seen = json.loads((await engine.invoke(json.dumps(str(Path(__file__))).encode())).payload)
        assert (seen["cwd"], seen["user"], seen["home"]) == ("/var/task", "sbx_user1051", False)
        assert seen["task"] == seen["usr"] == "Read-only file system"
        assert (seen["tmp"], seen["tmp_mb"]) == ("written", 600)
        assert seen["pids"] == 2

    with_engine(story)


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux namespaces")
def test_a_full_tmp_says_no_space_left() -> None:
    async def story(engine: Engine) -> None:
        if "own root" not in engine.pool.about:
            pytest.skip(f"this machine makes no private rooms: {engine.pool.about}")
        engine.deploy(
            "def handler(e, c):\n    f = open('/tmp/x', 'wb')\n    while True: f.write(bytes(1 << 20))",
            ephemeral_storage_mb=512,
            memory_mb=1024,
            timeout=30,
        )
        assert json.loads((await engine.invoke()).payload)["errorMessage"] == "[Errno 28] No space left on device"

    with_engine(story)


def test_idle_environments_are_reaped_on_the_sandbox_clock(run) -> None:
    async def story(engine: Engine) -> None:
        engine.deploy("def handler(e, c): pass")
        await engine.invoke()
        await engine.clock.settle()
        assert len(engine.pool) == 1
        await engine.clock.advance(601)
        assert len(engine.pool) == 0
        assert engine.records(Kind.STOPPED)[-1].data["reason"] == "idle"

    run(story)


def test_an_update_stops_idle_environments_and_lets_busy_ones_finish(run) -> None:
    async def story(engine: Engine) -> None:
        engine.deploy("import time\ndef handler(e, c):\n    time.sleep(e); return 'old'", timeout=10)
        await engine.invoke(b"0")
        busy = asyncio.ensure_future(engine.invoke(b"0.3"))
        await asyncio.sleep(0.05)
        engine.deploy("def handler(e, c): return 'new'")
        assert (await engine.invoke(b"0")).payload == b'"new"'
        assert (await busy).payload == b'"old"'

    run(story)


def test_a_stop_in_the_middle_answers_the_caller(run) -> None:
    async def story(engine: Engine) -> None:
        engine.deploy("import time\ndef handler(e, c): time.sleep(50)", timeout=60)
        busy = asyncio.ensure_future(engine.invoke())
        while not engine.records(Kind.STARTED):
            await asyncio.sleep(0.01)
        engine.pool.reset()
        assert isinstance(await busy, Exited)

    run(story)


@pytest.mark.parametrize("old", list(State))
@pytest.mark.parametrize("new", list(State))
def test_every_state_refuses_what_its_life_does_not_have(old: State, new: State) -> None:
    environment = Environment.__new__(Environment)
    environment.state = old
    if new in ALLOWED[old]:
        environment._to(new)
        assert environment.state is new
    else:
        with pytest.raises(IllegalTransition, match=f"from {old.name} to {new.name}"):
            environment._to(new)


def test_what_lies_beside_the_code_cannot_be_changed(run) -> None:
    async def story(engine: Engine) -> None:
        engine.deploy(
            """
import os

def handler(event, context):
    said = []
    for change in (
        lambda: open("notes.txt", "w"),
        lambda: open("/var/task/notes.txt", "a"),
        lambda: os.mkdir("folder"),
        lambda: os.rename("index.py", "other.py"),
        lambda: os.remove(__file__),
    ):
        try:
            said.append(change())
        except OSError as error:
            said.append(f"{error.errno} {error.strerror}")
    with open("/tmp/notes.txt" if os.path.isdir("/tmp") else "notes", "w") as file:
        said.append(file.write("kept"))
    return [said, len(open("index.py").read()) > 0]
"""
        )
        said, readable = json.loads((await engine.invoke()).payload)
        assert said == ["30 Read-only file system"] * 5 + [4]
        assert readable

    run(story)


def test_a_wrapper_that_is_not_there_is_an_exit_of_the_shell_that_aws_starts_it_with(run) -> None:
    async def story(engine: Engine) -> None:
        engine.deploy("def handler(e, c): pass", environment={"AWS_LAMBDA_EXEC_WRAPPER": "/idontexist.sh"})
        said = json.loads((await engine.invoke()).payload)
        assert said["errorType"] == "Runtime.ExitError"
        assert said["errorMessage"].endswith("Error: Runtime exited with error: exit status 127")

    run(story)


def test_nothing_that_a_reset_interrupts_goes_on_after_it() -> None:
    async def story(engine: Engine) -> None:
        engine.deploy("def handler(e, c): return e")
        engine.invoker.enqueue(engine.call())
        while not engine.records(Kind.STARTING):
            await asyncio.sleep(0)
        engine.pool.reset()
        await engine.clock.forget()
        await engine.clock.settle(timeout=5)  # or raises: something is still in flight

        asked, granted = asyncio.Event(), asyncio.Event()

        async def credentials(version: FunctionVersion) -> Credentials:
            asked.set()
            await granted.wait()
            return await engine._credentials(version)

        engine.pool._credentials = credentials
        waiting = asyncio.ensure_future(engine.invoke())
        await asked.wait()
        engine.pool.reset()
        granted.set()
        with pytest.raises(AwsError, match="reset"):
            await waiting
        assert len(engine.pool) == 0

    with_engine(story)
