"""Exact fractions; the alias is read first, and changed only if nobody has changed it since."""

from fractions import Fraction

import boto3

lambda_ = boto3.client("lambda")


def decide(old, new):
    if new["calls"] < 20:
        return "wait"
    worse = Fraction(new["errors"], new["calls"]) - Fraction(old["errors"], old["calls"])
    return "back" if worse > Fraction(5, 100) else "go"


def change(alias, version, weights):
    lambda_.update_alias(
        FunctionName=alias["AliasArn"].split(":")[6],
        Name="live",
        FunctionVersion=version,
        RoutingConfig={"AdditionalVersionWeights": weights},
        RevisionId=alias["RevisionId"],
    )


def lambda_handler(event, context):
    alias = lambda_.get_alias(FunctionName=event["function"], Name="live")
    if "version" in event:
        change(alias, alias["FunctionVersion"], {event["version"]: event["share"]})
        return "started"
    decision = decide(event["old"], event["new"])
    if decision == "go":
        change(alias, next(iter(alias["RoutingConfig"]["AdditionalVersionWeights"])), {})
    elif decision == "back":
        change(alias, alias["FunctionVersion"], {})
    return decision
