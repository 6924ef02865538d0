"""The checks of 03/which_error: each package is built and called, and what really happens is compared."""

import io
import json
import re
import zipfile

from botocore.exceptions import ClientError

from lambda_sandbox.workbook.checks import expect, require, task

HANDLER = "def lambda_handler(event, context): return 'tea'\n"


def packed(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return out.getvalue()


def happened(sandbox, archive, handler="app.lambda_handler", **settings):
    """What creating and calling a function of this zip gives: a word, and the error message if it failed."""
    client = sandbox.client("lambda")
    role = client.get_function_configuration(FunctionName="exercise")["Role"]
    for function in client.list_functions()["Functions"]:
        if function["FunctionName"] == "shop":
            client.delete_function(FunctionName="shop")
    try:
        client.create_function(
            FunctionName="shop",
            Role=role,
            Runtime="python3.13",
            Handler=handler,
            Code={"ZipFile": archive},
            **settings,
        )
    except ClientError:
        return "refused", ""
    sandbox.clock.advance(seconds=1)
    answer = client.invoke(FunctionName="shop")
    said = json.load(answer["Payload"])
    return ("fails", said["errorMessage"]) if "FunctionError" in answer else ("works", "")


def compare(function, scene, really, says, otherwise=None):
    answer = function.invoke({"scene": scene})
    require(answer != "?", says="package.open", expected="a prediction", got=answer, scene=scene)
    expect(answer, really, says=says, recognise=otherwise)


def missing(sandbox, files):
    """The last name in the error message."""
    return re.findall(r"'([^']+)'", happened(sandbox, packed(files))[1])[-1]


@task(1)
def test_knows_who_looks_at_a_zip(function, sandbox):
    whole = packed({"app.py": HANDLER})
    really, _ = happened(sandbox, whole[: len(whole) // 2])
    compare(function, "half of the zip was sent", really, "package.is-unzipped")
    folder = packed({"till/app.py": HANDLER})
    really, _ = happened(sandbox, folder)
    scene = "the zip holds till/app.py, the handler is app.lambda_handler"
    compare(function, scene, really, "package.top-first", {"package.is-not-run": "refused"})
    really, _ = happened(sandbox, folder, "till/app.lambda_handler")
    scene = "the zip holds till/app.py, the handler is till/app.lambda_handler"
    compare(function, scene, really, "package.top-first")


@task(1)
def test_knows_when_code_is_read(function, sandbox):
    really, _ = happened(sandbox, packed({"app.py": "def lambda_handler(event, context) return 1"}))
    compare(function, "app.py has a syntax error", really, "package.is-not-run")
    really, _ = happened(sandbox, packed({"app.py": "import boto3\n" + HANDLER}))
    compare(function, "app.py imports boto3, which is not in the zip", really, "package.brought-along")
    settings = {"Environment": {"Variables": {"AWS_REGION": "moon-1"}}}
    really, _ = happened(sandbox, packed({"app.py": HANDLER}), **settings)
    compare(function, "a setting is called AWS_REGION", really, "package.settings-are-checked")


@task(2)
def test_reads_the_message(function, sandbox):
    really = missing(sandbox, {"app.py": "import prices\n" + HANDLER})
    compare(function, "app.py imports prices, and prices.py was left out", really, "missing.what-and-where")
    really = missing(sandbox, {"main.py": HANDLER})
    compare(function, "the file is main.py, the handler is app.lambda_handler", really, "missing.the-file")


@task(2, hidden=True)
def test_follows_the_imports(function, sandbox):
    really = missing(sandbox, {"app.py": "import prices\n" + HANDLER, "prices.py": "import taxes\n"})
    scene = "app.py imports prices, that imports taxes, and taxes.py was left out"
    compare(function, scene, really, "missing.the-last-link")
    really = missing(sandbox, {"app.py": "import shop.till\n" + HANDLER, "till.py": ""})
    compare(function, "app.py imports shop.till, and the zip holds till.py", really, "missing.the-folder")
