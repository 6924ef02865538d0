"""No division at all; version and weights of the alias are set together, whatever was decided."""

import boto3

client = boto3.client("lambda")


def decide(old, new):
    if new["calls"] < 20:
        return "wait"
    # new.errors / new.calls - old.errors / old.calls > 1 / 20, times all three
    worse = 20 * (new["errors"] * old["calls"] - old["errors"] * new["calls"])
    return "back" if worse > new["calls"] * old["calls"] else "go"


def lambda_handler(event, context):
    function = event["function"]
    if "share" in event:
        route = {"AdditionalVersionWeights": {event["version"]: event["share"]}}
        client.update_alias(FunctionName=function, Name="live", RoutingConfig=route)
        return "started"
    decision = decide(**{name: event[name] for name in ("old", "new")})
    if decision != "wait":
        alias = client.get_alias(FunctionName=function, Name="live")
        weights = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
        version = max(weights, key=int) if decision == "go" and weights else alias["FunctionVersion"]
        client.update_alias(
            FunctionName=function,
            Name=alias["Name"],
            Description=f"decided: {decision}",
            FunctionVersion=version,
            RoutingConfig={"AdditionalVersionWeights": {}},
        )
    return decision
