"""From a file, a folder or source text to a deployed function.

    deploy(sandbox, "handler.py", None, {"MemorySize": 512})

A folder with a `requirements.txt` gets the named distributions from this very environment, offline: what
`pip install -t` would have put beside the code. The same input gives the same bytes.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lambda_sandbox.sandbox import Sandbox

RUNTIME = "python3.13"
ROLE = "lambda-role"
POLICY = "arn:aws:iam::aws:policy/AdministratorAccess"
SOON = {"Delay": 0.02, "MaxAttempts": 1000}  # a function of the sandbox is ready within a fraction of a second
LARGEST_BYTES = 262_144_000  # unzipped (facts §1.1)
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
_SKIPPED = re.compile(r"(^|/)(__pycache__|\.[^/]*|tests?/data)(/|$)|\.py[co]$")
_CODE = (".py", ".js", ".mjs", ".cjs")  # what a runtime of the sandbox can import
_PACKAGES = (".zip", ".jar")
_RUNS = (*_CODE, ".rb", ".class", ".jar", "bootstrap")
EXECUTABLE = (b"#!", b"\x7fELF")
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
    """Creates the function, or updates its configuration and code, and waits until it is active.

    What an update does not name stays as it was, as with AWS's own tools.
    """
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
        _update(client, name, archive, settings)
    client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig=SOON)
    configuration = client.get_function_configuration(FunctionName=name)
    return Deployed(name, configuration["FunctionArn"], configuration["Handler"])


def _update(client: Any, name: str, archive: bytes, settings: dict[str, Any]) -> None:
    """What CreateFunction takes at once, in the three operations that change it."""
    with_code = {key: settings.pop(key) for key in ("Architectures", "Publish") if key in settings}
    tags = settings.pop("Tags", None)
    settings.pop("PackageType", None)
    ready = client.get_waiter("function_updated_v2")
    ready.wait(FunctionName=name, WaiterConfig=SOON)
    client.update_function_configuration(FunctionName=name, **settings)
    ready.wait(FunctionName=name, WaiterConfig=SOON)
    answer = client.update_function_code(FunctionName=name, ZipFile=archive, **with_code)
    if tags is not None:
        client.tag_resource(Resource=answer["FunctionArn"].removesuffix(f":{answer['Version']}"), Tags=tags)
    ready.wait(FunctionName=name, WaiterConfig=SOON)


def role(sandbox: Sandbox) -> str:
    """The ARN of the role that functions get if none is named; made at its first use.

    It may do everything, so that permissions are no matter until they are the lesson. On AWS nobody should do that.
    """
    iam = sandbox.client("iam")
    try:
        arn = iam.get_role(RoleName=ROLE)["Role"]["Arn"]
    except iam.exceptions.NoSuchEntityException:
        arn = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
        iam.attach_role_policy(RoleName=ROLE, PolicyArn=POLICY)
    return str(arn)


# ------------------------------------------------------------------------------------------------ what is packaged


def read(source: str | Path) -> tuple[dict[str, bytes], str]:
    """Files by their path in the package, and a name for the function. Raises CannotPackage."""
    if isinstance(source, str) and "\n" in source:
        return {f"{_TEXT_MODULE}.py": source.encode()}, _TEXT_MODULE
    if not isinstance(source, str | Path):
        raise CannotPackage(
            f"A path or source text can be deployed, not {type(source).__name__} {source!r}"[:200] + "."
        )
    path = Path(source)
    if not str(source).strip():
        raise CannotPackage("There is nothing to deploy: give a path, or source text with line breaks.")
    try:
        if path.is_file():
            return _unpacked(path) if path.suffix in _PACKAGES else {path.name: _code(path)}, path.stem
        if not path.is_dir():
            raise CannotPackage(
                f"There is no file or folder {str(source)!r}; give a path, or source text with line breaks."
            )
        files = {name: file.read_bytes() for name, file in chosen(path).items()}
    except OSError as error:
        raise CannotPackage(f"{error.filename or source} cannot be read: {error.strerror or error}.") from None
    if not files:
        raise CannotPackage(f"The folder {str(source)!r} holds no file to deploy.")
    if any(name.endswith(".java") for name in files) and not any(name.endswith(_RUNS) for name in files):
        raise CannotPackage(
            f"The folder {str(source)!r} holds Java sources, and no class that is compiled: Lambda runs what javac -d "
            "makes of them, or a jar."
        )
    if "requirements.txt" in files:
        for distribution in _closure(_requirements(files["requirements.txt"].decode())):
            files = {**_files(distribution), **files}
    return files, path.resolve().name


def _unpacked(path: Path) -> dict[str, bytes]:
    """What a package that is already made holds. Raises CannotPackage."""
    try:
        with zipfile.ZipFile(path) as package:
            return {member.filename: package.read(member) for member in package.infolist() if not member.is_dir()}
    except zipfile.BadZipFile as error:
        raise CannotPackage(f"The file {str(path)!r} cannot be unpacked: {error}.") from None


def _code(path: Path) -> bytes:
    """A single file that can be a function by itself. Raises CannotPackage."""
    content = path.read_bytes()
    if path.suffix not in _CODE and path.name != "bootstrap" and not content.startswith(EXECUTABLE):
        raise CannotPackage(
            f"The file {str(path)!r} is no code that Lambda runs: give a {', '.join(_CODE)} file, an executable, a "
            "zip, a jar, or the folder that holds the function."
        )
    return content


def chosen(folder: Path) -> dict[str, Path]:
    """The files of a folder, by their path in the package. Stops when they are too many, before it reads any."""
    chosen, size = {}, 0
    for file in folder.rglob("*"):
        inside = file.relative_to(folder).as_posix()
        if not _SKIPPED.search(inside) and file.is_file():
            chosen[inside] = file
            if (size := size + file.stat().st_size) > LARGEST_BYTES:
                raise CannotPackage(
                    f"The folder {str(folder)!r} holds more than {LARGEST_BYTES} bytes, the most that Lambda takes. "
                    "Give the folder that holds the function alone."
                )
    return dict(sorted(chosen.items()))


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
            info.create_system = 3  # Unix, on Windows too: the same files are the same bytes
            info.external_attr = 0o755 << 16 if files[name].startswith(EXECUTABLE) else 0o644 << 16
            archive.writestr(info, files[name], zipfile.ZIP_DEFLATED, compresslevel=1)
    return out.getvalue()


def _requirements(text: str) -> list[str]:
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [match[0] for line in lines if (match := re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", line))]


def _closure(names: Iterable[str]) -> Iterator[metadata.Distribution]:
    """The installed distributions with these names, and all that they require. Raises CannotPackage."""
    seen: set[str] = set()
    waiting = [(name, True) for name in names]
    while waiting:
        name, needed = waiting.pop()
        if (normal := re.sub(r"[-_.]+", "-", name).lower()) in seen:
            continue
        seen.add(normal)
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            if not needed:
                continue
            raise CannotPackage(
                f"requirements.txt asks for {name!r}, which is not installed here, and the sandbox has no network. "
                f"Install it with: python -m pip install {name}"
            ) from None
        yield distribution
        for requirement in distribution.requires or ():
            what, _, condition = requirement.partition(";")
            if "extra" not in condition:  # a version of Python, a platform: what is installed is what holds here
                waiting.append((_requirements(what)[0], not condition))


def _files(distribution: metadata.Distribution) -> dict[str, bytes]:
    """The files of an installed distribution, as `pip install -t` would lay them out."""
    files = {}
    for file in distribution.files or ():
        inside = file.as_posix()
        if (
            not inside.startswith("..")
            and not _SKIPPED.search(inside)
            and (place := Path(str(file.locate()))).is_file()
        ):
            files[inside] = place.read_bytes()
    return files
