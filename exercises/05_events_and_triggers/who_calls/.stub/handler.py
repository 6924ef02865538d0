# task 1: "synchronous", "asynchronous" or "polled"
WAYS = {
    "EventBridge": "asynchronous",  # this one is done
    "function URL": "?",
    "API Gateway": "?",
    "S3": "?",
    "SNS": "?",
    "SQS": "?",
    "Kinesis": "?",
}

# task 2: "resource policy" or "execution role"
PERMISSIONS = {
    "EventBridge": "resource policy",  # this one is done
    "function URL": "?",
    "API Gateway": "?",
    "S3": "?",
    "SNS": "?",
    "SQS": "?",
    "Kinesis": "?",
}


def lambda_handler(event, context):
    """Answers {"ask": "way", "source": "S3"} with what stands in the tables. Nothing to change here."""
    return {"way": WAYS, "permission": PERMISSIONS}[event["ask"]][event["source"]]
