"""The first file that runs in a function's process: gives it the module search path of AWS, then becomes the runtime
client.

    python -S bootstrap.py [--own-client] [--task DIR [--opt DIR] [--runtime-packages DIR:DIR]] HANDLER

In a private root everything already lies where AWS has it, and no flag is needed. In a plain process the package lies
in `--task`, its layers in `--opt`, and AWS's packages among others of the machine: `plain_process.py` makes them look
right. HANDLER is always the last argument. `-S` keeps the machine's site-packages out. Nothing slow is imported here,
and little is written here: a script is compiled anew at every cold start.
"""

import sys


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
    else:
        from awslambdaric import __main__ as client  # type: ignore[import-untyped,no-redef,unused-ignore]
    if "--task" in flags:
        plain_process.translate_errors_of(getattr(client, "errors", None) or client.bootstrap)
    sys.argv[1:] = [handler]
    client.main(sys.argv)


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
    """The package shadows the layers, these the runtime's own packages; the standard library comes last (facts §3.5)."""
    site_packages = f"{opt}/python/lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
    return list(dict.fromkeys([task, site_packages, f"{opt}/python", *rest]))


if __name__ == "__main__":
    main(sys.argv[1:])
