import boto3

lambda_ = boto3.client("lambda")


def decide(old, new):
    """One of "wait", "back" and "go", from {"calls": …, "errors": …} of both versions. About 6 lines."""
    raise NotImplementedError("task 2: decide")


def lambda_handler(event, context):
    """Starts a canary, or decides on it. About 12 lines."""
    alias = {"FunctionName": event["function"], "Name": "live"}
    if "version" in event:
        raise NotImplementedError("task 1: start")
    decision = decide(event["old"], event["new"])
    # task 3: the new version's number stands in the alias itself
    return decision
