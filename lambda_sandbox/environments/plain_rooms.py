"""Rooms that are a process group and a folder: for macOS, Windows, and Linux where namespaces are forbidden.

Code still sees itself at `/var/task` in its tracebacks, but shares the machine's files.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil

from lambda_sandbox.environments.room import Plan, Room, process_cpu_s, process_memory, why_not_started
from lambda_sandbox.listener import Listener


class PlainRooms:
    """Rooms that are a process group and a folder: for macOS, Windows, and Linux where namespaces are forbidden."""

    def __init__(self, scratch: Path, because: str) -> None:
        self.runtime_api = ""
        self.about = f"environments are plain processes that share this machine's files ({because})"
        self._scratch = scratch
        self._lives: set[asyncio.Task[None]] = set()

    def make(
        self, plan: Plan, on_exit: Callable[[int], None], on_log: Callable[[], None], served: Sequence[Listener] = ()
    ) -> Room:
        return PlainRoom(self._scratch, plan, on_exit, self._lives)

    async def close(self) -> None:
        await asyncio.gather(*self._lives, return_exceptions=True)  # their processes are killed: this reaps them


class PlainRoom:
    """A process group whose output goes to a file, which is read whenever something has happened."""

    def __init__(
        self, scratch: Path, plan: Plan, on_exit: Callable[[int], None], lives: set[asyncio.Task[None]]
    ) -> None:
        self.refusal = self.not_started = ""
        self._plan, self._argv, self._on_exit = plan, plan.argv(False), on_exit
        self._loop = asyncio.get_running_loop()
        self._folder = Path(tempfile.mkdtemp(prefix="room-", dir=scratch))
        (self._folder / "tmp").mkdir()
        self._log_path = self._folder / "log"
        self._log = open(self._log_path, "a+b", buffering=0)  # noqa: SIM115 - closed by close()
        self._read = 0
        self._process: asyncio.subprocess.Process | None = None
        self._killed: set[asyncio.subprocess.Process | None] = set()  # whose end nobody needs to hear of
        self._lives = lives  # the tasks that wait for processes, of all rooms
        self._closed = False

    def run(self) -> None:
        life = self._loop.create_task(self._run(self._process))
        self._lives.add(life)
        life.add_done_callback(self._lives.discard)

    async def _run(self, last: asyncio.subprocess.Process | None) -> None:
        if last is not None:
            await last.wait()
        process: asyncio.subprocess.Process | None = None
        try:
            process = self._process = await self._start()
            if self._closed:
                self.kill()
            status = await process.wait()
        except OSError as error:
            program = Path(self._argv[0])
            shown = f"/var/task/{program.name}" if str(program.parent) == self._plan.task else f"/opt/{program.name}"
            self.not_started = why_not_started(shown, error.strerror or str(error), program.exists())
            status = 126 if program.exists() else 127  # as a shell answers
        if not self._closed and process not in self._killed:
            self._on_exit(status)

    async def _start(self) -> asyncio.subprocess.Process:
        temporary = str(self._folder / "tmp")
        env = {
            **self._plan.env,
            "TMPDIR": temporary,
            "TEMP": temporary,
            "TMP": temporary,
            "_LAMBDA_TELEMETRY_LOG_FD": "1",
        }
        env["LAMBDA_TASK_ROOT"] = self._plan.task
        for name in ("SYSTEMROOT", "WINDIR"):  # Windows starts nothing without them
            if name in os.environ:
                env[name] = os.environ[name]
        options: dict[str, Any] = {"start_new_session": True}
        if os.name == "nt":
            options = {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
        return await asyncio.create_subprocess_exec(
            *self._argv,
            env=env,
            cwd=self._plan.task,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            **options,
        )

    def kill(self) -> None:
        self._killed.add(self._process)
        for process in self._all():
            with contextlib.suppress(psutil.Error):
                process.kill()

    def freeze(self) -> None:
        self._each("suspend", "SIGSTOP")

    def thaw(self) -> None:
        self._each("resume", "SIGCONT")

    def memory(self) -> tuple[int, int]:
        if self._process is None or self._process.returncode is not None:
            return (0, 0)
        return process_memory(self._process.pid)

    def cpu_s(self) -> float:
        running = self._process is not None and self._process.returncode is None
        return process_cpu_s(self._process.pid) if running and self._process is not None else 0.0

    def read_log(self) -> bytes:
        size = os.fstat(self._log.fileno()).st_size
        if size <= self._read:
            return b""
        self._log.seek(self._read)
        data = self._log.read(min(size - self._read, 4 * 1024 * 1024)) or b""
        self._read += len(data)
        if self._read >= size > 16 * 1024 * 1024:  # the writer appends: emptying the file loses nothing
            self._log.truncate(0)
            self._read = 0
        return data

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self.kill()
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _each(self, action: str, number: str) -> None:
        if self._process is None or self._process.returncode is not None:
            return
        if os.name == "posix":  # much quicker than asking for every child
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, getattr(signal, number))
            return
        for process in self._all():
            with contextlib.suppress(psutil.Error):
                getattr(process, action)()

    def _all(self) -> list[psutil.Process]:
        if self._process is None or self._process.returncode is not None:
            return []
        try:
            first = psutil.Process(self._process.pid)
            return [first, *first.children(recursive=True)]
        except psutil.Error:
            return []
