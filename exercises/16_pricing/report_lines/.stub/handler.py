def lambda_handler(event, context):
    """Returns what of each meter the lines of event["log"] come to. About 10 lines."""
    # task 2: find the Init in it
    raise NotImplementedError("task 1: count what is billed")
