def lambda_handler(event, context):
    """Returns the bucket's notification configuration for the function event["function_arn"].

    About 12 lines, most of them braces.
    """
    # task 2: PNG pictures too
    raise NotImplementedError("task 1: tell of the JPEG pictures under uploads")
