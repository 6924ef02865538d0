# fails task 1: patient.wrong-answer
import json
import random
import time

import boto3
from botocore.config import Config

lambda_ = boto3.client("lambda", config=Config(retries={"total_max_attempts": 1}))
ATTEMPTS = 5


def pause(n):
    """Seconds to wait after attempt number n = 0, 1, 2, …: full jitter, a bound that doubles, and a ceiling."""
    return random.uniform(0, min(1, 0.05 * 2**n))


def lambda_handler(event, context):
    """Calls event["function"] with event["payload"], patiently."""
    if "pauses" in event:
        return [pause(n) for n in event["pauses"]]
    for n in range(ATTEMPTS):
        try:
            answer = lambda_.invoke(FunctionName=event["function"], Payload=json.dumps(event["payload"]))
            return {"answer": answer["Payload"].read().decode(), "attempts": n + 1}
        except lambda_.exceptions.TooManyRequestsException as error:
            reason = error.response["Reason"]  # what else is raised is no matter of patience
            if n + 1 < ATTEMPTS:
                time.sleep(pause(n))
    return {"answer": None, "attempts": ATTEMPTS, "reason": reason}
