"""Starts rooms: private root, processes and `/tmp` of an execution environment. A process of its own (Linux).

The sandbox starts one launcher and asks it, over a socket, for rooms. The launcher keeps one *init* ready (process 1 of
a new PID namespace, in a root of bind mounts); it takes the next request, puts the function in, starts the runtime, and
stays to restart it after a crash, so that `/tmp` survives as on AWS (facts §3.1). When the sandbox dies its sockets
close, every init sees that and exits, and the kernel kills all that ran in the room: forks, daemons, bombs. Nothing
here imports the package: the launcher must be small, so that forking it is cheap (a cold start pays for it).

    sandbox → launcher   one JSON message a room, with two descriptors: the room's control socket and its log pipe
    sandbox → init       b"run" (start the runtime again) · b"kill" (kill all that runs in the room)
    init → sandbox       {"listening": true} with the sockets of a room that has a network of its own ·
                         {"runtime": pid} as the sandbox sees it comes from the kernel (SCM_CREDENTIALS) ·
                         {"exited": status} · {"failed": "why no room could be made"} ·
                         {"program", "because", "found"} of a runtime that cannot be started
"""

from __future__ import annotations

import array
import contextlib
import ctypes
import errno
import fcntl
import json
import os
import resource
import select
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from typing import Any

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWIPC = 0x20000, 0x10000000, 0x20000000, 0x08000000
CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
MNT_DETACH = 2
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
USER_ID, GROUP_ID, USER_NAME = 993, 990, "sbx_user1051"  # the user's name is recorded (facts §3.1)
MESSAGE_BYTES = 256 * 1024
KEYRINGS = ("add_key", "request_key", "keyctl")  # all rooms would share them, and one leave notes for the next
UNCOUNTED = ("memfd_create", "memfd_secret", "shmget", "msgget")  # memory that is in no process's account
REFUSE = 0x00050000 | errno.ENOSYS
# A machine's number in filters of system calls, that of the call `seccomp`, and those of the calls above.
NUMBERS = {
    "x86_64": (0xC000003E, 317, dict(zip(KEYRINGS + UNCOUNTED, (248, 249, 250, 319, 447, 29, 68), strict=True))),
    "aarch64": (0xC00000B7, 277, dict(zip(KEYRINGS + UNCOUNTED, (217, 218, 219, 279, 447, 194, 186), strict=True))),
}

libc = ctypes.CDLL(None, use_errno=True)


def check(result: int, what: str) -> None:
    if result:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    encoded = [text.encode() or None for text in (source, target, kind)]
    check(libc.mount(*encoded, ctypes.c_ulong(flags), options.encode() or None), f"mount {source} on {target}")


def write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def unshare(flags: int) -> None:
    check(libc.unshare(flags), "unshare")


# ------------------------------------------------------------------------------------------------ the room


def bind(source: str, target: str) -> None:
    """Makes `source` visible at `target`, read-only."""
    mount(source, target, flags=MS_BIND | MS_REC)
    kept = os.statvfs(target).f_flag & (MS_NOSUID | MS_NODEV | 8 | 1024 | 2048)  # flags the kernel will not let us drop
    mount("", target, flags=MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | kept)


def bind_all(root: str, binds: Sequence[Sequence[str]]) -> None:
    """Shows each (path here, path in the room); what is not here is left out."""
    for source, target in binds:
        place = root + target
        if os.path.islink(source):
            os.symlink(os.readlink(source), place)
        elif os.path.isdir(source):
            os.makedirs(place, exist_ok=True)
            bind(source, place)
        elif os.path.exists(source):
            os.makedirs(os.path.dirname(place), exist_ok=True)
            os.close(os.open(place, os.O_CREAT | os.O_WRONLY))
            if os.path.isfile(source):
                bind(source, place)
            else:  # a device: written to as on any system
                mount(source, place, flags=MS_BIND)


def build_shell(shell: Mapping[str, Any]) -> None:
    """What all rooms have in common, ready before anybody asks: the system, the interpreter, `/proc`."""
    root = shell["root"]
    unshare(CLONE_NEWNS | CLONE_NEWIPC)
    mount("none", "/", flags=MS_REC | MS_PRIVATE)
    mount("room", root, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1m")
    for folder in ("proc", "tmp", "dev", "etc", "var", "var/lang", "var/rapid", "var/task", "var/runtime", "opt"):
        os.mkdir(f"{root}/{folder}")
    bind_all(root, shell["binds"])
    for name, text in shell["files"].items():
        write(f"{root}/{name}", text)
    # Inside some containers the kernel forbids a fresh /proc: functions then see an empty one.
    # pid_max is the limit that counts for root too, since Linux 6.14.
    with contextlib.suppress(OSError):
        mount("proc", f"{root}/proc", "proc", MS_NOSUID | MS_NODEV)
        write(f"{root}/proc/sys/kernel/pid_max", str(shell["processes"]))


def listen_inside(ports: Sequence[int]) -> list[socket.socket]:
    """Leaves the machine's network for one that holds this room's loopback and nothing else; listens there."""
    unshare(CLONE_NEWNET)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = b"lo".ljust(16, b"\0") + IFF_UP.to_bytes(2, sys.byteorder) + bytes(22)  # struct ifreq
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, request)
    return [socket.create_server(("127.0.0.1", port), backlog=256) for port in ports]


def furnish(root: str, spec: Mapping[str, Any]) -> None:
    """Puts the function in, and makes the room this process's root: what it sees on AWS, and nothing else."""
    bind_all(root, spec["binds"])
    mount("tmp", f"{root}/tmp", "tmpfs", MS_NOSUID | MS_NODEV, f"mode=1777,size={spec['tmp_mb']}m")
    os.chdir(root)
    libc.syscall(SYS_PIVOT_ROOT[os.uname().machine], b".", b".")
    check(libc.umount2(b".", MNT_DETACH), "leave the old root")
    mount("", "/", flags=MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV)
    os.chdir("/var/task")


def forbid(names: Sequence[str]) -> None:
    """From now on, and for all that is started, there are no such calls (ENOSYS), nor those of other architectures.

    A kernel without filters refuses this, and has them.
    """
    machine, seccomp, numbers = NUMBERS[os.uname().machine]
    load, equal, at_least, leave = 0x20, 0x15, 0x35, 0x06
    lines = [(load, 0, 0, 4), (equal, 1, 0, machine), (leave, 0, 0, REFUSE), (load, 0, 0, 0)]
    lines += [(at_least, 0, 1, 0x40000000), (leave, 0, 0, REFUSE)]  # another numbering, of x86_64
    for name in names:
        lines += [(equal, 0, 1, numbers[name]), (leave, 0, 0, REFUSE)]
    lines += [(leave, 0, 0, 0x7FFF0000)]  # allowed
    instructions = ctypes.create_string_buffer(
        b"".join(
            code.to_bytes(2, sys.byteorder) + bytes((yes, no)) + number.to_bytes(4, sys.byteorder)
            for code, yes, no, number in lines
        )
    )
    program = (ctypes.c_uint64 * 2)(len(lines), ctypes.addressof(instructions))  # struct sock_fprog
    libc.syscall(seccomp, 1, 4, program)  # 4: leaves the processor's speculation alone


def become_runtime(spec: Mapping[str, Any], log: int, control: socket.socket) -> None:
    """Turns this process into the runtime, or tells why it cannot."""
    os.setsid()
    kept = fcntl.fcntl(control.fileno(), fcntl.F_DUPFD_CLOEXEC, 10)  # closed by the start of the runtime's program
    for name, limit in spec["limits"].items():
        resource.setrlimit(getattr(resource, name), tuple(limit))
    null = os.open("/dev/null", os.O_RDONLY)
    os.dup2(null, 0)
    for descriptor in (1, 2, 3):  # 3: where the runtime client writes framed log records
        os.dup2(log, descriptor, inheritable=True)
    os.closerange(4, kept)
    os.closerange(kept + 1, 1024)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them; a child starts with the defaults
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    try:
        os.execve(spec["argv"][0], spec["argv"], spec["env"])
    except OSError as error:
        program = spec["argv"][0]
        with socket.socket(fileno=kept) as link:
            tell(link, {"program": program, "because": error.strerror, "found": os.path.exists(program)})
        os._exit(126 if os.path.exists(program) else 127)  # as a shell answers


def init(link: socket.socket, shell: Mapping[str, Any], taken: int) -> None:
    """The life of process 1 in a room: wait to be needed, start the runtime, tell its end, start it again if asked."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    wake_in, wake_out = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    signal.set_wakeup_fd(wake_out)
    problem, listening = "", list[socket.socket]()
    try:
        build_shell(shell)
        if shell["ports"]:
            listening = listen_inside(shell["ports"])
        forbid(KEYRINGS + (UNCOUNTED if shell["ports"] else ()))
    except OSError as error:
        problem = str(error)
    message = receive(link)
    if message is None:
        return  # the sandbox is gone
    os.write(taken, b"!")
    os.close(taken)
    link.close()
    spec, (descriptor, log) = message
    control = socket.socket(fileno=descriptor)
    if listening:
        rights = array.array("i", [inside.fileno() for inside in listening])
        control.sendmsg([b'{"listening": true}'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
        for inside in listening:
            inside.close()  # it is the sandbox's now, and nobody's in here
    try:
        if not problem:
            furnish(shell["root"], spec)
    except OSError as error:
        problem = str(error)
    if problem:
        tell(control, {"failed": problem})
        return
    runtime = start_runtime(spec, control, log)
    while True:
        ready, _, _ = select.select([control.fileno(), wake_in], [], [])
        if wake_in in ready:
            os.read(wake_in, 512)
            for pid, status in reap():
                if pid == runtime:
                    runtime = 0
                    tell(control, {"exited": os.waitstatus_to_exitcode(status)})
        if control.fileno() in ready:
            try:
                order = control.recv(64)
            except ConnectionResetError:
                order = b""
            if not order:
                return  # the sandbox is gone
            if order == b"kill":
                kill_all()
            elif order == b"run":
                if runtime:  # it was just killed: its end is told first, so that each start has one end
                    kill_all()
                    os.waitpid(runtime, 0)
                    tell(control, {"exited": -signal.SIGKILL})
                runtime = start_runtime(spec, control, log)


def tell(link: socket.socket, message: Mapping[str, Any]) -> None:
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # nobody is left to hear it
        link.send(json.dumps(message).encode())


def start_runtime(spec: Mapping[str, Any], control: socket.socket, log: int) -> int:
    pid = os.fork()
    if pid:
        return pid
    signal.set_wakeup_fd(-1)
    control.send(b"{}")  # the kernel tells the sandbox who sent this: the runtime's process id out there
    become_runtime(spec, log, control)
    os._exit(126)


def kill_all() -> None:
    try:
        os.kill(-1, signal.SIGKILL)  # every process of this namespace but process 1, that is us
    except ProcessLookupError:
        return


def reap() -> list[tuple[int, int]]:
    ended: list[tuple[int, int]] = []
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if not pid:
            return ended
        ended.append((pid, status))


# ------------------------------------------------------------------------------------------------ the launcher


def enter_user_namespace() -> None:
    user, group = os.getuid(), os.getgid()
    unshare(CLONE_NEWUSER | CLONE_NEWPID)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{USER_ID} {user} 1"), ("gid_map", f"{GROUP_ID} {group} 1")):
        write(f"/proc/self/{name}", text)


def receive(link: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    descriptors = array.array("i")
    data, ancillary, _, _ = link.recvmsg(MESSAGE_BYTES, socket.CMSG_SPACE(2 * descriptors.itemsize))
    if not data:
        return None
    for level, kind, payload in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            descriptors.frombytes(payload[: len(payload) - len(payload) % descriptors.itemsize])
    return json.loads(data), list(descriptors)


def serve(link: socket.socket, shell: Mapping[str, Any]) -> None:
    """Keeps one room ready, which takes the next message; until the sandbox closes the link."""
    own_pids = os.open("/proc/self/ns/pid", os.O_RDONLY)
    while True:
        told, taken = os.pipe()
        unshare(CLONE_NEWPID)  # for the next fork: each room has its own processes
        if not os.fork():
            os.close(told)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            init(link, shell, taken)
            os._exit(0)
        check(libc.setns(own_pids, CLONE_NEWPID), "setns")
        os.close(taken)
        is_taken = os.read(told, 1)
        os.close(told)
        if not is_taken:
            return  # it ended without a message: the link is closed


def main(link: socket.socket, shell: Mapping[str, Any]) -> None:
    """Enters namespaces of its own, says whether that was allowed, and serves.

    Two processes: a process cannot itself move into a new PID namespace, and only one that lives in a namespace of its
    own may go on making others.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # it ends with the sandbox, not before
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    try:
        enter_user_namespace()
    except OSError as error:
        tell(link, {"refused": str(error)})
        return
    pid = os.fork()
    if pid:
        link.close()
        os.waitpid(pid, 0)
        return
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended rooms need no reaping
    with contextlib.suppress(OSError):  # nobody in a room may be root of a room in it, and mount what nobody counts
        write("/proc/sys/user/max_user_namespaces", "0")
    if shell["ports"]:
        try:
            unshare(CLONE_NEWNET)  # the launcher needs no network; if it may do this, so may each room
        except OSError:
            shell = {**shell, "ports": []}
    tell(link, {"ready": True, "own_network": bool(shell["ports"])})
    serve(link, shell)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), json.loads(sys.argv[2]))
