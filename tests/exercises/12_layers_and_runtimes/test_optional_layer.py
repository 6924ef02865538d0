"""The checks of 12/optional_layer: the function without the layer, with both versions of it, and with broken ones."""

import io
import zipfile

from lambda_sandbox.workbook.checks import expect, require, task

VERSION_1 = "PERCENT = {percent}\n"
VERSION_2 = VERSION_1 + "def discounted(price):\n    return price - 1\n"
BROKEN = {
    "No module named 'ledger'": "import ledger\n",
    "the ledger is empty": "raise ValueError('the ledger is empty')\n",
    "cannot import name 'members' from 'json'": "from json import members\n",
}


def attach(sandbox, function, source):
    """Gives the function a layer whose tea_club.py is this source."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("python/tea_club.py", source)
    client = sandbox.client("lambda")
    arn = client.publish_layer_version(LayerName="club", Content={"ZipFile": out.getvalue()})["LayerVersionArn"]
    client.update_function_configuration(FunctionName=function.name, Layers=[arn])
    sandbox.settle()


def fails(sandbox, function, because):
    attach(sandbox, function, BROKEN[because])
    outcome = function.outcome({"cups": 2})
    require(outcome.error, says="club.hides-broken", expected="an error", got=outcome.payload, because=because)
    message = outcome.error_message
    require(because in message, says="club.other-error", expected=because, got=message)


@task(1)
def test_answers_without_the_layer_and_not_with_a_broken_one(function, sandbox, rng):
    cups = rng.randrange(2, 9)
    answer = function.invoke({"cups": cups}, says={"Runtime.ImportModuleError": "club.needs-layer"})
    expect(answer, {"price": 3 * cups, "club": False}, says="club.full-price")
    fails(sandbox, function, "No module named 'ledger'")


@task(1, hidden=True)
def test_hides_no_other_error_of_the_layer(function, sandbox):
    fails(sandbox, function, "the ledger is empty")
    fails(sandbox, function, "cannot import name 'members' from 'json'")


@task(2)
def test_gets_on_with_both_versions_of_the_layer(function, sandbox, rng):
    percent, cups = rng.choice([10, 25, 50]), rng.randrange(2, 9)
    attach(sandbox, function, VERSION_2.format(percent=percent))
    expect(function.invoke({"cups": cups}), {"price": 3 * cups - 1, "club": True}, says="club.new-version")
    attach(sandbox, function, VERSION_1.format(percent=percent))
    answer = function.invoke({"cups": cups}, says="club.old-version")
    expect(answer, {"price": 3 * cups * (100 - percent) / 100, "club": True}, says="club.old-version")


@task(2, hidden=True)
def test_takes_an_error_inside_for_an_error(function, sandbox):
    attach(sandbox, function, VERSION_1.format(percent=10) + "def discounted(price):\n    return price.cents\n")
    outcome = function.outcome({"cups": 2})
    require(outcome.error, says="club.error-inside", expected="AttributeError", got=outcome.payload)
