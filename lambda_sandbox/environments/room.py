"""What a room is: one private root with its processes, its `/tmp` and its log; and what every kind of it needs.

room = rooms.make(plan, on_exit=…, on_log=…)
room.run(); room.freeze(); room.thaw(); room.kill(); room.close()
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import psutil

from lambda_sandbox.listener import Listener

LANG = "/var/lang"  # where a private room shows the interpreter
_LINUX: bool = sys.platform == "linux"


@dataclass(frozen=True)
class Plan:
    """What a room is made from. Paths are this machine's; `tmp_mb` is the size of `/tmp` in MB."""

    task: str  # the unpacked package, seen as /var/task
    opt: str  # what the layers hold, seen as /opt; "" if there are none
    runtime: str  # a folder seen as /var/runtime
    packages: tuple[tuple[str, str], ...]  # (folder here, folder in the room) that the runtime imports from
    argv: Callable[[bool], list[str]]  # private root? -> command line
    env: Mapping[str, str]
    tmp_mb: int
    limits: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # RLIMIT_… -> (soft, hard)


class Room(Protocol):
    """One room. All calls are on the loop; none blocks. `on_exit(status)` gets a negative signal number if killed."""

    refusal: str  # why the room could not be made, if it could not
    not_started: str  # why the runtime's program could not be started, if it could not

    def run(self) -> None:
        """Starts the runtime, or starts it again after it ended; `/tmp` stays."""

    def kill(self) -> None:
        """Kills everything that runs in the room, without an `on_exit`; the room and its `/tmp` stay."""

    def freeze(self) -> None: ...

    def thaw(self) -> None: ...

    def memory(self) -> tuple[int, int]:
        """Bytes in use by the runtime now, and at its highest since it started; (0, 0) if nothing runs."""

    def cpu_s(self) -> float:
        """Seconds of CPU that the runtime has used since it started."""

    def read_log(self) -> bytes:
        """What the runtime has written since the last call; never waits."""

    def close(self) -> None:
        """Ends the room: processes, files, descriptors."""


class Rooms(Protocol):
    """`served`: the room's Runtime API and the door, for rooms with a network of their own, which holds only these."""

    about: str
    runtime_api: str  # where each such room finds its Runtime API; "" where all share the machine's network

    def make(
        self, plan: Plan, on_exit: Callable[[int], None], on_log: Callable[[], None], served: Sequence[Listener] = ()
    ) -> Room: ...

    async def close(self) -> None:
        """Returns when nothing is left of them."""


def interpreter(*, private: bool = False) -> str:
    """The Python that functions run on: the sandbox's, without its virtual environment; `private`: as rooms see it."""
    here = os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)
    return f"{LANG}/{os.path.relpath(here, os.path.realpath(sys.base_prefix))}" if private else here


def why_not_started(program: str, because: str, found: bool) -> str:
    """What Lambda says of a program that cannot be started; `found`: it is there, but not what can run."""
    if found or not program.endswith("/bootstrap"):
        return f"fork/exec {program}: {because.lower()}"
    return "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"


def process_memory(pid: int) -> tuple[int, int]:
    """Resident bytes of a process and its children now, and at its own highest (where the platform counts that).

    Of a child counts what it does not share: a fork has its parent's pages until it writes. (0, 0) if it is gone.
    """
    if _LINUX:
        try:
            with open(f"/proc/{pid}/status", "rb") as file:
                text = file.read()
        except OSError:
            return (0, 0)
        own, highest = _status_kb(text, b"VmRSS:") * 1024, _status_kb(text, b"VmHWM:") * 1024
    else:
        try:
            info = psutil.Process(pid).memory_info()
        except psutil.Error:
            return (0, 0)
        own, highest = info.rss, getattr(info, "peak_wset", info.rss)
    return (own + sum(map(_unshared, _children(pid))), highest)


def _children(pid: int) -> list[psutil.Process]:
    """All that a process has started and that still runs."""
    try:
        if _LINUX and not _started_any(pid):  # the usual case; to look for them takes as long as the machine is busy
            return []
        return psutil.Process(pid).children(recursive=True)
    except (OSError, psutil.Error):
        return []


def _started_any(pid: int) -> bool:
    tasks = f"/proc/{pid}/task"
    for thread in os.listdir(tasks):
        with open(f"{tasks}/{thread}/children", "rb") as file:
            if file.read(1):
                return True
    return False


def _unshared(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().uss)
    except psutil.Error:
        return 0


def process_cpu_s(pid: int) -> float:
    """Seconds of CPU that a process and its children have used; 0 if it is gone."""
    used = 0.0
    try:
        used = sum(psutil.Process(pid).cpu_times()[:4])
        for child in _children(pid):
            used += sum(child.cpu_times()[:4])
    except psutil.Error:
        return used
    return used


def _status_kb(status: bytes, name: bytes) -> int:
    at = status.find(name)
    return int(status[at + len(name) :].split(None, 1)[0]) if at >= 0 else 0
