# fails task 1: machine.outcome
def lambda_handler(event, context):
    """Answers with the definition of a state machine."""
    busy = {"ErrorEquals": ["BankBusy"], "IntervalSeconds": 2, "BackoffRate": 2, "MaxAttempts": 3}
    failed = {"ErrorEquals": ["States.ALL"], "ResultPath": "$.why", "Next": "Release"}  # beside the order
    return {
        "StartAt": "Reserve",
        "States": {
            "Reserve": {"Type": "Task", "Resource": event["reserve"], "Next": "Charge"},
            "Charge": {"Type": "Task", "Resource": event["charge"], "Retry": [busy], "Catch": [failed],
                       "ResultPath": "$.receipt", "End": True},
            "Release": {"Type": "Task", "Resource": event["release"], "Next": "Not charged"},
            "Not charged": {"Type": "Fail", "Error": "NotCharged"},
        },
    }
