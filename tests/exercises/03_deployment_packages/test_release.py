"""The checks of 03/release: code is uploaded and released, and a caller of the alias looks at what comes back."""

import json

from lambda_sandbox.workbook.checks import expect, require, task

SELLS = "def lambda_handler(event, context): return {price} * event['cups']\n"
BREAKS = "def lambda_handler(event, context): return event['cupz']\n"
PROBE = {"cups": 2}


def upload(sandbox, price):
    """New code in $LATEST, which nobody has released."""
    sandbox.deploy(SELLS.replace("{price}", str(price)) if price else BREAKS, name="till")


def release(function, expect, says=None):
    return function.invoke({"function": "till", "probe": PROBE, "expect": expect}, says=says)


def live(sandbox):
    """What `live` points to, or None; and what a caller gets from it."""
    client = sandbox.client("lambda")
    aliases = client.list_aliases(FunctionName="till")["Aliases"]
    version = next((alias["FunctionVersion"] for alias in aliases if alias["Name"] == "live"), None)
    require(version is not None, says="release.no-alias", expected="an alias", got=[alias["Name"] for alias in aliases])
    answer = client.invoke(FunctionName="till", Qualifier="live", Payload=json.dumps(PROBE))
    return version, json.load(answer["Payload"])


@task(1)
def test_releases_twice(function, sandbox, rng):
    prices = rng.sample(range(2, 9), 2)
    for price in prices:
        upload(sandbox, price)
        there = {"ResourceNotFoundException": "release.no-alias", "ResourceConflictException": "release.alias-there"}
        answer = release(function, 2 * price, says=there)
        version, said = live(sandbox)
        require(version != "$LATEST", says="release.latest", expected="a version", got=version)
        require(said == 2 * price, says="release.not-moved", expected="the new answer", got=said, live=version)
        expect(answer.get("live") if isinstance(answer, dict) else answer, version, says="release.wrong-answer")


@task(2)
def test_does_not_release_what_fails(function, sandbox):
    upload(sandbox, 3)
    release(function, 6)
    before, _ = live(sandbox)
    upload(sandbox, None)
    answer = release(function, 6)
    version, said = live(sandbox)
    require(said == 6, says="release.broken-is-live", expected=f"version {before}", got=version)
    expect(answer.get("live"), version, says="release.wrong-answer")


@task(2, hidden=True)
def test_does_not_release_a_wrong_answer(function, sandbox, rng):
    upload(sandbox, 3)
    release(function, 6)
    upload(sandbox, 5)
    release(function, 8)
    version, said = live(sandbox)
    require(said == 6, says="release.wrong-is-live", expected="the version before", got=version, said=said)


@task(3)
def test_goes_back(function, sandbox):
    for price in (3, 4, 5):
        upload(sandbox, price)
        release(function, 2 * price)
    upload(sandbox, None)
    answer = function.invoke({"function": "till", "back_to": "1"}, says="release.not-back")
    version, said = live(sandbox)
    require(said == 6, says="release.not-back", expected="1", got=said, live=version)
    expect(answer.get("live"), version, says="release.wrong-answer")
    versions = len(sandbox.client("lambda").list_versions_by_function(FunctionName="till")["Versions"]) - 1
    require(versions == 3, says="release.published-again", expected="three versions", got=versions)
