def lambda_handler(event, context):
    """Returns the keyword arguments of `put_metric_alarm`; event["topic"] is the ARN of the bell. About 10 lines."""
    # task 2: two minutes of the last three
    # task 3: at night
    raise NotImplementedError("task 1: hear the slow ones")
