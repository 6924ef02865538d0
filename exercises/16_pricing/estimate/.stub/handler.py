def lambda_handler(event, context):
    """Returns {"requests": USD, "duration": USD} of a month. About 8 lines."""
    # task 2: take off what is free
    # task 3: add the cold starts
    raise NotImplementedError("task 1: price both meters")
