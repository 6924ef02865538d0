# fails task 2: reminders.impatient
def lambda_handler(event, context):
    """Answers {"function": …, "queue_arn": …} with its settings for put_function_event_invoke_config."""
    if event["function"] == "orders":
        return orders(event["queue_arn"])
    return reminders(event["queue_arn"])


def orders(queue_arn):
    # the tries are right as they are: only the end is missing
    return {"DestinationConfig": {"OnFailure": {"Destination": queue_arn}}}


def reminders(queue_arn):
    return {"MaximumRetryAttempts": 1, "MaximumEventAgeInSeconds": 90}
