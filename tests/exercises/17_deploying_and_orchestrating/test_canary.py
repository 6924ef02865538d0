"""The checks of 17/canary: a function with two versions and an alias, and what becomes of the alias."""

from lambda_sandbox.workbook.checks import expect, require, task


def released(sandbox):
    """Versions 1 and 2, and `live` on version 1."""
    client = sandbox.client("lambda")
    for price in (3, 4):
        sandbox.deploy(f"def lambda_handler(event, context):\n    return {price}\n", name="till", Publish=True)
    if len(client.list_versions_by_function(FunctionName="till")["Versions"]) < 3:
        client.publish_version(FunctionName="till")
    client.create_alias(FunctionName="till", Name="live", FunctionVersion="1")
    return client


def alias(client):
    """The version that `live` points to, and the weights of others."""
    found = client.get_alias(FunctionName="till", Name="live")
    return found["FunctionVersion"], (found.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}


def decided(function, old, new):
    return function.invoke(
        {
            "function": "till",
            "old": {"calls": old[0], "errors": old[1]},
            "new": {"calls": new[0], "errors": new[1]},
        }
    )


def started(client, share=0.1):
    weights = {"AdditionalVersionWeights": {"2": share}}
    client.update_alias(FunctionName="till", Name="live", FunctionVersion="1", RoutingConfig=weights)


@task(1)
def test_sends_a_share_to_the_new_version(function, sandbox, rng):
    client, share = released(sandbox), rng.choice([0.05, 0.2, 0.3])
    function.invoke({"function": "till", "version": "2", "share": share})
    version, weights = alias(client)
    require(version == "1", says="canary.moved", expected="1", got=version)
    expect(weights.get("2", 0), share, says="canary.share", version="2")


@task(2)
def test_tells_good_from_bad(function, sandbox, rng):
    client = released(sandbox)
    started(client)
    calls = rng.choice([20, 40, 60])
    for old, new, said in [
        ((400, 40), (calls, calls // 5), "back"),
        ((400, 40), (calls, calls // 10), "go"),
        ((200, 0), (calls, 0), "go"),
    ]:
        numbers = {"old_calls": old[0], "old_errors": old[1], "new_calls": new[0], "new_errors": new[1]}
        expect(decided(function, old, new), said, says="canary.decision", **numbers)
        started(client)


@task(2, hidden=True)
def test_waits_for_enough_calls(function, sandbox, rng):
    started(released(sandbox))
    calls = rng.randint(1, 19)
    expect(decided(function, (400, 0), (calls, calls)), "wait", says="canary.too-few", calls=calls)
    expect(decided(function, (400, 0), (0, 0)), "wait", says="canary.too-few", calls=0)


@task(3)
def test_ends_the_canary(function, sandbox):
    client = released(sandbox)
    for errors, decision, version in ((0, "go", "2"), (30, "back", "1")):
        started(client)
        decided(function, (400, 0), (50, errors))
        now, weights = alias(client)
        require(not weights, says="canary.not-over", expected="no weights", got=weights, decision=decision, weights=list(weights))
        expect(now, version, says="canary.wrong-version", decision=decision)


@task(3, hidden=True)
def test_leaves_the_alias_alone_while_it_waits(function, sandbox):
    client = released(sandbox)
    started(client, 0.3)
    decided(function, (400, 0), (5, 5))
    expect(list(alias(client)), ["1", {"2": 0.3}], says="canary.waited-wrong")
