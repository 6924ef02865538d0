def lambda_handler(event, context):
    """Greets the name in the event: {"name": "Katherine"} -> {"message": "Hello, Katherine"}. About 6 lines."""
    # task 2: greet a stranger; task 3: refuse what is not a name
    raise NotImplementedError("task 1: greet by name")
