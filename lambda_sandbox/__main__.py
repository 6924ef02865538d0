"""The command line: `python -m lambda_sandbox COMMAND`. Each command parses, calls one function, and prints.

Exit codes: 0 done and passing, 1 something is not passing, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    code: int = options.run(options)
    return code


def _parser() -> argparse.ArgumentParser:
    from lambda_sandbox.workbook.commands import add_commands

    parser = argparse.ArgumentParser(
        prog="python -m lambda_sandbox", description="AWS Lambda on this machine, and a workbook about it."
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_serve(commands)
    _add_deploy(commands)
    add_commands(commands)
    return parser


def _add_serve(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    about = "run a sandbox for the AWS CLI, any SDK, and curl"
    parser = commands.add_parser("serve", help=about, description=about[0].upper() + about[1:] + ".")
    add = parser.add_argument
    add("--port", type=_port, default=4566, help="a port of 127.0.0.1; 0 takes any free one (default 4566)")
    add("--clock", choices=["real", "virtual"], default="real", help="virtual: waits can be jumped over (default real)")
    add("--seed", type=int, help="make request ids and the like repeat")
    add("--region", type=_region, default="us-east-1", help="the Region of unsigned requests (default us-east-1)")
    add("--account-concurrency", type=_quota, metavar="N", help="concurrent executions a Region (default: AWS's 1000)")
    add("--cpu-share", action="store_true", help="CPU in proportion to memory: 1,769 MB are one vCPU")
    add("--token", help="who controls the sandbox must send this (default: anybody on this machine may)")
    add("--plain", action="store_true", help="plain processes, even where environments could have a root of their own")
    add("--sealed", action="store_true", help=argparse.SUPPRESS)  # as for checks: only the parent is administrator
    add("--child", action="store_true", help=argparse.SUPPRESS)  # started by Sandbox(), and to end with it
    parser.set_defaults(run=_serve)


def _add_deploy(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    about = "create or update a stack from a template, CloudFormation or SAM"
    parser = commands.add_parser("deploy", help=about, description=about[0].upper() + about[1:] + ".")
    add = parser.add_argument
    add("template", help="a file, YAML or JSON; the folders that it names are zipped and uploaded")
    add("--stack-name", metavar="NAME", help="default: the name of the template's folder")
    add("--parameter", metavar="Key=Value", type=_pair, action="append", default=[], help="once for each parameter")
    add("--endpoint", metavar="URL", default="http://127.0.0.1:4566", help="a running `serve` (default port 4566)")
    add("--region", type=_region, default="us-east-1", help="the Region of the stack (default us-east-1)")
    parser.set_defaults(run=_deploy)


def _deploy(options: argparse.Namespace) -> int:
    from pathlib import Path

    from botocore.exceptions import BotoCoreError

    from lambda_sandbox.deploying import CannotDeploy, deploy, sandbox_client

    folder = re.sub(r"[^a-zA-Z0-9]+", "-", Path(options.template).resolve().parent.name).strip("-")
    name = options.stack_name or (folder if folder[:1].isalpha() else f"stack-{folder}".strip("-"))
    if not Path(options.template).is_file():
        print(f"There is no template {options.template}.", file=sys.stderr)
        return 2
    try:
        client = sandbox_client(options.endpoint, options.region)
        done = deploy(options.template, client, stack_name=name, parameters=dict(options.parameter))
    except CannotDeploy as error:
        print(error, file=sys.stderr)
        return 1
    except BotoCoreError:
        print(f"Nothing answers on {options.endpoint}.", file=sys.stderr)
        print("Start a sandbox in another terminal: python -m lambda_sandbox serve", file=sys.stderr)
        return 1
    return 0 if done else 1


def _pair(text: str) -> tuple[str, str]:
    key, found, value = text.partition("=")
    if not found or not key.isalnum():
        raise argparse.ArgumentTypeError(f"a parameter looks like Stage=prod, not {text!r}")
    return key, value


def _serve(options: argparse.Namespace) -> int:
    from lambda_sandbox.door.options import Options
    from lambda_sandbox.door.serve import serve

    quota = {} if options.account_concurrency is None else {"account_concurrency": options.account_concurrency}
    wanted = Options(
        **quota,
        port=options.port,
        virtual=options.clock == "virtual",
        seed=options.seed,
        region=options.region,
        token=options.token,
        sealed=options.sealed,
        cpu_share=options.cpu_share,
        plain=options.plain,
    )
    code = serve(wanted, child=options.child)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # all is closed; to take every module apart as well would be most of the time that a stop takes


def _quota(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"an account's concurrency is a number from 1, not {text!r}")
    return int(text)


def _region(text: str) -> str:
    if not re.fullmatch(r"(eusc-)?[a-z]{2}(-gov|-iso[a-z]?)?-[a-z]+-[0-9]", text):
        raise argparse.ArgumentTypeError(f"a Region looks like us-east-1, not {text!r}")
    return text


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")
    return int(text)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)  # what a shell expects of a program that was interrupted
