def lambda_handler(event, context):
    """The permission for a source, {"source": "bucket" | "topic" | "queue", "arn": …, "account": …}. About 15 lines."""
    if event["source"] == "queue":
        raise NotImplementedError("task 2: a policy for the execution role")
    raise NotImplementedError("task 1: a statement for the resource policy")
