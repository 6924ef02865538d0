"""Runs Python as an ordinary user, when root asks: `python tests/as_user.py -m pytest tests/workbook/test_zoo.py`.

Where that user cannot reach this interpreter or this folder (in /root, say), it gets a view of the file system in which
the folders on the way hold these and nothing else.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NOBODY = 65534
CANNOT = 77  # exit status: this machine does not let us


def main(arguments: list[str]) -> None:
    needed = [Path(place).resolve() for place in (sys.base_prefix, sys.prefix, ROOT)]
    if closed := {folder for place in needed if (folder := first_closed(place))}:
        try:
            show(
                [inside for place in needed for inside in ([*place.iterdir()] if place in closed else [place])], closed
            )
        except OSError:
            sys.exit(CANNOT)
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    if not os.access(Path(__file__), os.R_OK):
        sys.exit(CANNOT)
    os.environ["HOME"] = os.environ.get("TMPDIR", "/tmp")
    os.execv(sys.executable, [sys.executable, "-B", *arguments])


def first_closed(place: Path) -> Path | None:
    """The outermost folder, of `place` and those around it, that others may not enter."""
    around = [*reversed(place.parents), place]
    return next((folder for folder in around if not folder.stat().st_mode & 0o001), None)


def show(needed: list[Path], closed: set[Path]) -> None:
    """Covers the closed folders with empty ones, in which only what is needed is where it was."""
    from lambda_sandbox.environments.launcher import CLONE_NEWNS, MS_BIND, MS_PRIVATE, MS_REC, mount, unshare

    unshare(CLONE_NEWNS)
    mount("none", "/", flags=MS_REC | MS_PRIVATE)
    held = {place: os.open(place, os.O_PATH) for place in needed if closed.intersection(place.parents)}
    folders = {place for place in held if place.is_dir()}
    for folder in closed:
        mount("cover", str(folder), "tmpfs", options="mode=755")
    for place, descriptor in held.items():
        (place if place in folders else place.parent).mkdir(parents=True, exist_ok=True)
        if place not in folders:
            place.touch()
        mount(f"/proc/self/fd/{descriptor}", str(place), flags=MS_BIND | MS_REC)


if __name__ == "__main__":
    main(sys.argv[1:])
