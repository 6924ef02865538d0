# fails task 1: calls.does-not-call
# Who waits for an answer? Who only tells? And who does not call at all?
WAYS = {
    "EventBridge": "asynchronous",
    "function URL": "synchronous",
    "API Gateway": "synchronous",
    "S3": "asynchronous",
    "SNS": "asynchronous",
    "SQS": "asynchronous",
    "Kinesis": "polled",
}

# Who comes from outside is let in by the function's policy. What Lambda fetches it fetches with the function's role.
PERMISSIONS = {
    "EventBridge": "resource policy",
    "function URL": "resource policy",
    "API Gateway": "resource policy",
    "S3": "resource policy",
    "SNS": "resource policy",
    "SQS": "execution role",
    "Kinesis": "execution role",
}


def lambda_handler(event, context):
    return {"way": WAYS, "permission": PERMISSIONS}[event["ask"]][event["source"]]
