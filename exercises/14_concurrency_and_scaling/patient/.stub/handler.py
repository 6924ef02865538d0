import boto3
from botocore.config import Config

lambda_ = boto3.client("lambda", config=Config(retries={"total_max_attempts": 1}))


def pause(n):
    """Seconds to wait after attempt number n = 0, 1, 2, …"""
    # task 3: longer each time, random, and with an upper bound
    return 0.1


def lambda_handler(event, context):
    """Calls event["function"] with event["payload"], patiently. About 12 lines."""
    if "pauses" in event:
        return [pause(n) for n in event["pauses"]]
    # task 2: give up after five attempts
    raise NotImplementedError("task 1: try again after a 429")
