def lambda_handler(event, context):
    """Returns {"concurrency": …}, a whole number, for "requests_per_second" and "duration_ms". About 4 lines."""
    # task 2: the limit of requests a second
    raise NotImplementedError("task 1: rate times duration")
