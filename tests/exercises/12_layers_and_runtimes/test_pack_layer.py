"""The checks of 12/pack_layer: the zip is published, attached, and imported from."""

import base64
import io
import json
import zipfile
from datetime import datetime, timedelta, timezone

from lambda_sandbox.workbook.checks import expect, require, task

SOURCE = """
from importlib import import_module
def lambda_handler(event, context):
    return [import_module(name).WORD for name in event]
"""


def pack(function, language, files):
    """The bytes that the function answers with."""
    answer = function.invoke({"language": language, "files": files})
    try:
        content = base64.b64decode(answer["zip"], validate=True)
        opened(content)
    except (TypeError, KeyError, ValueError, zipfile.BadZipFile):
        require(False, says="pack.no-zip", expected="base64 of a zip", got=answer)
    return content


def opened(content):
    return zipfile.ZipFile(io.BytesIO(content))


def imported(sandbox, content, modules):
    """What a function with this layer finds in the modules, or the error document."""
    client = sandbox.client("lambda")
    arn = client.publish_layer_version(LayerName="packed", Content={"ZipFile": content})["LayerVersionArn"]
    sandbox.deploy(SOURCE, name="shop", Layers=[arn])
    answer = client.invoke(FunctionName="shop", Payload=json.dumps(modules))
    return json.load(answer["Payload"])


@task(1)
def test_packs_modules_that_python_finds(function, sandbox, rng):
    word = rng.choice(["sencha", "gyokuro", "hōjicha"])
    files = {"prices.py": f"WORD = {word!r}", "shop/__init__.py": "", "shop/till.py": "WORD = 'till'"}
    found = imported(sandbox, pack(function, "python", files), ["prices", "shop.till"])
    error = found.get("errorMessage") if isinstance(found, dict) else ""
    require(not error, says="pack.not-found", expected="a module", got=found, error=error)
    expect(found, [word, "till"], says="pack.text-changed")


@task(1)
def test_packs_packages_that_node_finds(function):
    names = opened(pack(function, "nodejs", {"prices/index.js": "exports.MINT = 3"})).namelist()
    good = "nodejs/node_modules/prices/index.js"
    require(good in names, says="pack.node-folder", expected="another folder", got=names, names=", ".join(names))


@task(2)
def test_gives_the_same_bytes_in_any_order(function, rng):
    files = {f"{name}.py": f"WORD = {name!r}" for name in rng.sample(["assam", "chai", "mint", "oolong"], 4)}
    first, second = (pack(function, "python", dict(items)) for items in (files.items(), reversed(files.items())))
    require(first == second, says="pack.order", expected="the same bytes", got="other bytes")


@task(2, hidden=True)
def test_does_not_know_what_day_it_is(function):
    dates = [datetime(*info.date_time, tzinfo=timezone.utc) for info in opened(pack(function, "python", {"a.py": ""})).infolist()]
    near = [date for date in dates if abs(date - datetime.now(timezone.utc)) < timedelta(days=2)]
    require(not near, says="pack.dates", expected="a date that is always the same", got=str(near[0].date()) if near else "")
