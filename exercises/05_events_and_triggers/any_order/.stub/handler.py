def lambda_handler(event, context):
    """The source and the orders of an event: {"source": "sqs", "orders": [{"tea": …, "grams": …}]}. About 30 lines."""
    raise NotImplementedError("task 1: name the source")
    # task 2: the orders of queues and topics
    # task 3: the orders of Kinesis, of a web request; the place of an object
    # task 4: the orders of a table
