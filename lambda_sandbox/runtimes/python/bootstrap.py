"""The first file that runs in a function's process: gives it the module search path of AWS, then becomes the runtime
client.

    python -S bootstrap.py [--own-client] [--task DIR [--opt DIR] [--runtime-packages DIR:DIR]] HANDLER

In a private root everything already lies where AWS has it, and no flag is needed. In a plain process the package lies
in `--task`, its layers in `--opt`, and AWS's packages among others of the machine: `plain_process.py` makes them look
right. HANDLER is always the last argument. `-S` keeps the machine's site-packages out. Nothing slow is imported here,
and little is written here: a script is compiled anew at every cold start.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # as typing's, without its import
if TYPE_CHECKING:
    from typing import Any


def main(arguments: list[str]) -> None:
    flags, handler = read(arguments)
    restore_exit()
    if "--task" in flags:
        import plain_process  # type: ignore[import-not-found,unused-ignore]

        plain_process.furnish(flags["--task"], flags.get("--opt"), flags.get("--runtime-packages"))
        del sys.modules["plain_process"]  # the name is free for a module of the function
    else:
        sys.path[:] = search_path("/var/task", "/opt", sys.path)
    if "--own-client" in flags:
        import sandbox_client as client  # type: ignore[import-not-found,unused-ignore]
        from sandbox_client import errors as words
    else:
        client = awslambdaric()
        words = client.bootstrap
    if "--task" in flags:
        plain_process.translate_errors_of(words)
    sys.argv[1:] = [handler]
    client.main(sys.argv)


def awslambdaric() -> Any:
    """AWS's client, on a quicker transport, and asking for events in its main thread: in another it could hear signals
    while it is idle, but here it is frozen then."""
    from sandbox_client import transport  # type: ignore[import-not-found,unused-ignore]

    sys.modules["runtime_client"] = transport
    from awslambdaric import __main__, lambda_config  # type: ignore[import-untyped,unused-ignore]

    lambda_config.LambdaConfigProvider.SUPPORTED_THREADPOLLING_ENVS = frozenset()
    return __main__


def read(arguments: list[str]) -> tuple[dict[str, str], str]:
    """Splits the command line into {flag: value} and the handler; argparse would cost more than all the rest."""
    *words, handler = arguments
    flags = {}
    while words:
        flag = words.pop(0)
        flags[flag] = "" if flag == "--own-client" else words.pop(0)
    return flags, handler


def restore_exit() -> None:
    """`-S` took away `exit()` and `quit()`, which functions may call."""
    import _sitebuiltins
    import builtins

    for name in ("exit", "quit"):
        setattr(builtins, name, _sitebuiltins.Quitter(name, "Ctrl-D (i.e. EOF)"))


def search_path(task: str, opt: str, rest: list[str]) -> list[str]:
    """The package shadows the layers, these the runtime's packages; the standard library comes last (facts §3.5).

    A layer's folder has the version of the function's runtime in its name, whatever interpreter plays it here.
    """
    here = f"python{sys.version_info.major}.{sys.version_info.minor}"
    python = os.environ.get("AWS_EXECUTION_ENV", "").removeprefix("AWS_Lambda_") or here
    site_packages = f"{opt}/python/lib/{python}/site-packages"
    return list(dict.fromkeys([task, site_packages, f"{opt}/python", *rest]))


if __name__ == "__main__":
    main(sys.argv[1:])
