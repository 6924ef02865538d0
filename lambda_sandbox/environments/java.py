"""The machine's Java, which all `java…` functions run on, and the client that is shipped to it.

java = Java(scratch / "java")
await java.ready()                          # finds it, and compiles the client: once, as Python compiles modules
java.command(version, private=True)         # ["/var/rapid/java/bin/java", …, "sandboxclient.Main", "app.Handler::go"]
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from lambda_sandbox.state import FunctionVersion
from lambda_sandbox.wire import AwsError

SHIPPED = Path(__file__).parent.parent / "runtimes" / "java"
PLACE = "/var/rapid/java"  # where private rooms show the JDK
OLDEST = 17  # what the client is written in
HEAP = 0.85  # of the function's memory; the rest is for the JVM itself
OPTIONS = [
    *("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"),  # what starts soonest
    *("-XX:-UsePerfData", "-Djava.net.preferIPv4Stack=true", "-Dfile.encoding=UTF-8"),
]


class Java:
    """A folder that environments of Java functions see as /var/runtime, and the JDK that runs it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.binds: tuple[tuple[str, str], ...] = ()
        self._home = Path()
        self._refusal = ""  # why nothing can run, if so
        self._preparing: asyncio.Future[None] | None = None

    async def ready(self) -> None:
        """Returns when Java is found and the client compiled, or when it is known why not. Takes time once."""
        if self._preparing is None:
            self._preparing = asyncio.ensure_future(asyncio.to_thread(self.prepare))
        await asyncio.shield(self._preparing)

    def prepare(self) -> None:
        """What `ready` waits for. Blocks."""
        try:
            self._refusal = self._find() or self._compile()
        except OSError as error:
            self._refusal = f"it cannot be used ({error})"

    def command(self, version: FunctionVersion, private: bool, opt: str) -> list[str]:
        """The command line of a version's runtime. Raises AwsError where no JDK is."""
        if self._refusal:
            advice = f"install a JDK, {OLDEST} or newer, and start the sandbox again."
            text = f"{version.runtime} functions run on this machine's Java, and {self._refusal}: {advice}"
            raise AwsError("InvalidRuntimeException", 502, text, members={"Type": "User"})
        program = f"{PLACE}/bin/java" if private else self._tool("java")
        client = "/var/runtime/client.zip" if private else str(self.folder / "client.zip")
        heap = f"-XX:MaxHeapSize={int(version.memory_mb * 1024 * HEAP)}k"
        layers = [opt] if opt and not private else []
        return [program, heap, *OPTIONS, "-cp", client, "sandboxclient.Main", version.handler or "", *layers]

    def _tool(self, name: str) -> str:
        return shutil.which(name, path=self._home / "bin") or ""

    def _find(self) -> str:
        """Why there is no JDK, or an empty text."""
        if (program := shutil.which("java")) is None:
            return "there is none"
        asked = subprocess.run(
            [program, "-XshowSettings:properties", "-version"], capture_output=True, text=True, check=False
        )
        said = dict(re.findall(r"^ +(java\.home|java\.specification\.version) = (.*\S)", asked.stderr, re.M))
        if asked.returncode or len(said) < 2:
            return f"{program} does not run"
        self._home, version = Path(said["java.home"]), said["java.specification.version"]
        if int(version.partition(".")[0]) < OLDEST:
            return f"{program} is Java {version}"
        if not self._tool("javac"):
            return f"{program} comes without a compiler (javac)"
        self.binds = ((str(self._home), PLACE), *((folder, folder) for folder in _settings(self._home)))
        return ""

    def _compile(self) -> str:
        """Why the client cannot be compiled, or an empty text."""
        sources = sorted(SHIPPED.rglob("*.java"))
        digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
        kept = SHIPPED / "__pycache__" / f"client-{digest[:16]}.zip"
        client = self.folder / "client.zip"
        if kept.exists():
            shutil.copyfile(kept, client)
            return ""
        classes = self.folder / "classes"
        compiler = [self._tool("javac"), "-J-XX:TieredStopAtLevel=1", "--release", str(OLDEST), "-encoding", "UTF-8"]
        quick = "-XDstringConcat=inline"  # what starts sooner: 10 ms of a cold start
        command = [*compiler, quick, "-proc:none", "-d", str(classes), *map(str, sources)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"its compiler fails ({(done.stderr or done.stdout).strip().splitlines()[-1]})"
        shutil.make_archive(str(client.with_suffix("")), "zip", classes)
        with contextlib.suppress(OSError):  # where the package cannot be written to, each sandbox compiles for itself
            kept.parent.mkdir(exist_ok=True)
            partial = kept.with_suffix(f".{os.getpid()}")
            shutil.copyfile(client, partial)
            partial.replace(kept)
        return ""


def _settings(home: Path) -> list[str]:
    """The folders of /etc that a JDK's files are links into, as Debian and Fedora lay it out."""
    targets = {path.resolve() for path in home.rglob("*") if path.is_symlink()}
    return sorted({f"/etc/{target.parts[2]}" for target in targets if target.parts[:2] == ("/", "etc")} - {"/etc/ssl"})
