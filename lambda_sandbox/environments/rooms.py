"""Where a runtime runs: a room is one private root with its processes, its `/tmp` and its log.

    rooms = await open_rooms(scratch, loop)          # the closest rooms this machine offers
    room = rooms.make(plan, on_exit=…, on_log=…)
    room.run(); room.freeze(); room.thaw(); room.kill(); room.close()

On Linux with user namespaces a room is a set of namespaces made by `launcher.py`. Elsewhere it is a plain process group
in a folder of its own: code still sees itself at `/var/task` in its tracebacks, but shares the machine's files.
`Rooms.about` says which, for people.
"""

from __future__ import annotations

import array
import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import psutil

LANG = "/var/lang"  # where a private room shows the interpreter
LAUNCHER = Path(__file__).with_name("launcher.py")
READ_BYTES = 256 * 1024
_LINUX: bool = sys.platform == "linux"


@dataclass(frozen=True)
class Plan:
    """What a room is made from. Paths are this machine's; `tmp_mb` is the size of `/tmp` in MB."""

    task: str  # the unpacked package, seen as /var/task
    layers: tuple[str, ...]  # merged into /opt
    runtime: str  # a folder seen as /var/runtime
    packages: tuple[tuple[str, str], ...]  # (folder here, folder in the room) that the runtime imports from
    argv: Callable[[bool], list[str]]  # private root? -> command line
    env: Mapping[str, str]
    tmp_mb: int
    limits: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # RLIMIT_… -> (soft, hard)


class Room(Protocol):
    """One room. All calls are on the loop; none blocks. `on_exit(status)` gets a negative signal number if killed."""

    refusal: str  # why the room could not be made, if it could not

    def run(self) -> None:
        """Starts the runtime, or starts it again after it ended; `/tmp` stays."""

    def kill(self) -> None:
        """Kills everything that runs in the room, without an `on_exit`; the room and its `/tmp` stay."""

    def freeze(self) -> None: ...

    def thaw(self) -> None: ...

    def memory(self) -> tuple[int, int]:
        """Bytes in use by the runtime now, and at its highest since it started; (0, 0) if nothing runs."""

    def read_log(self) -> bytes:
        """What the runtime has written since the last call; never waits."""

    def close(self) -> None:
        """Ends the room: processes, files, descriptors."""


class Rooms(Protocol):
    about: str

    def make(self, plan: Plan, on_exit: Callable[[int], None], on_log: Callable[[], None]) -> Room: ...

    async def close(self) -> None:
        """Returns when nothing is left of them."""


async def open_rooms(scratch: Path, *, private: bool | None = None) -> Rooms:
    """Rooms with a private root where the machine allows it (or insists on it with `private`), else plain ones."""
    if sys.platform == "linux" and private is not False:
        rooms = PrivateRooms(scratch)
        refusal = await rooms.start()
        if refusal is None:
            return rooms
        await rooms.close()
        if private:
            raise OSError(f"this machine makes no private rooms: {refusal}")
        return PlainRooms(scratch, because=refusal)
    return PlainRooms(scratch, because=f"{sys.platform} has no user namespaces")


# ------------------------------------------------------------------------------------------------ private rooms


class PrivateRooms:
    """Rooms made of Linux namespaces, by way of the launcher process."""

    about = "each environment has its own root, /tmp and processes (Linux namespaces)"

    def __init__(self, scratch: Path) -> None:
        self._root = scratch / "root"  # where inits mount; stays empty as seen from here
        self._root.mkdir(parents=True, exist_ok=True)
        self._empty = scratch / "empty"
        self._empty.mkdir(exist_ok=True)
        self._link, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._link.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        with theirs:
            self._launcher = subprocess.Popen(
                [interpreter(), "-I", "-S", str(LAUNCHER), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env={},
                cwd="/",
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._system = list(_system_binds())

    async def start(self) -> str | None:
        """Waits for the launcher; returns why it cannot make rooms, or None."""
        self._link.setblocking(False)
        answer = await asyncio.get_running_loop().sock_recv(self._link, 4096)
        reply = json.loads(answer) if answer else {"refused": "the launcher did not start"}
        return reply.get("refused")

    def make(self, plan: Plan, on_exit: Callable[[int], None], on_log: Callable[[], None]) -> Room:
        room = PrivateRoom(on_exit, on_log)
        spec = {
            "scratch": str(self._root),
            "binds": [
                *self._system,
                (plan.task, "/var/task"),
                (plan.layers[0] if plan.layers else str(self._empty), "/opt"),
                (plan.runtime, "/var/runtime"),
                *plan.packages,
            ],
            "files": {
                "etc/passwd": "root:x:0:0::/root:/bin/false\nsbx_user1051:x:993:990::/home/sbx_user1051:/bin/false\n",
                "etc/group": "root:x:0:\nsbx_user1051:x:990:\n",
                "etc/hosts": "127.0.0.1 localhost\n",
            },
            "argv": plan.argv(True),
            "env": dict(plan.env),
            "tmp_mb": plan.tmp_mb,
            "limits": plan.limits,
        }
        rights = array.array("i", [room.theirs.fileno(), room.log_in])
        self._link.sendmsg([json.dumps(spec).encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
        room.started()
        return room

    async def close(self) -> None:
        self._link.close()
        if self._launcher.poll() is None:
            self._launcher.kill()
        self._launcher.wait()


class PrivateRoom:
    """The sandbox's side of one room: its control socket, its log pipe, its runtime's process id."""

    def __init__(self, on_exit: Callable[[int], None], on_log: Callable[[], None]) -> None:
        self._on_exit, self._on_log = on_exit, on_log
        self._loop = asyncio.get_running_loop()
        self._control, self.theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.setblocking(False)
        self._control.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._log, self.log_in = os.pipe()
        os.set_blocking(self._log, False)
        self._pid = 0
        self._first = True  # the launcher starts the first runtime by itself
        self._running = True  # started, and not yet told that it ended
        self._killed = 0  # ends to come that nobody needs to hear of
        self.refusal = ""

    def started(self) -> None:
        self.theirs.close()
        os.close(self.log_in)
        self._loop.add_reader(self._control, self._told)
        self._loop.add_reader(self._log, self._on_log)

    def run(self) -> None:
        if self._first:
            self._first = False
        else:
            self._running = True
            self._order(b"run")

    def kill(self) -> None:
        if self._running:
            self._running = False
            self._killed += 1
        self._signal(signal.SIGKILL)
        self._order(b"kill")

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def memory(self) -> tuple[int, int]:
        return process_memory(self._pid) if self._pid else (0, 0)

    def read_log(self) -> bytes:
        chunks = []
        while True:
            try:
                chunk = os.read(self._log, READ_BYTES)
            except BlockingIOError:
                break
            except OSError:
                break
            if not chunk:
                self._loop.remove_reader(self._log)
                break
            chunks.append(chunk)
            if len(chunks) >= 16:  # the loop gets its turn; the reader calls again
                break
        return b"".join(chunks)

    def close(self) -> None:
        if self._control.fileno() < 0:
            return
        self._loop.remove_reader(self._control)
        self._loop.remove_reader(self._log)
        self._signal(signal.SIGKILL)
        self._control.close()  # the init sees this, exits, and with it all in the room
        os.close(self._log)

    def _order(self, order: bytes) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError, OSError):
            self._control.send(order)

    def _signal(self, number: signal.Signals) -> None:
        if self._pid:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._pid, number)

    def _told(self) -> None:
        try:
            data, ancillary, _, _ = self._control.recvmsg(4096, socket.CMSG_SPACE(12))
        except BlockingIOError:
            return
        except OSError:
            data, ancillary = b"", []
        if not data:  # the init is gone, killed from outside
            self._loop.remove_reader(self._control)
            self._pid = 0
            self._on_exit(-signal.SIGKILL)
            return
        message = json.loads(data)
        if "failed" in message:
            self.refusal = message["failed"]
            self._on_exit(126)
        elif "exited" in message:
            self._pid = 0
            if self._killed:
                self._killed -= 1
            else:
                self._running = False
                self._on_exit(message["exited"])
        else:
            self._pid = next((array.array("i", payload)[0] for _, _, payload in ancillary), 0)


def _system_binds() -> list[tuple[str, str]]:
    """The folders of this machine that a runtime needs: its libraries, its interpreter, certificates, a few devices."""
    paths = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/ssl", "/etc/alternatives"]
    paths += [f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom")]
    binds = [(path, path) for path in paths if os.path.lexists(path)]
    return [*binds, (sys.base_prefix, LANG)]


# ------------------------------------------------------------------------------------------------ plain rooms


class PlainRooms:
    """Rooms that are a process group and a folder: for macOS, Windows, and Linux where namespaces are forbidden."""

    def __init__(self, scratch: Path, because: str) -> None:
        self.about = f"environments are plain processes that share this machine's files ({because})"
        self._scratch = scratch
        self._lives: set[asyncio.Task[None]] = set()

    def make(self, plan: Plan, on_exit: Callable[[int], None], on_log: Callable[[], None]) -> Room:
        return PlainRoom(self._scratch, plan, on_exit, self._lives)

    async def close(self) -> None:
        await asyncio.gather(*self._lives, return_exceptions=True)  # their processes are killed: this reaps them


class PlainRoom:
    """A process group whose output goes to a file, which is read whenever something has happened."""

    def __init__(
        self, scratch: Path, plan: Plan, on_exit: Callable[[int], None], lives: set[asyncio.Task[None]]
    ) -> None:
        self.refusal = ""
        self._plan, self._on_exit = plan, on_exit
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
            self._log.write(f"{error}\n".encode())
            status = 127 if isinstance(error, FileNotFoundError) else 126
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
            *self._plan.argv(False),
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


# ------------------------------------------------------------------------------------------------ both


def interpreter(*, private: bool = False) -> str:
    """The Python that functions run on: the sandbox's, without its virtual environment; `private`: as rooms see it."""
    here = os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)
    return f"{LANG}/{os.path.relpath(here, os.path.realpath(sys.base_prefix))}" if private else here


def process_memory(pid: int) -> tuple[int, int]:
    """Resident bytes of a process now and at its highest (where the platform counts that); (0, 0) if it is gone."""
    if _LINUX:
        try:
            with open(f"/proc/{pid}/status", "rb") as file:
                text = file.read()
        except OSError:
            return (0, 0)
        return (_status_kb(text, b"VmRSS:") * 1024, _status_kb(text, b"VmHWM:") * 1024)
    try:
        info = psutil.Process(pid).memory_info()
    except psutil.Error:
        return (0, 0)
    return (info.rss, getattr(info, "peak_wset", info.rss))


def _status_kb(status: bytes, name: bytes) -> int:
    at = status.find(name)
    return int(status[at + len(name) :].split(None, 1)[0]) if at >= 0 else 0
