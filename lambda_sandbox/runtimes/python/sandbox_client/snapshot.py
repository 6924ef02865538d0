"""SnapStart: what a function registered to run before its snapshot is taken, and after it is restored."""

from __future__ import annotations

import sys

from .errors import describe, log_error

TYPE_CHECKING = False  # as in `typing`, which is slow to import
if TYPE_CHECKING:
    from .api import RuntimeApi
    from .errors import Encode
    from .logs import RootHandler


def run_hooks(api: RuntimeApi, log: RootHandler, encode: Encode) -> None:
    """Runs the hooks around the snapshot; exits with 64 or 65 when one raises (facts §3.8)."""
    hooks = sys.modules.get("snapshot_restore_py")  # not imported: then nobody registered any
    try:
        while hooks and hooks.get_before_snapshot():
            hook, arguments, options = hooks.get_before_snapshot().pop()  # the last registered comes first
            hook(*arguments, **options)
        api.wait_for_restore()
    except BaseException as problem:
        error = describe(problem)
        log_error(error, log, encode)
        api.post_init_error(encode(error), "Runtime.BeforeSnapshotError")
        sys.exit(64)
    try:
        for hook, arguments, options in hooks.get_after_restore() if hooks else ():
            hook(*arguments, **options)
    except BaseException as problem:
        error = describe(problem)
        log_error(error, log, encode)
        api.post_restore_error(encode(error))
        sys.exit(65)
