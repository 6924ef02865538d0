def lambda_handler(event, context):
    """Answers {"function": …, "queue_arn": …} with its settings for put_function_event_invoke_config.

    About 2 lines a function.
    """
    if event["function"] == "orders":
        return orders(event["queue_arn"])
    return reminders(event["queue_arn"])


def orders(queue_arn):
    raise NotImplementedError("task 1: lose no order")


def reminders(queue_arn):
    raise NotImplementedError("task 2: let reminders go")
