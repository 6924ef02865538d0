"""Keeps a function's folders as they are where the file system does not: /var/task cannot be written on AWS."""

from __future__ import annotations

import errno
import os

TYPE_CHECKING = False  # as in `typing`, which is slow to import
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

CHANGES = {f"os.{name}" for name in ("mkdir", "remove", "rename", "rmdir", "truncate", "link", "symlink", "chmod")}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def hook(places: Mapping[str, str]) -> Callable[[str, tuple[Any, ...]], None]:
    """An audit hook (PEP 578) that refuses every change in the folders, under their real names and those on AWS."""

    def keep(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            _, mode, flags = arguments
            if not (set(mode or "") & set("wax+") or (flags or 0) & WRITING):
                return
        elif event not in CHANGES:
            return
        for path in arguments[: 2 if event in ("os.rename", "os.link") else 1]:
            if isinstance(path, (str, bytes)):
                whole = os.path.abspath(os.fsdecode(path)) + os.sep
                if any(whole.startswith(folder + os.sep) for pair in places.items() for folder in pair):
                    raise OSError(errno.EROFS, "Read-only file system", path)

    return keep
