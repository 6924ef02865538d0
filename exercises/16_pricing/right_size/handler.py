def lambda_handler(event, context):
    """Returns {"memory_mb": …}: the best of the sizes in event["billed_ms"]. About 10 lines."""
    # task 2: be in time
    # task 3: say what it saves
    raise NotImplementedError("task 1: take the cheapest")
