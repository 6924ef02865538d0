"""From a file, a folder or source text to a deployed function.

    deploy(sandbox, "handler.py", None, {"MemorySize": 512})

A folder with a `requirements.txt` gets the named distributions from this very environment, offline: what
`pip install -t` would have put beside the code. The same input gives the same bytes.
"""

from __future__ import annotations

import functools
import io
import json
import re
import zipfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lambda_sandbox.sandbox import Sandbox

RUNTIME = "python3.13"
ROLE = "lambda-role"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
_SKIPPED = re.compile(r"(^|/)(__pycache__|\.[^/]*|tests?/data)(/|$)|\.py[co]$")
_TEXT_MODULE = "lambda_function"  # the console's own name for a function's one file


class CannotPackage(ValueError):
    """What cannot be packaged, and what to do about it."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """A function that is deployed: its name, its ARN, and its handler."""

    name: str
    arn: str
    handler: str

    def __repr__(self) -> str:
        return f"{self.name} (handler {self.handler}) is deployed"


def deploy(sandbox: Sandbox, source: str | Path, name: str | None, options: dict[str, Any]) -> Deployed:
    """Creates the function, or updates its code and configuration, and waits until it is active."""
    files, stem = read(source)
    client = sandbox.client("lambda")
    name = name or stem
    archive = zip_of(files)
    settings = {"Handler": default_handler(files), "Runtime": RUNTIME, **options}
    try:
        client.get_function(FunctionName=name)
    except client.exceptions.ResourceNotFoundException:
        settings.setdefault("Role", role(sandbox))
        client.create_function(FunctionName=name, Code={"ZipFile": archive}, **settings)
    else:
        _wait(sandbox, client, name)
        client.update_function_code(FunctionName=name, ZipFile=archive)
        _wait(sandbox, client, name)
        client.update_function_configuration(FunctionName=name, **settings)
    configuration = _wait(sandbox, client, name)
    return Deployed(name, configuration["FunctionArn"], configuration["Handler"])


def _wait(sandbox: Sandbox, client: Any, name: str) -> dict[str, Any]:
    """Waits for the function's state through the sandbox's own clock: an event, not a poll."""
    while True:
        configuration: dict[str, Any] = client.get_function_configuration(FunctionName=name)
        if configuration["State"] != "Pending" and configuration.get("LastUpdateStatus") != "InProgress":
            return configuration
        sandbox.clock.advance(seconds=0.05)


def role(sandbox: Sandbox) -> str:
    """The ARN of the role that functions get if none is named; made at its first use."""
    iam = sandbox.client("iam")
    try:
        arn = iam.get_role(RoleName=ROLE)["Role"]["Arn"]
    except iam.exceptions.NoSuchEntityException:
        arn = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    return str(arn)


# ------------------------------------------------------------------------------------------------ what is packaged


def read(source: str | Path) -> tuple[dict[str, bytes], str]:
    """Files by their path in the package, and a name for the function. Raises CannotPackage."""
    if isinstance(source, str) and "\n" in source:
        return {f"{_TEXT_MODULE}.py": source.encode()}, _TEXT_MODULE
    path = Path(source)
    if path.is_file():
        return {path.name: path.read_bytes()}, path.stem
    if not path.is_dir():
        raise CannotPackage(
            f"There is no file or folder {str(source)!r}; give a path, or source text with line breaks."
        )
    files = {}
    for file in sorted(path.rglob("*")):
        inside = file.relative_to(path).as_posix()
        if file.is_file() and not _SKIPPED.search(inside):
            files[inside] = file.read_bytes()
    if not files:
        raise CannotPackage(f"The folder {str(source)!r} holds no file to deploy.")
    if "requirements.txt" in files:
        for requirement in _requirements(files["requirements.txt"].decode()):
            files = {**_installed(requirement), **files}
    return files, path.resolve().name


def default_handler(files: dict[str, bytes]) -> str:
    """`module.handler` if the code defines `handler`, else `module.lambda_handler`, AWS's default."""
    modules = [name for name in files if "/" not in name and name.endswith(".py")]
    usual = [f"{stem}.py" for stem in ("handler", "index", "app", _TEXT_MODULE)]
    for name in sorted(modules, key=lambda name: (name not in usual, name)):
        for function in ("handler", "lambda_handler"):
            if re.search(rf"^(async )?(def {function}\b|{function}\s*=)".encode(), files[name], re.M):
                return f"{name.removesuffix('.py')}.{function}"
    return f"{modules[0].removesuffix('.py') if modules else _TEXT_MODULE}.lambda_handler"


def zip_of(files: dict[str, bytes]) -> bytes:
    """A reproducible zip: sorted names, one date, plain modes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            info.external_attr = 0o755 << 16 if files[name].startswith((b"#!", b"\x7fELF")) else 0o644 << 16
            archive.writestr(info, files[name], zipfile.ZIP_DEFLATED, compresslevel=1)
    return out.getvalue()


def _requirements(text: str) -> list[str]:
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [match[0] for line in lines if (match := re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", line))]


@functools.cache
def _installed(name: str) -> dict[str, bytes]:
    """The files of an installed distribution and of what it requires. Raises CannotPackage."""
    try:
        distribution = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        raise CannotPackage(
            f"requirements.txt asks for {name!r}, which is not installed here, and the sandbox has no network. "
            f"Install it with: python -m pip install {name}"
        ) from None
    files = {}
    for file in distribution.files or ():
        inside = file.as_posix()
        if (
            not inside.startswith("..")
            and not _SKIPPED.search(inside)
            and (place := Path(str(file.locate()))).is_file()
        ):
            files[inside] = place.read_bytes()
    for requirement in distribution.requires or ():
        if ";" not in requirement:  # extras and other platforms are the requirement's own affair
            files |= _installed(_requirements(requirement)[0])
    return files
