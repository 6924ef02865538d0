"""The checks of 03/repack: what comes back is deployed and called, and compared with what Lambda says of it."""

import base64
import io
import json
import zipfile

from lambda_sandbox.workbook.checks import expect, require, task

HANDLER = """
from shop import prices
def lambda_handler(event, context):
    return prices.MINT
"""
FILES = {"app.py": HANDLER, "shop/__init__.py": "", "shop/prices.py": "MINT = {mint}"}


def mailed(files, day=1):
    """A colleague's zip, as the event has it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2030, 1, day, 0, 0, 0)), text)
    return {"zip": base64.b64encode(out.getvalue()).decode()}


def tea_house(mint):
    return {name: text.replace("{mint}", str(mint)) for name, text in FILES.items()}


def repacked(function, event, called):
    """The answer, and the zip in it."""
    answer = function.invoke(event, called=f"lambda_handler({called})")
    try:
        content = base64.b64decode(answer["zip"], validate=True)
        return answer, content, zipfile.ZipFile(io.BytesIO(content))
    except (TypeError, KeyError, ValueError, zipfile.BadZipFile):
        require(False, says="repack.no-zip", expected="base64 of a zip", got=answer)


def deployed(sandbox, content):
    """A function of this package, called: its answer, and the package's sum as Lambda says it."""
    client = sandbox.client("lambda")
    role = client.get_function_configuration(FunctionName="exercise")["Role"]
    settings = {"Role": role, "Runtime": "python3.13", "Handler": "app.lambda_handler", "Code": {"ZipFile": content}}
    made = client.create_function(FunctionName="till", **settings)
    sandbox.clock.advance(seconds=1)
    return json.load(client.invoke(FunctionName="till")["Payload"]), made["CodeSha256"]


@task(1)
def test_takes_the_outer_folder_away(function, sandbox, rng):
    mint = rng.randrange(2, 9)
    folder = rng.choice(["till/", "package/"])
    files = {folder + name: text for name, text in tea_house(mint).items()}
    event = mailed({**files, f"__MACOSX/{folder}._app.py": "for Macs only"})
    _, content, archive = repacked(function, event, "a zip of a folder, from a Mac")
    said, _ = deployed(sandbox, content)
    error = said.get("errorMessage", "") if isinstance(said, dict) else ""
    names = ", ".join(archive.namelist())
    lost = "No module named 'shop'" in error
    require(not lost, says="repack.lost-a-folder", expected="app.py and shop/prices.py", got=said, names=names)
    expect(said, mint, says="repack.cannot-be-imported", error=error, names=names)


@task(1, hidden=True)
def test_leaves_a_good_package_as_it_is(function, rng):
    files = tea_house(rng.randrange(2, 9))
    event = mailed({**files, "shop/__pycache__/prices.cpython-313.pyc": "old"})
    _, _, archive = repacked(function, event, "a zip that was right, with a __pycache__ in it")
    names = sorted(name for name in archive.namelist() if not name.endswith("/"))
    useless = ", ".join(name for name in names if "__pycache__" in name)
    require(not useless, says="repack.useless-files", expected="three files", got=names, names=useless)
    expect(names, sorted(files), says="repack.lost-a-folder", names=", ".join(names))


@task(2)
def test_gives_the_same_bytes_and_the_sum_that_lambda_says(function, sandbox, rng):
    files = tea_house(rng.randrange(2, 9))
    _, first, _ = repacked(function, mailed(files, day=1), "a zip of the first of January")
    answer, second, _ = repacked(function, mailed(dict(reversed(files.items())), day=2), "the same files on the second")
    require(first == second, says="repack.other-bytes", expected="the same bytes", got="other bytes")
    _, really = deployed(sandbox, second)
    expect(answer.get("sha256"), really, says="repack.not-lambdas-sum")


@task(2, hidden=True)
def test_lets_everybody_read(function):
    _, _, archive = repacked(function, mailed(tea_house(3)), "a zip")
    for info in archive.infolist():
        mode = info.external_attr >> 16 & 0o777
        readable = mode & 0o444 == 0o444
        require(readable, says="repack.nobody-may-read", expected="mode 0o644", got=oct(mode), names=info.filename)
