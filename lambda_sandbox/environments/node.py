"""The machine's Node, which all `nodejs…` functions run on, and what is shipped to it.

node = Node(scratch / "nodejs")
node.command(version, private=True)      # ["/var/rapid/node/node", "/var/runtime/index.mjs", "index.handler"]
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
from pathlib import Path

from lambda_sandbox.state import FunctionVersion
from lambda_sandbox.wire import AwsError

SHIPPED = Path(__file__).parent.parent / "runtimes" / "nodejs"
PLACE = "/var/rapid/node"  # where private rooms show the folder of its program
#: what Lambda switches off in these runtimes, and the option in NODE_OPTIONS that switches it on again
SWITCHED_OFF = {"nodejs20.x": ("require-module",), "nodejs22.x": ("require-module", "detect-module")}
ASK = (
    "JSON.stringify([process.execPath, "
    "...process.argv.slice(1).filter((option) => process.allowedNodeEnvironmentFlags.has(option))])"
)
NONE = "functions run on this machine's Node, and there is none: install Node 20 or newer, and start the sandbox again."


class Node:
    """A folder that environments of Node.js functions see as /var/runtime, and the program that runs it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(SHIPPED, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.md"))

    @functools.cached_property
    def _found(self) -> tuple[Path, set[str]] | None:
        """Its program (not a version manager's link to it), and which of our options it knows. Asked once: 40 ms."""
        if (program := shutil.which("node")) is None:
            return None
        options = sorted({f"--no-experimental-{name}" for names in SWITCHED_OFF.values() for name in names})
        answer = subprocess.run([program, "-p", ASK, "--", *options], capture_output=True, text=True, check=False)
        if answer.returncode:
            return None
        real, *known = json.loads(answer.stdout)
        return Path(real), set(known)

    @property
    def binds(self) -> tuple[tuple[str, str], ...]:
        return ((str(self._found[0].parent), PLACE),) if self._found else ()

    def command(self, version: FunctionVersion, private: bool, opt: str) -> list[str]:
        """The command line of a version's runtime. Raises AwsError where no Node is."""
        if self._found is None:
            text = f"{version.runtime} {NONE}"
            raise AwsError("InvalidRuntimeException", 502, text, members={"Type": "User"})
        program, known = self._found
        asked = (version.environment or {}).get("NODE_OPTIONS", "")
        off = [
            f"--no-experimental-{name}"
            for name in SWITCHED_OFF.get(version.runtime or "", ())
            if f"--no-experimental-{name}" in known and f"--experimental-{name}" not in asked
        ]
        handler = version.handler or ""
        if private:
            return [f"{PLACE}/{program.name}", *off, "/var/runtime/index.mjs", handler]
        return [str(program), *off, os.path.realpath(self.folder / "index.mjs"), handler, *([opt] if opt else [])]
