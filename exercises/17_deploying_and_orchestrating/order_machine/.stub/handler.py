def lambda_handler(event, context):
    """Answers with the definition of a state machine: a dict, about 20 lines."""
    raise NotImplementedError("task 1: one after the other")
    # task 2: try again
    # task 3: clean up
