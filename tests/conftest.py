"""What all tests share: nothing of this machine's AWS set-up is seen, and notebooks find the package."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).parents[1]

for name in [name for name in os.environ if name.startswith(("AWS_", "BOTO_"))]:
    del os.environ[name]
os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
# the kernels of notebooks, and programs that tests start in other folders, where the package is not installed
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
