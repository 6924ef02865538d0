"""A state for each end, a retrier that says what is not tried again, and all answers beside the order."""


def lambda_handler(event, context):
    def task(name, **more):
        return {"Type": "Task", "Resource": event[name], "TimeoutSeconds": 60, **more}

    retry = [
        {"ErrorEquals": ["BankBusy"], "IntervalSeconds": 2, "MaxAttempts": 3, "BackoffRate": 2.0},
        {"ErrorEquals": ["States.ALL"], "MaxAttempts": 0},
    ]
    catch = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "PutBack"}]
    return {
        "Comment": "An order of cake",
        "StartAt": "PutAside",
        "States": {
            "PutAside": task("reserve", ResultPath="$.reserved", Next="TakeMoney"),
            "TakeMoney": task("charge", Retry=retry, Catch=catch, Next="Paid"),
            "PutBack": task("release", ResultPath=None, Next="NotPaid"),
            "Paid": {"Type": "Succeed"},
            "NotPaid": {"Type": "Fail", "Error": "NotCharged", "Cause": "the bank did not charge it"},
        },
    }
