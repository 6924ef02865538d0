"""What a learner types: `check`, `hint` and `predict`. A client of the sandbox; it never learns how a function runs.

    from lambda_sandbox.workbook import check, hint, predict

`checks` is for those who write exercises, `commands` for the command line, `linter` for both.
"""

from __future__ import annotations

from .notebook import check, hint, predict

__all__ = ["check", "hint", "predict"]
