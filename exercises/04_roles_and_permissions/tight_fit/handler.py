def lambda_handler(event, context):
    """A policy document for the role of event["function"], as small as it can be. About 20 lines."""
    raise NotImplementedError("task 1: allow what the code does")
    # task 2: allow Lambda to write the function's log
    # task 3: allow nothing else
