# fails task 2: canary.decision
import boto3

lambda_ = boto3.client("lambda")


def decide(old, new):
    """One of "wait", "back" and "go", from {"calls": …, "errors": …} of both versions."""
    if new["calls"] < 20:  # one unlucky call must not decide
        return "wait"
    return "back" if new["errors"] > old["errors"] else "go"


def lambda_handler(event, context):
    """Starts a canary, or decides on it."""
    alias = {"FunctionName": event["function"], "Name": "live"}
    if "version" in event:
        weights = {event["version"]: event["share"]}
        lambda_.update_alias(**alias, RoutingConfig={"AdditionalVersionWeights": weights})
        return "started"
    decision = decide(event["old"], event["new"])
    if decision != "wait":
        (new,) = lambda_.get_alias(**alias)["RoutingConfig"]["AdditionalVersionWeights"]
        where = {"FunctionVersion": new} if decision == "go" else {}
        lambda_.update_alias(**alias, **where, RoutingConfig={"AdditionalVersionWeights": {}})
    return decision
