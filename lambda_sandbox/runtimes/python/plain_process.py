"""Makes real folders pass for /var/task, /opt and /var/runtime in a function that has no private root.

On macOS, on Windows, and where Linux grants no user namespaces, a function's package lies in some folder of the
machine, and boto3 and company lie among packages that a function on AWS does not have. Here the import system is
taught two things: to find only AWS's packages there, and to compile code under the name it would have on AWS, so that
tracebacks, warnings and log locations say /var/task/index.py. `__file__` stays the real path: functions open files
beside their code with it.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import (
    BYTECODE_SUFFIXES,
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    PathFinder,
    SourceFileLoader,
    SourcelessFileLoader,
)

import read_only  # type: ignore[import-not-found,unused-ignore]

TYPE_CHECKING = False  # as in `typing`, which is slow to import
if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.machinery import ModuleSpec
    from typing import Any

    from _typeshed import ReadableBuffer

# What lies beside a Python function on AWS (facts §3.5), and our own client. Nothing else of the machine is found.
RUNTIME_PACKAGES = {
    *("awslambdaric", "runtime_client", "simplejson", "snapshot_restore_py", "sandbox_client"),
    *("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six"),
}
places: dict[str, str] = {}  # real folder -> its name on AWS


def furnish(task: str, opt: str | None, runtime_packages: str | None) -> None:
    """Sets the module search path, the finder of AWS's packages and the loader of files under their names on AWS."""
    own_folder, *rest = sys.path  # Python puts the script's folder first
    folders = [own_folder, *(runtime_packages or "").split(os.pathsep)]
    places.update({task: "/var/task", opt or "/opt": "/opt"} | {folder: "/var/runtime" for folder in folders if folder})
    RuntimePackages.folders = tuple(folders)
    sys.path[:] = sys.modules["__main__"].search_path(task, opt or "/opt", rest)
    sys.path_hooks.insert(0, finder_for_places)
    sys.meta_path.append(RuntimePackages)
    sys.addaudithook(read_only.hook(places))
    del sys.modules["read_only"]  # the name is free for a module of the function
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(newline="\n")  # type: ignore[union-attr]  # Windows would log "\r\n"
    if os.name == "posix":
        limit_descriptors()


def limit_descriptors(most: int = 1024) -> None:
    """As on AWS (facts §1.1). Processes are not limited here: the kernel would count all those of this user."""
    import resource  # Windows has none

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class RuntimePackages:
    """Finds AWS's packages, and no other, in the folders where the machine has them."""

    folders: tuple[str, ...] = ()

    @classmethod
    def find_spec(cls, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        return PathFinder.find_spec(name, list(cls.folders)) if name in RUNTIME_PACKAGES else None


class Loader(SourceFileLoader):
    """Reads real files, and says that they are where they would be on AWS."""

    def get_filename(self, name: str | None = None) -> str:
        """The name that the code is compiled under, and that its source and its bytecode are asked for by."""
        return on_aws(self.path)

    def path_stats(self, path: str) -> Mapping[str, Any]:
        return super().path_stats(self.path)

    def get_data(self, path: str) -> bytes:
        return super().get_data(on_this_machine(path, beside=self.path))

    def set_data(self, path: str, data: ReadableBuffer, **options: Any) -> None:
        """Keeps bytecode of the runtime's packages, for the next cold start; a function's folders are read-only."""
        if path.startswith("/var/runtime/"):
            super().set_data(on_this_machine(path, beside=self.path), data, **options)


LOADERS: list[Any] = [
    (ExtensionFileLoader, EXTENSION_SUFFIXES),
    (Loader, SOURCE_SUFFIXES),
    (SourcelessFileLoader, BYTECODE_SUFFIXES),
]


def finder_for_places(folder: str) -> FileFinder:
    """A path hook (PEP 302): takes the folders in `places`, leaves all others to Python."""
    if not any(is_in(folder, real) for real in places):
        raise ImportError
    return FileFinder(folder, *LOADERS)


def is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + os.sep)


def on_aws(path: str) -> str:
    for real, name in places.items():
        if is_in(path, real):
            return name + path[len(real) :].replace(os.sep, "/")
    return path


def on_this_machine(path: str, beside: str) -> str:
    """The inverse of `on_aws` for a file that belongs to the module at the real path `beside`."""
    for real, name in places.items():
        if is_in(beside, real) and path.startswith(name + "/"):
            return os.path.join(real, *path[len(name) + 1 :].split("/"))
    return path


def translate_errors_of(client: Any) -> None:
    """Errors may quote real paths: "cannot import name … (/real/index.py)", or frames of the standard library.

    Wraps the function of the runtime client that makes every error, so that callers and logs see the paths of AWS.
    """
    make_error = client.make_error
    library = {os.path.dirname(os.__file__): f"/var/lang/lib/python{sys.version_info.major}.{sys.version_info.minor}"}

    def translate(text: str) -> str:
        for real, name in (places | library).items():
            text = text.replace(real, name)
        return text

    def make_error_as_on_aws(message: str, kind: str, trace: list[str] | None, *rest: object) -> Any:
        return make_error(translate(message), kind, [translate(entry) for entry in trace or ()], *rest)

    client.make_error = make_error_as_on_aws
