"""The machine's Ruby, which all `ruby…` functions run on, and what is shipped to it.

ruby = Ruby(scratch / "ruby")
ruby.command(version, private=True)      # ["/usr/bin/ruby3.1", "-EUTF-8", "/var/runtime/bootstrap.rb", "app.handler"]
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from pathlib import Path

from lambda_sandbox.state import FunctionVersion
from lambda_sandbox.wire import AwsError

SHIPPED = Path(__file__).parent.parent / "runtimes" / "ruby"
ASK = "puts RbConfig.ruby, RbConfig::CONFIG['prefix'], RUBY_VERSION.to_i >= 3"
NONE = "functions run on this machine's Ruby, and there is none, 3 or newer: install it, and start the sandbox again."
HIDDEN = ("/opt", "/tmp", "/var")  # functions have their own


class Ruby:
    """A folder that environments of Ruby functions see as /var/runtime, and the program that runs it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(SHIPPED, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.md"))

    @functools.cached_property
    def _found(self) -> tuple[str, str] | None:
        """Its program (not a version manager's link to it), and the folder it was built for. Asked once: 30 ms."""
        if (program := shutil.which("ruby")) is None:
            return None
        asked = subprocess.run(
            [program, "--disable-gems", "-rrbconfig", "-e", ASK], capture_output=True, text=True, check=False
        )
        if asked.returncode or not asked.stdout.endswith("true\n"):
            return None
        real, prefix, _ = asked.stdout.splitlines()
        return real, prefix

    @property
    def binds(self) -> tuple[tuple[str, str], ...]:
        """A Ruby finds its libraries only where it was built for."""
        return ((self._found[1], self._found[1]),) if self._found and not self._found[1].startswith("/usr") else ()

    def command(self, version: FunctionVersion, private: bool, opt: str) -> list[str]:
        """The command line of a version's runtime. Raises AwsError where no Ruby is."""
        if self._found is None:
            text = f"{version.runtime} {NONE}"
            raise AwsError("InvalidRuntimeException", 502, text, members={"Type": "User"})
        program, prefix = self._found
        if private and prefix.startswith(HIDDEN):
            text = (
                f"{version.runtime} functions run on this machine's Ruby, and cannot see the one in {prefix}: they "
                f"have a /{Path(prefix).parts[1]} of their own. Put a Ruby that lies elsewhere first in PATH."
            )
            raise AwsError("InvalidRuntimeException", 502, text, members={"Type": "User"})
        handler = version.handler or ""
        if private:
            return [program, "-EUTF-8", "/var/runtime/bootstrap.rb", handler]
        return [program, "-EUTF-8", os.path.realpath(self.folder / "bootstrap.rb"), handler, *([opt] if opt else [])]
