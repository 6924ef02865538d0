"""What layers hold is at /opt, in their order; the package shadows it (facts §3.5, §8.2)."""

import io
import json
import zipfile
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from lambda_sandbox import Sandbox

LOOKS = """
import os, sys
import shared, own

def handler(event, context):
    opt = next(path for path in sys.path if path.endswith("python") and "lang" not in path)
    beside = os.path.join(os.path.dirname(opt), "note.txt")
    return [shared.NAME, own.NAME, open(beside).read()]
"""


def layer(**files: str) -> dict[str, bytes]:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr({"note": "note.txt"}.get(name, f"python/{name}.py"), text)
    return {"ZipFile": out.getvalue()}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock="virtual") as sandbox:
        yield sandbox


def test_later_layers_lie_over_earlier_ones_and_the_package_over_all(sandbox: Sandbox, tmp_path) -> None:
    lambda_ = sandbox.client("lambda")
    contents = [layer(shared="NAME = 'first'", own="NAME = 'layer'"), layer(shared="NAME = 'second'", note="hello")]
    arns = [
        lambda_.publish_layer_version(LayerName=f"l{number}", Content=content)["LayerVersionArn"]
        for number, content in enumerate(contents)
    ]
    (tmp_path / "index.py").write_text(LOOKS)
    (tmp_path / "own.py").write_text("NAME = 'package'")
    sandbox.deploy(tmp_path, name="looks", Layers=arns)
    answer = json.load(lambda_.invoke(FunctionName="looks")["Payload"])
    assert answer == ["second", "package", "hello"]
    lambda_.update_function_configuration(FunctionName="looks", Layers=[])
    sandbox.settle()
    gone = json.load(lambda_.invoke(FunctionName="looks")["Payload"])
    assert gone["errorMessage"] == "Unable to import module 'index': No module named 'shared'"


def test_a_function_and_its_layers_have_one_limit(sandbox: Sandbox, tmp_path) -> None:
    lambda_ = sandbox.client("lambda")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(150_000_000))
    arns = []
    for name in ("big", "bigger"):
        archive = {"ZipFile": out.getvalue()}
        arns.append(lambda_.publish_layer_version(LayerName=name, Content=archive)["LayerVersionArn"])
    with pytest.raises(ClientError, match="maximum allowed size of 262144000"):
        sandbox.deploy("def handler(e, c):\n    pass\n", name="large", Layers=arns)
