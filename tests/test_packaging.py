"""deploy(): from a file, a folder or source text to a function."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from lambda_sandbox import Sandbox, packaging
from lambda_sandbox.packaging import CannotPackage, default_handler, read, zip_of

HELLO = "def handler(event, context):\n    return 'hello'\n"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock="virtual", seed=1) as running:
        yield running


def said(sandbox: Sandbox, name: str) -> object:
    return json.load(sandbox.client("lambda").invoke(FunctionName=name)["Payload"])


# -- what is packaged


def test_text_is_the_consoles_own_file() -> None:
    assert read(HELLO) == ({"lambda_function.py": HELLO.encode()}, "lambda_function")


def test_a_file_keeps_its_name_and_gives_the_function_its(tmp_path: Path) -> None:
    (tmp_path / "greet.py").write_text(HELLO)
    assert read(tmp_path / "greet.py") == ({"greet.py": HELLO.encode()}, "greet")


def test_a_folder_is_taken_whole_without_caches_and_hidden_files(tmp_path: Path) -> None:
    for name in ("app.py", "lib/a.py", "data/x.json", "__pycache__/app.cpython-313.pyc", ".git/HEAD", ".env"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    files, name = read(str(tmp_path))
    assert (sorted(files), name) == (["app.py", "data/x.json", "lib/a.py"], tmp_path.name)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("", "nothing to deploy"),
        ("no/such/file.py", "no file or folder 'no/such/file.py'"),
        ("def f(): pass", "line breaks"),
    ],
)
def test_what_cannot_be_packaged_says_what_to_give(source: str, words: str) -> None:
    with pytest.raises(CannotPackage, match=words):
        read(source)


@pytest.mark.parametrize("source", [None, 5, b"def handler(): ..."])
def test_what_is_neither_text_nor_path_is_one_sentence(source: object) -> None:
    with pytest.raises(CannotPackage, match=r"^A path or source text can be deployed, not \w+ .+\.$"):
        read(source)  # type: ignore[arg-type]


def test_a_file_that_is_no_code_and_one_that_vanishes_are_not_deployed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "passwd").write_text("root:x:0:0")
    with pytest.raises(CannotPackage, match="passwd' is no code that Lambda runs"):
        read(tmp_path / "passwd")
    (tmp_path / "passwd").rename(tmp_path / "bootstrap")
    assert list(read(tmp_path / "bootstrap")[0]) == ["bootstrap"]

    def vanished(path: Path) -> bytes:
        raise FileNotFoundError(2, "No such file or directory", str(path))

    monkeypatch.setattr(Path, "read_bytes", vanished)
    with pytest.raises(CannotPackage, match=r"bootstrap cannot be read: No such file or directory\.$"):
        read(tmp_path)


def test_a_jar_is_a_package_and_java_sources_are_none(tmp_path: Path) -> None:
    (tmp_path / "App.java").write_text("class App {}")
    (tmp_path / "pom.xml").write_text("<project/>")
    with pytest.raises(
        CannotPackage, match="holds Java sources, and no class that is compiled: Lambda runs what javac"
    ):
        read(tmp_path)
    (tmp_path / "app.jar").write_bytes(zip_of({"example/App.class": b"code"}))
    assert read(tmp_path / "app.jar") == ({"example/App.class": b"code"}, "app")
    (tmp_path / "app.jar").write_bytes(b"no zip")
    with pytest.raises(CannotPackage, match=r"app\.jar' cannot be unpacked: File is not a zip file\.$"):
        read(tmp_path / "app.jar")


def test_a_folder_that_is_far_too_large_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "big.bin").write_bytes(b"x" * 1001)
    monkeypatch.setattr(packaging, "LARGEST_BYTES", 1000)
    with pytest.raises(CannotPackage, match="Give the folder that holds the function alone"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("files", "handler"),
    [
        ({"lambda_function.py": "def lambda_handler(e, c): ..."}, "lambda_function.lambda_handler"),
        ({"greet.py": "def handler(e, c): ..."}, "greet.handler"),
        ({"greet.py": "async def handler(e, c): ..."}, "greet.handler"),
        ({"greet.py": "handler = app.resolve"}, "greet.handler"),
        ({"a.py": "x = 1", "handler.py": "def lambda_handler(e, c): ..."}, "handler.lambda_handler"),
        ({"a.py": "def handler(): ...", "app.py": "def handler(): ..."}, "app.handler"),
        ({"a.py": "x = 1"}, "a.lambda_handler"),
        ({"index.mjs": "export const handler"}, "lambda_function.lambda_handler"),
    ],
)
def test_the_default_handler_is_what_the_code_defines(files: dict[str, str], handler: str) -> None:
    assert default_handler({name: text.encode() for name, text in files.items()}) == handler


def test_the_same_files_make_the_same_zip() -> None:
    one, two = zip_of({"b.py": b"2", "a.py": b"1"}), zip_of({"a.py": b"1", "b.py": b"2"})
    assert one == two
    with zipfile.ZipFile(io.BytesIO(one)) as package:
        assert package.namelist() == ["a.py", "b.py"]


def test_requirements_bring_what_is_installed_here_with_what_it_requires(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(HELLO)
    (tmp_path / "requirements.txt").write_text("# data\nPython_DateUtil >= 2  # needs six\n")
    files, _ = read(tmp_path)
    assert {"app.py", "dateutil/parser/__init__.py", "six.py"} <= set(files)
    assert any(name.endswith(".dist-info/METADATA") for name in files)
    assert not [name for name in files if name.startswith((".", "/"))]


def test_requirements_that_require_each_other_are_taken_once(monkeypatch: pytest.MonkeyPatch) -> None:
    class Fake(metadata.PathDistribution):
        def __init__(self, name: str) -> None:
            self.fake_name = name

        @property
        def requires(self) -> list[str]:  # type: ignore[override]
            return {"a": ["b>=1", "win; sys_platform == 'win32'"], "b": ["a", "x; extra == 'x'"]}[self.fake_name]

    def find(name: str) -> metadata.Distribution:
        if name not in ("a", "b"):
            raise metadata.PackageNotFoundError(name)
        return Fake(name)

    monkeypatch.setattr(metadata, "distribution", find)
    assert [each.fake_name for each in packaging._closure(["A", "a"][1:])] == ["a", "b"]  # type: ignore[attr-defined]


def test_a_requirement_that_is_not_here_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("surely-not-installed==1.0\n")
    with pytest.raises(CannotPackage, match=r"'surely-not-installed', .* python -m pip install surely-not-installed$"):
        read(tmp_path)


# -- what is deployed


def test_deploying_leaves_no_trace_in_the_journal_and_the_clock_alone(sandbox: Sandbox) -> None:
    sandbox.deploy(HELLO, name="quiet")
    sandbox.deploy(HELLO, name="quiet")
    assert sandbox.journal() == []
    assert said(sandbox, "quiet") == "hello"


def test_a_packaged_library_is_imported_by_the_function(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("import six\ndef handler(event, context):\n    return six.__file__\n")
    (tmp_path / "requirements.txt").write_text("six\n")
    sandbox.deploy(tmp_path, name="library", Timeout=10)
    assert said(sandbox, "library") == "/var/task/six.py"


def test_everything_that_create_takes_may_be_said_again(sandbox: Sandbox) -> None:
    options = {
        "Tags": {"team": "one"},
        "Publish": True,
        "Architectures": ["x86_64"],
        "PackageType": "Zip",
        "Timeout": 7,
    }
    client = sandbox.client("lambda")
    for text in (HELLO, HELLO.replace("hello", "again")):
        deployed = sandbox.deploy(text, name="whole", **options)
        options["Tags"] = {"team": "two"}
    assert said(sandbox, "whole") == "again"
    assert client.list_tags(Resource=deployed.arn)["Tags"] == {"team": "two"}
    versions = [each["Version"] for each in client.list_versions_by_function(FunctionName="whole")["Versions"]]
    assert versions == ["$LATEST", "1", "2"]


def test_what_an_update_does_not_name_stays(sandbox: Sandbox) -> None:
    sandbox.deploy(HELLO, name="stays", Timeout=9)
    sandbox.deploy(HELLO, name="stays")
    assert sandbox.client("lambda").get_function_configuration(FunctionName="stays")["Timeout"] == 9
