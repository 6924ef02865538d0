"""What a function finds around it when it starts: its search path, AWS's packages and no others, names as on AWS."""

from __future__ import annotations

import ast
import importlib.util
import json
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

RUNTIME = Path(__file__).parents[2] / "lambda_sandbox/runtimes/python"
SHIPPED = sorted(RUNTIME.rglob("*.py"))
VERSION = "3.13"  # of the runtime that the stories name, not of this interpreter
needs_boto3 = pytest.mark.skipif(importlib.util.find_spec("boto3") is None, reason="boto3 is not installed")


@pytest.fixture
def answer(tmp_path: Path, client: str, story: Callable[..., Any]) -> Callable[..., Any]:
    """Writes a function's files, runs it once with a client, and gives what it posted, parsed."""

    def run(files: dict[str, str], **case: Any) -> Any:
        task = tmp_path / "task"
        for name, text in {**files, "case.json": json.dumps(case)}.items():
            (task / name).parent.mkdir(parents=True, exist_ok=True)
            (task / name).write_text(text, "utf-8")
        told = story(task, client, keep_paths=True)
        assert told.posts, told.log
        return json.loads(told.posts[-1]["body"])

    return run


def handler(body: str, before: str = "") -> str:
    return f"{before}\ndef handler(event, context):\n    {body}\n"


def test_the_search_path_is_that_of_aws_in_a_private_root(answer: Callable[..., Any], tmp_path: Path) -> None:
    code = handler("return [sys.path, sys.argv]", "import sys")
    path, arguments = answer({"index.py": code}, private_root=True)
    assert path[:3] == ["/var/task", f"/opt/python/lib/python{VERSION}/site-packages", "/opt/python"]
    assert path[3:5] == [str(RUNTIME), str(tmp_path / "task")], "the runtime's folder, then the function's PYTHONPATH"
    assert all("python3" in entry for entry in path[-3:]), "the standard library comes last"
    assert len(path) == len(set(path))
    assert arguments == [str(RUNTIME / "bootstrap.py"), "index.handler"]


def test_the_search_path_of_a_plain_process_has_no_site_packages(answer: Callable[..., Any], tmp_path: Path) -> None:
    path = answer({"index.py": handler("return sys.path", "import sys")})
    layer = tmp_path / "opt/python"
    assert path[:3] == [str(tmp_path / "task"), str(layer / f"lib/python{VERSION}/site-packages"), str(layer)]
    assert not [entry for entry in path[3:] if "site-packages" in entry or entry == str(RUNTIME)]


def test_a_layers_folder_is_named_after_the_functions_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EXECUTION_ENV", "AWS_Lambda_python3.99")
    path = runpy.run_path(str(RUNTIME / "bootstrap.py"))["search_path"]("/var/task", "/opt", [])
    assert path == ["/var/task", "/opt/python/lib/python3.99/site-packages", "/opt/python"]


def test_other_packages_of_the_machine_are_not_found(answer: Callable[..., Any]) -> None:
    error = answer({"index.py": "import pytest"})
    assert error["errorMessage"] == "Unable to import module 'index': No module named 'pytest'"


@needs_boto3
def test_the_sdk_is_found_and_its_code_has_the_names_of_aws(answer: Callable[..., Any]) -> None:
    code = handler(
        'boto3.client("s3", region_name="us-east-1").get_object(Bucket="Not A Bucket", Key="k")', "import boto3"
    )
    error = answer({"index.py": code})
    assert error["errorType"] == "ParamValidationError"
    assert 'File "/var/task/index.py"' in error["stackTrace"][0]
    assert all('File "/var/runtime/botocore/' in frame for frame in error["stackTrace"][1:])


def test_a_package_shadows_the_runtime_and_a_layer_and_a_layer_shadows_the_runtime(answer: Callable[..., Any]) -> None:
    files = {
        "index.py": handler(
            "return [six.FROM, shared.FROM, jmespath.FROM]", "import jmespath\nimport shared\nimport six"
        ),
        "six.py": "FROM = 'task'",
        "shared.py": "FROM = 'task'",
        "../opt/python/shared.py": "FROM = 'layer'",
        "../opt/python/jmespath.py": "FROM = 'layer'",
    }
    assert answer(files) == ["task", "task", "layer"]


def test_frames_of_a_layer_say_opt(answer: Callable[..., Any]) -> None:
    files = {
        "index.py": handler("return shared.fail()", "import shared"),
        f"../opt/python/lib/python{VERSION}/site-packages/shared/__init__.py": (
            "def fail():\n    raise ValueError(__name__)\n"
        ),
    }
    frames = answer(files)["stackTrace"]
    assert frames[1].startswith(
        f'  File "/opt/python/lib/python{VERSION}/site-packages/shared/__init__.py", line 2, in fail\n'
    )
    assert frames[1].endswith("    raise ValueError(__name__)\n")


def test_a_function_may_use_the_names_of_our_files_for_its_own(answer: Callable[..., Any]) -> None:
    names = [path.stem for path in SHIPPED if path.stem not in {"__init__", *sys.builtin_module_names}]
    files = {f"{name}.py": "FROM = 'task'" for name in names}
    code = handler(f"return [import_module(name).FROM for name in {names}]", "from importlib import import_module")
    assert answer({**files, "index.py": code}) == ["task"] * len(names)


def test_files_beside_the_code_are_found_by_file_resources_and_pkgutil(answer: Callable[..., Any]) -> None:
    code = """
import importlib.resources, inspect, os, pkgutil, sys
import shop

def handler(event, context):
    return [
        open(os.path.join(os.path.dirname(__file__), "data.txt")).read(),
        importlib.resources.files("shop").joinpath("data.txt").read_text(),
        pkgutil.get_data("shop", "data.txt").decode(),
        inspect.getsource(shop.stock),
        handler.__code__.co_filename,
    ]
"""
    stock = "def stock():\n    return 1\n"
    files = {"index.py": code, "data.txt": "task", "shop/__init__.py": stock, "shop/data.txt": "shop"}
    assert answer(files) == ["task", "shop", "shop", stock, "/var/task/index.py"]


def test_messages_that_quote_a_path_say_var_task(answer: Callable[..., Any]) -> None:
    error = answer({"index.py": "from helper import absent", "helper.py": ""})
    assert error["errorMessage"] == (
        "Unable to import module 'index': cannot import name 'absent' from 'helper' (/var/task/helper.py)"
    )
    error = answer({"index.py": handler('open(__file__ + ".absent")')})
    assert error["errorMessage"] == "[Errno 2] No such file or directory: '/var/task/index.py.absent'"


def test_no_bytecode_is_written_beside_the_code(answer: Callable[..., Any], tmp_path: Path) -> None:
    answer({"index.py": handler("return helper.__name__", "import helper"), "helper.py": ""})
    assert not list(tmp_path.rglob("__pycache__"))


def test_a_handler_that_looks_like_a_flag_is_still_the_handler(answer: Callable[..., Any]) -> None:
    error = answer({"index.py": ""}, handler="--own-client")
    assert error["errorMessage"] == "Bad handler '--own-client': not enough values to unpack (expected 2, got 1)"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_what_is_shipped_is_small_and_needs_the_standard_library_only(path: Path) -> None:
    text = path.read_text("utf-8")
    own = {"sandbox_client", "plain_process", "read_only", "awslambdaric"}
    for node in ast.walk(ast.parse(text)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
        for name in names:
            assert name.split(".")[0] in sys.stdlib_module_names | own | {"_typeshed"}, f"{path.name} imports {name}"
    assert len(text.splitlines()) <= 150
