"""What all tests share: markers by folder, nothing of this machine's AWS set-up, and a path that kernels inherit."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parents[1]
MARKED = {
    "notebooks/": "notebooks",
    "tests/exercises/": "exercises",
    "tests/test_survival.py": "survival",
    **dict.fromkeys(["tests/iam/", "tests/lambda_api/", "tests/views/", "tests/cloudwatch/"], "fast"),
    **dict.fromkeys(["tests/test_clock.py", "tests/test_journal.py", "tests/test_facts.py"], "fast"),
    **dict.fromkeys(["tests/contract/test_rooms.py", "tests/contract/test_public.py"], "fast"),
    **dict.fromkeys(["tests/contract/test_commands.py", "tests/contract/test_tree.py"], "fast"),
}

NEEDS = {  # tags of notebooks' cells
    "own-root": (sys.platform == "linux", "shows what needs a root and a /tmp of its own: Linux only"),
    "bash": (os.name == "posix" and shutil.which("bash") and shutil.which("curl"), "runs a program of bash and curl"),
}

for name in [name for name in os.environ if name.startswith(("AWS_", "BOTO_"))]:
    del os.environ[name]
os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
# the kernels of notebooks, and programs that tests start in other folders, where the package is not installed
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))

# a shell's `pytest &` ignores Ctrl-C, and whatever a test starts and interrupts would too
signal.signal(signal.SIGINT, signal.default_int_handler)


class OneFileOneWorker(LoadScopeScheduling):
    """What shares a sandbox or a kernel stays together. The linter's runs are long, and need nothing of each other."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid if "/test_course.py" in nodeid else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> OneFileOneWorker:
    return OneFileOneWorker(config, log)


def is_fast(item: pytest.Item) -> bool:
    """Of the folders that are fast: what starts no sandbox, and sends no thousands of requests."""
    return not hasattr(getattr(item, "module", None), "Sandbox") and item.get_closest_marker("fuzz") is None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        path = item.path.relative_to(ROOT).as_posix()
        for start, marker in MARKED.items():
            if path.startswith(start) and (marker != "fast" or is_fast(item)):
                item.add_marker(marker)
        cell = getattr(item, "cell", None)
        for tag in cell.metadata.get("tags", []) if cell is not None else []:
            if tag in NEEDS and not NEEDS[tag][0]:
                item.add_marker(pytest.mark.skip(reason=NEEDS[tag][1]))
