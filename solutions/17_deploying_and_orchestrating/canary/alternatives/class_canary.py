"""A class with a method for each thing that can be done; the decision's word is the method's name."""

import boto3


class Canary:
    def __init__(self, function):
        self.client = boto3.client("lambda")
        self.alias = {"FunctionName": function, "Name": "live"}

    def start(self, version, share):
        weights = {"AdditionalVersionWeights": {str(version): float(share)}}
        self.client.update_alias(**self.alias, RoutingConfig=weights)
        return "started"

    def wait(self):
        pass

    def back(self):
        self.client.update_alias(**self.alias, RoutingConfig={"AdditionalVersionWeights": {}})

    def go(self):
        [new] = self.client.get_alias(**self.alias)["RoutingConfig"]["AdditionalVersionWeights"]
        self.client.update_alias(**self.alias, FunctionVersion=new, RoutingConfig={"AdditionalVersionWeights": {}})


def decide(old, new):
    if new["calls"] < 20:
        return "wait"
    rates = [numbers["errors"] / max(numbers["calls"], 1) for numbers in (old, new)]
    return "back" if rates[1] > rates[0] + 0.05 else "go"


def lambda_handler(event, context):
    canary = Canary(event["function"])
    if version := event.get("version"):
        return canary.start(version, event["share"])
    decision = decide(event["old"], event["new"])
    getattr(canary, decision)()
    return decision
