"""The checks of 12/which_wins: each scene is played, and what really happens is compared."""

import io
import json
import zipfile

from botocore.exceptions import ClientError

from lambda_sandbox.workbook.checks import expect, require, task

SOURCE = """
import prices
def lambda_handler(event, context):
    return prices.MINT
"""


def publish(sandbox, number, name="prices", path="python/prices.py"):
    """A new version of a layer whose module says the number; its ARN."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(path, f"MINT = {number}")
    answer = sandbox.client("lambda").publish_layer_version(LayerName=name, Content={"ZipFile": out.getvalue()})
    return answer["LayerVersionArn"]


def price(sandbox, *arns, name="shop", source=SOURCE):
    """What a new shop says with these layers: a number, or None if it failed."""
    sandbox.deploy(source, name=name, Layers=list(arns))
    return ask(sandbox, name)


def ask(sandbox, name="shop"):
    answer = sandbox.client("lambda").invoke(FunctionName=name)
    said = json.load(answer["Payload"])
    return None if "FunctionError" in answer else said


def refused(sandbox, *arns):
    try:
        sandbox.deploy(SOURCE, name="other", Layers=list(arns))
    except ClientError:
        return "refused"
    return "fine"


def compare(function, scene, really, says):
    answer = function.invoke({"scene": scene})
    require(answer != "?", says="layer.open", expected="a prediction", got=answer, scene=scene)
    expect(answer, really, says=says)


@task(1)
def test_knows_what_is_imported(function, sandbox):
    one, two = publish(sandbox, 1), publish(sandbox, 2, name="others")
    really = {1: "first", 2: "last"}[price(sandbox, one, two)]
    scene = "two layers have a prices.py: the one in the list that counts"
    compare(function, scene, really, "layer.merged-in-order")


@task(1)
def test_knows_where_python_looks(function, sandbox):
    top = publish(sandbox, 3, path="prices.py")
    really = "missing" if price(sandbox, top) is None else "found"
    compare(function, "prices.py lies at the top of the layer's zip: the module is", really, "layer.folder")
    both = "MINT = 4\n" + SOURCE.replace("import prices", "import sys; prices = sys.modules[__name__]")
    own = {4: "package", 1: "layer"}[price(sandbox, publish(sandbox, 1), name="own", source=both)]
    compare(function, "a layer and the package have a prices.py: the one that counts", own, "layer.package-first")


@task(2)
def test_knows_what_a_function_keeps(function, sandbox):
    old = publish(sandbox, 1)
    before = price(sandbox, old)
    publish(sandbox, 2)
    really = "old" if ask(sandbox) == before else "new"
    compare(function, "a second version of the layer is published: the function sees", really, "layer.versions-stay")
    client = sandbox.client("lambda")
    client.delete_layer_version(LayerName="prices", VersionNumber=1)
    client.update_function_configuration(FunctionName="shop", Timeout=7)  # a new environment
    sandbox.settle()
    really = "failed" if ask(sandbox) is None else "fine"
    compare(function, "the version in use is deleted: the next cold call is", really, "layer.deleted-stays")


@task(2, hidden=True)
def test_knows_what_the_api_refuses(function, sandbox):
    old = publish(sandbox, 1)
    sandbox.client("lambda").delete_layer_version(LayerName="prices", VersionNumber=1)
    scene = "the deleted version is given to another function: that is"
    compare(function, scene, refused(sandbox, old), "layer.deleted-is-gone")
    six = [publish(sandbox, number, name=f"layer{number}") for number in range(6)]
    compare(function, "a function is given six layers: that is", refused(sandbox, *six), "layer.five")
