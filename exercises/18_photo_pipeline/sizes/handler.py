def lambda_handler(event, context):
    """Answers how large the parts of a pipeline must be. About 12 lines."""
    # task 2: where it ends
    raise NotImplementedError("task 1: how many and how long")
