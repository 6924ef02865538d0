"""What is shipped into an environment: `/var/runtime`, and the command line of each runtime.

    runtime = RuntimeFolder(scratch / "runtime")
    runtime.command(version, private=True)      # ["/usr/bin/python3", "-S", "/var/runtime/bootstrap.py", "app.handler"]

Python functions run on AWS's own `awslambdaric` where its wheel exists, else on our client; all Python runtimes run on
the interpreter that runs the sandbox. Node.js functions run on the machine's Node (`node.py`), Java functions on its
JDK (`java.py`), Ruby functions on its Ruby (`ruby.py`), and custom runtimes (`provided…`) run their own `bootstrap`.
"""

from __future__ import annotations

import compileall
import importlib.util
import os
import shutil
from pathlib import Path

from lambda_sandbox.environments.image import program
from lambda_sandbox.environments.java import Java
from lambda_sandbox.environments.node import Node
from lambda_sandbox.environments.room import interpreter
from lambda_sandbox.environments.ruby import Ruby
from lambda_sandbox.state import FunctionVersion
from lambda_sandbox.wire import AwsError

SHIPPED = Path(__file__).parent.parent / "runtimes" / "python"
LIBRARIES = "/var/rapid"  # where private rooms show the folders that /var/runtime links to
#: what AWS bundles with its Python runtimes: the runtime client and the SDK, with what they need
BUNDLED = (
    *("awslambdaric", "simplejson", "snapshot_restore_py"),
    *("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six"),
)


class RuntimeFolder:
    """The folders that environments see as /var/runtime: this one, or that of another language."""

    def __init__(self, folder: Path, *, own_client: bool | None = None) -> None:
        self.folder = folder
        self.own_client = importlib.util.find_spec("awslambdaric") is None if own_client is None else own_client
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree(SHIPPED, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "*.md"))
        compileall.compile_dir(
            folder, quiet=2, stripdir=str(folder), prependdir="/var/runtime"
        )  # rooms cannot write it
        self._java = Java(folder.with_name("java"))
        self._others: dict[str, Node | Java | Ruby] = {  # by how the names of their runtimes begin
            "nodejs": Node(folder.with_name("nodejs")),
            "java": self._java,
            "ruby": Ruby(folder.with_name("ruby")),
        }
        self._libraries: list[str] = []
        for name in BUNDLED:
            if (origin := _origin(name)) is not None:
                self._link(origin)

    async def ready(self, version: FunctionVersion) -> None:
        """Returns when a version's runtime is all there: what must be compiled is compiled at its first use."""
        if (version.runtime or "").startswith("java"):
            await self._java.ready()

    def shown(self, version: FunctionVersion) -> tuple[str, tuple[tuple[str, str], ...]]:
        """The folder to see as /var/runtime; and (folder here, folder in the room) of all that it needs besides."""
        if (other := self._other(version)) is not None:
            return str(other.folder), other.binds
        return str(self.folder), tuple((library, self._place(library)) for library in self._libraries)

    def command(self, version: FunctionVersion, private: bool, opt: str = "") -> list[str]:
        """The command line of a version's runtime. Raises AwsError for runtimes that the sandbox does not run."""
        runtime = version.runtime or ""
        if runtime.startswith("python"):
            return self._wrapped(version, self._python(version, private, opt))
        if (other := self._other(version)) is not None:
            return self._wrapped(version, other.command(version, private, opt))
        if runtime.startswith("provided") and os.name == "posix":
            task, layers = ("/var/task", "/opt") if private else (version.code.folder, opt)
            if version.code.image:
                return program(version, task)
            return [f"{task if (Path(version.code.folder) / 'bootstrap').exists() else layers}/bootstrap"]
        text = (
            f"The sandbox does not run {runtime or version.package_type} functions on this machine: it runs python…, "
            "nodejs…, java… and ruby… where Node, a JDK and Ruby are installed, and (not on Windows) provided… with a "
            "bootstrap of your own."
        )
        raise AwsError("InvalidRuntimeException", 502, text, members={"Type": "User"})

    def _other(self, version: FunctionVersion) -> Node | Java | Ruby | None:
        """Whose runtime it is, if not Python's."""
        return next((one for name, one in self._others.items() if (version.runtime or "").startswith(name)), None)

    def _python(self, version: FunctionVersion, private: bool, opt: str) -> list[str]:
        command = [interpreter(private=private), "-S", *(["-X", "utf8"] if os.name == "nt" else [])]
        own = ["--own-client"] if self.own_client else []
        handler = version.handler or ""
        if private:
            return [*command, "/var/runtime/bootstrap.py", *own, handler]
        libraries = os.pathsep.join(self._libraries)
        here = ["--task", version.code.folder, *(["--opt", opt] if opt else []), "--runtime-packages", libraries]
        return [*command, str(self.folder / "bootstrap.py"), *own, *here, handler]

    @staticmethod
    def _wrapped(version: FunctionVersion, command: list[str]) -> list[str]:
        wrapper = (version.environment or {}).get("AWS_LAMBDA_EXEC_WRAPPER")
        return [wrapper, *command] if wrapper else command

    def _link(self, origin: Path) -> None:
        library = str(origin.parent)
        if library not in self._libraries:
            self._libraries.append(library)
        if os.name == "posix":
            (self.folder / origin.name).symlink_to(f"{self._place(library)}/{origin.name}")

    def _place(self, library: str) -> str:
        return f"{LIBRARIES}/{self._libraries.index(library)}"


def _origin(name: str) -> Path | None:
    """The folder or file that a top-level module is imported from."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin)
    return path.parent if path.name == "__init__.py" else path
