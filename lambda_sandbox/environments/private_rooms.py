"""Rooms made of Linux namespaces: each environment has its own root, `/tmp` and processes. `launcher.py` makes them."""

from __future__ import annotations

import array
import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from lambda_sandbox.environments.limits import process_limits
from lambda_sandbox.environments.room import (
    LANG,
    Plan,
    Room,
    interpreter,
    process_cpu_s,
    process_memory,
    why_not_started,
)
from lambda_sandbox.listener import LOOPBACK, Listener

LAUNCHER = Path(__file__).with_name("launcher.py")
READ_BYTES = 256 * 1024
RUNTIME_API_PORT = 9001  # where a room has a network of its own: AWS's port (facts §3.4)


class PrivateRooms:
    """Rooms made of Linux namespaces, by way of the launcher process; `door`: with a network of their own."""

    about = "each environment has its own root, /tmp and processes (Linux namespaces)"
    runtime_api = ""

    def __init__(self, scratch: Path, door: int = 0) -> None:
        root = scratch / "root"  # where inits mount; stays empty as seen from here
        root.mkdir(parents=True, exist_ok=True)
        shell = {
            "root": str(root),
            "binds": _system_binds(),
            "ports": [RUNTIME_API_PORT, door] if door else [],
            "processes": process_limits()["RLIMIT_NPROC"][0],
            "files": {
                "etc/passwd": "root:x:0:0::/root:/bin/false\nsbx_user1051:x:993:990::/home/sbx_user1051:/bin/false\n",
                "etc/group": "root:x:0:\nsbx_user1051:x:990:\n",
                "etc/hosts": "127.0.0.1 localhost\n",
            },
        }
        self._empty = scratch / "empty"
        self._empty.mkdir(exist_ok=True)
        self._link, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._link.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        with theirs:
            self._launcher = subprocess.Popen(
                [interpreter(), "-I", "-S", str(LAUNCHER), str(theirs.fileno()), json.dumps(shell)],
                pass_fds=[theirs.fileno()],
                env={},
                cwd="/",
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    async def start(self) -> str | None:
        """Waits for the launcher; returns why it cannot make rooms, or None."""
        self._link.setblocking(False)
        answer = await asyncio.get_running_loop().sock_recv(self._link, 4096)
        reply = json.loads(answer) if answer else {"refused": "the launcher did not start"}
        if reply.get("own_network"):
            self.runtime_api = f"{LOOPBACK}:{RUNTIME_API_PORT}"
            self.about = self.about.replace("/tmp and processes", "/tmp, processes and network")
        return reply.get("refused")

    def make(
        self, plan: Plan, on_exit: Callable[[int], None], on_log: Callable[[], None], served: Sequence[Listener] = ()
    ) -> Room:
        argv = plan.argv(True)  # or raises, before anything is open
        room = PrivateRoom(on_exit, on_log, served)
        spec = {
            "binds": [
                (plan.task, "/var/task"),
                (plan.opt or str(self._empty), "/opt"),
                (plan.runtime, "/var/runtime"),
                *plan.packages,
            ],
            "argv": argv,
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

    def __init__(self, on_exit: Callable[[int], None], on_log: Callable[[], None], served: Sequence[Listener]) -> None:
        self._on_exit, self._on_log, self._served = on_exit, on_log, served
        self._servers: list[asyncio.Server] = []  # on the room's own loopback
        self._opening: asyncio.Task[None] | None = None
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
        self.refusal = self.not_started = ""

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

    def cpu_s(self) -> float:
        return process_cpu_s(self._pid) if self._pid else 0.0

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
        for server in self._servers:
            server.close()

    def _order(self, order: bytes) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError, OSError):
            self._control.send(order)

    def _signal(self, number: signal.Signals) -> None:
        if self._pid:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._pid, number)

    def _told(self) -> None:
        try:
            data, ancillary, _, _ = self._control.recvmsg(4096, socket.CMSG_SPACE(12) + socket.CMSG_SPACE(8))
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
        elif "listening" in message:
            (rights,) = (array.array("i", payload) for _, kind, payload in ancillary if kind == socket.SCM_RIGHTS)
            self._opening = self._loop.create_task(self._open([socket.socket(fileno=one) for one in rights]))
        elif "program" in message:
            self.not_started = why_not_started(**message)
        elif "exited" in message:
            self._pid = 0
            if self._killed:
                self._killed -= 1
            else:
                self._running = False
                self._on_exit(message["exited"])
        else:
            self._pid = next((array.array("i", payload)[0] for _, _, payload in ancillary), 0)

    async def _open(self, listening: Sequence[socket.socket]) -> None:
        """Answers in the room what the listeners answer outside."""
        for listener, inside in zip(self._served, listening, strict=True):
            self._servers.append(await listener.also(inside))
        if self._control.fileno() < 0:
            for server in self._servers:
                server.close()


def _system_binds() -> list[tuple[str, str]]:
    """The folders of this machine that a runtime needs: its libraries, its interpreter, certificates, a few devices."""
    paths = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/ssl", "/etc/alternatives"]
    paths += [f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom")]
    binds = [(path, path) for path in paths if os.path.lexists(path)]
    return [*binds, (sys.base_prefix, LANG)]
