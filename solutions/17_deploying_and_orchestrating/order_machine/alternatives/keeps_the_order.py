"""Nothing of what `reserve` and the error say is kept: all functions get the order as it came."""


def lambda_handler(event, context):
    busy = {"ErrorEquals": ["BankBusy"], "IntervalSeconds": 2, "MaxAttempts": 3}  # twice as long each time, by default
    failed = {"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": "Release"}
    return {
        "StartAt": "Reserve",
        "States": {
            "Reserve": {"Type": "Task", "Resource": event["reserve"], "ResultPath": None, "Next": "Charge"},
            "Charge": {"Type": "Task", "Resource": event["charge"], "Retry": [busy], "Catch": [failed], "End": True},
            "Release": {"Type": "Task", "Resource": event["release"], "Next": "Fail"},
            "Fail": {"Type": "Fail", "Error": "NotCharged"},
        },
    }
